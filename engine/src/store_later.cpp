// What stores have that the first ones had not, and how a store of before gets it.

#include "tannha/engine/store.hpp"

namespace tannha {

using sqlite::arg;
using sqlite::Row;

// Whatever a summary is derived from is a column of record, and which records are about a dossier
// is a row of dossier_record. A record of a batch is about several.
const char* const Store::later_schema = R"sql(
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
CREATE TABLE IF NOT EXISTS large(key TEXT PRIMARY KEY, value BLOB NOT NULL);
)sql";

Result<void> Store::make_later_tables(sqlite::Database& db) {
  TN_TRY(const auto found, db.one("SELECT 1 FROM sqlite_schema WHERE name='large'", {},
                                  [](Row) { return true; }));
  if (found) return {};
  TN_TRY(auto transaction, sqlite::Transaction::begin(db));
  TN_CHECK(db.exec(later_schema));
  return transaction.commit();
}

Result<std::optional<Bytes>> Store::large_value(std::string_view key) {
  TN_TRY(auto found, db_.one("SELECT value FROM large WHERE key=?", {arg(key)},
                             [](Row row) { return to_bytes(row.bytes(0)); }));
  if (found) return found;
  // Of a store that had it among the others. Where there is no room it stays there.
  TN_TRY(found, value(key));
  if (found && !db_.in_transaction()) (void)set_large_value(key, *found).has_value();
  return found;
}

Result<void> Store::set_large_value(std::string_view key, BytesView value) {
  TN_CHECK(db_.run("INSERT OR REPLACE INTO large VALUES(?,?)", {arg(key), arg(value)}));
  return db_.run("DELETE FROM meta WHERE key=?", {arg(key)});
}

}  // namespace tannha
