// SQLite on the module's files without the engine: what the core's commits are compared with.

#include <sqlite3.h>

#include <array>
#include <cstdint>

namespace {

sqlite3* db = nullptr;

int run(const char* sql) {
  return sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
}

}  // namespace

extern "C" {

/// As the engine opens its own.
__attribute__((visibility("default"))) std::int32_t probe_open() {
  if (const int rc = sqlite3_open("core.db", &db); rc != SQLITE_OK) return rc;
  return run(
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL;"
      "CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
}

/// A row of `size` bytes in a transaction of its own, `count` times.
__attribute__((visibility("default"))) std::int32_t probe_insert(std::int32_t count,
                                                                 std::int32_t size) {
  static std::array<std::uint8_t, 65536> bytes{};
  if (size < 0 || static_cast<std::size_t>(size) > bytes.size()) return SQLITE_MISUSE;
  sqlite3_stmt* statement = nullptr;
  int rc = sqlite3_prepare_v2(db, "INSERT INTO note(bytes) VALUES(?)", -1, &statement, nullptr);
  for (std::int32_t i = 0; i < count && rc == SQLITE_OK; ++i) {
    bytes[0] = static_cast<std::uint8_t>(i);
    sqlite3_bind_blob(statement, 1, bytes.data(), size, SQLITE_STATIC);
    rc = sqlite3_step(statement) == SQLITE_DONE ? sqlite3_reset(statement) : sqlite3_errcode(db);
  }
  sqlite3_finalize(statement);
  return rc;
}

__attribute__((visibility("default"))) void probe_close() {
  sqlite3_close(db);
}
}
