#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include "tannha/engine/registry.hpp"
#include "tannha/protocol/fields.hpp"

// Rows of the registry as values. The same columns in the same order in both stores, whose Row
// classes read alike. Errors of all: store_corrupt.
namespace tannha::server {

inline constexpr const char* evidence_columns =
    "SELECT envelope, body, author, verdict, reason, leaf, received_ms, hash FROM record ";

/// SQLite's alone; made where it is missing.
inline constexpr const char* code_message_table = R"sql(
CREATE TABLE IF NOT EXISTS code_message(
  record BLOB PRIMARY KEY, wanted_ms INTEGER NOT NULL, kept INTEGER NOT NULL DEFAULT 0)
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS code_message_wanted ON code_message(wanted_ms) WHERE kept=0;
)sql";

/// Reads `evidence_columns`; the error's detail names the leaf.
template <class Row>
[[nodiscard]] Result<Evidence> read_evidence(Row row) {
  auto record = decode_record(row.bytes(0), row.bytes(1));
  // Bytes that decode are not yet the bytes that were stored.
  if (!record || record->hash != row.template array<Hash>(7)) {
    return fail(errc::store_corrupt, "leaf " + std::to_string(row.number(5)));
  }
  Evidence e;
  e.record = std::move(*record);
  e.author = row.template array<Id>(2);
  e.ruling.verdict = static_cast<Verdict>(row.number(3));
  if (!row.is_null(4)) e.ruling.reason = static_cast<errc>(row.number(4));
  e.leaf_index = row.number(5);
  e.received_ms = row.number(6);
  return e;
}

inline constexpr const char* log_columns =
    "SELECT id, intro, next_seq, head, forked_at, revoked, revoked_at, revoked_since, "
    "continued_by, continued_at FROM log ";

/// Reads `log_columns`. The certificate was checked when the log was stored; here it is only taken
/// apart.
template <class Row>
[[nodiscard]] Result<LogEntry> read_log(Row row) {
  LogEntry log;
  log.id = row.template array<Hash>(0);
  TN_TRY(log.intro, fields::decode<LogIntro>(row.bytes(1), errc::store_corrupt));
  TN_TRY(log.certificate, read_certificate(log.intro.certificate));
  log.next_seq = row.number(2);
  log.head = row.template array<Hash>(3);
  if (!row.is_null(4)) log.state.forked_at = row.number(4);
  if (!row.is_null(5)) {
    log.state.revoked = LogState::Revocation{static_cast<body::RevocationReason>(row.number(5)),
                                             row.number(6), std::nullopt};
    if (!row.is_null(7)) log.state.revoked->since_size = row.number(7);
  }
  if (!row.is_null(8)) log.state.continued_by = row.template array<Hash>(8);
  if (!row.is_null(9)) log.state.continued_at_size = row.number(9);
  return log;
}

/// The entries of feed $1 behind position $2; SQLite numbers $1, $2 … as they come.
inline constexpr const char* feed_rows =
    "SELECT r.envelope, r.body, r.author, r.verdict, r.reason, r.leaf, r.received_ms, "
    "r.hash, f.position+coalesce(r.leaf-f.leaf,0), f.history, f.forget "
    "FROM feed f LEFT JOIN record r ON r.leaf BETWEEN f.leaf AND f.leaf+f.count-1 "
    // The run that this position is in, or the one before it.
    "WHERE f.audience=$1 AND f.position>=coalesce("
    "(SELECT max(b.position) FROM feed b WHERE b.audience=$1 AND b.position<=$2),0) "
    "AND f.position+coalesce(r.leaf-f.leaf,0)>$2 ";

/// Reads `feed_rows`.
template <class Row>
[[nodiscard]] Result<FeedItem> read_item(Row row) {
  FeedItem item;
  item.position = row.number(8);
  item.history = row.number(9) != 0;
  if (!row.is_null(10)) {
    item.forget = row.template array<Id>(10);
    return item;
  }
  TN_TRY(item.evidence, read_evidence(row));
  return item;
}

/// Reads rows of a place and a hash, from this place on and up to the first that is missing.
template <class Database, class Arg>
[[nodiscard]] Result<std::vector<Hash>> read_run_of_hashes(Database& db, const char* sql,
                                                           std::initializer_list<Arg> args,
                                                           std::uint64_t first) {
  std::vector<Hash> out;
  TN_CHECK(db.each(sql, args, [&](auto row) {
    if (row.number(0) != first + out.size()) return false;
    out.push_back(row.template array<Hash>(1));
    return true;
  }));
  return out;
}

}  // namespace tannha::server
