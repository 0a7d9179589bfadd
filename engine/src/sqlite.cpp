#include "tannha/engine/sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace tannha::sqlite {
namespace {

// Statements are kept under the address of their text; this one is the same for everybody.
constexpr const char* rollback_sql = "ROLLBACK";

errc to_errc(int code) {
  if (code == SQLITE_IOERR_NOMEM) return errc::store_memory;
  // A journal of the old kind is there while a file becomes a store with a WAL, and never after.
  if (code == SQLITE_READONLY_ROLLBACK) return errc::store_not_found;
  switch (code & 0xff) {
    case SQLITE_NOMEM:
      return errc::store_memory;
    case SQLITE_FULL:
      return errc::store_full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return errc::store_read_only;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
      return errc::store_corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return errc::store_busy;
    default:
      return errc::store_io;
  }
}

// Why a file could not be opened, made or extended SQLite leaves to the system's error number.
errc to_errc(sqlite3* db, int code) {
  const int kind = code & 0xff;
  const bool asks_system =
      kind == SQLITE_CANTOPEN || (kind == SQLITE_IOERR && code != SQLITE_IOERR_NOMEM);
  switch (db && asks_system ? sqlite3_system_errno(db) : 0) {
    case ENOSPC:
    case EDQUOT:
      return errc::store_full;
    case EROFS:
    case EACCES:
    case EPERM:
      return errc::store_read_only;
    default:
      return to_errc(code);
  }
}

// When nothing is wrong but that the file cannot be opened, it is missing, or it is missing and may
// not be made in its folder.
errc open_errc(sqlite3* db, const std::string& path, Mode mode, int code) {
  const int number = db ? sqlite3_system_errno(db) : 0;
  if ((code & 0xff) != SQLITE_CANTOPEN || number == EIO || number == EMFILE || number == ENFILE ||
      to_errc(db, code) == errc::store_full) {
    return to_errc(db, code);
  }
  if (mode == Mode::read_only) return errc::store_not_found;
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  int there = 0;
  const int rc = vfs->xAccess(vfs, folder.c_str(), SQLITE_ACCESS_EXISTS, &there);
  return rc == SQLITE_OK && there ? errc::store_read_only : errc::store_not_found;
}

// sqlite3_errmsg may quote SQL but never bound values, so it carries no personal data.
std::unexpected<Error> error(sqlite3* db, int code) {
  return fail(to_errc(db, code), std::string(db ? sqlite3_errmsg(db) : sqlite3_errstr(code)));
}

// A process that was killed before it had synced a commit, or after that sync had failed, leaves
// the commit in the WAL, where opening finds it: it would be shown, sent and built upon, and a
// power loss could still take it with all that comes behind it. After a sync that failed the system
// takes for written what may not be; so the WAL is written anew before it is synced, in its place,
// for which a full disk has room. Nobody else may write meanwhile.
Result<void> make_durable(sqlite3* db) {
  constexpr sqlite3_int64 piece_size_max = 65536;
  sqlite3_file* wal = nullptr;
  int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&wal));
  if (rc != SQLITE_OK) return error(db, rc);
  if (!wal || !wal->pMethods) return {};
  sqlite3_int64 size = 0;
  rc = wal->pMethods->xFileSize(wal, &size);
  Bytes piece(static_cast<std::size_t>(std::min(size, piece_size_max)));
  for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < size; at += piece_size_max) {
    const int count = static_cast<int>(std::min(size - at, piece_size_max));
    rc = wal->pMethods->xRead(wal, piece.data(), count, at);
    if (rc == SQLITE_OK) rc = wal->pMethods->xWrite(wal, piece.data(), count, at);
  }
  if (rc == SQLITE_OK && size > 0) rc = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
  if (rc != SQLITE_OK) return fail(to_errc(rc), std::string(sqlite3_errstr(rc)));
  return {};
}

int keep_text(void* out, int, char** values, char**) {
  static_cast<std::string*>(out)->assign(values[0] ? values[0] : "");
  return 0;
}

