// Room that is kept for what must be written when the disk is full.

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "tannha/engine/sqlite.hpp"

namespace tannha::sqlite {
namespace {

/// The file, through the same VFS as the database.
class Reserve {
 public:
  explicit Reserve(sqlite3* db) {
    const char* of = sqlite3_db_filename(db, "main");
    sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, static_cast<void*>(&vfs_));
    if (of && *of) path_ = std::string(of) + "-reserve";
  }
  ~Reserve() {
    if (file_ && file_->pMethods) file_->pMethods->xClose(file_);
    sqlite3_free(file_);
    sqlite3_free_filename(name_);
  }
  Reserve(const Reserve&) = delete;
  Reserve& operator=(const Reserve&) = delete;

  [[nodiscard]] bool is_needed() const { return vfs_ && !path_.empty(); }

  Result<void> open() {
    name_ = sqlite3_create_filename(path_.c_str(), "", "", 0, nullptr);
    file_ = static_cast<sqlite3_file*>(sqlite3_malloc(vfs_->szOsFile));
    if (!name_ || !file_) return fail(errc::store_memory);
    file_->pMethods = nullptr;
    // As a journal it gets the database's owner and rights, and its entry in the folder is synced.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_JOURNAL;
    return check(vfs_->xOpen(vfs_, name_, file_, flags, nullptr));
  }

  Result<bool> is_whole(std::size_t size_bytes) {
    sqlite3_int64 size = 0;
    TN_CHECK(check(file_->pMethods->xFileSize(file_, &size)));
    return size == static_cast<sqlite3_int64>(size_bytes);
  }

  // Bytes that no file system can leave out or make smaller.
  Result<void> fill(std::size_t size_bytes) {
    constexpr std::size_t piece_size = 65536;
    Bytes piece(std::min(piece_size, size_bytes));
    std::uint64_t state = size_bytes;
    for (std::size_t at = 0; at < size_bytes; at += piece_size) {
      for (std::uint8_t& byte : piece) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<std::uint8_t>(state >> 56U);
      }
      const int count = static_cast<int>(std::min(piece_size, size_bytes - at));
      TN_CHECK(check(file_->pMethods->xWrite(file_, piece.data(), count,
                                             static_cast<sqlite3_int64>(at))));
    }
    return check(file_->pMethods->xSync(file_, SQLITE_SYNC_NORMAL));
  }

  bool remove() { return vfs_->xDelete(vfs_, path_.c_str(), 0) == SQLITE_OK; }

 private:
  Result<void> check(int rc) {
    if (rc == SQLITE_OK) return {};
    const int number = vfs_->xGetLastError ? vfs_->xGetLastError(vfs_, 0, nullptr) : 0;
    const bool is_full = rc == SQLITE_FULL || (rc == SQLITE_CANTOPEN && number == ENOSPC);
    return fail(is_full ? errc::store_full : errc::store_io, std::string(sqlite3_errstr(rc)));
  }

  sqlite3_vfs* vfs_ = nullptr;
  std::string path_;
  const char* name_ = nullptr;
  sqlite3_file* file_ = nullptr;
};

}  // namespace

Result<void> Database::take_room() {
  constexpr std::uint64_t piece_size = 65536;
  TN_TRY(const auto& pages,
         one("PRAGMA page_count", {}, [](Row row) { return row.number(0); }));
  TN_TRY(const auto& page_size,
         one("PRAGMA page_size", {}, [](Row row) { return row.number(0); }));
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  if (!file || !file->pMethods) return {};
  sqlite3_int64 size = 0;
  int rc = file->pMethods->xFileSize(file, &size);
  const auto end = static_cast<sqlite3_int64>(pages.value_or(0) * page_size.value_or(0));
  const auto missing = static_cast<std::uint64_t>(std::max<sqlite3_int64>(end - size, 0));
  const Bytes zeros(static_cast<std::size_t>(std::min(missing, piece_size)));
  for (sqlite3_int64 at = size; rc == SQLITE_OK && at < end;) {
    const auto count = std::min(end - at, static_cast<sqlite3_int64>(piece_size));
    rc = file->pMethods->xWrite(file, zeros.data(), static_cast<int>(count), at);
    at += count;
  }
  if (rc == SQLITE_OK) return {};
  (void)file->pMethods->xTruncate(file, size);
  const errc code = (rc & 0xff) == SQLITE_FULL ? errc::store_full : errc::store_io;
  return fail(code, std::string(sqlite3_errstr(rc)));
}

Result<void> Database::keep_reserve(std::size_t size_bytes) {
  if (has_reserve_) return {};
  Reserve reserve(db_.get());
  if (!reserve.is_needed()) return {};
  TN_CHECK(shrink(0));
  // Nor is the log of changes larger than it has to be.
  (void)exec("PRAGMA wal_checkpoint(TRUNCATE)").has_value();
  TN_CHECK(reserve.open());
  TN_TRY(const bool whole, reserve.is_whole(size_bytes));
  if (!whole) {
    if (auto filled = reserve.fill(size_bytes); !filled) {
      // A part of it would only be in the way.
      (void)reserve.remove();
      return filled;
    }
  }
  has_reserve_ = true;
  return {};
}

bool Database::give_up_reserve() {
  has_reserve_ = false;
  Reserve reserve(db_.get());
  return reserve.is_needed() && reserve.remove();
}

Result<void> Database::shrink(std::uint64_t pages_min) {
  const auto free_pages = [&] {
    return one("PRAGMA freelist_count", {}, [](Row row) { return row.number(0); });
  };
  TN_TRY(auto free, free_pages());
  if (free.value_or(0) == 0 || *free < pages_min) return {};
  for (std::uint64_t before = *free + 1; free.value_or(0) > 0 && *free < before;) {
    before = *free;
    // Every step goes into the database at once, so that the next one has the log to itself.
    TN_CHECK(exec("PRAGMA incremental_vacuum(128); PRAGMA wal_checkpoint"));
    TN_TRY(free, free_pages());
  }
  return exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace tannha::sqlite
