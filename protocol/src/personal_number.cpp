#include "tannha/protocol/personal_number.hpp"

#include <algorithm>
#include <array>

#include "ascii.hpp"

namespace tannha {
namespace {

constexpr std::size_t citizen_digits = 12;
constexpr std::size_t old_card_digits = 9;

struct OldProvince {
  unsigned code;
  std::string_view name;
};

// The 63 provinces before 1 July 2025, which the numbers go on using. Ascending by code.
constexpr std::array<OldProvince, 63> old_provinces = {{
    {1, "Hà Nội"},
    {2, "Hà Giang"},
    {4, "Cao Bằng"},
    {6, "Bắc Kạn"},
    {8, "Tuyên Quang"},
    {10, "Lào Cai"},
    {11, "Điện Biên"},
    {12, "Lai Châu"},
    {14, "Sơn La"},
    {15, "Yên Bái"},
    {17, "Hòa Bình"},
    {19, "Thái Nguyên"},
    {20, "Lạng Sơn"},
    {22, "Quảng Ninh"},
    {24, "Bắc Giang"},
    {25, "Phú Thọ"},
    {26, "Vĩnh Phúc"},
    {27, "Bắc Ninh"},
    {30, "Hải Dương"},
    {31, "Hải Phòng"},
    {33, "Hưng Yên"},
    {34, "Thái Bình"},
    {35, "Hà Nam"},
    {36, "Nam Định"},
    {37, "Ninh Bình"},
    {38, "Thanh Hóa"},
    {40, "Nghệ An"},
    {42, "Hà Tĩnh"},
    {44, "Quảng Bình"},
    {45, "Quảng Trị"},
    {46, "Thừa Thiên Huế"},
    {48, "Đà Nẵng"},
    {49, "Quảng Nam"},
    {51, "Quảng Ngãi"},
    {52, "Bình Định"},
    {54, "Phú Yên"},
    {56, "Khánh Hòa"},
    {58, "Ninh Thuận"},
    {60, "Bình Thuận"},
    {62, "Kon Tum"},
    {64, "Gia Lai"},
    {66, "Đắk Lắk"},
    {67, "Đắk Nông"},
    {68, "Lâm Đồng"},
    {70, "Bình Phước"},
    {72, "Tây Ninh"},
    {74, "Bình Dương"},
    {75, "Đồng Nai"},
    {77, "Bà Rịa - Vũng Tàu"},
    {79, "Hồ Chí Minh"},
    {80, "Long An"},
    {82, "Tiền Giang"},
    {83, "Bến Tre"},
    {84, "Trà Vinh"},
    {86, "Vĩnh Long"},
    {87, "Đồng Tháp"},
    {89, "An Giang"},
    {91, "Kiên Giang"},
    {92, "Cần Thơ"},
    {93, "Hậu Giang"},
    {94, "Sóc Trăng"},
    {95, "Bạc Liêu"},
    {96, "Cà Mau"},
}};

unsigned number_at(std::string_view digits, std::size_t begin, std::size_t count) {
  unsigned value = 0;
  for (const char c : digits.substr(begin, count)) value = value * 10 + ascii::digit_value(c);
  return value;
}

}  // namespace

std::string_view name(IdentityWarning warning) {
  switch (warning) {
    case IdentityWarning::province_unknown:
      return "province_unknown";
    case IdentityWarning::sex_differs:
      return "sex_differs";
    case IdentityWarning::birth_year_differs:
      return "birth_year_differs";
    case IdentityWarning::old_number_unclear:
      return "old_number_unclear";
    case IdentityWarning::address_missing:
      return "address_missing";
  }
  return "unknown";
}

Result<PersonalNumber> parse_personal_number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    // Nothing longer than a number is collected, however much is pasted.
    if (digits.size() == citizen_digits) return fail(errc::personal_number_length);
    digits += c;
  }
  if (digits.size() != citizen_digits && digits.size() != old_card_digits) {
    return fail(errc::personal_number_length);
  }
  if (!std::ranges::all_of(digits, ascii::is_digit)) return fail(errc::personal_number_not_digits);
  const PersonalNumberKind kind =
      digits.size() == citizen_digits ? PersonalNumberKind::citizen : PersonalNumberKind::old_card;
  return PersonalNumber{std::move(digits), kind};
}

std::vector<IdentityWarning> personal_number_warnings(const PersonalNumber& number,
                                                      std::optional<Sex> sex,
                                                      std::optional<int> birth_year) {
  std::vector<IdentityWarning> warnings;
  // A number may also have been filled in by hand, without parse_personal_number().
  if (number.digits.size() != citizen_digits ||
      !std::ranges::all_of(number.digits, ascii::is_digit)) {
    return warnings;
  }
  const unsigned place = number_at(number.digits, 0, 3);
  const unsigned century_and_sex = number_at(number.digits, 3, 1);
  if (!old_province_name(place)) warnings.push_back(IdentityWarning::province_unknown);
  const Sex coded_sex = century_and_sex % 2 == 0 ? Sex::male : Sex::female;
  if (sex && *sex != coded_sex) warnings.push_back(IdentityWarning::sex_differs);
  const unsigned coded_year = 1900 + century_and_sex / 2 * 100 + number_at(number.digits, 4, 2);
  if (birth_year && *birth_year != static_cast<int>(coded_year)) {
    warnings.push_back(IdentityWarning::birth_year_differs);
  }
  return warnings;
}

std::optional<std::string_view> old_province_name(unsigned code) {
  const auto found = std::ranges::lower_bound(old_provinces, code, {}, &OldProvince::code);
  if (found == old_provinces.end() || found->code != code) return std::nullopt;
  return found->name;
}

}  // namespace tannha
