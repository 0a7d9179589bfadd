#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "listener_context.hpp"
#include "live_connection.hpp"

namespace tannha::server {

/// One HTTP/1.1 connection with keep-alive. Everything but drain() and abort() runs on the
/// connection's strand.
class HttpConnection : public Connection, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(ListenerContext& context, boost::asio::ip::tcp::socket socket,
                 std::unique_ptr<Admission> admission);

  /// Serves until the connection ends. Call once, through std::make_shared.
  void start();
  void drain() override;
  void abort() override;

 private:
  using Body = boost::beast::http::vector_body<std::uint8_t>;
  using Parser = boost::beast::http::request_parser<Body>;
  enum class Next { keep_alive, close };

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> wait_for_request();
  boost::asio::awaitable<Next> serve_request();
  boost::asio::awaitable<bool> read_body(Parser& parser, const Terms& terms, HttpRequest* request);
  boost::asio::awaitable<unsigned> read_pieces(Parser& parser, const Terms& terms,
                                               MemoryShare& memory);
  bool has_room_for(const HttpResponse& response, const std::string& holder,
                    std::shared_ptr<MemoryShare>& memory);
  boost::asio::awaitable<void> write_continue();
  boost::asio::awaitable<HttpResponse> ask_service(HttpRequest request);
  boost::asio::awaitable<bool> write(HttpResponse response, bool keep_alive);
  boost::asio::awaitable<void> refuse(unsigned status);
  boost::asio::awaitable<void> refuse(HttpResponse response);
  void become_live();

  [[nodiscard]] unsigned refusal_status(boost::system::error_code failed);
  void arm(std::chrono::milliseconds time);
  void wait_for_deadline(std::uint64_t number);
  void disarm();

  // First, so that the place is given back when all else is gone.
  std::unique_ptr<Admission> admission_;
  ListenerContext& context_;
  boost::asio::any_io_executor executor_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer reply_timer_;
  std::unique_ptr<LiveConnection::Request> upgrade_;  ///< asks to become a live connection
  std::uint64_t deadline_number_ = 0;
  bool timed_out_ = false;
  bool served_any_ = false;
  bool idle_ = false;
  bool aborted_ = false;
};

/// Reads and drops what the peer still sends after a refusal, for a bounded time: closing with
/// unread bytes would reset the connection, and the peer would lose the answer.
boost::asio::awaitable<void> linger(boost::beast::tcp_stream& stream);

}  // namespace tannha::server
