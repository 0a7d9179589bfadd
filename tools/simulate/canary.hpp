#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tannha::simulate {

/// A bug that is built in on purpose, around the engine and never inside it: a simulation that does
/// not catch it could not catch the real one either.
enum class Canary : std::uint8_t {
  none,
  forget_on_torn_write,         ///< a phone's disk loses at a power loss what it had synced
  trust_phone_clock,            ///< what a phone shows is ordered by claimed times
  accept_forked_log,            ///< the second record for one place of a log counts
  reuse_lease,                  ///< two logs are granted the same numbers
  last_write_wins,              ///< of concurrent values a phone shows one
  drop_held_record,             ///< what waits for another record is never looked at again
  ack_before_fsync,             ///< answers leave before the transaction is durable
  countersignature_unchecked,   ///< any countersignature will do
  cursor_skips_on_reconnect,    ///< after a lost answer a phone's feed goes on one entry too far
  forget_while_unsent,          ///< a phone cleans up what the registry has not got
  accept_rolled_back_server,    ///< a phone takes an older journal for the present one
  double_custodian,             ///< the registry does not see that an offer was answered
};

/// By name; nothing when there is none of that name.
[[nodiscard]] std::optional<Canary> canary_from_name(std::string_view name);
[[nodiscard]] std::string_view name(Canary canary);
/// Without `none`.
[[nodiscard]] std::span<const Canary> all_canaries();

}  // namespace tannha::simulate
