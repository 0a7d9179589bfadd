#include "live_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket.hpp>
#include <exception>
#include <string>
#include <utility>

namespace tannha::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

constexpr std::size_t idle_buffer_bytes_max = 64 * 1024;

}  // namespace

void LiveOutbox::send(Bytes message) {
  const std::scoped_lock lock(mutex_);
  if (connection_ == nullptr) return;
  if (messages_.size() >= messages_max_) {
    connection_->post_overflow();
    connection_ = nullptr;
    messages_.clear();
    return;
  }
  messages_.push_back(std::move(message));
  if (writing_) return;
  writing_ = true;
  connection_->post_write();
}

void LiveOutbox::signed_in() {
  const std::scoped_lock lock(mutex_);
  if (connection_ != nullptr) connection_->post_signed_in();
}

void LiveOutbox::close(std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  if (connection_ != nullptr) connection_->post_close(reason);
}

std::optional<Bytes> LiveOutbox::take() {
  const std::scoped_lock lock(mutex_);
  if (messages_.empty()) {
    writing_ = false;
    return std::nullopt;
  }
  Bytes message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

void LiveOutbox::detach() {
  const std::scoped_lock lock(mutex_);
  connection_ = nullptr;
  messages_.clear();
}

LiveConnection::LiveConnection(ListenerContext& context, beast::tcp_stream stream,
                               std::unique_ptr<Admission> admission)
    : admission_(std::move(admission)),
      context_(context),
      executor_(stream.get_executor()),
      socket_(std::move(stream)),
      idle_timer_(executor_),
      write_timer_(executor_),
      close_timer_(executor_),
      opened_at_(std::chrono::steady_clock::now()),
      last_message_(opened_at_),
      outbox_(std::make_shared<LiveOutbox>(*this, context.config.live_outbox_messages_max)) {}

void LiveConnection::drain() {
  asio::post(executor_, [self = shared_from_this()] {
    self->start_close(websocket::close_code::going_away, "the server stops");
  });
}

void LiveConnection::abort() {
  asio::post(executor_, [self = shared_from_this()] { self->close_socket(); });
}

void LiveConnection::post_signed_in() {
  asio::post(executor_, [self = shared_from_this()] {
    self->signed_in_ = true;
    self->last_message_ = std::chrono::steady_clock::now();
    self->socket_.read_message_max(self->context_.config.live_message_bytes_max);
    if (!self->ended_) self->watch_idle();
  });
}

void LiveConnection::post_write() {
  asio::post(executor_, [self = shared_from_this()] { self->spawn_writer(); });
}

void LiveConnection::post_overflow() {
  asio::post(executor_, [self = shared_from_this()] {
    if (self->ended_) return;
    self->context_.counters.slow_readers_total.fetch_add(1);
    // Not a closing handshake: whoever does not read would not read the close frame either.
    self->close_socket();
  });
}

void LiveConnection::post_close(std::string_view reason) {
  asio::post(executor_, [self = shared_from_this(), text = std::string(reason)] {
    self->start_close(websocket::close_code::normal, text);
  });
}

asio::awaitable<void> LiveConnection::run(Request request) {
  bool opened = false;
  try {
    opened = co_await accept(std::move(request));
    if (opened) {
      context_.counters.live_now.fetch_add(1);
      // Seated only now: a close frame cannot be written before the upgrade is answered.
      admission_->seat(shared_from_this());
      watch_idle();
      context_.handler.live_opened(outbox_);
      co_await read_messages();
    }
  } catch (...) {
    // The service failed on this connection; it ends, and the others go on.
    start_close(websocket::close_code::internal_error, "internal error");
  }
  ended_ = true;
  idle_timer_.cancel();
  outbox_->detach();
  // A close frame still being written is given its time; an idle writer is not running at all.
  if (!writer_running_) close_socket();
  if (!opened) co_return;
  context_.counters.live_now.fetch_sub(1);
  context_.handler.live_closed(outbox_);
}

asio::awaitable<bool> LiveConnection::accept(Request request) {
  const ListenerConfig& config = context_.config;
  // Pings go out after half the idle time and find half-open links. They keep a silent client
  // alive for ever, which is why watch_idle() counts messages instead.
  websocket::stream_base::timeout limits{};
  limits.handshake_timeout = config.header_timeout;
  limits.idle_timeout = config.live_idle_timeout;
  limits.keep_alive_pings = true;
  socket_.set_option(limits);
  socket_.read_message_max(config.live_stranger_message_bytes_max);
  socket_.binary(true);
  socket_.auto_fragment(false);

  error_code failed;
  co_await socket_.async_accept(request, asio::redirect_error(asio::use_awaitable, failed));
  co_return !failed;
}

asio::awaitable<void> LiveConnection::read_messages() {
  for (;;) {
    error_code failed;
    co_await socket_.async_read(buffer_, asio::redirect_error(asio::use_awaitable, failed));
    // A message over the limit ends here too: Beast has then sent the close frame 1009 itself.
    if (failed) co_return;
    last_message_ = std::chrono::steady_clock::now();
    if (closing_) {
      // Read on, so that the client's answer to our close frame is seen, but serve no more.
      buffer_.consume(buffer_.size());
      continue;
    }
    if (!socket_.got_binary()) {
      start_close(websocket::close_code::unknown_data, "binary messages only");
      buffer_.consume(buffer_.size());
      continue;
    }
    const auto data = buffer_.cdata();
    const auto* first = static_cast<const std::uint8_t*>(data.data());
    Bytes message(first, first + data.size());
    buffer_.consume(buffer_.size());
    // A quiet connection does not keep the room of its largest message.
    if (buffer_.capacity() > idle_buffer_bytes_max) buffer_.shrink_to_fit();
    context_.handler.live_message(outbox_, std::move(message));
  }
}

void LiveConnection::spawn_writer() {
  if (writer_running_ || ended_) return;
  writer_running_ = true;
  asio::co_spawn(
      executor_, [self = shared_from_this()]() { return self->write_messages(); },
      [self = shared_from_this()](const std::exception_ptr& failed) {
        if (failed) self->close_socket();
      });
}

asio::awaitable<void> LiveConnection::write_messages() {
  error_code failed;
  while (!failed) {
    const std::optional<Bytes> message = outbox_->take();
    if (!message) break;
    watch_write();
    co_await socket_.async_write(asio::buffer(*message),
                                 asio::redirect_error(asio::use_awaitable, failed));
    unwatch_write();
  }
  if (closing_ && !failed) {
    co_await socket_.async_close(*closing_, asio::redirect_error(asio::use_awaitable, failed));
  }
  // Between take() finding nothing and this line the strand is not left, so that a writer asked
  // for by a later send finds the way free.
  writer_running_ = false;
  if (failed || ended_) close_socket();
}

void LiveConnection::start_close(websocket::close_code code, std::string_view reason) {
  if (closing_ || ended_) return;
  // RFC 6455 5.5: a control frame has at most 125 bytes, two of them the code.
  constexpr std::size_t reason_bytes_max = 123;
  const auto text = reason.substr(0, reason_bytes_max);
  closing_.emplace(code, beast::string_view(text.data(), text.size()));
  spawn_writer();
  // What the client does not take in time is not waited for.
  close_timer_.expires_after(context_.config.header_timeout);
  close_timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->close_socket();
  });
}

