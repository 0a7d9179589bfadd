#include "tools/net/http_client.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <exception>

#include "tools/net/connect.hpp"

namespace tannha::tools {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Body = http::vector_body<std::uint8_t>;
using Request = http::request<Body>;
using Parser = http::response_parser<Body>;

constexpr std::size_t read_buffer_bytes = 128 * 1024;
constexpr std::uint32_t header_bytes_max = 16 * 1024;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
  });
}

Request make_request(HttpCall call, const ServerAddress& address) {
  Request request;
  request.version(11);
  request.method_string(call.method);
  request.target(call.path);
  request.set(http::field::host, address.authority());
  if (!call.bearer.empty()) request.set(http::field::authorization, "Bearer " + call.bearer);
  for (const auto& [name, value] : call.headers) request.insert(name, value);
  if (!call.body.empty()) request.set(http::field::content_type, call.content_type);
  if (!call.body.empty() || call.method != "GET") request.content_length(call.body.size());
  request.body() = std::move(call.body);
  return request;
}

HttpAnswer make_answer(Parser& parser) {
  auto& message = parser.get();
  HttpAnswer answer;
  answer.status = message.result_int();
  for (const auto& field : message) {
    answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  answer.content_type = std::string(message[http::field::content_type]);
  answer.etag = std::string(message[http::field::etag]);
  const auto retry = message[http::field::retry_after];
  std::uint32_t seconds = 0;
  const auto [end, failed] = std::from_chars(retry.data(), retry.data() + retry.size(), seconds);
  if (failed == std::errc{} && end == retry.data() + retry.size()) answer.retry_after_s = seconds;
  answer.body = std::move(message.body());
  return answer;
}

Error read_error(error_code failed) {
  const bool is_http =
      failed.category() == http::make_error_code(http::error::need_more).category();
  // These two say that the connection ended, the others that what came is not an answer.
  if (!is_http || failed == http::error::partial_message || failed == http::error::end_of_stream) {
    return exchange_error(failed);
  }
  return Error{errc::server_reply_malformed, failed.message()};
}

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(const std::string& base_url) : address_(parse_base_url(base_url)) {}

  Result<HttpAnswer> send(HttpCall call) {
    if (!address_) return std::unexpected<Error>(address_.error());
    if (!is_token(call.method) || call.method == "HEAD") {
      return fail(errc::argument_invalid, "method");
    }
    if (!is_token(call.path) || !call.path.starts_with('/')) {
      return fail(errc::argument_invalid, "path");
    }
    const auto deadline = std::chrono::steady_clock::now() + call.timeout;
    Request request = make_request(std::move(call), *address_);
    std::optional<Result<HttpAnswer>> outcome;
    io_.restart();
    asio::co_spawn(io_, exchange(&request),
                   [&outcome](const std::exception_ptr& failed, Result<HttpAnswer> result) {
                     if (failed) result = fail(errc::network_lost, "client fault");
                     outcome.emplace(std::move(result));
                   });
    io_.run_until(deadline);
    if (!outcome) {
      // The coroutine refers to this frame: it has to end before we return.
      resolver_.cancel();
      close();
      io_.restart();
      io_.run();
      return fail(errc::network_timeout, "exchange");
    }
    if (!*outcome) close();
    return std::move(*outcome);
  }

  void close() {
    if (stream_) stream_->close();
    kept_ = false;
  }

  [[nodiscard]] std::uint64_t connections_count() const { return connections_count_; }

 private:
  struct Attempt {
    Result<HttpAnswer> result;
    bool closed_before_answer = false;
  };

  asio::awaitable<Result<HttpAnswer>> exchange(Request* request) {
    if (kept_ && still_open()) {
      Attempt reused = co_await attempt(request);
      if (!reused.closed_before_answer) co_return std::move(reused.result);
    }
    close();
    stream_.emplace(io_);
    buffer_.clear();
    ++connections_count_;
    const error_code failed = co_await connect_to(*address_, &resolver_, &*stream_);
    if (failed) co_return std::unexpected<Error>(connect_error(failed));
    Attempt fresh = co_await attempt(request);
    co_return std::move(fresh.result);
  }

  asio::awaitable<Attempt> attempt(Request* request) {
    kept_ = false;
    error_code write_failed;
    co_await http::async_write(*stream_, *request,
                               asio::redirect_error(asio::use_awaitable, write_failed));
    // Even then an answer may be waiting: a server refuses a body without reading all of it.
    Parser parser;
    parser.header_limit(header_bytes_max);
    parser.body_limit(answer_bytes_max);
    buffer_.reserve(read_buffer_bytes);
    error_code failed;
    co_await http::async_read(*stream_, buffer_, parser,
                              asio::redirect_error(asio::use_awaitable, failed));
    Attempt attempt;
    if (failed) {
      attempt.closed_before_answer = failed == http::error::end_of_stream && !write_failed;
      attempt.result = std::unexpected<Error>(read_error(write_failed ? write_failed : failed));
      co_return attempt;
    }
    kept_ = parser.keep_alive() && !write_failed;
    attempt.result = make_answer(parser);
    if (!kept_) stream_->close();
    co_return attempt;
  }

  // A server that closed the connection while it rested has told the kernel so.
  bool still_open() {
    std::uint8_t byte = 0;
    error_code failed;
    stream_->socket().non_blocking(true, failed);
    if (failed) return false;
    stream_->socket().receive(asio::buffer(&byte, 1), tcp::socket::message_peek, failed);
    return failed == asio::error::would_block;
  }

  Result<ServerAddress> address_;
  asio::io_context io_{1};
  tcp::resolver resolver_{io_};
  std::optional<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  bool kept_ = false;
  std::uint64_t connections_count_ = 0;
};

HttpClient::HttpClient(std::string base_url) : impl_(std::make_unique<Impl>(base_url)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpAnswer> HttpClient::send(HttpCall call) {
  return impl_->send(std::move(call));
}

std::uint64_t HttpClient::connections_count() const {
  return impl_->connections_count();
}

void HttpClient::close() {
  impl_->close();
}

}  // namespace tannha::tools
