#include "tools/simulate/canary.hpp"

#include <algorithm>
#include <array>

namespace tannha::simulate {
namespace {

struct Named {
  Canary canary;
  std::string_view name;
};
constexpr auto names = std::to_array<Named>({
    {Canary::forget_on_torn_write, "forget_on_torn_write"},
    {Canary::trust_phone_clock, "trust_phone_clock"},
    {Canary::accept_forked_log, "accept_forked_log"},
    {Canary::reuse_lease, "reuse_lease"},
    {Canary::last_write_wins, "last_write_wins"},
    {Canary::drop_held_record, "drop_held_record"},
    {Canary::ack_before_fsync, "ack_before_fsync"},
    {Canary::countersignature_unchecked, "countersignature_unchecked"},
    {Canary::cursor_skips_on_reconnect, "cursor_skips_on_reconnect"},
    {Canary::forget_while_unsent, "forget_while_unsent"},
    {Canary::accept_rolled_back_server, "accept_rolled_back_server"},
    {Canary::double_custodian, "double_custodian"},
});
constexpr auto canaries = [] {
  std::array<Canary, names.size()> out{};
  std::ranges::transform(names, out.begin(), &Named::canary);
  return out;
}();

}  // namespace

std::optional<Canary> canary_from_name(std::string_view wanted) {
  const auto found = std::ranges::find(names, wanted, &Named::name);
  if (found == names.end()) return std::nullopt;
  return found->canary;
}

std::string_view name(Canary canary) {
  const auto found = std::ranges::find(names, canary, &Named::canary);
  return found == names.end() ? std::string_view("none") : found->name;
}

std::span<const Canary> all_canaries() { return canaries; }

}  // namespace tannha::simulate
