// The file system of SQLite in a browser. A worker may open files only while it waits, and SQLite
// does not wait; so the host opens the store's four files, the database and those beside it, before
// the core starts, and everything here goes to one of them. An empty file is one that is not there.
//
// There are no locks between programs: the host lets one core at a time have the files. There is no
// shared memory: the WAL is used with locking_mode=EXCLUSIVE only.

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <utility>

namespace {

// What the host answers: a number from 0 on, or one of these.
enum Failure : std::int32_t { not_there = -1, full = -2, failed = -3 };

extern "C" {
#define TN_FILES(name) __attribute__((import_module("files"), import_name(name)))
/// @return the file's number: the same each time
TN_FILES("open") std::int32_t tn_files_open(const char* name, std::size_t size);
/// @return how many bytes there were, up to `size`
TN_FILES("read")
std::int32_t tn_files_read(std::int32_t file, void* out, std::size_t size, double offset);
/// @return 0: all of it is written
TN_FILES("write")
std::int32_t tn_files_write(std::int32_t file, const void* data, std::size_t size, double offset);
TN_FILES("truncate") std::int32_t tn_files_truncate(std::int32_t file, double size);
TN_FILES("sync") std::int32_t tn_files_sync(std::int32_t file);
TN_FILES("size") double tn_files_size(std::int32_t file);
#undef TN_FILES
}

// Lives in the memory that SQLite gives for an open file.
struct Handle : sqlite3_file {
  std::int32_t file;
  bool is_wal;
};

constexpr std::size_t files_max = 8;

int last_errno = 0;
// Which connection has locked a database. Nobody shares one here.
std::array<const Handle*, files_max> owners{};

Handle& handle(sqlite3_file* file) {
  return *static_cast<Handle*>(file);
}

const Handle*& owner(const Handle& h) {
  return owners[static_cast<std::size_t>(h.file)];
}

int to_code(std::int32_t answer, int error) {
  if (answer >= 0) return SQLITE_OK;
  last_errno = answer == Failure::full ? ENOSPC : EIO;
  return answer == Failure::full ? SQLITE_FULL : error;
}

// A commit writes the WAL in many small pieces, one behind the other, and every call of the host
// costs about as much as what it writes. They are gathered here and written at once, when the file
// is synced or used in any other way; nothing is taken for saved before that.
struct Gathered {
  std::int32_t file = Failure::not_there;
  std::size_t size = 0;
  sqlite3_int64 offset = 0;
  std::array<std::uint8_t, 65536> bytes{};

  int write_out() {
    if (size == 0) return SQLITE_OK;
    const auto at = static_cast<double>(offset);
    return to_code(tn_files_write(file, bytes.data(), std::exchange(size, 0), at),
                   SQLITE_IOERR_WRITE);
  }

  bool takes(const Handle& h, std::size_t count, sqlite3_int64 at) const {
    return size == 0 || (file == h.file && offset + static_cast<sqlite3_int64>(size) == at &&
                         size + count <= bytes.size());
  }
};
Gathered gathered;

/// Before anything but writing on.
int settle(const Handle& h) {
  return h.is_wal ? gathered.write_out() : SQLITE_OK;
}

std::int32_t open_by_name(const char* name) {
  const std::int32_t file = tn_files_open(name, std::strlen(name));
  return file < static_cast<std::int32_t>(files_max) ? file : Failure::not_there;
}

// Reading, writing

int x_close(sqlite3_file* file) {
  Handle& h = handle(file);
  const int rc = settle(h);
  if (owner(h) == &h) owner(h) = nullptr;
  h.pMethods = nullptr;
  return rc;
}

int x_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  if (const int rc = settle(handle(file)); rc != SQLITE_OK) return rc;
  const auto wanted = static_cast<std::size_t>(size);
  const std::int32_t count =
      tn_files_read(handle(file).file, out, wanted, static_cast<double>(offset));
  if (count < 0) return to_code(count, SQLITE_IOERR_READ);
  const std::size_t found = std::min(static_cast<std::size_t>(count), wanted);
  if (found == wanted) return SQLITE_OK;
  // SQLite wants the rest to be zero.
  std::memset(static_cast<std::uint8_t*>(out) + found, 0, wanted - found);
  return SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const Handle& h = handle(file);
  const auto count = static_cast<std::size_t>(size);
  if (!h.is_wal) {
    return to_code(tn_files_write(h.file, data, count, static_cast<double>(offset)),
                   SQLITE_IOERR_WRITE);
  }
  if (!gathered.takes(h, count, offset)) {
    if (const int rc = gathered.write_out(); rc != SQLITE_OK) return rc;
  }
  if (count > gathered.bytes.size()) return SQLITE_IOERR_WRITE;
  if (gathered.size == 0) {
    gathered.file = h.file;
    gathered.offset = offset;
  }
  std::memcpy(gathered.bytes.data() + gathered.size, data, count);
  gathered.size += count;
  return SQLITE_OK;
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (const int rc = settle(handle(file)); rc != SQLITE_OK) return rc;
  return to_code(tn_files_truncate(handle(file).file, static_cast<double>(size)),
                 SQLITE_IOERR_TRUNCATE);
}

