#include "tools/net/live_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <exception>
#include <optional>
#include <utility>

#include "tools/net/connect.hpp"

namespace tannha::tools {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds close_time{2000};
constexpr std::size_t message_bytes_max = 16 * 1024 * 1024;

}  // namespace

class LiveClient::Impl {
 public:
  explicit Impl(const std::string& base_url) : address_(parse_base_url(base_url)) {}

  Result<void> connect(std::chrono::milliseconds timeout) {
    if (!address_) return std::unexpected<Error>(address_.error());
    abandon();
    socket_.emplace(io_);
    buffer_.clear();
    inbox_.clear();
    lost_.reset();
    std::optional<Result<void>> outcome;
    asio::co_spawn(io_, open(), [&outcome](const std::exception_ptr& failed, Result<void> result) {
      if (failed) result = fail(errc::network_lost, "client fault");
      outcome.emplace(std::move(result));
    });
    if (!run_until([&outcome] { return outcome.has_value(); }, timeout)) {
      resolver_.cancel();
      abandon();
      return fail(errc::network_timeout, "connect");
    }
    if (!*outcome) abandon();
    return std::move(*outcome);
  }

  Result<void> send(BytesView message, std::chrono::milliseconds timeout) {
    if (!socket_) return fail(errc::network_lost, "not connected");
    std::optional<error_code> outcome;
    socket_->async_write(asio::buffer(message.data(), message.size()),
                         [&outcome](error_code failed, std::size_t) { outcome = failed; });
    if (!run_until([&outcome] { return outcome.has_value(); }, timeout)) {
      abandon();
      return fail(errc::network_timeout, "send");
    }
    if (*outcome) return std::unexpected<Error>(exchange_error(*outcome));
    return {};
  }

  Result<Bytes> receive(std::chrono::milliseconds timeout) {
    if (!socket_) return fail(errc::network_lost, "not connected");
    // A read that found nothing is left waiting for the next call: cancelling it would end the
    // WebSocket.
    start_read();
    run_until([this] { return !inbox_.empty() || lost_; }, timeout);
    if (!inbox_.empty()) {
      Bytes message = std::move(inbox_.front());
      inbox_.pop_front();
      return message;
    }
    if (lost_) return std::unexpected<Error>(exchange_error(*lost_));
    return fail(errc::network_timeout, "receive");
  }

  void close() {
    if (!socket_) return;
    bool closed = false;
    socket_->async_close(websocket::close_code::normal, [&closed](error_code) { closed = true; });
    run_until([&closed] { return closed; }, close_time);
    abandon();
  }

  [[nodiscard]] std::uint16_t close_code() const { return close_code_; }

  // Every handler that refers to this object or to a caller's frame ends in here.
  void abandon() {
    if (!socket_) return;
    beast::get_lowest_layer(*socket_).close();
    io_.restart();
    io_.run();
    socket_.reset();
  }

 private:
  template <class Done>
  bool run_until(Done done, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!done()) {
      io_.restart();
      if (io_.run_one_until(deadline) == 0) return done();
    }
    return true;
  }

  asio::awaitable<Result<void>> open() {
    auto& stream = beast::get_lowest_layer(*socket_);
    error_code failed = co_await connect_to(*address_, &resolver_, &stream);
    if (failed) co_return std::unexpected<Error>(connect_error(failed));
    stream.expires_never();
    socket_->read_message_max(message_bytes_max);
    socket_->binary(true);
    socket_->auto_fragment(false);
    const std::string authority = address_->authority();
    co_await socket_->async_handshake(authority, "/v1/live",
                                      asio::redirect_error(asio::use_awaitable, failed));
    if (failed == websocket::error::upgrade_declined) {
      co_return std::unexpected<Error>(Error{errc::server_refused, "no upgrade"});
    }
    if (failed) co_return std::unexpected<Error>(exchange_error(failed));
    co_return Result<void>{};
  }

  void start_read() {
    if (reading_ || lost_) return;
    reading_ = true;
    socket_->async_read(buffer_, [this](error_code failed, std::size_t) {
      reading_ = false;
      if (failed) {
        lost_ = failed;
        close_code_ = socket_->reason().code;
        return;
      }
      const auto data = buffer_.cdata();
      const auto* first = static_cast<const std::uint8_t*>(data.data());
      inbox_.emplace_back(first, first + data.size());
      buffer_.consume(buffer_.size());
    });
  }

  Result<ServerAddress> address_;
  asio::io_context io_{1};
  tcp::resolver resolver_{io_};
  std::optional<websocket::stream<beast::tcp_stream, false>> socket_;
  beast::flat_buffer buffer_;
  std::deque<Bytes> inbox_;
  std::optional<error_code> lost_;
  std::uint16_t close_code_ = 0;
  bool reading_ = false;
};

LiveClient::LiveClient(std::string base_url) : impl_(std::make_unique<Impl>(base_url)) {}
LiveClient::~LiveClient() {
  if (impl_) impl_->abandon();
}
LiveClient::LiveClient(LiveClient&&) noexcept = default;
LiveClient& LiveClient::operator=(LiveClient&&) noexcept = default;

Result<void> LiveClient::connect(std::chrono::milliseconds timeout) {
  return impl_->connect(timeout);
}
Result<void> LiveClient::send(BytesView message, std::chrono::milliseconds timeout) {
  return impl_->send(message, timeout);
}
Result<Bytes> LiveClient::receive(std::chrono::milliseconds timeout) {
  return impl_->receive(timeout);
}
void LiveClient::close() {
  impl_->close();
}
std::uint16_t LiveClient::close_code() const {
  return impl_->close_code();
}

}  // namespace tannha::tools
