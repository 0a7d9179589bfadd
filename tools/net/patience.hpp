#pragma once

#include <chrono>
#include <functional>

#include "tannha/engine/host.hpp"
#include "tools/net/http_client.hpp"

namespace tannha::tools {

/// The server has no time now: 429, or 503 for another reason than its store, which lasts and is
/// for people to hear of.
[[nodiscard]] bool is_busy(const HttpAnswer& answer);

/// Asks a busy server again, when it says and not together with all others (retry_wait_ms).
class Patience {
 public:
  using Wait = std::function<void(std::chrono::milliseconds)>;

  /// @param host must outlive this @param in_all for all waits of one call
  /// @param wait sleeps; a test's own does not
  Patience(Host& host, std::chrono::milliseconds in_all, Wait wait = {});

  /// As HttpClient::send(). When patience ends, the refusal is the answer.
  [[nodiscard]] Result<HttpAnswer> send(HttpClient& client, const HttpCall& call) const;

 private:
  Host* host_;
  std::chrono::milliseconds in_all_;
  Wait wait_;
};

}  // namespace tannha::tools
