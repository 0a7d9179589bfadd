#pragma once

#include <filesystem>

#include "tannha/engine/catalogue.hpp"

namespace tannha::tools {

/// Writes folder/catalogue.cbor so that a crash leaves the old file or the new one, whole. One
/// writer at a time.
/// Errors: store_full (ENOSPC, EDQUOT, EFBIG), store_read_only (EROFS, EACCES, EPERM), store_io;
/// the detail is the step and the system's reason.
[[nodiscard]] Result<void> save_catalogue(const std::filesystem::path& folder,
                                          const Catalogue& catalogue);

/// Errors: file_unreadable, catalogue_malformed.
[[nodiscard]] Result<Catalogue> load_catalogue(const std::filesystem::path& folder);

}  // namespace tannha::tools
