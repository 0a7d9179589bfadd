#pragma once

#include <filesystem>

#include "tannha/engine/host.hpp"

namespace tannha::tools {

/// The host of a device in a terminal, where each command is a process of its own. What must
/// outlast a process is the machine's: its boot and the time since then, so that the wait after
/// wrong PINs goes on from one command to the next. Wall clock and randomness are the other host's.
class DeviceHost : public Host {
 public:
  /// @param host must outlive this
  /// @param folder of the device: two devices on one machine must not be known by one boot id
  DeviceHost(Host& host, const std::filesystem::path& folder);

  std::uint64_t now_ms() override { return host_.now_ms(); }
  std::uint64_t monotonic_ms() override;
  Id boot_id() override { return boot_id_; }
  void random(std::span<std::uint8_t> out) override { host_.random(out); }

 private:
  Host& host_;
  Id boot_id_{};
  bool is_of_machine_ = false;
};

}  // namespace tannha::tools
