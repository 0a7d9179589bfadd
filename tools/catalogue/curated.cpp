#include "tools/catalogue/curated.hpp"

namespace tannha::tools {

// Made from curated.json by cmake/embed.cmake.
extern const std::string_view embedded_curated_json;

std::string_view curated_json() {
  return embedded_curated_json;
}

Result<ImportReport> curated_catalogue() {
  return import_catalogue(as_bytes(curated_json()));
}

}  // namespace tannha::tools
