#include "tannha/engine/numbers.hpp"

#include <algorithm>
#include <charconv>

#include "tannha/protocol/s10.hpp"

namespace tannha {
namespace {

constexpr std::size_t slip_digits = 8;
constexpr std::uint64_t numbers_end = 100'000'000;

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

bool is_sound(const body::LeaseGranted& lease) {
  if (lease.count == 0 || std::uint64_t{lease.first} + lease.count > numbers_end) return false;
  if (lease.kind == body::NumberKind::send_slip) return !lease.prefix.empty();
  return lease.prefix.size() == 2 && std::ranges::all_of(lease.prefix, is_capital);
}

std::string format_number(body::NumberKind kind, std::string_view prefix, std::uint32_t number) {
  if (kind == body::NumberKind::item) {
    return format(S10{.service = {prefix.at(0), prefix.at(1)},
                      .serial = number,
                      .country = {'V', 'N'}});
  }
  const std::string digits = std::to_string(number);
  return std::string(prefix) +
         std::string(slip_digits - std::min(slip_digits, digits.size()), '0') + digits;
}

std::optional<LeasedNumber> parse_number(body::NumberKind kind, std::string_view text) {
  if (kind == body::NumberKind::item) {
    const auto item = parse_s10(text);
    if (!item || item->country != std::array{'V', 'N'}) return std::nullopt;
    // A scanner may give spaces or small letters; a record may not: one number has one spelling, or
    // the same one could be used twice.
    if (format(*item) != text) return std::nullopt;
    return LeasedNumber{std::string(item->service.begin(), item->service.end()), item->serial};
  }
  if (text.size() <= slip_digits) return std::nullopt;
  const std::string_view digits = text.substr(text.size() - slip_digits);
  std::uint32_t number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (code != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return LeasedNumber{std::string(text.substr(0, text.size() - slip_digits)), number};
}

}  // namespace tannha
