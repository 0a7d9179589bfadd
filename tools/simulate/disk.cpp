// The VFS of SQLite over simulated machines. SQLite asks for what sqlite3_vfs and
// sqlite3_io_methods name; each answer is what its VFS for Unix would give.

#include "tools/simulate/disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "tools/simulate/disk_machine.hpp"

namespace tannha::simulate {

struct SimulatedDisk::State {
  explicit State(Draw draw) : chance(std::move(draw)) {}

  DiskMachine& machine(std::string_view path) {
    const std::string_view name = path.substr(0, path.find('/'));
    auto found = machines.find(name);
    if (found == machines.end()) {
      found =
          machines
              .emplace(std::string(name), std::make_unique<DiskMachine>(std::string(name), chance))
              .first;
    }
    return *found->second;
  }

  Chance chance;
  std::map<std::string, std::unique_ptr<DiskMachine>, std::less<>> machines;
  /// Machines that were forgotten while files of theirs may still be open.
  std::vector<std::unique_ptr<DiskMachine>> forgotten;
  DiskMachine unnamed{"", chance};  ///< temporary files
  std::uint64_t random = 0;         ///< for SQLite's own use
  int last_errno = 0;
  std::string vfs_name;
  sqlite3_vfs vfs{};
};

namespace {

// Lives in the memory that SQLite gives for an open file.
struct Handle : sqlite3_file {
  DiskMachine* machine;
  DiskMachine::File file;
  std::uint64_t life;
  int* last_errno;
  int level;
  bool uses_shm;

