#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/errc.hpp"

/// What the listener and the service say to each other: plain values, so that the service can be
/// driven without a socket, and Beast stays in the listener's .cpp files.
namespace tannha::server {

struct HttpRequest {
  std::string method;         ///< "GET", "POST", "PUT"
  std::string path;           ///< without the query, percent-decoding not applied: "/v1/sync"
  std::string query;          ///< after '?', as sent
  std::string bearer;         ///< the token of "Authorization: Bearer …", empty when absent
  std::string if_none_match;  ///< empty when absent
  std::string content_encoding = {};  ///< of the body, in lower case; empty: as it is
  Bytes body;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/cbor";
  Bytes body;
  std::string etag;                             ///< empty: no header
  std::string cache_control;                    ///< empty: no header
  std::optional<std::uint32_t> retry_after_s;   ///< for 429 and 503
  bool attachment = false;  ///< a citizen's file: nosniff, CSP sandbox, download only
  std::optional<errc> refused;  ///< why, for the log; what is sent of it is in the body
};

/// The sending side of one live WebSocket. Thread-safe. Outlives the connection as a shared_ptr:
/// sending into a closed one does nothing.
class LiveChannel {
 public:
  virtual ~LiveChannel() = default;
  /// Queues one binary message. The queue is bounded; when it is full the connection is closed as
  /// a slow reader and counted.
  virtual void send(Bytes message) = 0;
  /// The service knows who this is: messages may now be as large, and pauses as long, as a
  /// signed-in client's. Until then the listener allows a stranger's.
  virtual void signed_in() = 0;
  virtual void close(std::string_view reason) = 0;
};

/// Implemented by the service. Every call may come from any I/O thread.
class Handler {
 public:
  using Reply = std::function<void(HttpResponse)>;
  virtual ~Handler() = default;

  /// The most bytes a body of this request may have; decided from the head alone, before any of the
  /// body is read. 0 when the path takes none.
  [[nodiscard]] virtual std::size_t body_bytes_max(const HttpRequest& head) = 0;
  /// Answers once, from any thread, now or later.
  virtual void handle(HttpRequest request, Reply reply) = 0;
  /// The answer when a body exceeds body_bytes_max, is cut off, or is not HTTP: lets the service
  /// count it and word the error. @param status 400, 408, 413, 415 or 431
  virtual HttpResponse transport_error(unsigned status) = 0;

  /// A WebSocket was opened on /v1/live. The service answers messages through the channel.
  virtual void live_opened(std::shared_ptr<LiveChannel> channel) = 0;
  virtual void live_message(const std::shared_ptr<LiveChannel>& channel, Bytes message) = 0;
  /// No further call names this channel.
  virtual void live_closed(const std::shared_ptr<LiveChannel>& channel) = 0;
};

}  // namespace tannha::server
