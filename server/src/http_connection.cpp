#include "http_connection.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "http_fields.hpp"
#include "reply_slot.hpp"

namespace tannha::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

// Beast reads at most what the buffer has room for: with its default growth a body of 300 KB took
// ten times as long (measured). Also the most that a header or a chunk line may make it hold.
constexpr std::size_t read_buffer_bytes = 128 * 1024;
// What a connection without a large body in flight keeps.
constexpr std::size_t small_buffer_bytes = 4 * 1024;
// A body may take this much longer than the fixed time: a slow but steady link must be able to
// finish a large file, or its outbox would never drain.
constexpr std::uint64_t bytes_per_second_min = 4 * 1024;
// What a body in chunks is given before it is known to be longer.
constexpr std::size_t first_chunk_bytes = 16 * 1024;
constexpr std::chrono::seconds linger_time{2};
constexpr std::size_t linger_bytes_max = 16 * 1024 * 1024;
constexpr std::uint32_t retry_after_reply_timeout_s = 5;
constexpr std::chrono::milliseconds deadline_repeat{20};

std::chrono::seconds body_time(std::chrono::seconds fixed, std::uint64_t bytes) {
  return fixed + std::chrono::seconds(bytes / bytes_per_second_min);
}

void drop_body(HttpResponse& response) {
  response.body = {};
  response.shared_body.reset();
  response.file.reset();
}

HttpResponse plain_status(unsigned status) {
  HttpResponse response;
  response.status = status;
  response.content_type.clear();
  return response;
}

bool is_live_upgrade(const BodyRequest& message, const HttpRequest& head) {
  return head.path == "/v1/live" && websocket::is_upgrade(message);
}

// Closes the slot however the coroutine leaves.
class SlotGuard {
 public:
  explicit SlotGuard(std::shared_ptr<ReplySlot> slot) : slot_(std::move(slot)) {}
  ~SlotGuard() { slot_->close(); }
  SlotGuard(const SlotGuard&) = delete;
  SlotGuard& operator=(const SlotGuard&) = delete;

 private:
  std::shared_ptr<ReplySlot> slot_;
};

}  // namespace

asio::awaitable<void> linger(beast::tcp_stream& stream) {
  error_code failed;
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, failed);
  stream.expires_after(linger_time);
  Bytes dropped(small_buffer_bytes);
  std::size_t left = linger_bytes_max;
  while (!failed && left > 0) {
    const std::size_t count = co_await stream.async_read_some(
        asio::buffer(dropped), asio::redirect_error(asio::use_awaitable, failed));
    left -= std::min(left, count);
  }
}

HttpConnection::HttpConnection(ListenerContext& context, asio::ip::tcp::socket socket,
                               std::unique_ptr<Admission> admission)
    : admission_(std::move(admission)),
      context_(context),
      executor_(socket.get_executor()),
      stream_(std::move(socket)),
      buffer_(std::max(read_buffer_bytes, context.config.header_bytes_max + small_buffer_bytes)),
      deadline_(executor_),
      reply_timer_(executor_) {}

void HttpConnection::start() {
  admission_->seat(shared_from_this());
  asio::co_spawn(
      executor_, [self = shared_from_this()]() { return self->run(); },
      [self = shared_from_this()](const std::exception_ptr&) {
        // Whatever went wrong on this connection ends it and nothing else.
        self->disarm();
        if (self->upgrade_) {
          self->become_live();
        } else {
          self->stream_.close();
        }
      });
}

void HttpConnection::drain() {
  asio::post(executor_, [self = shared_from_this()] {
    if (self->idle_) self->stream_.close();
  });
}

void HttpConnection::abort() {
  asio::post(executor_, [self = shared_from_this()] {
    self->aborted_ = true;
    self->reply_timer_.cancel();
    self->stream_.close();
  });
}

