#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "listener_context.hpp"

namespace tannha::server {

class LiveConnection;

/// The bounded outbox of one live connection: any thread puts messages in, the connection's one
/// writer takes them out. After detach() it names no connection and swallows what is sent.
class LiveOutbox : public LiveChannel {
 public:
  LiveOutbox(LiveConnection& connection, const ListenerContext& context, std::string peer);

  void send(Bytes message) override;
  void send_once(Bytes message) override;
  void signed_in(std::string holder, std::chrono::milliseconds valid_for) override;
  void close(std::string_view reason) override;
  [[nodiscard]] const std::string& peer() const override { return peer_; }

  /// The next message; the one before has been written. Nothing: the writer ends, and the next send
  /// starts a new one.
  [[nodiscard]] std::optional<Bytes> take();
  void detach();

 private:
  void put(Bytes message);
  [[nodiscard]] bool has_room_for(std::size_t bytes);
  void forget_all();

  const std::string peer_;
  const std::size_t messages_max_;
  const std::size_t bytes_max_;
  const std::shared_ptr<MemoryBudget> budget_;
  std::mutex mutex_;
  LiveConnection* connection_;
  std::string holder_;
  std::list<Bytes> messages_;  ///< a list: an empty one has no memory of its own
  std::size_t bytes_ = 0;      ///< of these and of the one being written
  std::size_t bytes_written_ = 0;  ///< of the one being written
  std::shared_ptr<MemoryShare> memory_;
  bool writing_ = false;
};

/// One WebSocket. Everything but the thread-safe calls runs on the connection's strand. Ten
/// thousand of them rest at a time: no coroutine but the reading one, one timer for all deadlines,
/// and no buffer until something comes.
class LiveConnection : public Connection, public std::enable_shared_from_this<LiveConnection> {
 public:
  using Request = boost::beast::http::request<boost::beast::http::vector_body<std::uint8_t>>;

  LiveConnection(ListenerContext& context, boost::asio::ip::tcp::socket socket,
                 std::unique_ptr<Admission> admission);

  /// Upgrades, then serves until the connection ends. Call once, through std::make_shared.
  void start(std::unique_ptr<Request> request);
  void drain() override;
  void abort() override;

  // For the outbox; any thread, while it is attached.
  void post_write();
  void post_signed_in(std::string holder, std::chrono::milliseconds valid_for);
  void post_overflow();
  void post_close(std::string_view reason);

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class State { opening, stranger, signed_in };

  boost::asio::awaitable<void> run(std::unique_ptr<Request> request);
  boost::asio::awaitable<bool> accept(std::unique_ptr<Request> request);
  boost::asio::awaitable<void> read_messages();
  [[nodiscard]] boost::asio::mutable_buffer next_piece();
  void received(std::size_t count);
  void deliver();
  void drop_message();
  void refuse_for_memory();
  boost::asio::awaitable<void> write_messages();
  void spawn_writer();
  void start_close(boost::beast::websocket::close_code code, std::string_view reason);
  void say_that_the_server_stops();
  void close_socket();
  [[nodiscard]] Time next_deadline() const;
  void watch();
  void expire();

  // First, so that the place is given back when all else is gone.
  std::unique_ptr<Admission> admission_;
  ListenerContext& context_;
  boost::asio::any_io_executor executor_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket, false> socket_;
  boost::asio::steady_timer timer_;
  Time watched_until_ = Time::max();
  Time valid_until_ = Time::max();  ///< of a stranger, or of the token
  Time write_until_ = Time::max();
  Time read_until_ = Time::max();   ///< the next piece of a message that has begun
  Time close_until_ = Time::max();
  std::shared_ptr<LiveOutbox> outbox_;
  std::string holder_;
  std::optional<boost::beast::websocket::close_reason> closing_;
  State state_ = State::opening;
  bool writer_running_ = false;
  bool draining_ = false;  ///< the server stops
  bool ended_ = false;
  bool dropping_ = false;  ///< the rest of the message that is coming

  // The message that is coming. Most fit into the first piece.
  std::array<std::uint8_t, 256> first_piece_;
  Bytes message_;
  std::size_t message_bytes_ = 0;
  std::shared_ptr<MemoryShare> memory_;
};

}  // namespace tannha::server
