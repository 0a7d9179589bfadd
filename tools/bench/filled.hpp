#pragma once

#include "tools/bench/server.hpp"

namespace tannha::tools {

/// The length of a long journal for these options.
[[nodiscard]] std::uint64_t long_journal(const BenchOptions& options);

/// A server's folder whose journal has so many records at least, as if phones had pushed them: real
/// signed records of dossiers at a door, with their feeds. They are put into the store directly,
/// because pushing millions takes longer than a benchmark may. In options.filled, where one that is
/// long enough is taken as it is; else in options.folder.
/// @return the folder, with no server running on it
[[nodiscard]] Result<std::filesystem::path> filled_folder(const BenchOptions& options,
                                                          std::uint64_t records);

}  // namespace tannha::tools
