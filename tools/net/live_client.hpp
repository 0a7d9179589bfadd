#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha::tools {

/// A blocking WebSocket client for /v1/live. Pings are answered only while a call of it runs. One
/// thread at a time.
class LiveClient {
 public:
  /// @param base_url as for HttpClient. Nothing is connected yet.
  explicit LiveClient(std::string base_url);
  ~LiveClient();
  LiveClient(LiveClient&&) noexcept;
  LiveClient& operator=(LiveClient&&) noexcept;

  /// Errors: argument_invalid (base URL), network_unreachable, network_timeout, network_lost,
  /// server_refused (an HTTP answer instead of the upgrade).
  Result<void> connect(std::chrono::milliseconds timeout);
  /// Sends one binary message. Errors: network_timeout (the connection is closed then, since half
  /// a message may be out), network_lost.
  Result<void> send(BytesView message, std::chrono::milliseconds timeout);
  /// The next message. Errors: network_timeout (nothing came; the connection goes on),
  /// network_lost (closed by the server, or broken).
  Result<Bytes> receive(std::chrono::milliseconds timeout);
  /// The closing handshake, for at most two seconds.
  void close();
  /// The code of the server's close frame (RFC 6455 7.4); 0 when none was received.
  [[nodiscard]] std::uint16_t close_code() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tannha::tools
