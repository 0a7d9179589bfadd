#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tannha/protocol/errc.hpp"

namespace tannha {

/// What the registry says of one record.
enum class Verdict : std::uint8_t {
  effective = 0,
  provisional = 1,  ///< a phone's own word, before the registry has spoken
  held = 2,         ///< kept, not counted, until what `reason` names has happened
  refused = 3,      ///< kept and shown, not counted
  duplicate = 4,    ///< only in an answer: already here; the standing verdict comes with it
  waiting = 5,      ///< only in an answer: not stored here; send it again
};
[[nodiscard]] constexpr bool is_valid(Verdict v) { return v <= Verdict::waiting; }
[[nodiscard]] std::string_view name(Verdict verdict);

/// A verdict and why. `reason` is set for held, refused and waiting.
struct Ruling {
  Verdict verdict = Verdict::provisional;
  std::optional<errc> reason;
  friend bool operator==(const Ruling&, const Ruling&) = default;
};

}  // namespace tannha
