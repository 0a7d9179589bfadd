#include "live_connection.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket.hpp>
#include <exception>
#include <utility>

#include "tannha/protocol/errc.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

// What a message in an outbox costs beside its bytes: the list's node and the allocator's.
constexpr std::size_t message_overhead_bytes = 96;
constexpr std::size_t second_piece_bytes = 4 * 1024;
// A message is held this often until it is answered: as it came, and as its records.
constexpr std::size_t message_memory_factor = 3;

std::size_t cost_of(const Bytes& message) { return message.capacity() + message_overhead_bytes; }

}  // namespace

LiveOutbox::LiveOutbox(LiveConnection& connection, const ListenerContext& context, std::string peer)
    : peer_(std::move(peer)),
      messages_max_(context.config.live_outbox_messages_max),
      bytes_max_(context.config.live_outbox_bytes_max),
      budget_(context.memory),
      connection_(&connection) {}

// A single message may be longer than the outbox; it is written at once.
bool LiveOutbox::has_room_for(std::size_t bytes) {
  if (messages_.size() >= messages_max_) return false;
  if (bytes_ > 0 && bytes_ + bytes > bytes_max_) return false;
  if (memory_) return memory_->cover(bytes_ + bytes);
  memory_ = budget_->take(MemoryUse::answer, holder_, bytes_ + bytes);
  return memory_ != nullptr;
}

void LiveOutbox::forget_all() {
  messages_.clear();
  bytes_ = 0;
  bytes_written_ = 0;
  memory_.reset();
}

void LiveOutbox::put(Bytes message) {
  if (connection_ == nullptr) return;
  const std::size_t bytes = cost_of(message);
  if (!has_room_for(bytes)) {
    connection_->post_overflow();
    connection_ = nullptr;
    forget_all();
    return;
  }
  bytes_ += bytes;
  messages_.push_back(std::move(message));
  if (writing_) return;
  writing_ = true;
  connection_->post_write();
}

void LiveOutbox::send(Bytes message) {
  const std::scoped_lock lock(mutex_);
  put(std::move(message));
}

void LiveOutbox::send_once(Bytes message) {
  const std::scoped_lock lock(mutex_);
  if (!messages_.empty() && messages_.back() == message) return;
  put(std::move(message));
}

void LiveOutbox::signed_in(std::string holder, std::chrono::milliseconds valid_for) {
  const std::scoped_lock lock(mutex_);
  if (connection_ == nullptr) return;
  holder_ = holder;
  connection_->post_signed_in(std::move(holder), valid_for);
}

void LiveOutbox::close(std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  if (connection_ != nullptr) connection_->post_close(reason);
}

std::optional<Bytes> LiveOutbox::take() {
  const std::scoped_lock lock(mutex_);
  bytes_ -= bytes_written_;
  bytes_written_ = 0;
  if (messages_.empty()) {
    writing_ = false;
    memory_.reset();
    return std::nullopt;
  }
  Bytes message = std::move(messages_.front());
  messages_.pop_front();
  bytes_written_ = cost_of(message);
  return message;
}

void LiveOutbox::detach() {
  const std::scoped_lock lock(mutex_);
  connection_ = nullptr;
  forget_all();
}

LiveConnection::LiveConnection(ListenerContext& context, asio::ip::tcp::socket socket,
                               std::unique_ptr<Admission> admission)
    : admission_(std::move(admission)),
      context_(context),
      executor_(socket.get_executor()),
      socket_(std::move(socket)),
      timer_(executor_),
      outbox_(std::make_shared<LiveOutbox>(*this, context, admission_->peer())),
      holder_(admission_->peer()) {}

void LiveConnection::start(std::unique_ptr<Request> request) {
  asio::co_spawn(
      executor_,
      [self = shared_from_this(), asked = std::move(request)]() mutable {
        return self->run(std::move(asked));
      },
      [self = shared_from_this()](const std::exception_ptr& failed) {
        if (failed) self->close_socket();
      });
  admission_->seat(shared_from_this());
}

void LiveConnection::drain() {
  asio::post(executor_, [self = shared_from_this()] {
    // A close frame cannot be written before the upgrade is answered; run() writes it then.
    self->draining_ = true;
    if (self->state_ != State::opening) self->say_that_the_server_stops();
  });
}

void LiveConnection::say_that_the_server_stops() {
  start_close(websocket::close_code::going_away, "the server stops");
}

void LiveConnection::abort() {
  asio::post(executor_, [self = shared_from_this()] { self->close_socket(); });
}

