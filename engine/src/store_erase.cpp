// What a device erases, and when it may: never before the registry has it.

#include "tannha/engine/store.hpp"

namespace tannha {
namespace {

using sqlite::arg;
using sqlite::Database;
using sqlite::Row;

Result<bool> exists(Database& db, const char* sql, sqlite::Args args = {}) {
  TN_TRY(const auto& found, db.one(sql, args, [](Row) { return true; }));
  return found.value_or(false);
}

// What is carried, and was refused because its log is not the registry's, is as good as delivered.
static_assert(static_cast<int>(Origin::own) == 0 && static_cast<int>(Origin::carried) == 1);
static_assert(static_cast<int>(Verdict::refused) == 3);
static_assert(static_cast<int>(errc::certificate_unknown) == 41);

Result<std::vector<Id>> ids(Database& db, const char* sql) {
  return sqlite::collect<Id>(db, sql, {}, [](Row row) -> Result<Id> { return row.array<Id>(0); });
}

}  // namespace

Result<void> Store::want_forget(const Id& dossier) {
  // Asked again, the registry has not heard that it is done.
  return db_.run(
      "INSERT INTO forget(dossier,asked) VALUES(?,1) "
      "ON CONFLICT(dossier) DO UPDATE SET asked=1, told=0",
      {arg(BytesView(dossier))});
}
Result<void> Store::cancel_forget(const Id& dossier) {
  return db_.run("DELETE FROM forget WHERE dossier=?", {arg(BytesView(dossier))});
}
Result<void> Store::forget_again(const Id& dossier) {
  TN_CHECK(db_.run("DELETE FROM forget WHERE dossier=? AND asked=0", {arg(BytesView(dossier))}));
  return db_.run("UPDATE forget SET erased=0, told=0 WHERE dossier=? AND erased<>0",
                 {arg(BytesView(dossier))});
}
Result<void> Store::forget_again_unseen(const Id& dossier) {
  TN_CHECK(db_.run("DELETE FROM forget WHERE dossier=? AND asked=0", {arg(BytesView(dossier))}));
  return db_.run("UPDATE forget SET erased=2, told=0 WHERE dossier=? AND erased=1",
                 {arg(BytesView(dossier))});
}
Result<void> Store::forget_in_advance(const Id& dossier) {
  return db_.run("INSERT OR IGNORE INTO forget(dossier,asked,erased,told) VALUES(?,1,1,1)",
                 {arg(BytesView(dossier))});
}
Result<std::vector<Id>> Store::forgets() {
  return ids(db_, "SELECT dossier FROM forget WHERE asked=1 AND erased<>1");
}
Result<void> Store::forget_done(const Id& dossier) {
  return db_.run("UPDATE forget SET erased=1 WHERE dossier=?", {arg(BytesView(dossier))});
}
Result<std::vector<Id>> Store::forgotten() {
  return ids(db_, "SELECT dossier FROM forget WHERE asked=1 AND erased=1 AND told=0");
}
Result<void> Store::forget_acknowledged(const Id& dossier) {
  return db_.run("UPDATE forget SET told=1 WHERE dossier=? AND erased=1",
                 {arg(BytesView(dossier))});
}
Result<bool> Store::is_forgotten(const Id& dossier) {
  return exists(db_, "SELECT 1 FROM forget WHERE dossier=? AND erased<>0",
                {arg(BytesView(dossier))});
}

Result<bool> Store::erase_dossier(const Id& dossier) {
  const sqlite::Arg id = arg(BytesView(dossier));
  TN_TRY(const bool unsent, exists(db_,
                                   "SELECT 1 FROM dossier_record d JOIN record r ON r.id=d.record "
                                   "WHERE d.dossier=? AND r.receipt IS NULL AND r.origin<2 "
                                   "AND (r.origin=0 OR r.verdict IS NOT 3 OR r.reason IS NOT 41) "
                                   "LIMIT 1",
                                   {id}));
  if (unsent) return false;
  TN_TRY(const bool not_stored, exists(db_,
                                       "SELECT 1 FROM dossier_record d "
                                       "JOIN attachment_record n ON n.record=d.record "
                                       "JOIN attachment a ON a.hash=n.attachment "
                                       "WHERE d.dossier=? AND a.stored_by_server=0 LIMIT 1",
                                       {id}));
  if (not_stored) return false;
  db_.clear_wal_at_commit();
  // Nor does memory keep what is in it.
  drop_kept();
  TN_CHECK(
      db_.run("INSERT INTO forget(dossier,erased) VALUES(?,1) "
              "ON CONFLICT(dossier) DO UPDATE SET erased=1",
              {id}));
  // A record of a batch keeps its body until the last dossier of the batch is forgotten.
  TN_CHECK(
      db_.run("UPDATE record SET body=NULL, erased=1 WHERE body IS NOT NULL "
              "AND id IN (SELECT record FROM dossier_record WHERE dossier=?) "
              "AND NOT EXISTS (SELECT 1 FROM dossier_record o WHERE o.record=record.id "
              "AND o.dossier NOT IN (SELECT dossier FROM forget WHERE erased<>0)) "
              "AND (receipt IS NOT NULL OR origin=2)",
              {id}));
  TN_CHECK(
      db_.run("DELETE FROM attachment WHERE hash IN (SELECT n.attachment FROM dossier_record d "
              "JOIN attachment_record n ON n.record=d.record WHERE d.dossier=?) "
              "AND NOT EXISTS (SELECT 1 FROM attachment_record k JOIN record r ON r.id=k.record "
              "WHERE k.attachment=attachment.hash AND r.body IS NOT NULL "
              "AND (r.origin<>1 OR r.verdict IS NOT 3 OR r.receipt IS NOT NULL))",
              {id}));
  return true;
}

Result<bool> Store::is_clean() {
  TN_TRY(const bool unsent,
         exists(db_, "SELECT 1 FROM record WHERE receipt IS NULL AND origin<2 "
                     "AND (origin=0 OR verdict IS NOT 3 OR reason IS NOT 41) LIMIT 1"));
  if (unsent) return false;
  TN_TRY(const bool not_stored,
         exists(db_, "SELECT 1 FROM attachment WHERE stored_by_server=0 LIMIT 1"));
  return !not_stored;
}

Result<void> Store::erase_everything(bool with_keys) {
  TN_TRY(auto transaction, sqlite::Transaction::begin(db_));
  TN_TRY(const bool clean, is_clean());
  if (!clean) return fail(errc::store_unsent);
  db_.clear_wal_at_commit();
  drop_kept();
  TN_CHECK(
      db_.run("INSERT INTO forget(dossier,erased) "
              "SELECT DISTINCT dossier, 1 FROM dossier_record WHERE true "
              "ON CONFLICT(dossier) DO UPDATE SET erased=1"));
  TN_CHECK(db_.run("UPDATE record SET body=NULL, erased=1 WHERE body IS NOT NULL"));
  TN_CHECK(db_.run("DELETE FROM attachment"));
  // Closed and not deleted: the same lease seen again must not give its numbers again.
  TN_CHECK(close_all_leases());
  TN_CHECK(erase_secret("ticket"));
  TN_CHECK(db_.run("DELETE FROM log"));
  if (with_keys) {
    TN_CHECK(db_.run("DELETE FROM secret"));
    TN_CHECK(db_.run("DELETE FROM secret_copy"));
    TN_CHECK(vault_.destroy(db_));
    // Whoever is next begins anew: with another feed, perhaps at another registry. Why the device is
    // empty stays readable.
    TN_CHECK(
        db_.run("INSERT OR REPLACE INTO meta SELECT 'was_'||key, value FROM meta "
                "WHERE key IN ('revoked','erased_records')"));
    TN_CHECK(
        db_.run("DELETE FROM meta WHERE key IN ('revoked','erasing','erased_records',"
                "'erased_attachments','continue','stranded','rewound','feed_cursor','feed_behind',"
                "'snapshot','journal_size','journal_root','server_ahead_ms','contact_server_ms',"
                "'contact_monotonic_ms','contact_boot')"));
  }
  TN_CHECK(transaction.commit());
  if (with_keys) lock();
  return {};
}

}  // namespace tannha
