#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/protocol/bytes.hpp"

namespace tannha::simulate {

/// What can go wrong on a simulated disk.
enum class DiskFault : std::uint8_t {
  read_error,         ///< EIO on a read
  write_error,        ///< EIO on a write, truncate, sync, deletion or creation
  sync_error,         ///< EIO on a sync; what it should have made durable may never become so
  full,               ///< ENOSPC on a write or a creation
  lying_sync,         ///< a sync says that it is done and did nothing
  lost_write,         ///< a write says that it is done and did nothing
  misdirected_write,  ///< a write lands at another multiple of 4096 bytes in the same file
  flipped_read,       ///< a read gives one wrong bit; the file itself is right
  crash,              ///< the machine goes down
  // What a power loss did to writes and directory entries that were not yet synced:
  dropped_write,
  torn_write,       ///< only some of its 512-byte sectors are there
  reordered_write,  ///< it is there, and an earlier one of the same file is not
  lost_entry,       ///< a file's creation or deletion did not happen after all
};
inline constexpr std::size_t disk_fault_count = 13;
/// As in the enumeration: "read_error".
[[nodiscard]] std::string_view name(DiskFault fault);

/// Chances from 0 to 1, each for every operation that it can happen to.
struct DiskRates {
  double read_error = 0;
  double write_error = 0;
  double sync_error = 0;
  double full = 0;
  double lying_sync = 0;
  double lost_write = 0;
  double misdirected_write = 0;
  double flipped_read = 0;
  /// That one of the four errors, once it has happened, happens every time until heal().
  double stays = 0;
  /// All files of the machine together; what would grow beyond fails as `full`.
  std::uint64_t capacity_bytes = std::numeric_limits<std::uint64_t>::max();
};

enum class Lasts : std::uint8_t { once, for_ever };
enum class Crash : std::uint8_t {
  power_loss,      ///< of what was not synced any part may be missing
  process_killed,  ///< the operating system lives on: nothing of what was done is missing
};

/// The files of one machine: path to content.
using DiskSnapshot = std::map<std::string, Bytes, std::less<>>;

/// The disks of any number of machines, all in memory, as a VFS of SQLite. The part of a path
/// before its first '/' names the machine; a machine is there as soon as it is named. No clock, no
/// system call, and no randomness but what is handed in, so that equal draws give equal histories.
///
/// A write is seen by readers at once and survives a power loss for certain only after a sync of
/// its file. A creation or deletion does so after a sync of the directory, which SQLite asks for
/// when it deletes with that wish and when it first syncs a journal or a WAL that it has opened:
/// as SQLite does it on Unix. Temporary files without a name are outside all machines and never
/// fail.
///
/// One thread. SQLite must not have open files here any more when this is destroyed.
class SimulatedDisk {
 public:
  /// Uniform over all 64 bits. Called only where something has to be decided: by rates above 0, by
  /// faults that happen, and by crash().
  using Draw = std::function<std::uint64_t()>;

  /// Registers the VFS and lets SQLite's own random numbers begin anew, so that they too are the
  /// same each time. @param vfs_name unique in the process
  explicit SimulatedDisk(Draw draw, std::string vfs_name = "tannha-simulated");
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  /// From now on SQLite opens files here when no VFS is named. Ends when this is destroyed.
  void make_default();

  // Faults
  void set_rates(std::string_view machine, const DiskRates& rates);
  /// The n-th operation from now, from 1, that this kind can happen to: reads for read_error and
  /// flipped_read; syncs for sync_error and lying_sync; writes for lost_write and
  /// misdirected_write; writes and creations for full; for write_error and crash every operation
  /// that changes something (write, truncate, sync, deletion, creation). @param fault one of these
  void fail_at(std::string_view machine, DiskFault fault, std::uint64_t n, Lasts lasts);
  /// The n-th changing operation from now happens or not, says that it failed, and takes the
  /// machine down: every later call fails until crash().
  void crash_at(std::string_view machine, std::uint64_t n) {
    fail_at(machine, DiskFault::crash, n, Lasts::once);
  }
  /// No rates, no plans, nothing that stays. A machine that is down stays down.
  void heal(std::string_view machine);

  /// How many operations there were to which this kind can happen.
  [[nodiscard]] std::uint64_t operations(std::string_view machine, DiskFault fault) const;
  using Fired = std::array<std::uint64_t, disk_fault_count>;
  [[nodiscard]] const Fired& fired(std::string_view machine) const;
  [[nodiscard]] std::uint64_t fired(std::string_view machine, DiskFault fault) const {
    return fired(machine)[static_cast<std::size_t>(fault)];
  }

  // Crashes
  /// Takes the machine down and up again. Files that were open stay dead: every call on them fails,
  /// and their owner has to be destroyed, now or before. Planned faults and rates stay.
  void crash(std::string_view machine, Crash how = Crash::power_loss);
  /// crash_at() has struck and crash() was not called yet.
  [[nodiscard]] bool is_down(std::string_view machine) const;

  // Contents, as a reader sees them now
  /// Full paths in ascending order.
  [[nodiscard]] std::vector<std::string> files(std::string_view machine) const;
  /// Valid until something is written. Empty when there is no such file.
  [[nodiscard]] BytesView bytes(std::string_view path) const;
  /// Replaces or makes a file, durably; for damage of every kind. Open files see it at once.
  void put(std::string_view path, Bytes content);
  [[nodiscard]] DiskSnapshot snapshot(std::string_view machine) const;
  /// Exactly these files and durably. Their first part may name another machine: it is replaced.
  /// Open files of the machine are dead afterwards, and it is up.
  void restore(std::string_view machine, const DiskSnapshot& snapshot);
  /// All files of one machine become those of another.
  void copy(std::string_view from, std::string_view to) { restore(to, snapshot(from)); }
  /// Forgets every machine. Open files are dead afterwards.
  void clear();

  struct State;  // named by the VFS's functions only

 private:
  std::unique_ptr<State> state_;
};

}  // namespace tannha::simulate