Result<void> configure(sqlite3* db, Mode mode) {
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, mode == Mode::exclusive ? 200 : 5000);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  std::string sql = "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;";
  if (mode == Mode::exclusive) {
    sql += "PRAGMA locking_mode=EXCLUSIVE;";
    std::string pages;
    const int rc = sqlite3_exec(db, (sql + "PRAGMA page_count").c_str(), keep_text, &pages, nullptr);
    if (rc != SQLITE_OK) return error(db, rc);
    // How a new file keeps its pages is fixed with its first page, which choosing the WAL writes. An
    // old one would be written for nothing.
    if (pages == "0") sql += "PRAGMA auto_vacuum=INCREMENTAL;";
  }
  // The store of a server: the pages that many logs and feeds end in stay in memory (64 MiB), and
  // what the WAL holds is carried over 1 MiB at a time, as everybody waits meanwhile. The defaults, 2
  // and 4 MiB, are for phones.
  if (mode == Mode::shared) sql += "PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=250;";
  if (mode == Mode::read_only) {
    // A reader that checkpointed could meet the writer's checkpoint (the WAL-reset race that
    // SQLite 3.40.1 still has), so it does neither that nor anything else that writes.
    sql += "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0;";
  } else {
    // On Apple's systems a plain fsync stops at the drive's cache; elsewhere this says nothing.
    sql += "PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON;";
    sql += "PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL;";
  }
  std::string answer;
  const int rc = sqlite3_exec(db, sql.c_str(), keep_text, &answer, nullptr);
  if (rc != SQLITE_OK) return error(db, rc);
  // SQLite says no error when it stays with the old journal. A database in memory has no other.
  if (mode != Mode::read_only && answer != "wal" && answer != "memory") {
    return fail(errc::store_io, "no WAL: " + answer);
  }
  return {};
}

int bind(sqlite3_stmt* s, int index, const Arg& value) {
  struct Binder {
    sqlite3_stmt* s;
    int i;
    int operator()(std::nullptr_t) const { return sqlite3_bind_null(s, i); }
    int operator()(std::int64_t n) const { return sqlite3_bind_int64(s, i, n); }
    int operator()(BytesView b) const {
      // A null pointer would bind NULL; an empty blob is another thing.
      return sqlite3_bind_blob64(s, i, b.empty() ? "" : static_cast<const void*>(b.data()),
                                 b.size(), SQLITE_STATIC);
    }
    int operator()(std::string_view t) const {
      return sqlite3_bind_text64(s, i, t.empty() ? "" : t.data(), t.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
  };
  return std::visit(Binder{s, index}, value);
}

}  // namespace

std::uint64_t Row::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
}
bool Row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
BytesView Row::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}
std::string Row::text(int column) const {
  return std::string(as_text(bytes(column)));
}

void Database::Closer::operator()(sqlite3* db) const {
  sqlite3_close_v2(db);
}

Result<Database> Database::open(const std::string& path, Mode mode) {
  sqlite3* raw = nullptr;
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int rc = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database db(raw);
  if (rc != SQLITE_OK) return fail(open_errc(raw, path, mode, rc), std::string(sqlite3_errstr(rc)));
  // SQLite opens what may not be written for reading, and stumbles over that only later.
  if (mode != Mode::read_only && sqlite3_db_readonly(raw, "main") == 1) {
    return fail(errc::store_read_only);
  }
  TN_CHECK(configure(raw, mode));
  // Made ready now: a transaction must end also when there is no memory for anything.
  TN_CHECK(db.prepare(rollback_sql, {}));
  if (mode != Mode::read_only) {
    // Opening is lazy; a store that cannot be written must say so now, not at the first record.
    TN_TRY(const Transaction alone, Transaction::begin(db));
    TN_CHECK(make_durable(raw));
  }
  return db;
}

Result<Database> Database::open(const std::string& path, Mode mode, const char* schema,
                                std::uint64_t version) {
  TN_TRY(Database db, open(path, mode));
  TN_TRY(const auto& found,
         db.one("PRAGMA user_version", {}, [](Row row) { return row.number(0); }));
  const std::uint64_t written = found.value_or(0);
  if (written != 0 && written != version) return fail(errc::store_version_unknown);
  if (written == 0) {
    if (mode == Mode::read_only) return fail(errc::store_not_found);
    TN_TRY(Transaction transaction, Transaction::begin(db));
    TN_CHECK(db.exec(schema));
    TN_CHECK(db.exec(("PRAGMA user_version=" + std::to_string(version)).c_str()));
    TN_CHECK(transaction.commit());
  }
  return db;
}