int x_sync(sqlite3_file* file, int) {
  if (const int rc = settle(handle(file)); rc != SQLITE_OK) return rc;
  return to_code(tn_files_sync(handle(file).file), SQLITE_IOERR_FSYNC);
}

int x_file_size(sqlite3_file* file, sqlite3_int64* size) {
  if (const int rc = settle(handle(file)); rc != SQLITE_OK) return rc;
  const double answer = tn_files_size(handle(file).file);
  *size = answer < 0 ? 0 : static_cast<sqlite3_int64>(answer);
  return answer < 0 ? to_code(Failure::failed, SQLITE_IOERR_FSTAT) : SQLITE_OK;
}

// Locks: between connections of this program, and all of them exclude each other.

int x_lock(sqlite3_file* file, int) {
  const Handle& h = handle(file);
  if (owner(h) && owner(h) != &h) return SQLITE_BUSY;
  owner(h) = &h;
  return SQLITE_OK;
}

int x_unlock(sqlite3_file* file, int level) {
  const Handle& h = handle(file);
  if (level == SQLITE_LOCK_NONE && owner(h) == &h) owner(h) = nullptr;
  return SQLITE_OK;
}

int x_check_reserved_lock(sqlite3_file* file, int* reserved) {
  const Handle& h = handle(file);
  *reserved = owner(h) && owner(h) != &h ? 1 : 0;
  return SQLITE_OK;
}

int x_file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int x_sector_size(sqlite3_file*) {
  return 4096;
}

int x_device_characteristics(sqlite3_file*) {
  // Elsewhere SQLite takes this for granted too: writing does not damage what stands beside it.
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

constexpr sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_file_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_check_reserved_lock,
    .xFileControl = x_file_control,
    .xSectorSize = x_sector_size,
    .xDeviceCharacteristics = x_device_characteristics,
};

// Files by name

int x_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  Handle& h = handle(file);
  h.pMethods = nullptr;
  h.is_wal = (flags & SQLITE_OPEN_WAL) != 0;
  // What has no name is temporary, and SQLite is told to keep that in memory.
  h.file = name ? open_by_name(name) : Failure::not_there;
  if (h.file < 0 || ((flags & SQLITE_OPEN_CREATE) == 0 && tn_files_size(h.file) <= 0)) {
    last_errno = ENOENT;
    return SQLITE_CANTOPEN;
  }
  h.pMethods = &methods;
  if (flags_out) *flags_out = flags;
  return SQLITE_OK;
}

int x_delete(sqlite3_vfs*, const char* name, int) {
  const std::int32_t file = open_by_name(name);
  if (file < 0 || tn_files_size(file) <= 0) return SQLITE_IOERR_DELETE_NOENT;
  const int rc = to_code(tn_files_truncate(file, 0), SQLITE_IOERR_DELETE);
  return rc == SQLITE_OK ? to_code(tn_files_sync(file), SQLITE_IOERR_DELETE) : rc;
}

int x_access(sqlite3_vfs*, const char* name, int, int* answer) {
  const std::int32_t file = open_by_name(name);
  *answer = file >= 0 && tn_files_size(file) > 0 ? 1 : 0;
  return SQLITE_OK;
}

int x_full_pathname(sqlite3_vfs*, const char* name, int room, char* out) {
  const std::size_t size = std::strlen(name) + 1;
  if (size > static_cast<std::size_t>(room)) return SQLITE_CANTOPEN;
  std::memcpy(out, name, size);
  return SQLITE_OK;
}

int x_randomness(sqlite3_vfs*, int size, char* out) {
  return getentropy(out, static_cast<std::size_t>(size)) == 0 ? size : 0;
}

int x_sleep(sqlite3_vfs*, int) {
  return 0;
}

int x_current_time(sqlite3_vfs*, double* days) {
  constexpr double julian_day_of_1970 = 2440587.5;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *days = julian_day_of_1970 + static_cast<double>(now.tv_sec) / 86400.0;
  return SQLITE_OK;
}

int x_get_last_error(sqlite3_vfs*, int, char*) {
  return last_errno;
}

}  // namespace

// SQLite calls this where it is built without a system of its own.
extern "C" int sqlite3_os_init() {
  static sqlite3_vfs vfs = {
      .iVersion = 1,
      .szOsFile = sizeof(Handle),
      .mxPathname = 512,
      .zName = "web",
      .xOpen = x_open,
      .xDelete = x_delete,
      .xAccess = x_access,
      .xFullPathname = x_full_pathname,
      .xRandomness = x_randomness,
      .xSleep = x_sleep,
      .xCurrentTime = x_current_time,
      .xGetLastError = x_get_last_error,
  };
  return sqlite3_vfs_register(&vfs, 1);
}

extern "C" int sqlite3_os_end() {
  return SQLITE_OK;
}
