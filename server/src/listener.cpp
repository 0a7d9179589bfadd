#include "tannha/server/listener.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "http_connection.hpp"
#include "listener_context.hpp"
#include "tannha/server/log.hpp"

namespace tannha::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Long enough for descriptors to come back, short enough that nobody notices.
constexpr std::chrono::milliseconds accept_pause{100};
// Refusals being written at one time; whoever comes beyond is closed without a word.
constexpr int refusals_max = 64;
constexpr std::chrono::seconds refusal_time{2};
constexpr std::string_view refusal_text =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "Retry-After: 5\r\n"
    "Connection: close\r\n"
    "Content-Length: 0\r\n\r\n";

// The peer went away between its connect and our accept: nothing is wrong here.
bool concerns_one_peer(error_code failed) {
  return failed == asio::error::connection_aborted || failed == asio::error::connection_reset ||
         failed == asio::error::interrupted ||
         failed == boost::system::errc::make_error_code(boost::system::errc::protocol_error);
}

}  // namespace

class Listener::Impl {
 public:
  Impl(const ListenerConfig& config, Handler& handler)
      : context_(config, handler),
        io_(static_cast<int>(thread_count())),
        acceptor_(connection_executor()),
        pause_(acceptor_.get_executor()) {
    const tcp::endpoint endpoint(asio::ip::make_address(config.address), config.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen(tcp::acceptor::max_listen_connections);
    port_ = acceptor_.local_endpoint().port();
  }

  ~Impl() { stop(std::chrono::milliseconds{0}); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const ListenerCounters& counters() const { return context_.counters; }

  void start() {
    const std::scoped_lock lock(life_);
    if (stopped_ || !threads_.empty()) return;
    work_.emplace(io_.get_executor());
    asio::co_spawn(
        acceptor_.get_executor(), [this]() { return accept_all(); },
        [](const std::exception_ptr& failed) {
          // A server that no longer accepts must not look alive: whoever supervises it restarts it.
          if (failed) std::terminate();
        });
    for (unsigned i = 0; i < thread_count(); ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
  }

  void stop(std::chrono::milliseconds grace) {
    const std::scoped_lock lock(life_);
    if (stopped_) return;
    stopped_ = true;
    if (threads_.empty()) return;
    asio::post(acceptor_.get_executor(), [this] {
      accepting_ = false;
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    context_.group.drain();
    if (!context_.group.wait_empty(grace)) {
      context_.group.abort();
      context_.group.wait_empty();
    }
    // No connection is left; only refusals may be, and they owe nobody anything.
    work_.reset();
    io_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  [[nodiscard]] unsigned thread_count() const { return std::max(1U, context_.config.threads); }

  // One thread needs no strand: it is one.
  asio::any_io_executor connection_executor() {
    if (thread_count() == 1) return io_.get_executor();
    return asio::make_strand(io_);
  }

  asio::awaitable<void> accept_all() {
    while (accepting_) {
      bool exhausted = false;
      try {
        exhausted = co_await accept_one();
      } catch (const std::exception&) {
        exhausted = true;
      }
      if (!exhausted || !accepting_) continue;
      log::write(log::Level::warning, "accept_failed",
                 {{"connections", context_.counters.connections_now.load()}});
      // Out of memory or descriptors (EMFILE, ENFILE, ENOBUFS): the waiting connection stays in
      // the backlog, so that without a pause this would spin.
      pause_.expires_after(accept_pause);
      error_code cancelled;
      co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
  }

  // True when nothing could be accepted for want of something that may come back.
  asio::awaitable<bool> accept_one() {
    tcp::socket socket(connection_executor());
    error_code failed;
    co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, failed));
    if (!accepting_) co_return false;
    if (failed) co_return !concerns_one_peer(failed);
    welcome(std::move(socket));
    co_return false;
  }

  void welcome(tcp::socket socket) {
    context_.counters.connections_total.fetch_add(1);
    error_code failed;
    const tcp::endpoint peer = socket.remote_endpoint(failed);
    if (failed) return;  // It is gone already.
    socket.set_option(tcp::no_delay(true), failed);
    try {
      std::unique_ptr<Admission> admission = context_.group.admit(peer.address());
      if (!admission) {
        context_.counters.connections_refused_total.fetch_add(1);
        log::write(log::Level::warning, "connection_refused",
                   {{"connections", context_.counters.connections_now.load()}});
        refuse(std::move(socket));
        return;
      }
      std::make_shared<HttpConnection>(context_, std::move(socket), std::move(admission))->start();
    } catch (const std::exception&) {
      // No memory for one more connection: it is closed, and those that are open go on.
      context_.counters.connections_refused_total.fetch_add(1);
    }
  }

  void refuse(tcp::socket socket) {
    if (refusals_.fetch_add(1) >= refusals_max) {
      refusals_.fetch_sub(1);
      return;
    }
    const auto executor = socket.get_executor();
    asio::co_spawn(executor, write_refusal(beast::tcp_stream(std::move(socket))),
                   [this](const std::exception_ptr&) { refusals_.fetch_sub(1); });
  }

  static asio::awaitable<void> write_refusal(beast::tcp_stream stream) {
    stream.expires_after(refusal_time);
    error_code failed;
    co_await asio::async_write(stream, asio::buffer(refusal_text.data(), refusal_text.size()),
                               asio::redirect_error(asio::use_awaitable, failed));
    if (!failed) co_await linger(stream);
  }

  ListenerContext context_;
  std::atomic<int> refusals_{0};
  // After what its handlers refer to, so that it goes first.
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  bool accepting_ = true;  // Only on the acceptor's strand.
  std::mutex life_;
  bool stopped_ = false;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::vector<std::thread> threads_;
};

Listener::Listener(const ListenerConfig& config, Handler& handler)
    : impl_(std::make_unique<Impl>(config, handler)) {}

Listener::~Listener() = default;

std::uint16_t Listener::port() const {
  return impl_->port();
}

const ListenerCounters& Listener::counters() const {
  return impl_->counters();
}

void Listener::start() {
  impl_->start();
}

void Listener::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}

}  // namespace tannha::server
