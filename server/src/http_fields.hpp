#pragma once

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <cstdint>

#include "tannha/server/http.hpp"

/// Between Beast's messages and the plain values of http.hpp.
namespace tannha::server {

using BodyRequest = boost::beast::http::request<boost::beast::http::vector_body<std::uint8_t>>;
using BodyResponse = boost::beast::http::response<boost::beast::http::buffer_body>;

/// Everything but the body.
[[nodiscard]] HttpRequest request_head(const BodyRequest& message);
/// A status that has no body (RFC 9110 15) gets none.
[[nodiscard]] bool status_has_body(unsigned status);
/// Everything but the body. @param body_bytes how long that will be
[[nodiscard]] BodyResponse response_message(const HttpResponse& response, std::uint64_t body_bytes,
                                            bool keep_alive);
/// The client waits for "100 Continue" before it sends the body (RFC 9110 10.1.1).
[[nodiscard]] bool expects_continue(const BodyRequest& message);

}  // namespace tannha::server
