#include "tannha/protocol/phone_number.hpp"

#include <algorithm>
#include <array>

#include "ascii.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

constexpr std::string_view country = "84";

// A number without country code and leading 0.
struct National {
  std::string digits;
  bool had_leading_zero{};
};

// Removes a prefix if it is there, and says whether it was.
bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<National> read_national(std::string_view text) {
  if (text.size() > limits::phone_text_bytes_max) return std::nullopt;
  std::string collected;
  for (const char c : text) {
    if (std::string_view(" .-()").find(c) != std::string_view::npos) continue;
    if (!ascii::is_digit(c) && !(c == '+' && collected.empty())) return std::nullopt;
    collected += c;
  }
  std::string_view rest = collected;
  if (remove_prefix(rest, "+") || remove_prefix(rest, "00")) {
    if (!remove_prefix(rest, country)) return std::nullopt;
    // "+84 (0)912…" is a common way of writing both forms at once.
    remove_prefix(rest, "0");
    return National{std::string(rest), false};
  }
  if (remove_prefix(rest, "0")) return National{std::string(rest), true};
  // Nothing valid begins with 84 without a leading 0, so that it can only be the country code.
  if (remove_prefix(rest, country))
    remove_prefix(rest, "0");
  else if (!rest.starts_with("1"))
    return std::nullopt;
  return National{std::string(rest), false};
}

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

// libphonenumber: (?:5(?:2[238]|59)|89[6-9]|99[013-9])\d{6}
//                |(?:3\d|5[1689]|7[06-9]|8[1-8]|9[0-8])\d{7}
bool is_mobile(std::string_view n) {
  if (n.size() != 9) return false;
  switch (n[0]) {
    case '3':
      return true;
    case '5':
      if (n[1] == '2') return is_one_of(n[2], "238");
      if (n[1] == '5') return n[2] == '9';
      return is_one_of(n[1], "1689");
    case '7':
      return is_one_of(n[1], "06789");
    case '8':
      return n[1] == '9' ? is_one_of(n[2], "6789") : is_one_of(n[1], "12345678");
    case '9':
      return n[1] == '9' ? is_one_of(n[2], "013456789") : true;
    default:
      return false;
  }
}

// libphonenumber: 2(?:0[3-9]|1[0-689]|2[0-25-9]|[38][2-9]|4[2-8]|5[124-9]|6[0-39]|7[0-7]
//                |9[0-4679])\d{7}
bool is_fixed(std::string_view n) {
  // The third digits that exist, by the second.
  constexpr std::array<std::string_view, 10> third = {
      "3456789",  "012345689", "01256789", "23456789", "2345678",
      "12456789", "01239",     "01234567", "23456789", "01234679"};
  return n.size() == 10 && n[0] == '2' && is_one_of(n[2], third[ascii::digit_value(n[1])]);
}

bool is_service(std::string_view n) {
  return n.size() >= 8 && n.size() <= 10 && (n.starts_with("1800") || n.starts_with("1900"));
}

struct Conversion {
  std::string_view before;
  std::string_view after;
};

// The change of mobile prefixes in September 2018, without the leading 0.
constexpr std::array<Conversion, 21> conversions = {{
    {"120", "70"}, {"121", "79"}, {"122", "77"}, {"126", "76"}, {"128", "78"}, {"123", "83"},
    {"124", "84"}, {"125", "85"}, {"127", "81"}, {"129", "82"}, {"162", "32"}, {"163", "33"},
    {"164", "34"}, {"165", "35"}, {"166", "36"}, {"167", "37"}, {"168", "38"}, {"169", "39"},
    {"186", "56"}, {"188", "58"}, {"199", "59"},
}};

const Conversion* find_conversion(std::string_view n) {
  if (n.size() != 10) return nullptr;
  const auto found = std::ranges::find(conversions, n.substr(0, 3), &Conversion::before);
  return found == conversions.end() ? nullptr : &*found;
}

PhoneNumber make_number(std::string_view national, PhoneKind kind) {
  return {"+" + std::string(country) + std::string(national), kind};
}

}  // namespace

Result<PhoneNumber> parse_phone_number(std::string_view text) {
  const auto national = read_national(text);
  if (!national) return fail(errc::phone_number_invalid);
  const std::string_view digits = national->digits;
  if (is_mobile(digits)) return make_number(digits, PhoneKind::mobile);
  if (is_fixed(digits)) return make_number(digits, PhoneKind::fixed);
  if (is_service(digits) && !national->had_leading_zero) {
    return make_number(digits, PhoneKind::service);
  }
  return fail(find_conversion(digits) ? errc::phone_number_old : errc::phone_number_invalid);
}

std::optional<PhoneNumber> suggest_new_number(std::string_view text) {
  const auto national = read_national(text);
  if (!national) return std::nullopt;
  const Conversion* conversion = find_conversion(national->digits);
  if (conversion == nullptr) return std::nullopt;
  std::string digits(conversion->after);
  digits += std::string_view(national->digits).substr(conversion->before.size());
  return make_number(digits, PhoneKind::mobile);
}

std::string national_format(const PhoneNumber& number) {
  std::string_view rest = number.e164;
  remove_prefix(rest, "+");
  remove_prefix(rest, country);
  return number.kind == PhoneKind::service ? std::string(rest) : "0" + std::string(rest);
}

}  // namespace tannha
