// What stores have that the first ones had not, and how a store of before gets it.

#include "tannha/engine/store.hpp"

namespace tannha {

using sqlite::arg;
using sqlite::Row;

// Whatever a summary is derived from is a column of record, and which records are about a dossier
// is a row of dossier_record. A record of a batch is about several.
const char* const Store::summary_schema = R"sql(
CREATE TABLE IF NOT EXISTS summary(
  dossier BLOB PRIMARY KEY, version INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS summary_of_more AFTER INSERT ON dossier_record BEGIN
  DELETE FROM summary WHERE dossier=new.dossier;
END;
CREATE TRIGGER IF NOT EXISTS summary_of_changed AFTER UPDATE ON record BEGIN
  DELETE FROM summary WHERE dossier IN
    (SELECT dossier FROM dossier_record WHERE record=new.id);
END;
CREATE TRIGGER IF NOT EXISTS summary_of_left AFTER INSERT ON forget BEGIN
  DELETE FROM summary WHERE dossier=new.dossier;
END;
CREATE TRIGGER IF NOT EXISTS summary_of_forgotten AFTER UPDATE ON forget BEGIN
  DELETE FROM summary WHERE dossier=new.dossier;
END;
)sql";
const char* const Store::large_schema =
    "CREATE TABLE IF NOT EXISTS large(key TEXT PRIMARY KEY, value BLOB NOT NULL);";

// They can be made from what the store holds.
Result<void> Store::make_summaries(sqlite::Database& db) {
  TN_TRY(const auto& found, db.one("SELECT 1 FROM sqlite_schema WHERE name='summary_of_forgotten'",
                                  {}, [](Row) { return true; }));
  if (found) return {};
  TN_TRY(auto transaction, sqlite::Transaction::begin(db));
  TN_CHECK(db.exec(summary_schema));
  return transaction.commit();
}

// A full store of before must be read without being written: there they are among the others until
// the next ones come.
Result<std::optional<Bytes>> Store::large_value(std::string_view key) {
  TN_TRY(const auto& is_apart, db_.one("SELECT 1 FROM sqlite_schema WHERE name='large'", {},
                                      [](Row) { return true; }));
  if (!is_apart) return value(key);
  TN_TRY(auto found, db_.one("SELECT value FROM large WHERE key=?", {arg(key)},
                             [](Row row) { return to_bytes(row.bytes(0)); }));
  return found ? Result<std::optional<Bytes>>(std::move(found)) : value(key);
}

Result<void> Store::set_large_value(std::string_view key, BytesView value) {
  // Inside somebody's transaction it is a part of that one.
  std::optional<sqlite::Transaction> own;
  if (!db_.in_transaction()) {
    TN_TRY(auto begun, sqlite::Transaction::begin(db_));
    own.emplace(std::move(begun));
  }
  TN_CHECK(db_.exec(large_schema));
  // What it had among the others is room for it.
  TN_CHECK(db_.run("DELETE FROM meta WHERE key=?", {arg(key)}));
  TN_CHECK(db_.run("INSERT OR REPLACE INTO large VALUES(?,?)", {arg(key), arg(value)}));
  return own ? own->commit() : Result<void>();
}

}  // namespace tannha