void LiveConnection::post_signed_in(std::string holder, std::chrono::milliseconds valid_for) {
  asio::post(executor_, [self = shared_from_this(), holder = std::move(holder),
                         until = Clock::now() + valid_for]() mutable {
    self->state_ = State::signed_in;
    self->holder_ = std::move(holder);
    self->valid_until_ = until;
    self->socket_.read_message_max(self->context_.config.live_message_bytes_max);
    self->watch();
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

asio::awaitable<void> LiveConnection::run(std::unique_ptr<Request> request) {
  bool opened = false;
  try {
    opened = co_await accept(std::move(request));
    if (opened) {
      context_.counters.live_now.fetch_add(1);
      state_ = State::stranger;
      valid_until_ = Clock::now() + context_.config.live_sign_in_timeout;
      watch();
      context_.handler.live_opened(outbox_);
      if (draining_) say_that_the_server_stops();
      co_await read_messages();
    }
  } catch (...) {
    // The service failed on this connection; it ends, and the others go on.
    start_close(websocket::close_code::internal_error, "internal error");
  }
  ended_ = true;
  outbox_->detach();
  // A close frame still being written is given its time; an idle writer is not running at all.
  close_until_ = std::min(close_until_, Clock::now() + context_.config.header_timeout);
  watch();
  if (!writer_running_) close_socket();
  if (!opened) co_return;
  context_.counters.live_now.fetch_sub(1);
  context_.handler.live_closed(outbox_);
}

asio::awaitable<bool> LiveConnection::accept(std::unique_ptr<Request> request) {
  const ListenerConfig& config = context_.config;
  // Pings go out after half the idle time and find half-open links.
  websocket::stream_base::timeout limits{};
  limits.handshake_timeout = config.header_timeout;
  limits.idle_timeout = config.live_idle_timeout;
  limits.keep_alive_pings = true;
  socket_.set_option(limits);
  socket_.read_message_max(config.live_stranger_message_bytes_max);
  socket_.binary(true);
  socket_.auto_fragment(false);

  error_code failed;
  co_await socket_.async_accept(*request, asio::redirect_error(asio::use_awaitable, failed));
  co_return !failed;
}

asio::awaitable<void> LiveConnection::read_messages() {
  for (;;) {
    error_code failed;
    const std::size_t count = co_await socket_.async_read_some(
        next_piece(), asio::redirect_error(asio::use_awaitable, failed));
    // A message over the limit ends here too: Beast has then sent the close frame 1009 itself.
    if (failed) co_return;
    received(count);
  }
}

// Where the next bytes of a message go. Its room doubles, and is counted before it is taken.
asio::mutable_buffer LiveConnection::next_piece() {
  if (message_bytes_ == 0 || dropping_) return asio::buffer(first_piece_);
  if (message_bytes_ == message_.size()) {
    const std::size_t bytes = std::max(2 * message_bytes_, second_piece_bytes);
    // What is longer than a phone's push can wait for those.
    if (bytes > limits::push_bytes_target) memory_->becomes(MemoryUse::file);
    if (!memory_->cover(message_bytes_ + message_memory_factor * bytes)) {
      refuse_for_memory();
      return asio::buffer(first_piece_);
    }
    message_.resize(bytes);
  }
  return asio::buffer(message_.data() + message_bytes_, message_.size() - message_bytes_);
}

void LiveConnection::received(std::size_t count) {
  // After the close has begun it is read on, so that the client's answer is seen, and no more.
  if (!dropping_ && !closing_) {
    if (message_bytes_ == 0) {
      memory_ = context_.memory->take(
          state_ == State::signed_in ? MemoryUse::record : MemoryUse::stranger, holder_,
          message_memory_factor * count);
      if (memory_) {
        message_.assign(first_piece_.data(), first_piece_.data() + count);
      } else {
        refuse_for_memory();
      }
    }
    message_bytes_ += count;
  }
  if (!socket_.is_message_done()) {
    read_until_ = Clock::now() + context_.config.body_timeout;
    return watch();
  }
  read_until_ = Time::max();
  if (dropping_ || closing_) return drop_message();
  if (!socket_.got_binary()) {
    start_close(websocket::close_code::unknown_data, "binary messages only");
    return drop_message();
  }
  deliver();
}

void LiveConnection::deliver() {
  message_.resize(message_bytes_);
  // Half of a message that was doubled may be empty room.
  if (message_.capacity() > message_bytes_ + second_piece_bytes) message_.shrink_to_fit();
  Bytes message = std::exchange(message_, {});
  std::shared_ptr<MemoryShare> memory = std::exchange(memory_, nullptr);
  message_bytes_ = 0;
  context_.handler.live_message(outbox_, std::move(message), std::move(memory));
}

void LiveConnection::drop_message() {
  message_ = {};
  message_bytes_ = 0;
  memory_.reset();
  dropping_ = false;
}

// RFC 6455's registry of codes has 1013 for it: try again later.
void LiveConnection::refuse_for_memory() {
  dropping_ = true;
  message_ = {};
  memory_.reset();
  start_close(websocket::close_code::try_again_later, name(errc::overloaded));
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
    write_until_ = Clock::now() + context_.config.body_timeout;
    watch();
    co_await socket_.async_write(asio::buffer(*message),
                                 asio::redirect_error(asio::use_awaitable, failed));
    write_until_ = Time::max();
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
  close_until_ = Clock::now() + context_.config.header_timeout;
  watch();
}

void LiveConnection::close_socket() {
  timer_.cancel();
  error_code ignored;
  socket_.next_layer().close(ignored);
}

LiveConnection::Time LiveConnection::next_deadline() const {
  return std::min({closing_ || ended_ ? close_until_ : valid_until_, write_until_, read_until_});
}

// Asked for again whenever a deadline may have come nearer. One that has moved away is found when
// the timer fires.
void LiveConnection::watch() {
  const Time until = next_deadline();
  if (until >= watched_until_ || !socket_.next_layer().is_open()) return;
  watched_until_ = until;
  timer_.expires_at(until);
  timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (cancelled) return;
    self->watched_until_ = Time::max();
    if (Clock::now() >= self->next_deadline()) self->expire();
    self->watch();
  });
}

void LiveConnection::expire() {
  const Time now = Clock::now();
  if (now >= write_until_) {
    context_.counters.slow_readers_total.fetch_add(1);
    return close_socket();
  }
  if (closing_ || ended_) return close_socket();
  if (now >= read_until_) {
    context_.counters.timeouts_total.fetch_add(1);
    return close_socket();
  }
  valid_until_ = Time::max();
  context_.counters.timeouts_total.fetch_add(1);
  start_close(websocket::close_code::going_away, state_ == State::signed_in
                                                     ? name(errc::token_invalid)
                                                     : std::string_view("not signed in"));
}

}  // namespace tannha::server
