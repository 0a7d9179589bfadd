#pragma once

#include <string>

namespace tannha::simulate {

/// The first words of the lines in which two states' texts differ, for a report: "stage courier".
/// The lines themselves hold what was captured and are not printed.
[[nodiscard]] std::string difference(const std::string& a, const std::string& b);

}  // namespace tannha::simulate
