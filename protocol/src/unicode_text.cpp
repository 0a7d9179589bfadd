#include "tannha/protocol/unicode_text.hpp"

#include <utf8proc.h>

#include <cstdint>
#include <vector>

#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

using CodePoints = std::vector<utf8proc_int32_t>;

const utf8proc_uint8_t* utf8_bytes(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

utf8proc_option_t combined(unsigned options) {
  return static_cast<utf8proc_option_t>(options);
}

/// Stands behind a name that was cut, or between its words, as a space would.
constexpr utf8proc_int32_t ellipsis = 0x2026;

bool is_white_space(utf8proc_int32_t code_point) {
  // Editors and scanners leave zero-width spaces and byte order marks, which Unicode counts as
  // format characters.
  if (code_point == 0x200B || code_point == 0xFEFF) return true;
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
      return true;
    default:
      return false;
  }
}

Result<CodePoints> decompose(std::string_view text, utf8proc_option_t options) {
  if (text.size() > limits::text_bytes_max) return fail(errc::argument_invalid, "text too long");
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  const utf8proc_ssize_t count = utf8proc_decompose(utf8_bytes(text), size, nullptr, 0, options);
  if (count < 0) return fail(errc::cbor_invalid_utf8);
  // One more than needed, because utf8proc_reencode() ends its text with a zero byte.
  CodePoints points(static_cast<std::size_t>(count) + 1);
  if (utf8proc_decompose(utf8_bytes(text), size, points.data(), count, options) != count) {
    return fail(errc::cbor_invalid_utf8);
  }
  return points;
}

// `count` says how many of the code points are text. There is room for one more.
Result<std::string> reencode(CodePoints points, std::size_t count, utf8proc_option_t options) {
  const utf8proc_ssize_t size =
      utf8proc_reencode(points.data(), static_cast<utf8proc_ssize_t>(count), options);
  if (size < 0) return fail(errc::cbor_invalid_utf8);
  // utf8proc writes the UTF-8 bytes over the code points.
  return std::string(reinterpret_cast<const char*>(points.data()), static_cast<std::size_t>(size));
}

// The number of bytes of white space at the front, 0 when there is none.
std::size_t white_space_size(std::string_view text) {
  utf8proc_int32_t code_point = -1;
  const utf8proc_ssize_t size =
      utf8proc_iterate(utf8_bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  return size > 0 && is_white_space(code_point) ? static_cast<std::size_t>(size) : 0;
}

// Where the last code point begins. Precondition: text is not empty.
std::size_t last_begin(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (begin > 0 && text.size() - begin < 4 &&
         (static_cast<std::uint8_t>(text[begin]) & 0xC0) == 0x80) {
    --begin;
  }
  return begin;
}

}  // namespace

Result<std::string> nfc(std::string_view text) {
  const utf8proc_option_t options = combined(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  TN_TRY(CodePoints points, decompose(text, options));
  const std::size_t count = points.size() - 1;
  return reencode(std::move(points), count, options);
}

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = white_space_size(text);
    if (size == 0) break;
    text.remove_prefix(size);
  }
  while (!text.empty()) {
    const std::string_view last = text.substr(last_begin(text));
    // A space followed by stray continuation bytes is not white space up to the end.
    if (white_space_size(last) != last.size()) break;
    text.remove_suffix(last.size());
  }
  return text;
}

Result<std::string> fold_for_search(std::string_view text) {
  const utf8proc_option_t options =
      combined(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
  TN_TRY(CodePoints points, decompose(trim(text), options));
  points.pop_back();
  std::size_t count = 0;
  bool after_space = true;
  for (const utf8proc_int32_t point : points) {
    const bool space = is_white_space(point) || point == ellipsis;
    if (space && after_space) continue;
    after_space = space;
    // The stroke of đ is part of the letter: no normalization form takes it off.
    const utf8proc_int32_t folded = point == 0x111 ? 'd' : point;
    points[count++] = space ? ' ' : folded;
  }
  if (count > 0 && after_space) --count;
  points.resize(count + 1);
  return reencode(std::move(points), count, options);
}

}  // namespace tannha