Database::Database(Database&&) noexcept = default;

Database& Database::operator=(Database&& other) noexcept {
  std::swap(undone_by_, other.undone_by_);
  std::swap(db_, other.db_);
  std::swap(statements_, other.statements_);
  std::swap(clear_wal_, other.clear_wal_);
  std::swap(has_reserve_, other.has_reserve_);
  return *this;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
}

Result<void> Database::exec(const char* sql) {
  const int rc = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return error(db_.get(), rc);
  return {};
}

Result<sqlite3_stmt*> Database::prepare(const char* sql, Args args) {
  sqlite3_stmt*& statement = statements_[sql];
  if (!statement) {
    const int rc =
        sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (rc != SQLITE_OK) {
      statements_.erase(sql);
      return error(db_.get(), rc);
    }
  }
  int index = 1;
  for (const Arg& value : args) {
    if (const int rc = bind(statement, index++, value); rc != SQLITE_OK) {
      return error(db_.get(), rc);
    }
  }
  return statement;
}

void Database::rollback() {
  undone_by_.reset();
  if (sqlite3_get_autocommit(db_.get())) return;
  sqlite3_stmt* statement = statements_[rollback_sql];
  const int rc = sqlite3_step(statement);
  sqlite3_reset(statement);
  // What is still open must not be taken for the next transaction.
  if (!sqlite3_get_autocommit(db_.get())) undone_by_ = error(db_.get(), rc).error();
}

Result<void> Database::check_not_undone(std::string_view sql) {
  if (!undone_by_) return {};
  // A rollback that failed is tried again.
  if (!sqlite3_get_autocommit(db_.get()) || sql.starts_with("BEGIN")) rollback();
  if (undone_by_) return std::unexpected(*undone_by_);
  return {};
}

Result<void> Database::run(const char* sql, Args args) {
  if (std::string_view(sql) == rollback_sql) {
    rollback();
    return {};
  }
  return each(sql, args, [](Row) { return true; });
}

Result<void> Database::each(const char* sql, Args args, const std::function<bool(Row)>& row) {
  TN_CHECK(check_not_undone(sql));
  const bool in_transaction = sqlite3_get_autocommit(db_.get()) == 0;
  TN_TRY(sqlite3_stmt * statement, prepare(sql, args));
  int rc = SQLITE_ROW;
  while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
    if (!row(Row(statement))) break;
  }
  Result<void> result;
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
    result = error(db_.get(), rc);
    if (in_transaction && sqlite3_get_autocommit(db_.get())) undone_by_ = result.error();
  }
  // Resetting ends the read and lets go of the caller's memory.
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return result;
}

Result<void> Database::copy_to(const std::string& path) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(
      path.c_str(), &raw,
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
      nullptr);
  const Database target(raw);
  if (opened != SQLITE_OK) return error(raw, opened);
  sqlite3_backup* const backup = sqlite3_backup_init(raw, "main", db_.get(), "main");
  if (!backup) return error(raw, sqlite3_errcode(raw));
  // In one step, so that it is one state: between two, another one would begin anew.
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) return error(raw, stepped);
  if (finished != SQLITE_OK) return error(raw, finished);
  return {};
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(db_.get()) == 0;
}

std::uint64_t Database::changes() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(db_.get()));
}
std::uint64_t Database::total_changes() const {
  return static_cast<std::uint64_t>(sqlite3_total_changes64(db_.get()));
}
std::uint64_t Database::last_row_id() const {
  return static_cast<std::uint64_t>(sqlite3_last_insert_rowid(db_.get()));
}

Result<Transaction> Transaction::begin(Database& db) {
  TN_CHECK(db.run("BEGIN IMMEDIATE"));
  return Transaction(db);
}

Transaction::~Transaction() {
  if (db_) db_->rollback();
}

Result<void> Transaction::commit() {
  TN_CHECK(db_->run("COMMIT"));
  Database& db = *std::exchange(db_, nullptr);
  if (db.clear_wal_) {
    const auto busy =
        db.one("PRAGMA wal_checkpoint(TRUNCATE)", {}, [](Row row) { return row.number(0) != 0; });
    // The commit stands whether or not the log could be emptied; then the next one tries again.
    db.clear_wal_ = !busy || !*busy || **busy;
  }
  return {};
}

}  // namespace tannha::sqlite