void LiveConnection::close_socket() {
  idle_timer_.cancel();
  write_timer_.cancel();
  close_timer_.cancel();
  beast::get_lowest_layer(socket_).close();
}

// A stranger has one deadline, whatever they send; a signed-in client a new one with each message.
std::chrono::steady_clock::time_point LiveConnection::idle_deadline() const {
  const ListenerConfig& config = context_.config;
  return signed_in_ ? last_message_ + config.live_idle_timeout
                    : opened_at_ + config.live_sign_in_timeout;
}

void LiveConnection::watch_idle() {
  idle_timer_.expires_at(idle_deadline());
  idle_timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (cancelled || self->ended_) return;
    if (std::chrono::steady_clock::now() < self->idle_deadline()) {
      self->watch_idle();
      return;
    }
    self->context_.counters.timeouts_total.fetch_add(1);
    self->start_close(websocket::close_code::going_away, "idle");
  });
}

void LiveConnection::watch_write() {
  write_timer_.expires_after(context_.config.body_timeout);
  write_timer_.async_wait(
      [self = shared_from_this(), number = write_number_](error_code cancelled) {
        // A timer that fires in the moment the write ends cannot be cancelled any more.
        if (cancelled || number != self->write_number_) return;
        self->context_.counters.slow_readers_total.fetch_add(1);
        self->close_socket();
      });
}

void LiveConnection::unwatch_write() {
  ++write_number_;
  write_timer_.cancel();
}

}  // namespace tannha::server
