#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tannha/protocol/result.hpp"

/// Identifiers of postal items, UPU standard S10: AA NNNNNNNN C CC.
namespace tannha {

struct S10 {
  /// Two capital letters. The domestic service codes are not published, so they are data.
  std::array<char, 2> service{};
  /// 0 to 99,999,999.
  std::uint32_t serial{};
  /// Two capital letters, ISO 3166-1 of the issuing post.
  std::array<char, 2> country{};

  friend bool operator==(const S10&, const S10&) = default;
};

/// The ninth digit: weights 8 6 4 2 3 5 9 7, 11 minus the sum modulo 11, 10 becomes 0, 11 becomes
/// 5. @param serial its last eight decimal digits count. @return 0 to 9.
[[nodiscard]] unsigned s10_check_digit(std::uint32_t serial);

/// Reads what a scanner or a person gives: either case, spaces anywhere.
/// Errors:
///   s10_malformed    not two letters, nine digits, two letters
///   s10_check_digit  the ninth digit does not fit the first eight
[[nodiscard]] Result<S10> parse_s10(std::string_view text);

/// The canonical form, 13 characters without spaces: parse_s10(format(x)) == x.
[[nodiscard]] std::string format(const S10& item);

/// True for the service letters that UPU reserves (first letter J, K, S, T, W). Parsing accepts
/// them: a reserved code is a reason to look at the label again, not to refuse the item.
[[nodiscard]] bool is_reserved_service(const S10& item);

}  // namespace tannha
