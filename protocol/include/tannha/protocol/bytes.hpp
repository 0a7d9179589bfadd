#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tannha {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// 32 bytes: a SHA-256 (records, chains, journal) or BLAKE2b-256 (attachments) digest, a log id.
using Hash = std::array<std::uint8_t, 32>;
/// 16 bytes in network order: a UUID (RFC 9562), a salt, an incarnation nonce.
using Id = std::array<std::uint8_t, 16>;

[[nodiscard]] inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes to_bytes(BytesView view) { return {view.begin(), view.end()}; }

/// Lower-case hexadecimal, two characters a byte.
[[nodiscard]] std::string to_hex(BytesView bytes);
/// @return nothing when a character is not hexadecimal or their number is odd. Both cases are read.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

/// base64url without padding (RFC 4648 §5): URLs, tickets, QR frames.
[[nodiscard]] std::string to_base64url(BytesView bytes);
/// Strict: no padding, no white space, no set bits after the last byte.
[[nodiscard]] std::optional<Bytes> from_base64url(std::string_view text);
/// base64 with padding (RFC 4648 §4): signed notes.
[[nodiscard]] std::string to_base64(BytesView bytes);
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);

/// True when the text is well-formed UTF-8 (RFC 3629): nothing overlong, no surrogates.
[[nodiscard]] bool is_utf8(std::string_view text);

/// A fixed array from a view of exactly its size; nothing otherwise.
template <class Array>
[[nodiscard]] std::optional<Array> to_array(BytesView bytes) {
  Array out{};
  if (bytes.size() != out.size()) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = bytes[i];
  return out;
}

/// 8-4-4-4-12 lower-case text of a UUID.
[[nodiscard]] std::string uuid_text(const Id& id);
[[nodiscard]] std::optional<Id> uuid_from_text(std::string_view text);
/// UUID version 7 (RFC 9562 §5.7). @param unix_ms milliseconds. @param random the other 74 bits
/// are taken from these 10 bytes.
[[nodiscard]] Id make_uuid_v7(std::uint64_t unix_ms, const std::array<std::uint8_t, 10>& random);

/// For unordered containers keyed by hashes and ids, whose bytes are already uniform.
struct ArrayHasher {
  template <std::size_t N>
  std::size_t operator()(const std::array<std::uint8_t, N>& a) const noexcept {
    std::size_t h = 0;
    for (std::size_t i = 0; i < sizeof h; ++i) h = (h << 8) | a[N - 1 - i];
    return h;
  }
};

}  // namespace tannha
