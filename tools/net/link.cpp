#include "tools/net/link.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace tannha::tools {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t pump_bytes = 16 * 1024;
constexpr std::chrono::milliseconds accept_pause{100};

// With nothing to linger for, close() sends RST, as a radio link that breaks looks to both ends.
void reset(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

struct Session {
  Session(tcp::socket phone_in, asio::io_context& io) : phone(std::move(phone_in)), server(io) {}

  bool open() const { return phone.is_open(); }
  void cut() {
    reset(phone);
    reset(server);
  }

  tcp::socket phone;
  tcp::socket server;
};
using SessionPtr = std::shared_ptr<Session>;

}  // namespace

class Link::Impl {
 public:
  Impl(const std::string& target_host, std::uint16_t target_port)
      : target_(asio::ip::make_address(target_host), target_port),
        acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        pause_(io_),
        work_(io_.get_executor()),
        port_(acceptor_.local_endpoint().port()) {
    asio::co_spawn(io_, accept_all(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Impl() {
    // A test tool owes its connections nothing: the sockets close with the io_context.
    io_.stop();
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void set_up(bool up) {
    on_thread([this, up] {
      up_ = up;
      if (up) return;
      for (const auto& weak : sessions_) {
        const SessionPtr session = weak.lock();
        if (session && session->open()) cut(*session);
      }
      sessions_.clear();
    });
  }

  void cut_after(std::uint64_t bytes) {
    on_thread([this, bytes] { budget_ = bytes; });
  }

  std::uint16_t port() const { return port_; }

  std::atomic<std::uint64_t> bytes_up{0};
  std::atomic<std::uint64_t> bytes_down{0};
  std::atomic<std::uint64_t> cuts{0};
  std::atomic<std::uint64_t> connections{0};

 private:
  template <class Action>
  void on_thread(Action action) {
    std::promise<void> done;
    asio::post(io_, [&done, &action] {
      action();
      done.set_value();
    });
    done.get_future().wait();
  }

  void cut(Session& session) {
    cuts.fetch_add(1);
    session.cut();
  }

  asio::awaitable<void> accept_all() {
    for (;;) {
      tcp::socket phone(io_);
      error_code failed;
      co_await acceptor_.async_accept(phone, asio::redirect_error(asio::use_awaitable, failed));
      if (failed) {
        pause_.expires_after(accept_pause);
        co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
        continue;
      }
      connections.fetch_add(1);
      if (!up_) {
        cuts.fetch_add(1);
        reset(phone);
        continue;
      }
      std::erase_if(sessions_, [](const auto& weak) { return weak.expired(); });
      auto session = std::make_shared<Session>(std::move(phone), io_);
      sessions_.push_back(session);
      asio::co_spawn(io_, serve(std::move(session)), asio::detached);
    }
  }

  asio::awaitable<void> serve(SessionPtr session) {
    error_code failed;
    co_await session->server.async_connect(target_,
                                           asio::redirect_error(asio::use_awaitable, failed));
    // Taken down while connecting: the new socket was not open yet and could not be reset.
    if (failed || !session->open()) {
      session->cut();
      co_return;
    }
    session->phone.set_option(tcp::no_delay(true), failed);
    session->server.set_option(tcp::no_delay(true), failed);
    asio::co_spawn(io_, pump_down(session), asio::detached);
    co_await pump_up(session);
  }

  asio::awaitable<void> pump_up(SessionPtr session) {
    std::array<std::uint8_t, pump_bytes> data{};
    for (;;) {
      error_code failed;
      const std::size_t count = co_await session->phone.async_read_some(
          asio::buffer(data), asio::redirect_error(asio::use_awaitable, failed));
      if (failed) {
        end(*session, session->server, failed);
        co_return;
      }
      const bool last = budget_ && count >= std::max<std::uint64_t>(*budget_, 1);
      const std::size_t passed = last ? static_cast<std::size_t>(*budget_) : count;
      if (last) {
        budget_.reset();
      } else if (budget_) {
        *budget_ -= count;
      }
      // Counted first: who has seen the bytes arrive finds them counted.
      bytes_up.fetch_add(passed);
      co_await asio::async_write(session->server, asio::buffer(data.data(), passed),
                                 asio::redirect_error(asio::use_awaitable, failed));
      if (failed) {
        session->cut();
        co_return;
      }
      if (last) {
        cut(*session);
        co_return;
      }
    }
  }

  asio::awaitable<void> pump_down(SessionPtr session) {
    std::array<std::uint8_t, pump_bytes> data{};
    for (;;) {
      error_code failed;
      const std::size_t count = co_await session->server.async_read_some(
          asio::buffer(data), asio::redirect_error(asio::use_awaitable, failed));
      if (failed) {
        end(*session, session->phone, failed);
        co_return;
      }
      bytes_down.fetch_add(count);
      co_await asio::async_write(session->phone, asio::buffer(data.data(), count),
                                 asio::redirect_error(asio::use_awaitable, failed));
      if (failed) {
        session->cut();
        co_return;
      }
    }
  }

  // An orderly end is passed on as one, so that half-closed connections work; a reset as a reset.
  static void end(Session& session, tcp::socket& other, error_code failed) {
    if (failed != asio::error::eof) {
      session.cut();
      return;
    }
    error_code ignored;
    other.shutdown(tcp::socket::shutdown_send, ignored);
  }

  asio::io_context io_{1};
  tcp::endpoint target_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::uint16_t port_;
  // The thread's own.
  bool up_ = true;
  std::optional<std::uint64_t> budget_;
  std::vector<std::weak_ptr<Session>> sessions_;

  std::thread thread_;
};

Link::Link(const std::string& target_host, std::uint16_t target_port)
    : impl_(std::make_unique<Impl>(target_host, target_port)) {}
Link::~Link() = default;

std::uint16_t Link::port() const {
  return impl_->port();
}
std::string Link::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->port());
}
void Link::set_up(bool up) {
  impl_->set_up(up);
}
void Link::cut_after(std::uint64_t bytes) {
  impl_->cut_after(bytes);
}
std::uint64_t Link::bytes_up() const {
  return impl_->bytes_up;
}
std::uint64_t Link::bytes_down() const {
  return impl_->bytes_down;
}
std::uint64_t Link::cuts_count() const {
  return impl_->cuts;
}
std::uint64_t Link::connections_count() const {
  return impl_->connections;
}

}  // namespace tannha::tools
