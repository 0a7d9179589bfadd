#pragma once

#include <optional>
#include <vector>

#include "tannha/engine/registry.hpp"
#include "tannha/engine/sqlite.hpp"

// Rows of the SQLite registry as values, for its two source files.
namespace tannha::server {

inline constexpr const char* evidence_columns =
    "SELECT envelope, body, author, verdict, reason, leaf, received_ms FROM record ";

/// Reads `evidence_columns`. Errors: those of decode_record; the detail names the leaf.
[[nodiscard]] Result<Evidence> read_evidence(sqlite::Row row);
/// Reads id, intro, next_seq, head. The certificate was checked when the log was stored; here it is
/// only taken apart. Errors: store_corrupt.
[[nodiscard]] Result<LogEntry> read_log(sqlite::Row row);

/// Collects rows until one cannot be read; then the store is corrupt.
template <class T, class F>
[[nodiscard]] Result<std::vector<T>> collect(sqlite::Database& db, const char* sql,
                                             sqlite::Args args, F map) {
  std::vector<T> out;
  Result<void> state;
  TN_CHECK(db.each(sql, args, [&](sqlite::Row row) {
    Result<T> item = map(row);
    if (!item) {
      state = fail(errc::store_corrupt,
                   std::string(name(item.error().code)) + " " + item.error().detail);
      return false;
    }
    out.push_back(std::move(*item));
    return true;
  }));
  TN_CHECK(state);
  return out;
}

template <class T>
[[nodiscard]] std::optional<T> first_of(std::vector<T> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

}  // namespace tannha::server
