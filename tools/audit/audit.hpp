#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha::tools {

/// What recomputing everything found.
struct Audit {
  std::uint64_t records{};
  std::uint64_t logs{};
  std::uint64_t receipts{};
  std::uint64_t attachments{};
  std::uint64_t attachment_bytes{};
  Hash root{};                        ///< of the journal; a registry's only
  std::vector<std::string> problems;  ///< each names the record, log or file; no personal data
};

/// A server's folder: every signature, hash, chain, tree node and file. May run beside the server.
/// @param conninfo of its registry on PostgreSQL; empty: registry.db in the folder
/// Errors: the store's. What is wrong inside is a problem, not an error.
[[nodiscard]] Result<Audit> audit_registry(const std::filesystem::path& folder,
                                           const std::string& conninfo = {});

/// A device's folder, which nobody else may be using: every signature, chain, receipt and file,
/// and whether the database's own structure is sound.
[[nodiscard]] Result<Audit> audit_device(const std::filesystem::path& folder,
                                         const std::string& pin = {});

}  // namespace tannha::tools