  [[nodiscard]] bool is_dead() const { return machine->is_down() || machine->life() != life; }
};

Handle& handle(sqlite3_file* file) {
  return *static_cast<Handle*>(file);
}

// What a write that failed is called, and why, as errno would say it.
int to_code(Handle& h, Io io, int error) {
  if (io == Io::ok) return SQLITE_OK;
  *h.last_errno = io == Io::full ? ENOSPC : EIO;
  return io == Io::full ? SQLITE_FULL : error;
}

int x_close(sqlite3_file*);

// Reading, writing

int x_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  Handle& h = handle(file);
  if (h.is_dead()) return SQLITE_IOERR_READ;
  const std::span buffer(static_cast<std::uint8_t*>(out), static_cast<std::size_t>(size));
  const Io io = h.machine->read(*h.file, buffer, static_cast<std::uint64_t>(offset));
  if (io == Io::short_read) return SQLITE_IOERR_SHORT_READ;
  return to_code(h, io, SQLITE_IOERR_READ);
}

int x_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  Handle& h = handle(file);
  if (h.is_dead()) return SQLITE_IOERR_WRITE;
  const BytesView bytes(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
  return to_code(h, h.machine->write(*h.file, bytes, static_cast<std::uint64_t>(offset)),
                 SQLITE_IOERR_WRITE);
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& h = handle(file);
  if (h.is_dead()) return SQLITE_IOERR_TRUNCATE;
  return to_code(h, h.machine->truncate(*h.file, static_cast<std::uint64_t>(size)),
                 SQLITE_IOERR_TRUNCATE);
}

int x_sync(sqlite3_file* file, int) {
  Handle& h = handle(file);
  if (h.is_dead()) return SQLITE_IOERR_FSYNC;
  return to_code(h, h.machine->sync(*h.file), SQLITE_IOERR_FSYNC);
}

int x_file_size(sqlite3_file* file, sqlite3_int64* size) {
  Handle& h = handle(file);
  if (h.is_dead()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(h.file->now.size());
  return SQLITE_OK;
}

// Locks between connections of this process

int x_lock(sqlite3_file* file, int level) {
  Handle& h = handle(file);
  if (h.is_dead()) return SQLITE_IOERR_LOCK;
  if (level <= h.level) return SQLITE_OK;
  DiskLocks& locks = h.file->locks;
  if (h.level == SQLITE_LOCK_NONE) {
    if (locks.exclusive) return SQLITE_BUSY;
    ++locks.shared;
    h.level = SQLITE_LOCK_SHARED;
  }
  if (level >= SQLITE_LOCK_RESERVED) {
    if (locks.reserved && locks.reserved != &h) return SQLITE_BUSY;
    locks.reserved = &h;
    h.level = SQLITE_LOCK_RESERVED;
  }
  if (level >= SQLITE_LOCK_PENDING) {
    locks.exclusive = &h;
    if (level == SQLITE_LOCK_EXCLUSIVE && locks.shared > 1) {
      h.level = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    h.level = level;
  }
  return SQLITE_OK;
}

int x_unlock(sqlite3_file* file, int level) {
  Handle& h = handle(file);
  DiskLocks& locks = h.file->locks;
  if (h.level <= level) return SQLITE_OK;
  if (locks.exclusive == &h) locks.exclusive = nullptr;
  if (locks.reserved == &h) locks.reserved = nullptr;
  if (level == SQLITE_LOCK_NONE) --locks.shared;
  h.level = level;
  return SQLITE_OK;
}

int x_check_reserved_lock(sqlite3_file* file, int* out) {
  Handle& h = handle(file);
  if (h.is_dead()) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  *out = h.file->locks.reserved ? 1 : 0;
  return SQLITE_OK;
}

// Shared memory beside a WAL, for more than one connection

int x_shm_map(sqlite3_file* file, int index, int size, int extend, void volatile** out) {
  Handle& h = handle(file);
  *out = nullptr;
  if (h.is_dead()) return SQLITE_IOERR_SHMMAP;
  DiskLocks& locks = h.file->locks;
  if (!h.uses_shm) ++locks.shm_users;
  h.uses_shm = true;
  const auto at = static_cast<std::size_t>(index);
  if (at >= locks.shm.size() && !extend) return SQLITE_OK;
  while (at >= locks.shm.size()) {
    locks.shm.push_back(std::make_unique<Bytes>(static_cast<std::size_t>(size)));
  }
  *out = locks.shm[at]->data();
  return SQLITE_OK;
}

void release_shm(Handle& h, std::size_t slot) {
  DiskLocks& locks = h.file->locks;
  if (locks.shm_exclusive[slot] == &h) locks.shm_exclusive[slot] = nullptr;
  std::erase(locks.shm_shared[slot], &h);
}

int x_shm_lock(sqlite3_file* file, int first, int count, int flags) {
  Handle& h = handle(file);
  if (h.is_dead() && (flags & SQLITE_SHM_LOCK)) return SQLITE_IOERR_SHMLOCK;
  DiskLocks& locks = h.file->locks;
  const auto begin = static_cast<std::size_t>(first);
  const std::size_t end = begin + static_cast<std::size_t>(count);
  if (flags & SQLITE_SHM_UNLOCK) {
    for (std::size_t i = begin; i < end; ++i) release_shm(h, i);
    return SQLITE_OK;
  }
  for (std::size_t i = begin; i < end; ++i) {
    const bool other_writes = locks.shm_exclusive[i] && locks.shm_exclusive[i] != &h;
    const bool other_reads =
        std::ranges::any_of(locks.shm_shared[i], [&](const void* user) { return user != &h; });
    if (other_writes || ((flags & SQLITE_SHM_EXCLUSIVE) && other_reads)) return SQLITE_BUSY;
  }
  for (std::size_t i = begin; i < end; ++i) {
    if (flags & SQLITE_SHM_EXCLUSIVE) {
      locks.shm_exclusive[i] = &h;
    } else if (std::ranges::find(locks.shm_shared[i], &h) == locks.shm_shared[i].end()) {
      locks.shm_shared[i].push_back(&h);
    }
  }
  return SQLITE_OK;
}

void x_shm_barrier(sqlite3_file*) {}

int x_shm_unmap(sqlite3_file* file, int) {
  Handle& h = handle(file);
  if (!h.uses_shm) return SQLITE_OK;
  h.uses_shm = false;
  DiskLocks& locks = h.file->locks;
  for (std::size_t i = 0; i < DiskLocks::shm_slots; ++i) release_shm(h, i);
  if (--locks.shm_users == 0) locks.shm.clear();
  return SQLITE_OK;
}

int x_file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int x_sector_size(sqlite3_file*) {
  return 4096;
}
// As on Unix: a write that is torn harms no byte outside its own range.
int x_device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

constexpr sqlite3_io_methods methods{2,
                                     x_close,
                                     x_read,
                                     x_write,
                                     x_truncate,
                                     x_sync,
                                     x_file_size,
                                     x_lock,
                                     x_unlock,
                                     x_check_reserved_lock,
                                     x_file_control,
                                     x_sector_size,
                                     x_device_characteristics,
                                     x_shm_map,
                                     x_shm_lock,
                                     x_shm_barrier,
                                     x_shm_unmap,
                                     nullptr,
                                     nullptr};

int x_close(sqlite3_file* file) {
  Handle& h = handle(file);
  x_shm_unmap(file, 0);
  x_unlock(file, SQLITE_LOCK_NONE);
  h.~Handle();
  return SQLITE_OK;
}

// Names

SimulatedDisk::State& state(sqlite3_vfs* vfs) {
  return *static_cast<SimulatedDisk::State*>(vfs->pAppData);
}

int cannot_open(SimulatedDisk::State& s, int error) {
  s.last_errno = error;
  return SQLITE_CANTOPEN;
}

int x_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  SimulatedDisk::State& s = state(vfs);
  out->pMethods = nullptr;
  DiskMachine& machine = path ? s.machine(path) : s.unnamed;
  if (machine.is_down()) return cannot_open(s, EIO);
  DiskMachine::File file = path ? machine.find(path) : nullptr;
  if (!path) {
    file = std::make_shared<DiskFile>();
  } else if (!file) {
    if (!(flags & SQLITE_OPEN_CREATE)) return cannot_open(s, ENOENT);
    const Io io = machine.create(path, file);
    if (io != Io::ok) return cannot_open(s, io == Io::full ? ENOSPC : EIO);
  }
  constexpr int logs = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  if ((flags & logs) && (flags & SQLITE_OPEN_CREATE)) file->syncs_directory = true;
  auto* h = ::new (static_cast<void*>(out)) Handle;
  h->pMethods = &methods;
  h->machine = &machine;
  h->file = std::move(file);
  h->life = machine.life();
  h->last_errno = &s.last_errno;
  h->level = SQLITE_LOCK_NONE;
  h->uses_shm = false;
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

int x_delete(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  SimulatedDisk::State& s = state(vfs);
  DiskMachine& machine = s.machine(path);
  if (!machine.is_down() && !machine.find(path)) return SQLITE_IOERR_DELETE_NOENT;
  if (machine.remove(path, sync_directory != 0) == Io::ok) return SQLITE_OK;
  s.last_errno = EIO;
  return SQLITE_IOERR_DELETE;
}

// A folder is there as soon as it is named; an empty file passes for missing, as on Unix.
int x_access(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
  DiskMachine& machine = state(vfs).machine(path);
  if (machine.is_down()) return SQLITE_IOERR_ACCESS;
  const DiskMachine::File file = machine.find(path);
  const bool is_there = file && (flags != SQLITE_ACCESS_EXISTS || !file->now.empty());
  *out = is_there || std::string_view(path).ends_with('/') ? 1 : 0;
  return SQLITE_OK;
}

int x_full_pathname(sqlite3_vfs*, const char* path, int size, char* out) {
  const std::size_t length = std::strlen(path);
  if (length >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, path, length + 1);
  return SQLITE_OK;
}

int x_randomness(sqlite3_vfs* vfs, int size, char* out) {
  std::uint64_t& state_of = state(vfs).random;
  for (int i = 0; i < size; ++i) {
    state_of += 0x9e3779b97f4a7c15U;
    const std::uint64_t mixed = (state_of ^ (state_of >> 31U)) * 0xbf58476d1ce4e5b9U;
    out[i] = static_cast<char>(mixed >> 56U);
  }
  return size;
}

int x_sleep(sqlite3_vfs*, int microseconds) {
  return microseconds;
}
// Nothing of ours asks SQLite for the time. 1 March 2026, 12:00, in Julian milliseconds.
int x_current_time_64(sqlite3_vfs*, sqlite3_int64* out) {
  *out = 212'639'169'600'000;
  return SQLITE_OK;
}
int x_current_time(sqlite3_vfs*, double* out) {
  *out = 212'639'169'600'000.0 / 86'400'000.0;
  return SQLITE_OK;
}
int x_get_last_error(sqlite3_vfs* vfs, int, char*) {
  return state(vfs).last_errno;
}

}  // namespace

// The disk

SimulatedDisk::SimulatedDisk(Draw draw, std::string vfs_name)
    : state_(std::make_unique<State>(std::move(draw))) {
  state_->vfs_name = std::move(vfs_name);
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = 512;
  vfs.zName = state_->vfs_name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = x_open;
  vfs.xDelete = x_delete;
  vfs.xAccess = x_access;
  vfs.xFullPathname = x_full_pathname;
  vfs.xRandomness = x_randomness;
  vfs.xSleep = x_sleep;
  vfs.xCurrentTime = x_current_time;
  vfs.xGetLastError = x_get_last_error;
  vfs.xCurrentTimeInt64 = x_current_time_64;
  sqlite3_vfs_register(&vfs, 0);
  sqlite3_randomness(0, nullptr);
}

SimulatedDisk::~SimulatedDisk() {
  sqlite3_vfs_unregister(&state_->vfs);
}

void SimulatedDisk::make_default() {
  sqlite3_vfs_register(&state_->vfs, 1);
}

void SimulatedDisk::set_rates(std::string_view machine, const DiskRates& rates) {
  state_->machine(machine).set_rates(rates);
}
void SimulatedDisk::fail_at(std::string_view machine, DiskFault fault, std::uint64_t n,
                            Lasts lasts) {
  state_->machine(machine).fail_at(fault, n, lasts);
}
void SimulatedDisk::heal(std::string_view machine) {
  state_->machine(machine).heal();
}

std::uint64_t SimulatedDisk::operations(std::string_view machine, DiskFault fault) const {
  return state_->machine(machine).operations(fault);
}
const SimulatedDisk::Fired& SimulatedDisk::fired(std::string_view machine) const {
  return state_->machine(machine).fired();
}

void SimulatedDisk::crash(std::string_view machine, Crash how) {
  state_->machine(machine).crash(how);
}
bool SimulatedDisk::is_down(std::string_view machine) const {
  return state_->machine(machine).is_down();
}

std::vector<std::string> SimulatedDisk::files(std::string_view machine) const {
  std::vector<std::string> out;
  for (const auto& [path, file] : state_->machine(machine).files()) out.push_back(path);
  return out;
}
BytesView SimulatedDisk::bytes(std::string_view path) const {
  const DiskMachine::File file = state_->machine(path).find(path);
  return file ? BytesView(file->now) : BytesView();
}
void SimulatedDisk::put(std::string_view path, Bytes content) {
  state_->machine(path).put(path, std::move(content));
}
DiskSnapshot SimulatedDisk::snapshot(std::string_view machine) const {
  DiskSnapshot out;
  for (const auto& [path, file] : state_->machine(machine).files()) out.emplace(path, file->now);
  return out;
}
void SimulatedDisk::restore(std::string_view machine, const DiskSnapshot& snapshot) {
  state_->machine(machine).restore(snapshot);
}

void SimulatedDisk::clear() {
  for (auto& [machine_name, machine] : state_->machines) {
    machine->restore({});
    state_->forgotten.push_back(std::move(machine));
  }
  state_->machines.clear();
  state_->random = 0;
  sqlite3_randomness(0, nullptr);
}

}  // namespace tannha::simulate
