#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tannha/protocol/body.hpp"

namespace tannha {

/// A leased number taken apart: its series and its place in it.
struct LeasedNumber {
  std::string prefix;
  std::uint32_t number{};
  friend bool operator==(const LeasedNumber&, const LeasedNumber&) = default;
};

/// Whether every number of the lease can be written: at least one, eight digits at the most, and
/// for an item two capital letters in front.
[[nodiscard]] bool is_sound(const body::LeaseGranted& lease);

/// Send slip: the prefix and eight digits. Item: S10 with the prefix as service letters, VN, and
/// its check digit. Precondition: of a sound lease.
[[nodiscard]] std::string format_number(body::NumberKind kind, std::string_view prefix,
                                        std::uint32_t number);
/// The inverse; nothing when the text is not such a number in exactly that spelling.
[[nodiscard]] std::optional<LeasedNumber> parse_number(body::NumberKind kind,
                                                       std::string_view text);

}  // namespace tannha
