#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/errc.hpp"
#include "tannha/server/memory_budget.hpp"
#include "tannha/server/open_file.hpp"

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
  bool accepts_brotli = false;
  Bytes body;
  std::string peer = {};      ///< who is counted for it before sign-in: IPv4, or IPv6's first half
  std::optional<std::uint64_t> content_length = {};  ///< none: no body, or one in chunks
  /// Of this request and what is made of it. Whoever works on it keeps it until they are done, and
  /// grows it before they take more memory. May be empty: nobody counts.
  std::shared_ptr<MemoryShare> memory = {};
};

/// What is decided from a request's head alone, before any of its body is read.
struct Terms {
  std::size_t body_bytes_max = 0;  ///< 0: the path takes none
  unsigned memory_factor = 1;      ///< how often the body's bytes are held until it is answered
  MemoryUse use = MemoryUse::stranger;
  std::string holder = {};         ///< for MemoryBudget::take
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/cbor";
  Bytes body;
  std::shared_ptr<const Bytes> shared_body = {};  ///< instead of `body`: one for all who ask
  std::optional<OpenFile> file = {};            ///< instead of `body`: sent in pieces
  std::string etag;                             ///< empty: no header
  std::string cache_control;                    ///< empty: no header
  std::optional<std::uint32_t> retry_after_s;   ///< for 429 and 503
  std::string content_encoding = {};  ///< of the body; empty: as it is
  bool is_page = false;     ///< of an app: it may run its own code and nobody else's
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
  /// The same, unless what is queued last has these very bytes: for news that says no more when it
  /// is told twice.
  virtual void send_once(Bytes message) = 0;
  /// The service knows who this is: messages may now be as large as a signed-in client's. Until
  /// then the listener allows a stranger's. Repeated when the client has signed in anew.
  /// @param holder for MemoryBudget::take @param valid_for then the connection is closed
  virtual void signed_in(std::string holder, std::chrono::milliseconds valid_for) = 0;
  virtual void close(std::string_view reason) = 0;
  /// HttpRequest::peer of the request that opened it.
  [[nodiscard]] virtual const std::string& peer() const = 0;
};

/// Implemented by the service. Every call may come from any I/O thread.
class Handler {
 public:
  using Reply = std::function<void(HttpResponse)>;
  virtual ~Handler() = default;

  /// Once for each request, when its head has been read. @return what its body may be, or the answer
  /// of a request that is not let in
  [[nodiscard]] virtual std::expected<Terms, HttpResponse> admit(const HttpRequest& head) = 0;
  /// Answers once, from any thread, now or later.
  virtual void handle(HttpRequest request, Reply reply) = 0;
  /// The answer when a body exceeds Terms::body_bytes_max, is cut off, is not HTTP, or does not
  /// fit into the memory: lets the service count it and word the error.
  /// @param status 400, 408, 413, 415, 431 or 503
  virtual HttpResponse transport_error(unsigned status) = 0;

  /// A WebSocket was opened on /v1/live. The service answers messages through the channel.
  virtual void live_opened(std::shared_ptr<LiveChannel> channel) = 0;
  /// @param memory as HttpRequest::memory
  virtual void live_message(const std::shared_ptr<LiveChannel>& channel, Bytes message,
                            std::shared_ptr<MemoryShare> memory) = 0;
  /// No further call names this channel.
  virtual void live_closed(const std::shared_ptr<LiveChannel>& channel) = 0;
};

}  // namespace tannha::server
