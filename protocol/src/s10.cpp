#include "tannha/protocol/s10.hpp"

#include "ascii.hpp"

namespace tannha {
namespace {

constexpr std::size_t s10_chars = 13;

// Where the nine digits stand between the two pairs of letters.
constexpr std::size_t serial_begin = 2;
constexpr std::size_t check_index = 10;

}  // namespace

unsigned s10_check_digit(std::uint32_t serial) {
  // Weights of the digits from the last to the first, the order in which division yields them.
  constexpr std::array<unsigned, 8> weights = {7, 9, 5, 3, 2, 4, 6, 8};
  unsigned sum = 0;
  for (const unsigned weight : weights) {
    sum += weight * (serial % 10);
    serial /= 10;
  }
  const unsigned difference = 11 - sum % 11;
  if (difference == 10) return 0;
  return difference == 11 ? 5 : difference;
}

Result<S10> parse_s10(std::string_view text) {
  std::array<char, s10_chars> chars{};
  std::size_t count = 0;
  for (const char c : text) {
    if (c == ' ') continue;
    if (count == s10_chars) return fail(errc::s10_malformed, "longer than 13 characters");
    chars[count++] = ascii::to_upper(c);
  }
  if (count != s10_chars) return fail(errc::s10_malformed, "shorter than 13 characters");
  for (std::size_t i = 0; i < s10_chars; ++i) {
    const bool digit_here = i >= serial_begin && i <= check_index;
    if (digit_here ? !ascii::is_digit(chars[i]) : !ascii::is_upper(chars[i])) {
      return fail(errc::s10_malformed, "character " + std::to_string(i));
    }
  }
  S10 item{{chars[0], chars[1]}, 0, {chars[11], chars[12]}};
  for (std::size_t i = serial_begin; i < check_index; ++i) {
    item.serial = item.serial * 10 + ascii::digit_value(chars[i]);
  }
  if (ascii::digit_value(chars[check_index]) != s10_check_digit(item.serial)) {
    return fail(errc::s10_check_digit);
  }
  return item;
}

std::string format(const S10& item) {
  std::string text(s10_chars, '0');
  text[0] = item.service[0];
  text[1] = item.service[1];
  std::uint32_t rest = item.serial;
  for (std::size_t i = check_index; i-- > serial_begin;) {
    text[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  text[check_index] = static_cast<char>('0' + s10_check_digit(item.serial));
  text[11] = item.country[0];
  text[12] = item.country[1];
  return text;
}

bool is_reserved_service(const S10& item) {
  return std::string_view("JKSTW").find(item.service[0]) != std::string_view::npos;
}

}  // namespace tannha
