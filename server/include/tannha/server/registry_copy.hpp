#pragma once

#include <cstdint>
#include <string>

#include "tannha/server/postgres_registry.hpp"

namespace tannha::server {

struct CopyReport {
  std::uint64_t records{};  ///< in the journal
  std::uint64_t tables{};
  std::uint64_t rows{};     ///< of all tables
  Hash root{};              ///< of the journal, equal on both sides
};

/// Copies an SQLite registry into an empty PostgreSQL one, in one transaction, and reads it back
/// there: each record's bytes, the journal's root from the records and from the stored tree, the
/// rows of each table. Nobody may write the source meanwhile.
/// Errors: argument_invalid (the target is not empty); store_corrupt (source or copy are not what
/// they should be: nothing is kept); store_not_found, store_version_unknown (the source); the
/// stores'.
[[nodiscard]] Result<CopyReport> copy_registry(const std::string& sqlite_path,
                                               PostgresRegistry& target);

}  // namespace tannha::server