asio::awaitable<void> HttpConnection::run() {
  for (;;) {
    const bool requested = co_await wait_for_request();
    if (!requested) co_return;
    const Next next = co_await serve_request();
    if (next == Next::close) co_return;
    served_any_ = true;
    if (buffer_.size() == 0 && buffer_.capacity() > small_buffer_bytes) buffer_.shrink_to_fit();
  }
}

asio::awaitable<bool> HttpConnection::wait_for_request() {
  if (context_.group.draining() || aborted_) co_return false;
  if (buffer_.size() > 0) co_return true;
  // Where places are scarce, nobody rests in one.
  const bool may_rest = served_any_ && !context_.group.is_crowded();
  stream_.expires_after(may_rest ? context_.config.idle_timeout : context_.config.header_timeout);
  idle_ = true;
  error_code failed;
  const std::size_t count = co_await stream_.async_read_some(
      buffer_.prepare(small_buffer_bytes), asio::redirect_error(asio::use_awaitable, failed));
  idle_ = false;
  buffer_.commit(count);
  // A connection kept alive may rest; one that never asked for anything holds a place for nothing.
  if (failed == beast::error::timeout && !served_any_) {
    context_.counters.timeouts_total.fetch_add(1);
  }
  co_return !failed;
}

asio::awaitable<HttpConnection::Next> HttpConnection::serve_request() {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(context_.config.header_bytes_max));
  // The limit depends on the head, which is not known yet; no body is read before it is.
  parser.body_limit(boost::none);

  arm(context_.config.header_timeout);
  error_code failed;
  const std::size_t header_bytes = co_await http::async_read_header(
      stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, failed));
  disarm();
  // Beast applies its limit to the request line and to the fields apart.
  if (!failed && header_bytes > context_.config.header_bytes_max) {
    failed = http::error::header_limit;
  }
  if (failed) {
    const unsigned status = refusal_status(failed);
    co_await refuse(status);
    co_return Next::close;
  }
  context_.counters.requests_total.fetch_add(1);

  HttpRequest request = request_head(parser.get());
  request.peer = admission_->peer();
  if (parser.content_length()) request.content_length = *parser.content_length();
  auto terms = context_.handler.admit(request);
  if (!terms) {
    co_await refuse(std::move(terms.error()));
    co_return Next::close;
  }
  if (is_live_upgrade(parser.get(), request)) {
    // RFC 6455 4.1: the client sends nothing before it has our answer.
    if (buffer_.size() > 0) {
      co_await refuse(400);
    } else {
      upgrade_ = std::make_unique<LiveConnection::Request>(parser.release());
    }
    co_return Next::close;
  }
  const bool complete = co_await read_body(parser, *terms, &request);
  if (!complete) co_return Next::close;

  const bool head_only = request.method == "HEAD";
  std::shared_ptr<MemoryShare> memory = request.memory;
  HttpResponse response = co_await ask_service(std::move(request));
  if (aborted_) co_return Next::close;
  // The client would take a body after HEAD for the next answer.
  if (head_only) drop_body(response);
  if (!has_room_for(response, terms->holder, memory)) {
    response = context_.handler.transport_error(503);
  }
  // Overloaded: the client comes back later, and until then its place is another's.
  const bool keep_alive =
      parser.keep_alive() && !context_.group.draining() && response.status != 503;
  const bool written = co_await write(std::move(response), keep_alive);
  if (!written) co_return Next::close;
  if (keep_alive) co_return Next::keep_alive;
  // Nothing came behind the request: an orderly end, and the descriptor is free at once.
  if (buffer_.size() > 0) co_await linger(stream_);
  co_return Next::close;
}

