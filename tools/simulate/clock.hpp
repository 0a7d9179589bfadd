#pragma once

#include "tannha/engine/host.hpp"
#include "tools/simulate/rng.hpp"
#include "tools/simulate/scheduler.hpp"

namespace tannha::simulate {

/// Monday 2 March 2026, 08:00 in Viet Nam: when every world begins.
inline constexpr std::uint64_t epoch_ms = 1'772'413'200'000;

/// The clocks and the randomness of one machine. Its claimed time may be years wrong, drift, jump
/// or stand still; its monotonic time only begins anew at a start.
class MachineClock : public Host {
 public:
  /// @param scheduler the true time; must outlive this
  MachineClock(const Scheduler& scheduler, Rng rng);

  std::uint64_t now_ms() override;
  std::uint64_t monotonic_ms() override { return scheduler_.now() - started_; }
  Id boot_id() override { return boot_id_; }
  void random(std::span<std::uint8_t> out) override { rng_.fill(out); }

  /// The process or the device starts again.
  void restart();
  /// @param parts_per_million how much too fast; negative: too slow
  void set_wrong(std::int64_t offset_ms, std::int64_t parts_per_million);
  void jump(std::int64_t by_ms) { offset_ms_ += by_ms; }
  void freeze() { frozen_ms_ = now_ms(); }
  void thaw() { frozen_ms_ = 0; }
  [[nodiscard]] bool is_frozen() const { return frozen_ms_ != 0; }

 private:
  const Scheduler& scheduler_;
  Rng rng_;
  Id boot_id_{};
  Ms started_ = 0;
  std::int64_t offset_ms_ = 0;
  std::int64_t parts_per_million_ = 0;
  std::uint64_t frozen_ms_ = 0;
};

}  // namespace tannha::simulate
