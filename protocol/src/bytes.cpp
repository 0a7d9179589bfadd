#include "tannha/protocol/bytes.hpp"

#include <cstring>

namespace tannha {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t not_a_digit = 0xff;

using DigitTable = std::array<std::uint8_t, 256>;

constexpr DigitTable table_of(std::string_view digits) {
  DigitTable table{};
  table.fill(not_a_digit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr DigitTable hex_table = [] {
  DigitTable table = table_of(hex_digits);
  for (std::uint8_t i = 0; i < 6; ++i)
    table[std::size_t{'A'} + i] = static_cast<std::uint8_t>(10 + i);
  return table;
}();
constexpr DigitTable base64_table = table_of(base64_digits);
constexpr DigitTable base64url_table = table_of(base64url_digits);

std::uint8_t digit_of(const DigitTable& table, char c) {
  return table[static_cast<std::uint8_t>(c)];
}

std::string encode_base64(BytesView bytes, std::string_view digits) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8) | byte;
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      out.push_back(digits[(bits >> bit_count) & 63U]);
    }
  }
  if (bit_count > 0) out.push_back(digits[(bits << (6 - bit_count)) & 63U]);
  return out;
}

std::optional<Bytes> decode_base64(std::string_view text, const DigitTable& table) {
  // One character left over carries 6 bits, which is no byte.
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text) {
    const std::uint8_t digit = digit_of(table, c);
    if (digit == not_a_digit) return std::nullopt;
    bits = (bits << 6) | digit;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> bit_count));
    }
  }
  // Set bits here would give one value several texts.
  if ((bits & ((1U << bit_count) - 1U)) != 0) return std::nullopt;
  return out;
}

/// The bytes of a UUID before which its text has a hyphen.
constexpr bool has_hyphen_before(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

/// The length of the sequence at the start of `text`, 0 when it is not UTF-8 (RFC 3629 §4).
std::size_t utf8_sequence_length(BytesView text) {
  const std::uint8_t first = text[0];
  if (first < 0x80) return 1;
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;   // Lower ones are overlong.
    if (first == 0xed) high = 0x9f;  // Higher ones are surrogates.
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;   // Lower ones are overlong.
    if (first == 0xf4) high = 0x8f;  // Higher ones are beyond U+10FFFF.
  }
  if (length == 0 || text.size() < length) return 0;
  if (text[1] < low || text[1] > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((text[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::string to_hex(BytesView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(hex_digits[byte >> 4]);
    out.push_back(hex_digits[byte & 15]);
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t high = digit_of(hex_table, text[i]);
    const std::uint8_t low = digit_of(hex_table, text[i + 1]);
    if (high == not_a_digit || low == not_a_digit) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>((high << 4) | low));
  }
  return out;
}

std::string to_base64url(BytesView bytes) {
  return encode_base64(bytes, base64url_digits);
}

std::optional<Bytes> from_base64url(std::string_view text) {
  return decode_base64(text, base64url_table);
}

std::string to_base64(BytesView bytes) {
  std::string out = encode_base64(bytes, base64_digits);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with('=')) text.remove_suffix(1);
  if (text.ends_with('=')) text.remove_suffix(1);
  return decode_base64(text, base64_table);
}

std::string uuid_text(const Id& id) {
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (has_hyphen_before(i)) out.push_back('-');
    out.push_back(hex_digits[id[i] >> 4]);
    out.push_back(hex_digits[id[i] & 15]);
  }
  return out;
}

std::optional<Id> uuid_from_text(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Id id{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (has_hyphen_before(i) && text[at++] != '-') return std::nullopt;
    const std::uint8_t high = digit_of(hex_table, text[at++]);
    const std::uint8_t low = digit_of(hex_table, text[at++]);
    if (high == not_a_digit || low == not_a_digit) return std::nullopt;
    id[i] = static_cast<std::uint8_t>((high << 4) | low);
  }
  return id;
}

Id make_uuid_v7(std::uint64_t unix_ms, const std::array<std::uint8_t, 10>& random) {
  Id id{};
  for (std::size_t i = 0; i < 6; ++i) {
    id[i] = static_cast<std::uint8_t>(unix_ms >> (8 * (5 - i)));
  }
  for (std::size_t i = 0; i < random.size(); ++i) id[6 + i] = random[i];
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x70);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  return id;
}

bool is_utf8(std::string_view text) {
  BytesView rest = as_bytes(text);
  while (!rest.empty()) {
    // Most texts are ASCII for long stretches, so eight of its bytes are passed at a time.
    std::uint64_t eight = 0;
    if (rest.size() >= sizeof eight) {
      std::memcpy(&eight, rest.data(), sizeof eight);
      if ((eight & 0x8080808080808080ULL) == 0) {
        rest = rest.subspan(sizeof eight);
        continue;
      }
    }
    const std::size_t length = utf8_sequence_length(rest);
    if (length == 0) return false;
    rest = rest.subspan(length);
  }
  return true;
}

}  // namespace tannha
