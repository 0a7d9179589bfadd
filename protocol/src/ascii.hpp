#pragma once

namespace tannha::ascii {

// The functions of <cctype> depend on the locale and are undefined for negative characters.
[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
[[nodiscard]] constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
[[nodiscard]] constexpr char to_upper(char c) {
  return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}
/// Precondition: is_digit(c).
[[nodiscard]] constexpr unsigned digit_value(char c) {
  return static_cast<unsigned>(c - '0');
}

}  // namespace tannha::ascii
