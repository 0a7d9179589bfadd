#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "tannha/server/http.hpp"

namespace tannha::server {

struct ListenerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: the system chooses; see Listener::port()
  unsigned threads = 2;
  std::size_t connections_max = 20'000;       ///< reason: file descriptors; over it: 503, closed
  std::size_t connections_per_address_max = 1'000;  ///< operators' gateways share one among many phones
  std::size_t header_bytes_max = 8 * 1024;
  std::chrono::seconds header_timeout{5};     ///< from connect or the last answer's first byte on
  std::chrono::seconds body_timeout{60};
  std::chrono::seconds idle_timeout{60};      ///< keep-alive between requests
  std::chrono::seconds reply_timeout{30};     ///< the service's answer; then 503
  std::chrono::seconds stop_grace{10};        ///< for requests being answered at the end
  std::chrono::seconds live_sign_in_timeout{10};  ///< from the upgrade to LiveChannel::signed_in
  std::chrono::seconds live_idle_timeout{300};    ///< between messages afterwards
  std::size_t live_stranger_message_bytes_max = 64 * 1024;
  std::size_t live_message_bytes_max = 4 * 1024 * 1024;
  std::size_t live_outbox_messages_max = 64;
};

/// What /metrics shows of the listener. Counters only grow; gauges are "now".
struct ListenerCounters {
  std::atomic<std::uint64_t> connections_now{0};
  std::atomic<std::uint64_t> connections_total{0};
  std::atomic<std::uint64_t> connections_refused_total{0};
  std::atomic<std::uint64_t> requests_total{0};
  std::atomic<std::uint64_t> timeouts_total{0};
  std::atomic<std::uint64_t> live_now{0};
  std::atomic<std::uint64_t> slow_readers_total{0};
};

/// Beast's HTTP/1.1 and WebSocket on its own threads: one coroutine a connection, a deadline on
/// every wait, a bounded outbox a WebSocket. Survives EMFILE. The handler must outlive it.
class Listener {
 public:
  /// Binds; throws boost::system::system_error when it cannot (start-up is a seam).
  Listener(const ListenerConfig& config, Handler& handler);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const ListenerCounters& counters() const;
  void start();
  /// Stops accepting, lets requests that are being answered finish for at most `grace`, closes the
  /// rest, joins the threads. Idempotent.
  void stop(std::chrono::milliseconds grace);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tannha::server
