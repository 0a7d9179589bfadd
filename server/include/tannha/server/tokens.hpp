#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

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
  /// Uses a challenge up. Errors: challenge_invalid (not ours, too old, or used);
  /// overloaded (as many are remembered as can be).
  [[nodiscard]] Result<void> use_challenge(BytesView challenge);

  struct Token {
    std::string text;
    std::uint64_t expires_ms{};
  };
  [[nodiscard]] Token make_token(const Hash& log_id);
  /// The log that a token speaks for. Errors: token_invalid.
  [[nodiscard]] Result<Hash> check_token(std::string_view text);
  struct Session {
    Hash log_id{};
    std::uint64_t left_ms{};  ///< until the token ends
  };
  /// The same, and how long it does. Errors: token_invalid.
  [[nodiscard]] Result<Session> check_session(std::string_view text);
  /// The log that a token of this server spoke for, even if it has run out since.
  [[nodiscard]] std::optional<Hash> owner(std::string_view text);

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
  std::set<Bytes> used_;
  std::deque<std::pair<std::uint64_t, std::set<Bytes>::iterator>> ending_;  ///< when, in ms
};

}  // namespace tannha::server
