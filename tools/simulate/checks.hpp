#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tannha::simulate {

/// A promise that was broken.
struct Violation {
  std::string invariant;  ///< its name in docs and reports: "conservation"
  std::string what;       ///< which record, log or phone; no personal data
};

/// Collects what the invariants find. Only the first counts: what follows may follow from it.
class Checks {
 public:
  void broken(std::string_view invariant, std::string what) {
    if (!first_) first_ = Violation{std::string(invariant), std::move(what)};
  }
  /// @return whether it holds, so that a check can stop where the next would stumble
  bool require(bool holds, std::string_view invariant, const std::string& what) {
    if (!holds) broken(invariant, what);
    return holds;
  }
  [[nodiscard]] const std::optional<Violation>& first() const { return first_; }
  [[nodiscard]] bool good() const { return !first_; }

 private:
  std::optional<Violation> first_;
};

}  // namespace tannha::simulate
