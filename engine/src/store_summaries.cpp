// What was derived from a dossier's records and is kept beside them.

#include "store_places.hpp"
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

// A store of before there were summaries gets them; they can be made from what it holds.
Result<void> Store::make_summaries(sqlite::Database& db) {
  TN_TRY(const auto found, db.one("SELECT 1 FROM sqlite_schema WHERE name='summary_of_forgotten'",
                                  {}, [](Row) { return true; }));
  if (found) return {};
  TN_TRY(auto transaction, sqlite::Transaction::begin(db));
  TN_CHECK(db.exec(summary_schema));
  return transaction.commit();
}

Result<std::vector<Store::Summary>> Store::summaries(std::uint64_t version) {
  TN_CHECK(ready());
  std::vector<Summary> out;
  TN_CHECK(db_.each("SELECT d.dossier, s.bytes FROM (SELECT dossier, MIN(record) AS first "
                    "FROM dossier_record WHERE dossier NOT IN "
                    "(SELECT dossier FROM forget WHERE erased<>0) GROUP BY dossier) d "
                    "LEFT JOIN summary s ON s.dossier=d.dossier AND s.version=? ORDER BY d.first",
                    {arg(version)}, [&](Row row) {
                      Summary& summary = out.emplace_back(row.array<Id>(0));
                      if (!row.is_null(1)) summary.sealed = to_bytes(row.bytes(1));
                      return true;
                    }));
  return out;
}

Result<Bytes> Store::open_summary(const Summary& summary) const {
  return vault_.unseal(as_bytes(place_of_summary(summary.dossier)), *summary.sealed);
}

Result<void> Store::keep_summary(const Id& dossier, std::uint64_t version, BytesView bytes) {
  TN_TRY(const Bytes sealed, vault_.seal(as_bytes(place_of_summary(dossier)), bytes));
  return db_.run("INSERT OR REPLACE INTO summary VALUES(?,?,?)",
                 {arg(BytesView(dossier)), arg(version), arg(BytesView(sealed))});
}

}  // namespace tannha
