#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tannha/protocol/result.hpp"

namespace tannha::tools {

/// Many phones that are signed in on /v1/live and say nothing. Plain sockets: what they cost is not
/// the server's. One thread.
class LiveLoad {
 public:
  LiveLoad();
  ~LiveLoad();
  LiveLoad(const LiveLoad&) = delete;
  LiveLoad& operator=(const LiveLoad&) = delete;

  /// Upgrades, says hello and waits for the welcome. Comes from one of several loopback addresses,
  /// as one address may not have so many connections.
  /// Errors: network_unreachable; server_refused (no upgrade, or no welcome).
  [[nodiscard]] Result<void> add(std::uint16_t port, const std::string& token);
  [[nodiscard]] std::size_t size() const { return sockets_.size(); }
  /// Each sends a message of so many bytes but for its last one, as far as the server takes it.
  void send_unfinished(std::size_t bytes);
  /// Waits until each of them has been told that something changed, by a frame of its own.
  /// Errors: network_timeout (not all of them), network_lost (one was closed).
  [[nodiscard]] Result<void> wait_changed(std::chrono::milliseconds timeout);

 private:
  int events_;
  std::vector<int> sockets_;
};

/// As many descriptors for this process as it may have.
void raise_descriptor_limit();
/// Memory of a process that is in RAM. 0 when there is none.
[[nodiscard]] std::size_t resident_bytes(int pid);

}  // namespace tannha::tools
