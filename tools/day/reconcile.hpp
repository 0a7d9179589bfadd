#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tannha/protocol/result.hpp"

namespace tannha::tools {

/// What comparing every device with the registry found.
struct Reconciliation {
  std::uint64_t dossiers{};
  std::uint64_t records{};            ///< written by the devices
  std::uint64_t receipts_verified{};
  std::uint64_t attachments{};
  std::uint64_t found{};              ///< of those with a verified receipt: there, in that place
  std::uint64_t lost{};               ///< records or attachments not in the registry byte for byte
  std::uint64_t doubled{};            ///< records that are there twice, or beside another one
  std::uint64_t without_receipt{};
  std::vector<std::string> problems;
  std::vector<std::string> table;     ///< one line a dossier
};

/// Reads each device's own store and the server's folder: record by record, byte by byte, receipt
/// by receipt, file by file. @param devices folders nobody is using
/// @param conninfo of the server's registry on PostgreSQL; empty: registry.db in its folder
/// @param pin of the devices that have one
/// Errors: the stores'.
[[nodiscard]] Result<Reconciliation> reconcile(const std::filesystem::path& server,
                                               const std::vector<std::filesystem::path>& devices,
                                               const std::string& conninfo = {},
                                               const std::string& pin = {});

}  // namespace tannha::tools
