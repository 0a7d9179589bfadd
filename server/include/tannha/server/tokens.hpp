#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "tannha/engine/host.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha::server {

/// Challenges and session tokens. Both are sealed with the server's secret and need no table, so
/// that any node can check them; only answered challenges are remembered, until they expire.
/// Thread-safe.
class Tokens {
 public:
  Tokens(const Seed& secret, Host& host) : secret_(secret), host_(host) {}

  [[nodiscard]] Bytes make_challenge();
  /// Uses a challenge up. Errors: challenge_invalid (not ours, too old, or used).
  [[nodiscard]] Result<void> use_challenge(BytesView challenge);

  struct Token {
    std::string text;
    std::uint64_t expires_ms{};
  };
  [[nodiscard]] Token make_token(const Hash& log_id);
  /// The log that a token speaks for. Errors: token_invalid.
  [[nodiscard]] Result<Hash> check_token(std::string_view text);
  /// Whether this server made the token, even if it has run out since.
  [[nodiscard]] bool is_ours(std::string_view text);

 private:
  struct Sealed {
    BytesView content;
    std::uint64_t expires_ms{};
  };
  [[nodiscard]] Bytes seal(BytesView content, std::uint64_t expires_ms);
  [[nodiscard]] std::optional<Sealed> open(BytesView sealed);

  const Seed secret_;
  Host& host_;
  std::mutex mutex_;
  std::map<Bytes, std::uint64_t> used_;
};

}  // namespace tannha::server
