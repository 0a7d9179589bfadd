#include "tannha/server/tokens.hpp"

#include "tannha/protocol/limits.hpp"

namespace tannha::server {
namespace {

constexpr std::size_t time_bytes = 8;
constexpr std::size_t mac_bytes = 32;
constexpr std::size_t challenge_bytes = 16;
// Answered in one minute: eight times a province's phones at once, in 10 MB.
constexpr std::size_t challenges_max = 64 * 1024;

}  // namespace

// content || expiry (8 bytes, big-endian) || MAC over both.
Bytes Tokens::seal(BytesView content, std::uint64_t expires_ms) {
  Bytes out = to_bytes(content);
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(expires_ms >> shift));
  }
  const Hash tag = mac(secret_, out);
  out.insert(out.end(), tag.begin(), tag.end());
  return out;
}

std::optional<Tokens::Sealed> Tokens::open(BytesView sealed) {
  if (sealed.size() < time_bytes + mac_bytes) return std::nullopt;
  const BytesView covered = sealed.first(sealed.size() - mac_bytes);
  if (!equal_constant_time(mac(secret_, covered), sealed.last(mac_bytes))) return std::nullopt;
  Sealed out{covered.first(covered.size() - time_bytes), 0};
  for (const std::uint8_t byte : covered.last(time_bytes)) {
    out.expires_ms = (out.expires_ms << 8) | byte;
  }
  return out;
}

Bytes Tokens::make_challenge() {
  std::array<std::uint8_t, challenge_bytes> nonce{};
  host_.random(nonce);
  return seal(nonce, host_.now_ms() + limits::challenge_life_ms);
}

Result<void> Tokens::use_challenge(BytesView challenge) {
  const auto content = open(challenge);
  const std::uint64_t now = host_.now_ms();
  if (!content || content->content.size() != challenge_bytes || now > content->expires_ms) {
    return fail(errc::challenge_invalid);
  }
  const std::lock_guard lock(mutex_);
  // All live equally long, so that the oldest end first; a clock that is set back ends them later.
  while (!ending_.empty() && ending_.front().first < now) {
    used_.erase(ending_.front().second);
    ending_.pop_front();
  }
  // Only a signed answer comes this far, so strangers cannot fill it; a device that tries is told
  // to come again.
  if (used_.size() >= challenges_max) return fail(errc::overloaded);
  const auto [place, is_new] = used_.insert(to_bytes(challenge));
  if (!is_new) return fail(errc::challenge_invalid, "used");
  ending_.emplace_back(now + limits::challenge_life_ms, place);
  return {};
}

Tokens::Token Tokens::make_token(const Hash& log_id) {
  const std::uint64_t expires_ms = host_.now_ms() + limits::token_life_ms;
  return {to_base64url(seal(log_id, expires_ms)), expires_ms};
}

Result<Hash> Tokens::check_token(std::string_view text) {
  TN_TRY(const Session session, check_session(text));
  return session.log_id;
}

Result<Tokens::Session> Tokens::check_session(std::string_view text) {
  const auto sealed = from_base64url(text);
  const auto opened = sealed ? open(*sealed) : std::nullopt;
  const auto log_id = opened ? to_array<Hash>(opened->content) : std::nullopt;
  const std::uint64_t now_ms = host_.now_ms();
  if (!log_id || now_ms > opened->expires_ms) return fail(errc::token_invalid);
  return Session{*log_id, opened->expires_ms - now_ms};
}

std::optional<Hash> Tokens::owner(std::string_view text) {
  const auto sealed = from_base64url(text);
  const auto opened = sealed ? open(*sealed) : std::nullopt;
  return opened ? to_array<Hash>(opened->content) : std::nullopt;
}

}  // namespace tannha::server