asio::awaitable<bool> HttpConnection::read_body(Parser& parser, const Terms& terms,
                                                HttpRequest* request) {
  const std::size_t bytes_max = terms.body_bytes_max;
  if (request->content_length && *request->content_length > bytes_max) {
    co_await refuse(413);
    co_return false;
  }
  if (!parser.is_done()) {
    // For a body in chunks, whose length is not declared.
    parser.body_limit(bytes_max);
    const std::size_t expected = static_cast<std::size_t>(
        request->content_length.value_or(std::min(first_chunk_bytes, bytes_max)));
    const std::size_t buffer_bytes = std::clamp<std::size_t>(expected, 512, read_buffer_bytes);
    request->memory = context_.memory->take(terms.use, terms.holder,
                                            buffer_bytes + terms.memory_factor * expected);
    if (!request->memory) {
      co_await refuse(503);
      co_return false;
    }
    if (expects_continue(parser.get())) co_await write_continue();
    buffer_.reserve(buffer_bytes);
    parser.get().body().reserve(expected);
    arm(body_time(context_.config.body_timeout, request->content_length.value_or(bytes_max)));
    const unsigned status = co_await read_pieces(parser, terms, *request->memory);
    disarm();
    if (status != 200) {
      if (status != 0) co_await refuse(status);
      co_return false;
    }
  }
  request->body = std::move(parser.get().body());
  co_return true;
}

