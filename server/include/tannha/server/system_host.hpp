#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "tannha/engine/host.hpp"
#include "tannha/protocol/crypto.hpp"

namespace tannha::server {

/// The machine's own clocks and randomness. Thread-safe.
class SystemHost : public Host {
 public:
  /// @param clock_file empty: the system clock. Otherwise a file whose text is the time in Unix
  /// milliseconds, read at every question: for demonstrations that play a day in a minute. While
  /// it cannot be read, the last time that could stands.
  explicit SystemHost(std::string clock_file = {}, std::int64_t offset_ms = 0);

  std::uint64_t now_ms() override;
  std::uint64_t monotonic_ms() override;
  Id boot_id() override { return boot_id_; }
  void random(std::span<std::uint8_t> out) override;

 private:
  const std::string clock_file_;
  const std::int64_t offset_ms_;
  std::atomic<std::uint64_t> last_read_ms_{0};
  Id boot_id_{};
};

}  // namespace tannha::server
