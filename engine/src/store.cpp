#include "tannha/engine/store.hpp"

#include "tannha/engine/numbers.hpp"
#include "tannha/protocol/fields.hpp"

namespace tannha {
namespace {

using sqlite::arg;
using sqlite::collect;
using sqlite::first_of;
using sqlite::Row;

constexpr std::uint64_t schema_version = 1;

// Rows are appended in order of arrival, so that hot pages stay together. A verdict of NULL means
// that the registry has not spoken; a receipt of NULL that it has not been proved.
constexpr const char* schema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE log(id BLOB PRIMARY KEY, intro BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE record(
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  log BLOB NOT NULL,
  seq INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  body BLOB NOT NULL,
  author BLOB NOT NULL,
  origin INTEGER NOT NULL,
  verdict INTEGER,
  reason INTEGER,
  leaf INTEGER,
  receipt BLOB,
  claimed_ms INTEGER NOT NULL);
CREATE INDEX record_by_log ON record(log, seq);
CREATE INDEX record_unproved ON record(id) WHERE receipt IS NULL;
CREATE TABLE dossier_record(
  dossier BLOB NOT NULL, record INTEGER NOT NULL REFERENCES record(id),
  PRIMARY KEY(dossier, record)) WITHOUT ROWID;
CREATE TABLE attachment(
  hash BLOB PRIMARY KEY,
  size INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  stored_by_server INTEGER NOT NULL DEFAULT 0,
  bytes BLOB NOT NULL);
CREATE INDEX attachment_pending ON attachment(hash) WHERE stored_by_server = 0;
CREATE TABLE lease(
  kind INTEGER NOT NULL, prefix TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(kind, prefix, first)) WITHOUT ROWID;
)sql";

constexpr const char* record_columns =
    "SELECT envelope, body, author, verdict, reason, leaf, origin, receipt FROM record ";

Ruling ruling_of(const Row& row, int verdict, int reason) {
  if (row.is_null(verdict)) return {};
  Ruling ruling{static_cast<Verdict>(row.number(verdict)), std::nullopt};
  if (!row.is_null(reason)) ruling.reason = static_cast<errc>(row.number(reason));
  return ruling;
}

Result<StoredRecord> read_record(const Row& row) {
  TN_TRY(Record record, decode_record(row.bytes(0), row.bytes(1)));
  StoredRecord stored;
  stored.evidence.record = std::move(record);
  stored.evidence.author = row.array<Id>(2);
  stored.evidence.ruling = ruling_of(row, 3, 4);
  if (!row.is_null(5)) stored.evidence.leaf_index = row.number(5);
  stored.origin = static_cast<Origin>(row.number(6));
  if (!row.is_null(7)) {
    TN_TRY(stored.receipt, fields::decode<Receipt>(row.bytes(7), errc::store_corrupt));
  }
  return stored;
}

}  // namespace

Result<Store> Store::open(const std::string& path, sqlite::Mode mode) {
  TN_TRY(sqlite::Database db, sqlite::Database::open(path, mode, schema, schema_version));
  return Store(std::move(db));
}

Result<std::optional<Bytes>> Store::value(std::string_view key) {
  return db_.one("SELECT value FROM meta WHERE key=?", {arg(key)},
                 [](Row row) { return to_bytes(row.bytes(0)); });
}
Result<void> Store::set_value(std::string_view key, BytesView value) {
  return db_.run("INSERT OR REPLACE INTO meta VALUES(?,?)", {arg(key), arg(value)});
}
Result<std::uint64_t> Store::number(std::string_view key) {
  TN_TRY(const auto n, db_.one("SELECT value FROM meta WHERE key=?", {arg(key)},
                               [](Row row) { return row.number(0); }));
  return n.value_or(0);
}
Result<void> Store::set_number(std::string_view key, std::uint64_t number) {
  return db_.run("INSERT OR REPLACE INTO meta VALUES(?,?)", {arg(key), arg(number)});
}

Result<void> Store::put_log(const LogIntro& intro) {
  return db_.run("INSERT OR IGNORE INTO log VALUES(?,?)",
                 {arg(BytesView(intro.log_id())), arg(BytesView(fields::encode(intro)))});
}
Result<std::optional<LogIntro>> Store::log(const Hash& id) {
  TN_TRY(const auto bytes, db_.one("SELECT intro FROM log WHERE id=?", {arg(BytesView(id))},
                                   [](Row row) { return to_bytes(row.bytes(0)); }));
  if (!bytes) return std::optional<LogIntro>();
  TN_TRY(LogIntro intro, fields::decode<LogIntro>(*bytes, errc::store_corrupt));
  return std::optional<LogIntro>(std::move(intro));
}

Result<bool> Store::insert(const Evidence& e, Origin origin) {
  const RecordHeader& h = e.record.header;
  const bool ruled = e.ruling.verdict != Verdict::provisional;
  const sqlite::Arg none = nullptr;
  TN_CHECK(db_.run(
      "INSERT OR IGNORE INTO record(hash,log,seq,envelope,body,author,origin,verdict,reason,leaf,"
      "claimed_ms) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
      {arg(BytesView(e.record.hash)), arg(BytesView(h.log_id)), arg(h.seq),
       arg(BytesView(e.record.envelope)), arg(BytesView(e.record.body)), arg(BytesView(e.author)),
       arg(static_cast<std::uint64_t>(origin)),
       ruled ? arg(static_cast<std::uint64_t>(e.ruling.verdict)) : none,
       e.ruling.reason ? arg(static_cast<std::uint64_t>(*e.ruling.reason)) : none,
       e.leaf_index ? arg(*e.leaf_index) : none, arg(h.claimed_ms)}));
  if (db_.changes() == 0) return false;
  const std::uint64_t id = db_.last_row_id();
  for (const Id& dossier : body::dossiers(e.record)) {
    TN_CHECK(db_.run("INSERT OR IGNORE INTO dossier_record VALUES(?,?)",
                     {arg(BytesView(dossier)), arg(id)}));
  }
  return true;
}

Result<std::optional<StoredRecord>> Store::record(const Hash& hash) {
  static const std::string sql = std::string(record_columns) + "WHERE hash=?";
  TN_TRY(auto rows,
         collect<StoredRecord>(db_, sql.c_str(), {arg(BytesView(hash))}, read_record));
  return first_of(std::move(rows));
}

Result<std::optional<Store::Head>> Store::head(const Hash& log) {
  return db_.one("SELECT seq, hash FROM record WHERE log=? ORDER BY seq DESC LIMIT 1",
                 {arg(BytesView(log))},
                 [](Row row) { return Head{row.number(0) + 1, row.array<Hash>(1)}; });
}

Result<void> Store::set_ruling(const Hash& hash, const Ruling& ruling) {
  const sqlite::Arg none = nullptr;
  return db_.run("UPDATE record SET verdict=?, reason=? WHERE hash=?",
                 {arg(static_cast<std::uint64_t>(ruling.verdict)),
                  ruling.reason ? arg(static_cast<std::uint64_t>(*ruling.reason)) : none,
                  arg(BytesView(hash))});
}
Result<void> Store::set_receipt(const Receipt& receipt) {
  return db_.run("UPDATE record SET receipt=?, leaf=? WHERE hash=?",
                 {arg(BytesView(fields::encode(receipt))), arg(receipt.leaf_index),
                  arg(BytesView(receipt.record))});
}
Result<std::uint64_t> Store::retry_rejected() {
  TN_CHECK(db_.run(
      "UPDATE record SET verdict=NULL, reason=NULL WHERE receipt IS NULL AND verdict IS NOT NULL"));
  return db_.changes();
}

Result<std::vector<Id>> Store::dossiers() {
  return collect<Id>(db_,
                     "SELECT dossier FROM dossier_record GROUP BY dossier ORDER BY MIN(record)", {},
                     [](Row row) -> Result<Id> { return row.array<Id>(0); });
}
Result<std::vector<Evidence>> Store::dossier(const Id& id) {
  static const std::string sql =
      std::string(record_columns) +
      "WHERE id IN (SELECT record FROM dossier_record WHERE dossier=?) ORDER BY id";
  return collect<Evidence>(db_, sql.c_str(), {arg(BytesView(id))}, [](Row row) -> Result<Evidence> {
    TN_TRY(StoredRecord stored, read_record(row));
    return std::move(stored.evidence);
  });
}
Result<std::vector<StoredRecord>> Store::all() {
  static const std::string sql = std::string(record_columns) + "ORDER BY id";
  return collect<StoredRecord>(db_, sql.c_str(), {}, read_record);
}

Result<std::vector<Record>> Store::unsent(std::size_t count_max, std::size_t bytes_max) {
  std::vector<Record> out;
  std::size_t bytes = 0;
  Result<void> state;
  TN_CHECK(db_.each(
      "SELECT envelope, body FROM record WHERE receipt IS NULL AND verdict IS NULL AND origin<2 "
      "ORDER BY id LIMIT ?",
      {arg(std::uint64_t{count_max})}, [&](Row row) {
        auto record = decode_record(row.bytes(0), row.bytes(1));
        if (!record) {
          state = fail(errc::store_corrupt, "record");
          return false;
        }
        bytes += record->envelope.size() + record->body.size();
        if (!out.empty() && bytes > bytes_max) return false;
        out.push_back(std::move(*record));
        return true;
      }));
  TN_CHECK(state);
  return out;
}

Result<exchange::Holds> Store::holds() {
  exchange::Holds holds;
  TN_CHECK(db_.each(
      "SELECT count(*), min(claimed_ms) FROM record WHERE receipt IS NULL AND origin<2", {},
      [&](Row row) {
        holds.records = row.number(0);
        if (!row.is_null(1)) holds.oldest_claimed_ms = row.number(1);
        return true;
      }));
  TN_CHECK(db_.each("SELECT ifnull(sum(size),0) FROM attachment WHERE stored_by_server=0", {},
                    [&](Row row) {
                      holds.attachment_bytes = row.number(0);
                      return true;
                    }));
  return holds;
}

Result<void> Store::put_attachment(const Hash& hash, BytesView bytes, std::string_view media_type) {
  return db_.run("INSERT OR IGNORE INTO attachment(hash,size,media_type,bytes) VALUES(?,?,?,?)",
                 {arg(BytesView(hash)), arg(std::uint64_t{bytes.size()}), arg(media_type),
                  arg(bytes)});
}
Result<std::optional<Bytes>> Store::attachment(const Hash& hash) {
  return db_.one("SELECT bytes FROM attachment WHERE hash=?", {arg(BytesView(hash))},
                 [](Row row) { return to_bytes(row.bytes(0)); });
}
Result<bool> Store::has_attachment(const Hash& hash) {
  TN_TRY(const auto found, db_.one("SELECT 1 FROM attachment WHERE hash=?",
                                   {arg(BytesView(hash))}, [](Row) { return true; }));
  return found.value_or(false);
}
Result<std::vector<Hash>> Store::all_attachments() {
  return collect<Hash>(db_, "SELECT hash FROM attachment", {},
                       [](Row row) -> Result<Hash> { return row.array<Hash>(0); });
}
Result<std::vector<Store::PendingAttachment>> Store::pending_attachments() {
  return collect<PendingAttachment>(
      db_, "SELECT hash, size, media_type FROM attachment WHERE stored_by_server=0", {},
      [](Row row) -> Result<PendingAttachment> {
        return PendingAttachment{row.array<Hash>(0), row.number(1), row.text(2)};
      });
}
Result<void> Store::attachment_stored(const Hash& hash) {
  return db_.run("UPDATE attachment SET stored_by_server=1 WHERE hash=?", {arg(BytesView(hash))});
}
Result<void> Store::attachment_wanted(const Hash& hash) {
  return db_.run("UPDATE attachment SET stored_by_server=0 WHERE hash=?", {arg(BytesView(hash))});
}

Result<void> Store::put_lease(const body::LeaseGranted& lease) {
  return db_.run("INSERT OR IGNORE INTO lease(kind,prefix,first,count) VALUES(?,?,?,?)",
                 {arg(static_cast<std::uint64_t>(lease.kind)), arg(std::string_view(lease.prefix)),
                  arg(std::uint64_t{lease.first}), arg(std::uint64_t{lease.count})});
}
Result<std::optional<std::string>> Store::take_number(body::NumberKind kind) {
  const auto kind_number = static_cast<std::uint64_t>(kind);
  struct Next {
    std::string prefix;
    std::uint64_t first{};
    std::uint64_t used{};
  };
  TN_TRY(const auto next,
         db_.one("SELECT prefix, first, used FROM lease WHERE kind=? AND used<count "
                 "ORDER BY first LIMIT 1",
                 {arg(kind_number)}, [](Row row) {
                   return Next{row.text(0), row.number(1), row.number(2)};
                 }));
  if (!next) return std::optional<std::string>();
  TN_CHECK(db_.run("UPDATE lease SET used=used+1 WHERE kind=? AND prefix=? AND first=?",
                   {arg(kind_number), arg(std::string_view(next->prefix)), arg(next->first)}));
  return std::optional<std::string>(format_number(
      kind, next->prefix, static_cast<std::uint32_t>(next->first + next->used)));
}
Result<std::uint32_t> Store::numbers_left(body::NumberKind kind) {
  TN_TRY(const auto left, db_.one("SELECT ifnull(sum(count-used),0) FROM lease WHERE kind=?",
                                  {arg(static_cast<std::uint64_t>(kind))},
                                  [](Row row) { return row.number(0); }));
  return static_cast<std::uint32_t>(left.value_or(0));
}

}  // namespace tannha
