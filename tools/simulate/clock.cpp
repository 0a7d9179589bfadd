#include "tools/simulate/clock.hpp"

#include <algorithm>

namespace tannha::simulate {

MachineClock::MachineClock(const Scheduler& scheduler, Rng rng)
    : scheduler_(scheduler), rng_(rng) {
  restart();
}

std::uint64_t MachineClock::now_ms() {
  if (frozen_ms_ != 0) return frozen_ms_;
  const auto passed = static_cast<std::int64_t>(scheduler_.now());
  const std::int64_t now = static_cast<std::int64_t>(epoch_ms) + passed +
                           passed / 1'000'000 * parts_per_million_ + offset_ms_;
  // No clock shows a time before 1970.
  return static_cast<std::uint64_t>(std::max<std::int64_t>(now, 1));
}

void MachineClock::restart() {
  random(boot_id_);
  started_ = scheduler_.now();
}

void MachineClock::set_wrong(std::int64_t offset_ms, std::int64_t parts_per_million) {
  offset_ms_ = offset_ms;
  parts_per_million_ = parts_per_million;
}

}  // namespace tannha::simulate
