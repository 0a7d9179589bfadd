#include "tools/catalogue/store.hpp"

#include "tannha/server/data_dir.hpp"
#include "tools/catalogue/file_contents.hpp"
#include "tools/catalogue/import.hpp"

namespace tannha::tools {

namespace {

constexpr const char* file_name = "catalogue.cbor";

}  // namespace

Result<void> save_catalogue(const std::filesystem::path& folder, const Catalogue& catalogue) {
  return server::write_file_durably(folder / file_name, catalogue.encode(), 0644);
}

Result<Catalogue> load_catalogue(const std::filesystem::path& folder) {
  TN_TRY(const auto bytes, read_file(folder / file_name, ImportLimits{}.file_bytes_max));
  return Catalogue::decode(bytes);
}

}  // namespace tannha::tools