// @return 200, the status of the refusal, or 0 when there is nobody to tell
asio::awaitable<unsigned> HttpConnection::read_pieces(Parser& parser, const Terms& terms,
                                                      MemoryShare& memory) {
  error_code failed;
  if (parser.content_length()) {
    co_await http::async_read(stream_, buffer_, parser,
                              asio::redirect_error(asio::use_awaitable, failed));
    co_return failed ? refusal_status(failed) : 200;
  }
  while (!parser.is_done()) {
    // A vector that grows holds its old bytes beside twice as many.
    const std::size_t grown = buffer_.capacity() + parser.get().body().size();
    if (!memory.cover(buffer_.capacity() + grown * std::max(3U, terms.memory_factor))) {
      co_return 503;
    }
    co_await http::async_read_some(stream_, buffer_, parser,
                                   asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return refusal_status(failed);
  }
  co_return 200;
}

bool HttpConnection::has_room_for(const HttpResponse& response, const std::string& holder,
                                  std::shared_ptr<MemoryShare>& memory) {
  const std::size_t bytes =
      response.file ? static_cast<std::size_t>(
                          std::min<std::uint64_t>(response.file->size(), OpenFile::piece_bytes))
                    : response.body.capacity();
  // What the request held is free by now, and the answer is what is left of it.
  if (memory) {
    memory->becomes(MemoryUse::answer);
    return memory->resize(bytes);
  }
  if (bytes <= small_buffer_bytes) return true;
  memory = context_.memory->take(MemoryUse::answer, holder, bytes);
  return memory != nullptr;
}

asio::awaitable<void> HttpConnection::write_continue() {
  http::response<http::empty_body> message;
  message.version(11);
  message.result(http::status::continue_);
  stream_.expires_after(context_.config.header_timeout);
  error_code ignored;  // The read that follows finds a broken connection, too.
  co_await http::async_write(stream_, message, asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<HttpResponse> HttpConnection::ask_service(HttpRequest request) {
  const auto slot = std::make_shared<ReplySlot>();
  const SlotGuard guard(slot);
  bool threw = false;
  try {
    // The service holds the request's memory for as long as it may still answer.
    auto memory = request.memory;
    context_.handler.handle(std::move(request),
                            [slot, memory = std::move(memory)](HttpResponse response) {
                              slot->put(std::move(response));
                            });
  } catch (...) {
    threw = true;
  }
  if (!threw && !aborted_) {
    reply_timer_.expires_after(context_.config.reply_timeout);
    if (slot->begin_wait(reply_timer_)) {
      error_code cancelled;
      co_await reply_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
  }
  std::optional<HttpResponse> response = slot->close();
  if (response) co_return std::move(*response);
  if (threw) co_return plain_status(500);
  HttpResponse late = plain_status(503);
  late.retry_after_s = retry_after_reply_timeout_s;
  if (!aborted_) context_.counters.timeouts_total.fetch_add(1);
  co_return late;
}

asio::awaitable<bool> HttpConnection::write(HttpResponse response, bool keep_alive) {
  BytesView whole = response.shared_body ? BytesView(*response.shared_body) : response.body;
  if (!status_has_body(response.status)) {
    whole = {};
    response.file.reset();
  }
  const std::uint64_t bytes = response.file ? response.file->size() : whole.size();
  BodyResponse message = response_message(response, bytes, keep_alive);
  http::response_serializer<http::buffer_body> serializer(message);
  // One deadline for all of it, so that a reader cannot take it drop by drop.
  stream_.expires_after(body_time(context_.config.body_timeout, bytes));
  Bytes piece(response.file ? std::min<std::uint64_t>(bytes, OpenFile::piece_bytes) : 0);
  error_code failed;
  for (std::uint64_t at = 0; !failed && !serializer.is_done();) {
    if (response.file) {
      piece.resize(std::min<std::uint64_t>(piece.size(), bytes - at));
      // The length has been said: without the rest the connection cannot go on.
      if (!response.file->read(at, piece)) co_return false;
      whole = piece;
    }
    at += whole.size();
    message.body().data = whole.empty() ? nullptr : const_cast<std::uint8_t*>(whole.data());
    message.body().size = whole.size();
    message.body().more = at < bytes;
    co_await http::async_write(stream_, serializer,
                               asio::redirect_error(asio::use_awaitable, failed));
    if (failed == http::error::need_buffer) failed = {};
  }
  if (failed == beast::error::timeout) {
    context_.counters.timeouts_total.fetch_add(1);
    context_.counters.slow_readers_total.fetch_add(1);
  }
  co_return !failed;
}

asio::awaitable<void> HttpConnection::refuse(unsigned status) {
  if (status == 0) co_return;
  co_await refuse(context_.handler.transport_error(status));
}

asio::awaitable<void> HttpConnection::refuse(HttpResponse response) {
  if (aborted_) co_return;
  const bool written = co_await write(std::move(response), false);
  if (written) co_await linger(stream_);
}

// This object and its coroutines end; whoever waits for news for hours keeps none of it.
void HttpConnection::become_live() {
  stream_.expires_never();
  auto live = std::make_shared<LiveConnection>(context_, stream_.release_socket(),
                                               std::move(admission_));
  live->start(std::move(upgrade_));
}

unsigned HttpConnection::refusal_status(error_code failed) {
  if (timed_out_) {
    context_.counters.timeouts_total.fetch_add(1);
    return 408;
  }
  if (failed == http::error::end_of_stream) return 0;
  if (failed == http::error::header_limit) return 431;
  if (failed == http::error::body_limit) return 413;
  // Cut off: the request did not arrive whole. The answer may reach a client that still listens.
  if (failed == http::error::partial_message) return 408;
  if (failed.category() != http::make_error_code(http::error::need_more).category()) return 408;
  return 400;
}

// tcp_stream's own deadline closes the socket, and the client would never see the 408. This one
// only interrupts reading.
void HttpConnection::arm(std::chrono::milliseconds time) {
  stream_.expires_never();
  timed_out_ = false;
  deadline_.expires_after(time);
  wait_for_deadline(++deadline_number_);
}

void HttpConnection::wait_for_deadline(std::uint64_t number) {
  deadline_.async_wait([self = shared_from_this(), number](error_code cancelled) {
    // A timer that fires in the moment the read ends cannot be cancelled any more.
    if (cancelled || number != self->deadline_number_ || self->aborted_) return;
    self->timed_out_ = true;
    self->stream_.cancel();
    // A read that had just completed is not interrupted, and the next one starts: ask again.
    self->deadline_.expires_after(deadline_repeat);
    self->wait_for_deadline(number);
  });
}

void HttpConnection::disarm() {
  ++deadline_number_;
  deadline_.cancel();
}

}  // namespace tannha::server
