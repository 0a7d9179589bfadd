#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tools/simulate/rng.hpp"
#include "tools/simulate/scheduler.hpp"

namespace tannha::simulate {

/// Everything that a world can be made to suffer. A seed switches each on or off and draws how
/// often it strikes; what really struck is counted.
enum class Fault : std::uint8_t {
  // The network
  request_lost,
  response_lost,  ///< half-open: the registry did it, the phone does not hear of it
  duplicated,     ///< a message arrives again, at once or much later
  reordered,      ///< a message overtakes an earlier one
  long_delay,     ///< minutes to 30 days
  partition,      ///< a phone is cut off both ways
  one_way,        ///< cut off one way
  clogged,        ///< several phones' links stop one by one and open in another order
  late_response,  ///< the answer to an old request is handed to the phone
  // The phones' disks and their lives
  phone_killed,
  phone_power_loss,
  torn_write,
  dropped_write,
  reordered_write,
  lost_entry,
  read_error,
  write_error,
  sync_error,
  disk_full,
  lying_sync,
  lost_write,
  misdirected_write,
  flipped_read,
  phone_cloned,
  phone_restored,
  second_phone,   ///< one courier writes with two
  phone_revoked,  ///< lost, retired or in bad hands, perhaps in the middle of an upload
  key_rotated,
  answer_of_enrolment_lost,
  // Clocks
  clock_wrong,
  clock_jumped,
  clock_frozen,
  // The registry
  server_crashed,
  server_crashed_in_commit,
  server_disk_error,
  server_disk_full,
  upload_cut,
  // People
  officers_raced,
  bag_counted_twice,
  reassigned,
  citizen_away,  ///< offline until everybody else has finished, up to 60 days
  // A device whose owner means ill
  device_forked,
  device_left_gap,
  device_sent_bad_cbor,
  device_sent_wrong_beacon,
  device_used_foreign_name,
  device_forged_countersignature,
  device_replayed,
  device_overreached,        ///< wrote what its role may not
  device_sent_unknown_type,  ///< as a newer program would
  // A registry that means ill, towards one phone
  server_omitted,
  server_reordered,
  server_equivocated,
  server_rolled_back,
  server_forged_receipt,
  // Ways round
  bundle_carried,  ///< somebody else brings what is unsent, sealed, perhaps twice
  enrolled_again,  ///< a stranded device gets another certificate and keeps what it has
  server_older,    ///< the registry's program does not know a record's type until it is renewed
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::server_older) + 1;
/// As in the enumeration: "request_lost".
[[nodiscard]] std::string_view name(Fault fault);

/// What one seed suffers: a chance for each kind, 0 when it is off. What the number is a chance of
/// is said where it is used.
class FaultPlan {
 public:
  /// Draws it: one seed in twelve is calm; in the others each kind is on with a chance that is the
  /// seed's own.
  explicit FaultPlan(Rng rng);

  [[nodiscard]] bool is_on(Fault fault) const { return rate(fault) > 0; }
  [[nodiscard]] double rate(Fault fault) const { return rates_[static_cast<std::size_t>(fault)]; }
  void switch_on(Fault fault, double rate) { rates_[static_cast<std::size_t>(fault)] = rate; }
  /// Faults stop: everything off.
  void heal() { rates_.fill(0); }

 private:
  std::array<double, fault_count> rates_{};
};

/// How often each kind struck.
using FaultCounts = std::array<std::uint64_t, fault_count>;

}  // namespace tannha::simulate
