// What was derived from a dossier's records and is kept beside them.

#include "store_places.hpp"
#include "tannha/engine/store.hpp"

namespace tannha {

using sqlite::arg;
using sqlite::Row;

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
  TN_TRY(const Bytes& sealed, vault_.seal(as_bytes(place_of_summary(dossier)), bytes));
  return db_.run("INSERT OR REPLACE INTO summary VALUES(?,?,?)",
                 {arg(BytesView(dossier)), arg(version), arg(BytesView(sealed))});
}

}  // namespace tannha
