#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tannha/protocol/result.hpp"

/// Vietnamese telephone numbers, by the numbering plan in force since 2018.
namespace tannha {

enum class PhoneKind : std::uint8_t {
  mobile,
  fixed,
  /// 1800 and 1900: dialled inside the country only, without a leading 0.
  service,
};

struct PhoneNumber {
  /// ITU-T E.164: '+', country 84, the rest without its leading 0.
  std::string e164;
  PhoneKind kind{};

  friend bool operator==(const PhoneNumber&, const PhoneNumber&) = default;
};

/// Reads a number as people write it: 0912345678, +84 912 345 678, 84912345678, 0912.345.678,
/// (024) 3825-1234, +84 (0)912 345 678, 0084…, 1900 54 54 81. Separators are space . - ( ).
/// Errors:
///   phone_number_invalid  not a number of the plan, another country's, or longer than 40 bytes
///   phone_number_old      an 11-digit mobile number of before 2018: suggest_new_number()
[[nodiscard]] Result<PhoneNumber> parse_phone_number(std::string_view text);

/// What an 11-digit mobile number became in 2018, to be confirmed by its holder. Nothing when the
/// text is not such a number.
[[nodiscard]] std::optional<PhoneNumber> suggest_new_number(std::string_view text);

/// As it is dialled inside the country: 0912345678, 1900545481.
[[nodiscard]] std::string national_format(const PhoneNumber& number);

}  // namespace tannha
