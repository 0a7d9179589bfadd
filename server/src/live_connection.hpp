#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "listener_context.hpp"

namespace tannha::server {

class LiveConnection;

/// The bounded outbox of one live connection: any thread puts messages in, the connection's one
/// writer takes them out. After detach() it names no connection and swallows what is sent.
class LiveOutbox : public LiveChannel {
 public:
  LiveOutbox(LiveConnection& connection, std::size_t messages_max)
      : connection_(&connection), messages_max_(messages_max) {}

  void send(Bytes message) override;
  void signed_in() override;
  void close(std::string_view reason) override;

  /// The next message. Nothing: the writer ends, and the next send starts a new one.
  [[nodiscard]] std::optional<Bytes> take();
  void detach();

 private:
  std::mutex mutex_;
  LiveConnection* connection_;
  const std::size_t messages_max_;
  std::deque<Bytes> messages_;
  bool writing_ = false;
};

/// One WebSocket. Everything but the thread-safe calls runs on the connection's strand.
class LiveConnection : public Connection, public std::enable_shared_from_this<LiveConnection> {
 public:
  using Request = boost::beast::http::request<boost::beast::http::vector_body<std::uint8_t>>;

  LiveConnection(ListenerContext& context, boost::beast::tcp_stream stream,
                 std::unique_ptr<Admission> admission);

  void drain() override;
  void abort() override;

  /// Upgrades, then serves until the connection ends. Does not throw.
  boost::asio::awaitable<void> run(Request request);

  // For the outbox; any thread, while it is attached.
  void post_write();
  void post_signed_in();
  void post_overflow();
  void post_close(std::string_view reason);

 private:
  boost::asio::awaitable<bool> accept(Request request);
  boost::asio::awaitable<void> read_messages();
  boost::asio::awaitable<void> write_messages();
  void spawn_writer();
  void start_close(boost::beast::websocket::close_code code, std::string_view reason);
  void close_socket();
  [[nodiscard]] std::chrono::steady_clock::time_point idle_deadline() const;
  void watch_idle();
  void watch_write();
  void unwatch_write();

  // First, so that the place is given back when all else is gone.
  std::unique_ptr<Admission> admission_;
  ListenerContext& context_;
  boost::asio::any_io_executor executor_;
  boost::beast::websocket::stream<boost::beast::tcp_stream, false> socket_;
  boost::beast::flat_buffer buffer_;
  boost::asio::steady_timer idle_timer_;
  boost::asio::steady_timer write_timer_;
  boost::asio::steady_timer close_timer_;
  const std::chrono::steady_clock::time_point opened_at_;
  std::chrono::steady_clock::time_point last_message_;
  std::uint64_t write_number_ = 0;
  std::shared_ptr<LiveOutbox> outbox_;
  std::optional<boost::beast::websocket::close_reason> closing_;
  bool signed_in_ = false;
  bool writer_running_ = false;
  bool ended_ = false;
};

}  // namespace tannha::server
