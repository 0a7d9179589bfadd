#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/protocol/result.hpp"

/// Personal numbers (số định danh cá nhân, NĐ 137/2015 Điều 13): PPP place of birth registration,
/// G century and sex, YY year of birth, six random digits. There is no check digit.
namespace tannha {

enum class Sex : std::uint8_t { male, female };

enum class PersonalNumberKind : std::uint8_t {
  /// 12 digits: personal number, number of the CCCD or căn cước.
  citizen,
  /// 9 digits: the old CMND, which says nothing about its holder.
  old_card,
};

struct PersonalNumber {
  /// 9 or 12 digits, no spaces. Personal data: not for logs, file names or URLs.
  std::string digits;
  PersonalNumberKind kind{};

  friend bool operator==(const PersonalNumber&, const PersonalNumber&) = default;
};

/// What looks odd but happens to real people: corrected civil status keeps the old number, and
/// new country codes appear. Shown to the worker, never a reason to refuse.
enum class IdentityWarning : std::uint8_t {
  /// PPP is not one of the 63 provinces: born abroad, or misread.
  province_unknown,
  sex_differs,
  birth_year_differs,
  /// The card's old number is neither 9 nor 12 digits; it is left out.
  old_number_unclear,
  /// The card's text has no address.
  address_missing,
};

/// The enumerator's own name: "sex_differs".
[[nodiscard]] std::string_view name(IdentityWarning warning);

/// Reads 9 or 12 digits, spaces anywhere.
/// Errors:
///   personal_number_length      another number of characters
///   personal_number_not_digits  a character is no digit
[[nodiscard]] Result<PersonalNumber> parse_personal_number(std::string_view text);

/// Compares a number with what its holder declares; what is not declared is not compared. An old
/// card gives no warnings. @param birth_year four digits.
[[nodiscard]] std::vector<IdentityWarning> personal_number_warnings(const PersonalNumber& number,
                                                                    std::optional<Sex> sex,
                                                                    std::optional<int> birth_year);

/// The province of 2004–2025 behind PPP, to explain a number to people. Never a source of an
/// address: the place of registration is not where one lives, and since July 2025 the same figures
/// name other provinces. @param code 1 to 96; other numbers give nothing.
[[nodiscard]] std::optional<std::string_view> old_province_name(unsigned code);

}  // namespace tannha
