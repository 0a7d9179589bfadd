#include "http_fields.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace tannha::server {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}
beast::string_view beast_view(std::string_view text) {
  return {text.data(), text.size()};
}

std::string bearer_token(std::string_view value) {
  constexpr std::string_view scheme = "bearer ";
  if (value.size() < scheme.size()) return {};
  if (!beast::iequals(beast_view(value.substr(0, scheme.size())), beast_view(scheme))) return {};
  value.remove_prefix(scheme.size());
  const auto first = value.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string{} : std::string(value.substr(first));
}

// Beast writes what it is given: a line break inside a value would start a header of its own.
bool is_header_value(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
}

}  // namespace

bool status_has_body(unsigned status) {
  return status >= 200 && status != 204 && status != 304;
}

HttpRequest request_head(const BodyRequest& message) {
  HttpRequest head;
  head.method = view(message.method_string());
  const std::string_view target = view(message.target());
  const auto question = target.find('?');
  head.path = target.substr(0, question);
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
  head.bearer = bearer_token(view(message[http::field::authorization]));
  head.if_none_match = view(message[http::field::if_none_match]);
  // Whoever names it can unpack it; a weight of 0 is nothing that a browser sends.
  head.accepts_brotli =
      view(message[http::field::accept_encoding]).find("br") != std::string_view::npos;
  const std::string_view encoding = view(message[http::field::content_encoding]);
  if (!beast::iequals(beast_view(encoding), "identity")) {
    std::ranges::transform(encoding, std::back_inserter(head.content_encoding), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
  }
  return head;
}

BodyResponse response_message(const HttpResponse& response, std::uint64_t body_bytes,
                              bool keep_alive) {
  BodyResponse message;
  message.version(11);
  message.result(response.status);
  message.keep_alive(keep_alive);
  if (is_header_value(response.etag)) message.set(http::field::etag, response.etag);
  if (is_header_value(response.cache_control)) {
    message.set(http::field::cache_control, response.cache_control);
  }
  if (response.retry_after_s) {
    message.set(http::field::retry_after, std::to_string(*response.retry_after_s));
  }
  if (!status_has_body(response.status)) return message;

  message.content_length(body_bytes);
  if (body_bytes > 0 && is_header_value(response.content_type)) {
    message.set(http::field::content_type, response.content_type);
  }
  if (is_header_value(response.content_encoding)) {
    message.set(http::field::content_encoding, response.content_encoding);
    message.set(http::field::vary, "Accept-Encoding");
  }
  if (response.is_page) {
    message.set("X-Content-Type-Options", "nosniff");
    message.set("Content-Security-Policy",
                "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "
                "style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; "
                "media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'");
    message.set("Referrer-Policy", "no-referrer");
    message.set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()");
    message.set("Cross-Origin-Opener-Policy", "same-origin");
  }
  if (response.attachment) {
    message.set("X-Content-Type-Options", "nosniff");
    message.set("Content-Security-Policy", "sandbox");
    message.set(http::field::content_disposition, "attachment");
  }
  return message;
}

bool expects_continue(const BodyRequest& message) {
  return beast::iequals(message[http::field::expect], "100-continue");
}

}  // namespace tannha::server
