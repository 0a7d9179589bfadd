#include "tannha/engine/store.hpp"

#include "store_places.hpp"
#include "tannha/protocol/fields.hpp"

namespace tannha {
namespace {

using sqlite::arg;
using sqlite::collect;
using sqlite::first_of;
using sqlite::Row;

constexpr std::uint64_t schema_version = 1;

// Rows are appended in order of arrival, so that hot pages stay together. A verdict of NULL means
// that the registry has not spoken; a receipt of NULL that it has not been proved; a body of NULL
// that it is withheld or erased. Sealed are record.body, attachment.bytes, log.intro and the values
// of both tables of secrets.
constexpr const char* schema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE secret(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE secret_copy(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE log(id BLOB PRIMARY KEY, intro BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE record(
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  log BLOB NOT NULL,
  seq INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  body BLOB,
  erased INTEGER NOT NULL DEFAULT 0,
  author BLOB NOT NULL,
  origin INTEGER NOT NULL,
  verdict INTEGER,
  reason INTEGER,
  leaf INTEGER,
  receipt BLOB,
  claimed_ms INTEGER NOT NULL);
CREATE INDEX record_by_log ON record(log, seq);
CREATE INDEX record_held ON record(id) WHERE verdict=2;
CREATE INDEX record_unproved ON record(id) WHERE receipt IS NULL;
CREATE TABLE dossier_record(
  dossier BLOB NOT NULL, record INTEGER NOT NULL REFERENCES record(id),
  PRIMARY KEY(dossier, record)) WITHOUT ROWID;
CREATE INDEX dossier_of_record ON dossier_record(record);
CREATE TABLE attachment_record(
  attachment BLOB NOT NULL, record INTEGER NOT NULL REFERENCES record(id),
  PRIMARY KEY(attachment, record)) WITHOUT ROWID;
CREATE INDEX attachment_of_record ON attachment_record(record);
CREATE TABLE forget(
  dossier BLOB PRIMARY KEY,
  asked INTEGER NOT NULL DEFAULT 0,
  erased INTEGER NOT NULL DEFAULT 0, -- 2: something came again, and is not shown
  told INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
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
  expires_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(kind, prefix, first)) WITHOUT ROWID;
)sql";

constexpr const char* record_columns =
    "SELECT envelope, body, author, verdict, reason, leaf, origin, receipt, hash, erased "
    "FROM record ";

Ruling ruling_of(const Row& row, int verdict, int reason) {
  if (row.is_null(verdict)) return {};
  Ruling ruling{static_cast<Verdict>(row.number(verdict)), std::nullopt};
  if (!row.is_null(reason)) ruling.reason = static_cast<errc>(row.number(reason));
  return ruling;
}

/// The attachments that a record names, once each or more often.
std::vector<Hash> attachments_of(const Record& record) {
  switch (record.header.type) {
    case RecordType::attachment_added: {
      const auto added = body::decode<body::AttachmentAdded>(record.body);
      if (added) return {added->hash};
      break;
    }
    case RecordType::sealed: {
      const auto sealed = body::decode<body::Sealed>(record.body);
      if (sealed) return sealed->attachments;
      break;
    }
    case RecordType::confirmed: {
      const auto confirmed = body::decode<body::Confirmed>(record.body);
      if (confirmed && confirmed->signature_image) return {*confirmed->signature_image};
      break;
    }
    case RecordType::delivered: {
      const auto delivered = body::decode<body::Delivered>(record.body);
      if (delivered && delivered->signature_image) return {*delivered->signature_image};
      break;
    }
    default:
      break;
  }
  return {};
}

}  // namespace

Result<Store> Store::open(const std::string& path, sqlite::Mode mode) {
  static const std::string whole_schema = std::string(schema) + Vault::schema + summary_schema + large_schema;
  TN_TRY(sqlite::Database db,
         sqlite::Database::open(path, mode, whole_schema.c_str(), schema_version));
  if (mode != sqlite::Mode::read_only) {
    // Erased is erased: freed space is overwritten. Sorting leaves no files behind.
    TN_CHECK(db.exec("PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY"));
  }
  Store store(std::move(db));
  if (mode != sqlite::Mode::read_only) {
    // A full disk keeps nobody from what is stored.
    TN_CHECK(store.with_reserve([&] { return make_summaries(store.db_); }));
  }
  return store;
}

Result<void> Store::unlock(Host& host, const Unlock& unlock) {
  TN_TRY(const auto& needs, Vault::needs(db_));
  return needs ? vault_.unlock(db_, host, unlock) : vault_.make(db_, host, unlock);
}

void Store::lock() {
  vault_.lock();
  drop_kept();
}
bool Store::lock_if_idle() {
  if (vault_.lock_if_idle()) drop_kept();
  return is_locked();
}

Result<void> Store::check_file() {
  TN_TRY(const auto& finding,
         db_.one("PRAGMA quick_check(1)", {}, [](Row row) { return row.text(0); }));
  if (finding != "ok") return fail(errc::store_corrupt, finding.value_or("no answer"));
  return {};
}

Result<void> Store::ready() const {
  if (vault_.is_locked()) return fail(errc::vault_locked);
  return {};
}

Result<std::optional<Bytes>> Store::value(std::string_view key) {
  return db_.one("SELECT value FROM meta WHERE key=?", {arg(key)},
                 [](Row row) { return to_bytes(row.bytes(0)); });
}
Result<std::vector<Bytes>> Store::values(std::string_view prefix) {
  std::string end(prefix);
  ++end.back();
  return collect<Bytes>(db_, "SELECT value FROM meta WHERE key>=? AND key<?",
                        {arg(prefix), arg(std::string_view(end))},
                        [](Row row) -> Result<Bytes> { return to_bytes(row.bytes(0)); });
}
Result<void> Store::set_value(std::string_view key, BytesView value) {
  return db_.run("INSERT OR REPLACE INTO meta VALUES(?,?)", {arg(key), arg(value)});
}
Result<std::uint64_t> Store::number(std::string_view key) {
  TN_TRY(const auto& n, db_.one("SELECT value FROM meta WHERE key=?", {arg(key)},
                               [](Row row) { return row.number(0); }));
  return n.value_or(0);
}
Result<void> Store::set_number(std::string_view key, std::uint64_t number) {
  return db_.run("INSERT OR REPLACE INTO meta VALUES(?,?)", {arg(key), arg(number)});
}

Result<std::optional<Bytes>> Store::secret(std::string_view key) {
  TN_CHECK(ready());
  TN_TRY(const auto& sealed, db_.one("SELECT value FROM secret WHERE key=?", {arg(key)},
                                    [](Row row) { return to_bytes(row.bytes(0)); }));
  if (!sealed) return std::optional<Bytes>();
  TN_TRY(Bytes plain, vault_.unseal(as_bytes(place_of_secret(key)), *sealed));
  return std::optional<Bytes>(std::move(plain));
}
Result<void> Store::set_secret(std::string_view key, BytesView value) {
  TN_TRY(const Bytes& sealed, vault_.seal(as_bytes(place_of_secret(key)), value));
  TN_CHECK(
      db_.run("INSERT OR REPLACE INTO secret VALUES(?,?)", {arg(key), arg(BytesView(sealed))}));
  return db_.run("INSERT OR REPLACE INTO secret_copy VALUES(?,?)",
                 {arg(key), arg(BytesView(sealed))});
}
Result<void> Store::erase_secret(std::string_view key) {
  db_.clear_wal_at_commit();
  TN_CHECK(db_.run("DELETE FROM secret WHERE key=?", {arg(key)}));
  return db_.run("DELETE FROM secret_copy WHERE key=?", {arg(key)});
}

Result<void> Store::put_log(const LogIntro& intro) {
  const Hash id = intro.log_id();
  TN_TRY(const Bytes& sealed, vault_.seal(as_bytes(place_of_log(id)), fields::encode(intro)));
  return db_.run("INSERT OR IGNORE INTO log VALUES(?,?)",
                 {arg(BytesView(id)), arg(BytesView(sealed))});
}
Result<std::optional<LogIntro>> Store::log(const Hash& id) {
  TN_CHECK(ready());
  TN_TRY(const auto& sealed, db_.one("SELECT intro FROM log WHERE id=?", {arg(BytesView(id))},
                                    [](Row row) { return to_bytes(row.bytes(0)); }));
  if (!sealed) return std::optional<LogIntro>();
  TN_TRY(const Bytes& bytes, vault_.unseal(as_bytes(place_of_log(id)), *sealed));
  TN_TRY(LogIntro intro, fields::decode<LogIntro>(bytes, errc::store_corrupt));
  return std::optional<LogIntro>(std::move(intro));
}
Result<std::vector<LogIntro>> Store::all_logs() {
  TN_CHECK(ready());
  return collect<LogIntro>(db_, "SELECT id, intro FROM log", {}, [&](Row row) -> Result<LogIntro> {
    TN_TRY(const Bytes& bytes,
           vault_.unseal(as_bytes(place_of_log(row.array<Hash>(0))), row.bytes(1)));
    return fields::decode<LogIntro>(bytes, errc::store_corrupt);
  });
}

void Store::drop_kept() {
  for (auto& [hash, record] : kept_.records) wipe(record.body);
  kept_ = {};
}

void Store::keep(const Record& record) {
  const std::size_t size = record.envelope.size() + record.body.size();
  if (!record.has_body() || kept_.bytes + size > kept_bytes_max) return;
  if (kept_.records.try_emplace(record.hash, record).second) kept_.bytes += size;
}

Result<Record> Store::open_record(const Row& row) const {
  Bytes body;
  if (!row.is_null(1)) {
    TN_CHECK(ready());
    const auto kept = kept_.records.find(row.array<Hash>(8));
    if (kept != kept_.records.end()) return kept->second;
    TN_TRY(body, vault_.unseal(row.bytes(8), row.bytes(1)));
  }
  auto record = decode_record(row.bytes(0), body);
  // Bytes that decode are not yet the bytes that were stored.
  if (!record || record->hash != row.array<Hash>(8)) {
    return fail(errc::store_corrupt, "record " + to_hex(row.bytes(8)));
  }
  return record;
}

Result<StoredRecord> Store::read_record(const Row& row) const {
  StoredRecord stored;
  TN_TRY(stored.evidence.record, open_record(row));
  stored.evidence.author = row.array<Id>(2);
  stored.evidence.ruling = ruling_of(row, 3, 4);
  if (!row.is_null(5)) stored.evidence.leaf_index = row.number(5);
  stored.origin = static_cast<Origin>(row.number(6));
  if (!row.is_null(7)) {
    TN_TRY(stored.receipt, fields::decode<Receipt>(row.bytes(7), errc::store_corrupt));
  }
  stored.erased = row.number(9) != 0;
  return stored;
}

Result<bool> Store::insert(const Evidence& e, Origin origin, const Receipt* receipt) {
  TN_CHECK(ready());
  const RecordHeader& h = e.record.header;
  const bool ruled = e.ruling.verdict != Verdict::provisional;
  const sqlite::Arg none = nullptr;
  Bytes body;
  if (e.record.has_body()) {
    TN_TRY(body, vault_.seal(e.record.hash, e.record.body));
  }
  const Bytes proof = receipt ? fields::encode(*receipt) : Bytes();
  TN_CHECK(db_.run(
      "INSERT OR IGNORE INTO record(hash,log,seq,envelope,body,author,origin,verdict,reason,leaf,"
      "claimed_ms,receipt) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
      {arg(BytesView(e.record.hash)), arg(BytesView(h.log_id)), arg(h.seq),
       arg(BytesView(e.record.envelope)), e.record.has_body() ? arg(BytesView(body)) : none,
       arg(BytesView(e.author)), arg(static_cast<std::uint64_t>(origin)),
       ruled ? arg(static_cast<std::uint64_t>(e.ruling.verdict)) : none,
       e.ruling.reason ? arg(static_cast<std::uint64_t>(*e.ruling.reason)) : none,
       e.leaf_index ? arg(*e.leaf_index) : none, arg(h.claimed_ms),
       receipt ? arg(BytesView(proof)) : none}));
  if (db_.changes() == 0) {
    if (!e.record.has_body()) return false;
    return put_body_back(e.record, body);
  }
  TN_CHECK(index(e.record, db_.last_row_id()));
  return true;
}

Result<bool> Store::put_body_back(const Record& record, BytesView sealed) {
  TN_TRY(const auto& id,
         db_.one("SELECT id FROM record WHERE hash=? AND body IS NULL",
                 {arg(BytesView(record.hash))}, [](Row row) { return row.number(0); }));
  if (!id) return false;
  TN_CHECK(db_.run("UPDATE record SET body=?, erased=0 WHERE id=?", {arg(sealed), arg(*id)}));
  TN_CHECK(index(record, *id));
  return true;
}

Result<void> Store::index(const Record& record, std::uint64_t row_id) {
  for (const Id& dossier : body::dossiers(record)) {
    TN_CHECK(db_.run("INSERT OR IGNORE INTO dossier_record VALUES(?,?)",
                     {arg(BytesView(dossier)), arg(row_id)}));
  }
  for (const Hash& attachment : attachments_of(record)) {
    TN_CHECK(db_.run("INSERT OR IGNORE INTO attachment_record VALUES(?,?)",
                     {arg(BytesView(attachment)), arg(row_id)}));
  }
  return {};
}

Result<std::optional<StoredRecord>> Store::record(const Hash& hash) {
  TN_CHECK(ready());
  static const std::string sql = std::string(record_columns) + "WHERE hash=?";
  TN_TRY(auto rows, collect<StoredRecord>(db_, sql.c_str(), {arg(BytesView(hash))},
                                          [&](Row row) { return read_record(row); }));
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
  const auto retry = [&] {
    return db_.run("UPDATE record SET verdict=NULL, reason=NULL "
                   "WHERE receipt IS NULL AND verdict IS NOT NULL");
  };
  TN_CHECK(with_reserve(retry));
  return db_.changes();
}

Result<std::vector<Id>> Store::dossiers() {
  return collect<Id>(db_,
                     "SELECT dossier FROM dossier_record WHERE dossier NOT IN "
                     "(SELECT dossier FROM forget WHERE erased<>0) "
                     "GROUP BY dossier ORDER BY MIN(record)",
                     {}, [](Row row) -> Result<Id> { return row.array<Id>(0); });
}
Result<bool> Store::has_dossier(const Id& id) {
  TN_TRY(const auto& found, db_.one("SELECT 1 FROM dossier_record WHERE dossier=? LIMIT 1",
                                   {arg(BytesView(id))}, [](Row) { return true; }));
  return found.value_or(false);
}
Result<std::vector<StoredRecord>> Store::records(const Id& dossier) {
  TN_CHECK(ready());
  static const std::string sql =
      std::string(record_columns) +
      "JOIN dossier_record ON record=id WHERE dossier=? ORDER BY record";
  if (kept_.dossier != dossier) {
    drop_kept();
    kept_.dossier = dossier;
  }
  TN_TRY(std::vector<StoredRecord> out,
         collect<StoredRecord>(db_, sql.c_str(), {arg(BytesView(dossier))},
                               [&](Row row) { return read_record(row); }));
  for (const StoredRecord& stored : out) keep(stored.evidence.record);
  return out;
}
Result<std::vector<Evidence>> Store::dossier(const Id& id) {
  TN_TRY(std::vector<StoredRecord> stored, records(id));
  std::vector<Evidence> out;
  out.reserve(stored.size());
  for (StoredRecord& r : stored) out.push_back(std::move(r.evidence));
  return out;
}
Result<std::vector<StoredRecord>> Store::about_no_dossier() {
  TN_CHECK(ready());
  static const std::string sql =
      std::string(record_columns) +
      "WHERE NOT EXISTS (SELECT 1 FROM dossier_record d WHERE d.record=record.id) ORDER BY id";
  return collect<StoredRecord>(db_, sql.c_str(), {}, [&](Row row) { return read_record(row); });
}
Result<std::vector<StoredRecord>> Store::held() {
  TN_CHECK(ready());
  static const std::string sql = std::string(record_columns) + "WHERE verdict=2 ORDER BY id";
  return collect<StoredRecord>(db_, sql.c_str(), {}, [&](Row row) { return read_record(row); });
}
Result<std::vector<StoredRecord>> Store::all() {
  TN_CHECK(ready());
  static const std::string sql = std::string(record_columns) + "ORDER BY id";
  return collect<StoredRecord>(db_, sql.c_str(), {}, [&](Row row) { return read_record(row); });
}

Result<std::vector<Record>> Store::unsent(std::size_t count_max, std::size_t bytes_max) {
  TN_CHECK(ready());
  static const std::string sql =
      std::string(record_columns) +
      "WHERE receipt IS NULL AND verdict IS NULL AND origin<2 ORDER BY id LIMIT ?";
  std::vector<Record> out;
  std::size_t bytes = 0;
  Result<void> state;
  TN_CHECK(db_.each(sql.c_str(), {arg(std::uint64_t{count_max})}, [&](Row row) {
    auto stored = read_record(row);
    if (!stored) {
      state = std::unexpected(stored.error());
      return false;
    }
    Record& record = stored->evidence.record;
    bytes += record.envelope.size() + record.body.size();
    if (!out.empty() && bytes > bytes_max) return false;
    out.push_back(std::move(record));
    return true;
  }));
  TN_CHECK(state);
  return out;
}

Result<exchange::Holds> Store::holds() {
  exchange::Holds holds;
  TN_CHECK(
      db_.each("SELECT count(*), min(claimed_ms) FROM record WHERE receipt IS NULL AND origin<2 "
               "AND (origin=0 OR verdict IS NOT 3 OR reason IS NOT 41)",
               {}, [&](Row row) {
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
  TN_TRY(const Bytes& sealed, vault_.seal(hash, bytes));
  return db_.run("INSERT OR IGNORE INTO attachment(hash,size,media_type,bytes) VALUES(?,?,?,?)",
                 {arg(BytesView(hash)), arg(std::uint64_t{bytes.size()}), arg(media_type),
                  arg(BytesView(sealed))});
}
Result<std::optional<Bytes>> Store::attachment(const Hash& hash) {
  TN_CHECK(ready());
  TN_TRY(auto found,
         collect<Bytes>(db_, "SELECT bytes FROM attachment WHERE hash=?", {arg(BytesView(hash))},
                        [&](Row row) { return vault_.unseal(hash, row.bytes(0)); }));
  return first_of(std::move(found));
}
Result<bool> Store::has_attachment(const Hash& hash) {
  TN_TRY(const auto& found, db_.one("SELECT 1 FROM attachment WHERE hash=?", {arg(BytesView(hash))},
                                   [](Row) { return true; }));
  return found.value_or(false);
}
Result<std::vector<Hash>> Store::all_attachments() {
  return collect<Hash>(db_, "SELECT hash FROM attachment", {},
                       [](Row row) -> Result<Hash> { return row.array<Hash>(0); });
}
Result<std::vector<Store::PendingAttachment>> Store::pending_attachments() {
  return collect<PendingAttachment>(
      db_,
      "SELECT hash, size, media_type, EXISTS(SELECT 1 FROM attachment_record n "
      "JOIN record r ON r.id=n.record "
      "WHERE n.attachment=attachment.hash AND r.receipt IS NOT NULL) "
      "FROM attachment WHERE stored_by_server=0",
      {}, [](Row row) -> Result<PendingAttachment> {
        return PendingAttachment{row.array<Hash>(0), row.number(1), row.text(2),
                                 row.number(3) != 0};
      });
}
Result<void> Store::attachment_stored(const Hash& hash) {
  return with_reserve([&] {
    return db_.run("UPDATE attachment SET stored_by_server=1 WHERE hash=?",
                   {arg(BytesView(hash))});
  });
}
Result<void> Store::attachment_wanted(const Hash& hash) {
  return db_.run("UPDATE attachment SET stored_by_server=0 WHERE hash=?", {arg(BytesView(hash))});
}

}  // namespace tannha
