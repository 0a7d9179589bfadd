#include "tools/simulate/faults.hpp"

namespace tannha::simulate {
namespace {

struct Kind {
  Fault fault;
  std::string_view name;
  double least;  ///< of the rate when it is on
  double most;
};

constexpr auto kinds = std::to_array<Kind>({
    {Fault::request_lost, "request_lost", 0.02, 0.3},
    {Fault::response_lost, "response_lost", 0.02, 0.3},
    {Fault::duplicated, "duplicated", 0.02, 0.5},
    {Fault::reordered, "reordered", 0.05, 0.5},
    {Fault::long_delay, "long_delay", 0.02, 0.2},
    {Fault::partition, "partition", 0.2, 1},
    {Fault::one_way, "one_way", 0.2, 1},
    {Fault::clogged, "clogged", 0.2, 1},
    {Fault::late_response, "late_response", 0.3, 1},
    {Fault::phone_killed, "phone_killed", 0.2, 1},
    {Fault::phone_power_loss, "phone_power_loss", 0.2, 1},
    {Fault::torn_write, "torn_write", 1, 1},
    {Fault::dropped_write, "dropped_write", 1, 1},
    {Fault::reordered_write, "reordered_write", 1, 1},
    {Fault::lost_entry, "lost_entry", 1, 1},
    {Fault::read_error, "read_error", 0.005, 0.05},
    {Fault::write_error, "write_error", 0.002, 0.02},
    {Fault::sync_error, "sync_error", 0.005, 0.05},
    {Fault::disk_full, "disk_full", 0.002, 0.02},
    {Fault::lying_sync, "lying_sync", 0.05, 1},
    {Fault::lost_write, "lost_write", 0.002, 0.02},
    {Fault::misdirected_write, "misdirected_write", 0.002, 0.02},
    {Fault::flipped_read, "flipped_read", 0.005, 0.05},
    {Fault::phone_cloned, "phone_cloned", 0.5, 1},
    {Fault::phone_restored, "phone_restored", 0.5, 1},
    {Fault::second_phone, "second_phone", 0.5, 1},
    {Fault::phone_revoked, "phone_revoked", 0.3, 1},
    {Fault::key_rotated, "key_rotated", 0.3, 1},
    {Fault::answer_of_enrolment_lost, "answer_of_enrolment_lost", 0.1, 0.5},
    {Fault::clock_wrong, "clock_wrong", 0.3, 1},
    {Fault::clock_jumped, "clock_jumped", 0.3, 1},
    {Fault::clock_frozen, "clock_frozen", 0.3, 1},
    {Fault::server_crashed, "server_crashed", 0.3, 1},
    {Fault::server_crashed_in_commit, "server_crashed_in_commit", 0.02, 0.2},
    {Fault::server_disk_error, "server_disk_error", 0.02, 0.2},
    {Fault::server_disk_full, "server_disk_full", 0.02, 0.2},
    {Fault::upload_cut, "upload_cut", 0.05, 0.5},
    {Fault::officers_raced, "officers_raced", 0.3, 1},
    {Fault::bag_counted_twice, "bag_counted_twice", 0.2, 1},
    {Fault::reassigned, "reassigned", 0.2, 1},
    {Fault::citizen_away, "citizen_away", 0.3, 1},
    {Fault::device_forked, "device_forked", 0.3, 1},
    {Fault::device_left_gap, "device_left_gap", 0.3, 1},
    {Fault::device_sent_bad_cbor, "device_sent_bad_cbor", 0.3, 1},
    {Fault::device_sent_wrong_beacon, "device_sent_wrong_beacon", 0.3, 1},
    {Fault::device_used_foreign_name, "device_used_foreign_name", 0.3, 1},
    {Fault::device_forged_countersignature, "device_forged_countersignature", 0.3, 1},
    {Fault::device_replayed, "device_replayed", 0.3, 1},
    {Fault::device_overreached, "device_overreached", 0.3, 1},
    {Fault::device_sent_unknown_type, "device_sent_unknown_type", 0.3, 1},
    {Fault::server_omitted, "server_omitted", 0.05, 0.3},
    {Fault::server_reordered, "server_reordered", 0.05, 0.3},
    {Fault::server_equivocated, "server_equivocated", 0.05, 0.3},
    {Fault::server_rolled_back, "server_rolled_back", 0.05, 0.3},
    {Fault::server_forged_receipt, "server_forged_receipt", 0.05, 0.3},
    {Fault::bundle_carried, "bundle_carried", 0.3, 1},
    {Fault::enrolled_again, "enrolled_again", 1, 1},
    {Fault::server_older, "server_older", 0.3, 1},
});
static_assert(kinds.size() == fault_count);

constexpr bool in_order() {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (static_cast<std::size_t>(kinds[i].fault) != i) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::string_view name(Fault fault) {
  return kinds[static_cast<std::size_t>(fault)].name;
}

FaultPlan::FaultPlan(Rng rng) {
  const bool calm = rng.chance(1.0 / 12);
  const double share = rng.real(0.15, 0.7);
  for (const Kind& kind : kinds) {
    const bool on = rng.chance(share);
    const double rate = rng.real(kind.least, kind.most);
    if (on && !calm) switch_on(kind.fault, rate);
  }
}

}  // namespace tannha::simulate
