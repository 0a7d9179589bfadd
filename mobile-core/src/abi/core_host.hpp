#pragma once

#include "tannha/engine/host.hpp"

namespace tannha::core {

/// The clocks and the randomness of the machine, or of the browser around the module.
class CoreHost : public Host {
 public:
  CoreHost();
  std::uint64_t now_ms() override;
  std::uint64_t monotonic_ms() override;
  Id boot_id() override { return boot_id_; }
  void random(std::span<std::uint8_t> out) override;

 private:
  Id boot_id_{};
};

}  // namespace tannha::core
