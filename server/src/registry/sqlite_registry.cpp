#include "tannha/server/sqlite_registry.hpp"

#include "registry_rows.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha::server {
namespace {

using sqlite::arg;
using sqlite::collect;
using sqlite::first_of;
using sqlite::Row;

constexpr std::uint64_t schema_version = 2;

// A row of a feed is a run: `count` positions from `position` on, with the leaves from `leaf` on. What
// one device pushes goes to the same feeds, one after the other.
//
// A record's key is its leaf index, so records, their dossier links and the tree's nodes are all
// appended at the end of their tables; by its hash it is found with HashIndex. Its hash fixes its log
// and number, so that no record can be there twice.
constexpr const char* tables = R"sql(
CREATE TABLE log(
  id BLOB PRIMARY KEY, intro BLOB NOT NULL, next_seq INTEGER NOT NULL, head BLOB NOT NULL,
  enrolled INTEGER NOT NULL,
  forked_at INTEGER, revoked INTEGER, revoked_at INTEGER, revoked_since INTEGER,
  continued_by BLOB, continued_at INTEGER,
  contact_ms INTEGER, holds_records INTEGER, holds_bytes INTEGER, oldest_ms INTEGER)
  WITHOUT ROWID;
CREATE INDEX log_by_enrolled ON log(enrolled);
CREATE TABLE record(
  leaf INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,
  log BLOB NOT NULL,
  seq INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  body BLOB NOT NULL,
  author BLOB NOT NULL,
  verdict INTEGER NOT NULL,
  reason INTEGER,
  received_ms INTEGER NOT NULL);
CREATE UNIQUE INDEX record_by_log ON record(log, seq, hash);
CREATE INDEX record_held ON record(reason, leaf) WHERE verdict=2;
CREATE TABLE dossier_record(
  dossier BLOB NOT NULL, log BLOB NOT NULL, leaf INTEGER NOT NULL REFERENCES record(leaf),
  PRIMARY KEY(dossier, log, leaf)) WITHOUT ROWID;
CREATE INDEX dossier_of_record ON dossier_record(leaf);
CREATE TABLE node(
  level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY(level, position)) WITHOUT ROWID;
CREATE TABLE waiting(
  missing BLOB NOT NULL, waiting BLOB NOT NULL, PRIMARY KEY(missing, waiting)) WITHOUT ROWID;
CREATE TABLE due(
  place INTEGER PRIMARY KEY AUTOINCREMENT, missing BLOB NOT NULL UNIQUE, after BLOB NOT NULL);
CREATE TABLE vote(
  record BLOB NOT NULL, officer BLOB NOT NULL, PRIMARY KEY(record, officer)) WITHOUT ROWID;
CREATE TABLE audience(
  place INTEGER PRIMARY KEY AUTOINCREMENT, dossier BLOB NOT NULL, audience TEXT NOT NULL,
  UNIQUE(dossier, audience));
CREATE INDEX audience_by_name ON audience(audience, place);
CREATE TABLE feed(
  audience TEXT NOT NULL, position INTEGER NOT NULL, count INTEGER NOT NULL DEFAULT 1,
  leaf INTEGER REFERENCES record(leaf), history INTEGER NOT NULL DEFAULT 0, forget BLOB,
  PRIMARY KEY(audience, position)) WITHOUT ROWID;
CREATE TABLE forgotten(
  log BLOB NOT NULL, dossier BLOB NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(log, dossier))
  WITHOUT ROWID;
CREATE TABLE sequence(name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE lease(
  kind INTEGER NOT NULL, prefix TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
  log BLOB NOT NULL, feed_position INTEGER NOT NULL,
  PRIMARY KEY(kind, prefix, first)) WITHOUT ROWID;
CREATE INDEX lease_by_log ON lease(log, kind, feed_position);
CREATE TABLE returned(
  kind INTEGER NOT NULL, prefix TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(kind, prefix, first)) WITHOUT ROWID;
CREATE TABLE payout(
  id BLOB PRIMARY KEY, courier BLOB NOT NULL, leased INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX payout_unleased ON payout(courier) WHERE leased = 0;
CREATE TABLE number(
  number TEXT PRIMARY KEY, kind INTEGER NOT NULL, dossier BLOB NOT NULL, log BLOB NOT NULL)
  WITHOUT ROWID;
CREATE INDEX number_by_log ON number(log, kind);
CREATE TABLE attachment(
  hash BLOB PRIMARY KEY, size INTEGER NOT NULL, media_type TEXT NOT NULL,
  log BLOB NOT NULL, present INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX attachment_wanted ON attachment(log) WHERE present = 0;
CREATE TABLE attachment_dossier(
  hash BLOB NOT NULL, dossier BLOB NOT NULL, PRIMARY KEY(hash, dossier)) WITHOUT ROWID;
CREATE TABLE quarantine(
  id INTEGER PRIMARY KEY, sender BLOB NOT NULL, hash BLOB NOT NULL, envelope BLOB NOT NULL,
  body BLOB NOT NULL, reason INTEGER NOT NULL, UNIQUE(sender, hash));
CREATE TABLE ticket(
  token_hash BLOB PRIMARY KEY, request BLOB NOT NULL, actor BLOB NOT NULL,
  expires_ms INTEGER NOT NULL, used_by BLOB) WITHOUT ROWID;
)sql";

const std::string& schema() {
  static const std::string sql = std::string(tables) + code_message_table + HashIndex::schema;
  return sql;
}

// A table, so that it goes wherever the file goes.
Result<bool> is_marked_moved(sqlite::Database& db) {
  TN_TRY(const auto found, db.one("SELECT 1 FROM sqlite_schema WHERE name='moved'", {},
                                  [](Row) { return true; }));
  return found.has_value();
}

}  // namespace

SqliteRegistry::SqliteRegistry(sqlite::Database db, bool writes)
    : db_(std::move(db)),
      by_hash_(db_, writes),
      tree_([this](std::uint32_t level, std::uint64_t index) { return node(level, index); },
            [this](std::uint64_t first, std::size_t count_max) {
              return journal_entries(first, count_max);
            },
            writes),
      writes_(writes) {}

Result<std::unique_ptr<SqliteRegistry>> SqliteRegistry::open(const std::string& path,
                                                             sqlite::Mode mode) {
  TN_TRY(sqlite::Database db, sqlite::Database::open(path, mode, schema().c_str(), schema_version));
  if (mode != sqlite::Mode::read_only) {
    TN_TRY(const bool moved, is_marked_moved(db));
    if (moved) return fail(errc::store_moved);
  }
  return std::unique_ptr<SqliteRegistry>(
      new SqliteRegistry(std::move(db), mode != sqlite::Mode::read_only));
}

Result<bool> SqliteRegistry::has_moved(const std::string& path) {
  TN_TRY(sqlite::Database db, sqlite::Database::open(path, sqlite::Mode::read_only));
  return is_marked_moved(db);
}

Result<void> SqliteRegistry::set_moved(const std::string& path, bool moved) {
  TN_TRY(sqlite::Database db,
         sqlite::Database::open(path, sqlite::Mode::shared, schema().c_str(), schema_version));
  return db.exec(moved ? "CREATE TABLE IF NOT EXISTS moved(one INTEGER)"
                       : "DROP TABLE IF EXISTS moved");
}

Result<void> SqliteRegistry::begin() { return db_.run("BEGIN IMMEDIATE"); }
Result<void> SqliteRegistry::begin_read() { return db_.run("BEGIN"); }
Result<void> SqliteRegistry::commit() {
  TN_CHECK(write_runs());
  TN_CHECK(db_.run("COMMIT"));
  by_hash_.committed();
  return {};
}
// After some errors SQLite has rolled back by itself; then this fails, which is as good.
void SqliteRegistry::rollback() {
  tree_.forget();
  by_hash_.undone();
  feeds_.clear();
  fed_.clear();
  newest_.reset();
  (void)db_.run("ROLLBACK").has_value();
}

// Logs

Result<std::optional<LogEntry>> SqliteRegistry::log(const Hash& id) {
  static const std::string sql = std::string(log_columns) + "WHERE id=?";
  TN_TRY(auto logs, collect<LogEntry>(db_, sql.c_str(), {arg(BytesView(id))}, read_log<Row>));
  return first_of(std::move(logs));
}

Result<void> SqliteRegistry::put_log(const LogEntry& log) {
  return db_.run(
      "INSERT OR IGNORE INTO log(id,intro,next_seq,head,enrolled) "
      "VALUES(?,?,?,?,(SELECT ifnull(max(enrolled)+1,0) FROM log))",
      {arg(BytesView(log.id)), arg(BytesView(fields::encode(log.intro))), arg(log.next_seq),
       arg(BytesView(log.head))});
}

Result<void> SqliteRegistry::move_head(const Hash& log, std::uint64_t next_seq, const Hash& head) {
  return db_.run("UPDATE log SET next_seq=?, head=? WHERE id=?",
                 {arg(next_seq), arg(BytesView(head)), arg(BytesView(log))});
}

Result<void> SqliteRegistry::set_log_state(const Hash& log, const LogState& state) {
  const sqlite::Arg none = nullptr;
  const auto& revoked = state.revoked;
  return db_.run(
      "UPDATE log SET forked_at=?, revoked=?, revoked_at=?, revoked_since=?, continued_by=?, "
      "continued_at=? WHERE id=?",
      {state.forked_at ? arg(*state.forked_at) : none,
       revoked ? arg(static_cast<std::uint64_t>(revoked->reason)) : none,
       revoked ? arg(revoked->at_size) : none,
       revoked && revoked->since_size ? arg(*revoked->since_size) : none,
       state.continued_by ? arg(BytesView(*state.continued_by)) : none,
       arg(state.continued_at_size), arg(BytesView(log))});
}

Result<void> SqliteRegistry::note_contact(const Hash& log, std::uint64_t at_ms,
                                          const exchange::Holds& holds) {
  return db_.run(
      "UPDATE log SET contact_ms=?, holds_records=?, holds_bytes=?, oldest_ms=? WHERE id=?",
      {arg(at_ms), arg(holds.records), arg(holds.attachment_bytes),
       arg(holds.oldest_claimed_ms.value_or(0)), arg(BytesView(log))});
}

// Records

Result<std::optional<Evidence>> SqliteRegistry::record(const Hash& hash) {
  static const std::string sql = std::string(evidence_columns) + "WHERE leaf=?";
  TN_TRY(const auto leaf, by_hash_.leaf_of(hash));
  if (!leaf) return std::nullopt;
  TN_TRY(auto rows, collect<Evidence>(db_, sql.c_str(), {arg(*leaf)}, read_evidence<Row>));
  return first_of(std::move(rows));
}

Result<std::vector<Hash>> SqliteRegistry::records_at(const Hash& log, std::uint64_t seq) {
  return collect<Hash>(db_, "SELECT hash FROM record WHERE log=? AND seq=? ORDER BY leaf",
                       {arg(BytesView(log)), arg(seq)},
                       [](Row row) -> Result<Hash> { return row.array<Hash>(0); });
}
Result<std::uint64_t> SqliteRegistry::log_end(const Hash& log) {
  TN_TRY(const auto end, db_.one("SELECT ifnull(max(seq)+1,0) FROM record WHERE log=?",
                                 {arg(BytesView(log))}, [](Row row) { return row.number(0); }));
  return end.value_or(0);
}
Result<std::vector<Hash>> SqliteRegistry::effective_since(const Hash& log, std::uint64_t leaf) {
  return collect<Hash>(db_,
                       "SELECT hash FROM record WHERE log=? AND leaf>=? AND verdict=0 ORDER BY leaf",
                       {arg(BytesView(log)), arg(leaf)},
                       [](Row row) -> Result<Hash> { return row.array<Hash>(0); });
}
Result<std::vector<Hash>> SqliteRegistry::held_for(errc reason, std::uint64_t leaf,
                                                   std::size_t count_max) {
  return collect<Hash>(
      db_, "SELECT hash FROM record WHERE verdict=2 AND reason=? AND leaf>=? ORDER BY leaf LIMIT ?",
      {arg(static_cast<std::uint64_t>(reason)), arg(leaf), arg(std::uint64_t{count_max})},
      [](Row row) -> Result<Hash> { return row.array<Hash>(0); });
}
Result<std::optional<std::uint64_t>> SqliteRegistry::received_ms(std::uint64_t leaf) {
  return db_.one("SELECT received_ms FROM record WHERE leaf=?", {arg(leaf)},
                 [](Row row) { return row.number(0); });
}

Result<std::uint64_t> SqliteRegistry::append(const Evidence& e, std::span<const Id> dossiers) {
  std::uint64_t leaf = 0;
  if (newest_) {
    leaf = newest_->second + 1;
  } else {
    TN_TRY(leaf, journal_size());
  }
  const sqlite::Arg none = nullptr;
  TN_CHECK(db_.run(
      "INSERT INTO record(leaf,hash,log,seq,envelope,body,author,verdict,reason,received_ms) "
      "VALUES(?,?,?,?,?,?,?,?,?,?)",
      {arg(leaf), arg(BytesView(e.record.hash)), arg(BytesView(e.record.header.log_id)),
       arg(e.record.header.seq), arg(BytesView(e.record.envelope)), arg(BytesView(e.record.body)),
       arg(BytesView(e.author)), arg(static_cast<std::uint64_t>(e.ruling.verdict)),
       e.ruling.reason ? arg(static_cast<std::uint64_t>(*e.ruling.reason)) : none,
       arg(e.received_ms)}));
  for (const Id& dossier : dossiers) {
    TN_CHECK(db_.run("INSERT OR IGNORE INTO dossier_record(dossier, log, leaf) VALUES(?,?,?)",
                     {arg(BytesView(dossier)), arg(BytesView(e.record.header.log_id)), arg(leaf)}));
  }
  TN_TRY(const auto nodes, tree_.append(leaf, e.record.hash));
  for (const merkle::Node& n : nodes) {
    TN_CHECK(db_.run("INSERT INTO node VALUES(?,?,?)",
                     {arg(std::uint64_t{n.level}), arg(n.index), arg(BytesView(n.hash))}));
  }
  TN_CHECK(by_hash_.added(e.record.hash, leaf));
  newest_ = {e.record.hash, leaf};
  return leaf;
}

Result<void> SqliteRegistry::set_ruling(const Hash& hash, const Ruling& ruling) {
  const sqlite::Arg none = nullptr;
  // Votes were given for the ruling that stood.
  TN_CHECK(db_.run("DELETE FROM vote WHERE record=?", {arg(BytesView(hash))}));
  TN_TRY(const auto leaf, by_hash_.leaf_of(hash));
  if (!leaf) return {};
  return db_.run("UPDATE record SET verdict=?, reason=? WHERE leaf=?",
                 {arg(static_cast<std::uint64_t>(ruling.verdict)),
                  ruling.reason ? arg(static_cast<std::uint64_t>(*ruling.reason)) : none,
                  arg(*leaf)});
}

Result<std::vector<Evidence>> SqliteRegistry::dossier(const Id& id) {
  static const std::string sql =
      std::string(evidence_columns) +
      "WHERE leaf IN (SELECT leaf FROM dossier_record WHERE dossier=?) ORDER BY leaf";
  return collect<Evidence>(db_, sql.c_str(), {arg(BytesView(id))}, read_evidence<Row>);
}

Result<std::uint64_t> SqliteRegistry::not_counting(const Id& dossier, const Hash& log,
                                                   std::size_t count_max) {
  TN_TRY(const auto count,
         db_.one("SELECT count(*) FROM (SELECT 1 FROM dossier_record d JOIN record r "
                 "ON r.leaf=d.leaf WHERE d.dossier=? AND d.log=? AND r.verdict<>0 LIMIT ?)",
                 {arg(BytesView(dossier)), arg(BytesView(log)), arg(std::uint64_t{count_max})},
                 [](Row row) { return row.number(0); }));
  return count.value_or(0);
}

Result<std::vector<Evidence>> SqliteRegistry::all_records() {
  static const std::string sql = std::string(evidence_columns) + "ORDER BY leaf";
  return collect<Evidence>(db_, sql.c_str(), {}, read_evidence<Row>);
}

Result<std::vector<LogEntry>> SqliteRegistry::all_logs() {
  static const std::string sql = std::string(log_columns) + "ORDER BY enrolled";
  return collect<LogEntry>(db_, sql.c_str(), {}, read_log<Row>);
}

Result<bool> SqliteRegistry::is_found(const Hash& hash, std::uint64_t leaf) {
  return by_hash_.has(hash, leaf);
}

// Journal

Result<std::uint64_t> SqliteRegistry::journal_size() {
  TN_TRY(const auto size, db_.one("SELECT ifnull(max(leaf)+1,0) FROM record", {},
                                  [](Row row) { return row.number(0); }));
  return size.value_or(0);
}

Result<Hash> SqliteRegistry::node(std::uint32_t level, std::uint64_t index) {
  TN_TRY(const auto hash, db_.one("SELECT hash FROM node WHERE level=? AND position=?",
                                  {arg(std::uint64_t{level}), arg(index)},
                                  [](Row row) { return row.array<Hash>(0); }));
  if (!hash) return fail(errc::store_corrupt, "journal node");
  return *hash;
}

Result<std::uint64_t> SqliteRegistry::record_count() {
  TN_TRY(const auto count,
         db_.one("SELECT count(*) FROM record", {}, [](Row row) { return row.number(0); }));
  return count.value_or(0);
}

Result<std::vector<Hash>> SqliteRegistry::run_of_hashes(const char* sql, sqlite::Args args,
                                                        std::uint64_t first) {
  return read_run_of_hashes(db_, sql, args, first);
}
Result<std::vector<Hash>> SqliteRegistry::journal_entries(std::uint64_t first,
                                                          std::size_t count_max) {
  return run_of_hashes("SELECT leaf, hash FROM record WHERE leaf>=? ORDER BY leaf LIMIT ?",
                       {arg(first), arg(std::uint64_t{count_max})}, first);
}
Result<std::vector<Hash>> SqliteRegistry::journal_nodes(std::uint32_t level, std::uint64_t first,
                                                        std::size_t count_max) {
  if (level < JournalTree::stored_level) return tree_.run(level, first, count_max);
  return run_of_hashes(
      "SELECT position, hash FROM node WHERE level=? AND position>=? ORDER BY position LIMIT ?",
      {arg(std::uint64_t{level}), arg(first), arg(std::uint64_t{count_max})}, first);
}

Result<Hash> SqliteRegistry::journal_root(std::uint64_t size) { return tree_.root(size); }
Result<std::vector<Hash>> SqliteRegistry::inclusion(std::uint64_t index, std::uint64_t size) {
  return tree_.inclusion(index, size);
}
Result<std::vector<Hash>> SqliteRegistry::consistency(std::uint64_t old_size,
                                                      std::uint64_t new_size) {
  return tree_.consistency(old_size, new_size);
}

// Held records

Result<void> SqliteRegistry::wait_for(const Hash& missing, const Hash& waiting) {
  return db_.run("INSERT OR IGNORE INTO waiting VALUES(?,?)",
                 {arg(BytesView(missing)), arg(BytesView(waiting))});
}

Result<bool> SqliteRegistry::is_any_waiting() {
  TN_TRY(const auto any,
         db_.one("SELECT 1 FROM waiting LIMIT 1", {}, [](Row) { return true; }));
  return any.value_or(false);
}

Result<void> SqliteRegistry::make_due(const Hash& arrived) {
  return db_.run(
      "INSERT OR REPLACE INTO due(missing, after) "
      "SELECT ?1, x'' WHERE EXISTS(SELECT 1 FROM waiting WHERE missing=?1)",
      {arg(BytesView(arrived))});
}

// They are passed in the order of their hashes and never backwards, so that what begins to wait
// again while it is looked at cannot keep this going for ever.
Result<std::vector<Hash>> SqliteRegistry::take_due(std::size_t count_max) {
  struct Due {
    std::uint64_t place{};
    Hash missing{};
    Bytes after;
  };
  std::vector<Hash> taken;
  while (taken.empty() && count_max > 0) {
    TN_TRY(const auto due, db_.one("SELECT place, missing, after FROM due ORDER BY place LIMIT 1",
                                   {}, [](Row row) {
                                     return Due{row.number(0), row.array<Hash>(1),
                                                to_bytes(row.bytes(2))};
                                   }));
    if (!due) break;
    TN_TRY(taken, collect<Hash>(db_,
                                "SELECT waiting FROM waiting WHERE missing=? AND waiting>? "
                                "ORDER BY waiting LIMIT ?",
                                {arg(BytesView(due->missing)), arg(BytesView(due->after)),
                                 arg(std::uint64_t{count_max})},
                                [](Row row) -> Result<Hash> { return row.array<Hash>(0); }));
    if (taken.size() < count_max) {
      TN_CHECK(db_.run("DELETE FROM due WHERE place=?", {arg(due->place)}));
    } else {
      TN_CHECK(db_.run("UPDATE due SET after=? WHERE place=?",
                       {arg(BytesView(taken.back())), arg(due->place)}));
    }
    if (taken.empty()) continue;
    TN_CHECK(db_.run("DELETE FROM waiting WHERE missing=? AND waiting>? AND waiting<=?",
                     {arg(BytesView(due->missing)), arg(BytesView(due->after)),
                      arg(BytesView(taken.back()))}));
  }
  return taken;
}

Result<bool> SqliteRegistry::is_any_due() {
  TN_TRY(const auto any, db_.one("SELECT EXISTS(SELECT 1 FROM due)", {},
                                 [](Row row) { return row.number(0) != 0; }));
  return any.value_or(false);
}

Result<std::uint64_t> SqliteRegistry::vote(const Hash& record, const Id& officer) {
  TN_CHECK(db_.run("INSERT OR IGNORE INTO vote VALUES(?,?)",
                   {arg(BytesView(record)), arg(BytesView(officer))}));
  TN_TRY(const auto count, db_.one("SELECT count(*) FROM vote WHERE record=?",
                                   {arg(BytesView(record))},
                                   [](Row row) { return row.number(0); }));
  return count.value_or(0);
}

// What could not be stored as a record

Result<void> SqliteRegistry::quarantine(const Hash& sender, BytesView envelope, BytesView body,
                                        errc reason) {
  struct Kept {
    std::uint64_t records{};
    std::uint64_t bytes{};
  };
  TN_TRY(const auto kept,
         db_.one("SELECT count(*), ifnull(sum(length(envelope)+length(body)),0) FROM quarantine "
                 "WHERE sender=?",
                 {arg(BytesView(sender))},
                 [](Row row) { return Kept{row.number(0), row.number(1)}; }));
  if (kept && (kept->records >= limits::quarantine_records_max ||
               kept->bytes + envelope.size() + body.size() > limits::quarantine_bytes_max)) {
    return {};
  }
  return db_.run(
      "INSERT OR IGNORE INTO quarantine(sender,hash,envelope,body,reason) VALUES(?,?,?,?,?)",
      {arg(BytesView(sender)), arg(BytesView(sha256(envelope))), arg(envelope), arg(body),
       arg(static_cast<std::uint64_t>(reason))});
}
Result<std::uint64_t> SqliteRegistry::quarantined() {
  TN_TRY(const auto count, db_.one("SELECT count(*) FROM quarantine", {},
                                   [](Row row) { return row.number(0); }));
  return count.value_or(0);
}
Result<std::vector<SqliteRegistry::Quarantined>> SqliteRegistry::all_quarantined() {
  return collect<Quarantined>(
      db_, "SELECT sender, reason, envelope, body FROM quarantine ORDER BY id", {},
      [](Row row) -> Result<Quarantined> {
        return Quarantined{row.array<Hash>(0), static_cast<errc>(row.number(1)),
                           to_bytes(row.bytes(2)), to_bytes(row.bytes(3))};
      });
}

}  // namespace tannha::server
