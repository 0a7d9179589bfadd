#pragma once

#include "tannha/engine/registry.hpp"
#include "tannha/engine/sqlite.hpp"

// Rows of the SQLite registry as values, for its two source files.
namespace tannha::server {

inline constexpr const char* evidence_columns =
    "SELECT envelope, body, author, verdict, reason, leaf, received_ms, hash FROM record ";

/// Reads `evidence_columns`. Errors: store_corrupt; the detail names the leaf.
[[nodiscard]] Result<Evidence> read_evidence(sqlite::Row row);
inline constexpr const char* log_columns =
    "SELECT id, intro, next_seq, head, forked_at, revoked, revoked_at, revoked_since, "
    "continued_by, continued_at FROM log ";
/// Reads `log_columns`. The certificate was checked when the log was stored; here it is
/// only taken apart. Errors: store_corrupt.
[[nodiscard]] Result<LogEntry> read_log(sqlite::Row row);

}  // namespace tannha::server
