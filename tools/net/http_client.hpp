#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha::tools {

struct HttpCall {
  std::string method = "GET";                     ///< anything but HEAD
  std::string path = "/";                         ///< with the query, starts with '/'
  std::string bearer = {};                        ///< empty: no Authorization header
  std::string content_type = "application/cbor";  ///< sent when there is a body
  std::vector<std::pair<std::string, std::string>> headers = {};
  Bytes body = {};
  std::chrono::milliseconds timeout{30'000};  ///< for all of it, connecting included
};

struct HttpAnswer {
  unsigned status = 0;
  std::string content_type;
  std::string etag;
  std::optional<std::uint32_t> retry_after_s;
  std::vector<std::pair<std::string, std::string>> headers;
  Bytes body;
};

/// A blocking HTTP/1.1 client: the phone in a terminal. Keeps its connection between calls and
/// opens a new one when the server has closed the old one in the meantime. One thread at a time.
class HttpClient {
 public:
  /// Most bytes of an answer's body: a file of 8 MiB, and room.
  static constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;

  /// @param base_url "http://host:port"; https is not spoken. Nothing is connected yet.
  explicit HttpClient(std::string base_url);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Sends and waits for the whole answer; every status is an answer. When the kept connection
  /// turns out to have been closed in an orderly way before any byte of the answer, the call is
  /// sent once more on a new one; nothing else is repeated.
  /// A look-up of a host name, not of an address, may outlast the timeout.
  /// Errors: argument_invalid (base URL, method or path), network_unreachable (refused, no route,
  /// unknown host), network_timeout, network_lost (reset or ended in the middle),
  /// server_reply_malformed (not HTTP, or longer than answer_bytes_max).
  Result<HttpAnswer> send(HttpCall call);

  /// Connections opened so far.
  [[nodiscard]] std::uint64_t connections_count() const;
  /// Closes the kept connection.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tannha::tools
