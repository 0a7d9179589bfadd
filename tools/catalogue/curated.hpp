#pragma once

#include <string_view>

#include "tools/catalogue/import.hpp"

namespace tannha::tools {

/// The text of tools/catalogue/curated.json, built into the program: 17 procedures that are asked
/// for most, with minimum checklists, so that a clone without the national file works.
[[nodiscard]] std::string_view curated_json();

/// The same, through the importer. Its problems are what the sources leave open.
[[nodiscard]] Result<ImportReport> curated_catalogue();

}  // namespace tannha::tools
