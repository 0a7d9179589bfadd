#pragma once

#include <string>

#include "tannha/engine/dossier.hpp"

namespace tannha::simulate {

/// One line for each part of a dossier's state: equal states give equal texts, and two texts show
/// where they differ. Holds what was captured: compare it, do not print it.
[[nodiscard]] std::string shown_text(const Dossier& dossier);

/// The names of the lines that differ, for a report: "stage courier".
[[nodiscard]] std::string difference(const std::string& a, const std::string& b);

namespace text {

// The same spelling for both who write such texts.
[[nodiscard]] std::string of(const Hash& hash);
[[nodiscard]] std::string of(const Id& id);
[[nodiscard]] std::string of(std::uint64_t number);
template <class T>
[[nodiscard]] std::string of(const std::optional<T>& item) {
  return item ? of(*item) : "-";
}
template <class T>
[[nodiscard]] std::string of(const std::vector<T>& items) {
  std::string out;
  for (const T& item : items) out += of(item) + ",";
  return out;
}

}  // namespace text

}  // namespace tannha::simulate
