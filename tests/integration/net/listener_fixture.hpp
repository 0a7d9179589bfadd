#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tannha/server/listener.hpp"
#include "tests/integration/net/echo_handler.hpp"
#include "tests/integration/net/raw_socket.hpp"
#include "tools/net/live_client.hpp"

namespace tannha::server {

/// For waits of which the test expects the end: long enough for a loaded machine.
inline constexpr std::chrono::milliseconds patience{30'000};

/// A listener over an EchoHandler. Change `config`, then call start().
class ListenerFixture : public ::testing::Test {
 protected:
  void start() {
    config.port = 0;
    listener = std::make_unique<Listener>(config, handler);
    listener->start();
  }
  RawSocket connect() { return RawSocket::to(listener->port()); }
  std::string url() { return "http://127.0.0.1:" + std::to_string(listener->port()); }
  tools::LiveClient live() {
    tools::LiveClient client(url());
    EXPECT_TRUE(client.connect(patience).has_value());
    return client;
  }
  /// One request on a connection of its own, until the server closes it.
  std::string ask(std::string_view text) {
    RawSocket socket = connect();
    socket.send(text);
    return socket.read_all();
  }
  bool still_serves() {
    return ask("POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        .ends_with("\r\n\r\nok");
  }

  ListenerConfig config;
  EchoHandler handler;
  std::unique_ptr<Listener> listener;
};

inline bool has_status(const std::string& answer, unsigned status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

inline std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nConnection: close\r\n\r\n";
}

}  // namespace tannha::server
