#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/simulate/disk.hpp"

/// The disk of one machine without SQLite: files, what of them is durable, and what goes wrong.
namespace tannha::simulate {

/// Decisions from a source of uniform 64-bit numbers, the same with every standard library.
class Chance {
 public:
  explicit Chance(SimulatedDisk::Draw draw) : draw_(std::move(draw)) {}
  [[nodiscard]] bool happens(double probability) {
    return probability > 0 && static_cast<double>(draw_() >> 11U) * 0x1p-53 < probability;
  }
  /// @return from 0 to count - 1; 0 without a draw when count is below 2
  [[nodiscard]] std::uint64_t below(std::uint64_t count) { return count < 2 ? 0 : draw_() % count; }
  [[nodiscard]] double share() { return static_cast<double>(draw_() >> 11U) * 0x1p-53; }

 private:
  SimulatedDisk::Draw draw_;
};

/// Who holds which lock on a file, and the shared memory beside it.
struct DiskLocks {
  static constexpr std::size_t shm_slots = 8;
  std::uint32_t shared = 0;
  const void* reserved = nullptr;   ///< RESERVED or more
  const void* exclusive = nullptr;  ///< PENDING or more: no new reader
  std::vector<std::unique_ptr<Bytes>> shm;
  std::uint32_t shm_users = 0;
  std::array<std::vector<const void*>, shm_slots> shm_shared;
  std::array<const void*, shm_slots> shm_exclusive{};
};

struct DiskFile {
  struct Change {
    std::uint64_t offset{};    ///< the new size when it is a truncation
    std::uint64_t size{};      ///< of the bytes
    std::uint64_t bytes_at{};  ///< in unsynced_bytes
    bool truncates = false;
  };
  std::string path;
  Bytes now;      ///< what readers see
  Bytes durable;  ///< what is there after a power loss for certain
  std::vector<Change> unsynced;
  Bytes unsynced_bytes;
  bool syncs_directory = false;  ///< at its next sync, as an opened journal or WAL does
  DiskLocks locks;
};

enum class Io : std::uint8_t { ok, short_read, error, full };

class DiskMachine {
 public:
  using File = std::shared_ptr<DiskFile>;

  DiskMachine(std::string name, Chance& chance) : name_(std::move(name)), chance_(chance) {}

  // Operations, each subject to the faults
  /// Fills `out`; with zeros where the file has ended.
  [[nodiscard]] Io read(const DiskFile& file, std::span<std::uint8_t> out, std::uint64_t offset);
  [[nodiscard]] Io write(DiskFile& file, BytesView data, std::uint64_t offset);
  [[nodiscard]] Io truncate(DiskFile& file, std::uint64_t size);
  [[nodiscard]] Io sync(DiskFile& file);
  [[nodiscard]] Io create(const std::string& path, File& out);
  [[nodiscard]] Io remove(std::string_view path, bool sync_directory);
  /// Nothing is possible any more until crash().
  [[nodiscard]] bool is_down() const { return is_down_; }
  [[nodiscard]] File find(std::string_view path) const;

  // Beside SQLite
  void set_rates(const DiskRates& rates);
  void fail_at(DiskFault fault, std::uint64_t n, Lasts lasts);
  void heal();
  void crash(Crash how);
  void put(std::string_view path, Bytes content);
  void restore(const DiskSnapshot& snapshot);
  [[nodiscard]] const std::map<std::string, File, std::less<>>& files() const { return now_; }
  [[nodiscard]] std::uint64_t operations(DiskFault fault) const;
  [[nodiscard]] const SimulatedDisk::Fired& fired() const { return fired_; }
  /// Handles of an earlier life are dead.
  [[nodiscard]] std::uint64_t life() const { return life_; }

 private:
  enum class Step : std::uint8_t { read, write, truncate, sync, create, remove };
  static constexpr std::size_t step_count = 6;
  struct Plan {
    std::uint64_t left = 0;  ///< operations until it happens; 0: not planned
    Lasts lasts = Lasts::once;
    bool stays = false;
  };
  struct Entry {
    std::string path;
    File file;  ///< none: deleted
  };

  static bool can_happen(DiskFault fault, Step step);
  /// Counts the step. @return whether it happens without looking at faults
  bool is_plain(Step step);
  bool happens(DiskFault fault, double rate, bool may_stay = false);
  void fire(DiskFault fault) { ++fired_[static_cast<std::size_t>(fault)]; }
  std::optional<Io> failure(Step step);
  bool still_done();
  bool has_room(const DiskFile& file, std::uint64_t end) const;
  void note_plain();

  static void apply(Bytes& content, const DiskFile& file, const DiskFile::Change& change,
                    std::uint64_t from, std::uint64_t to);
  void change(DiskFile& file, BytesView data, std::uint64_t offset);
  static void make_durable(DiskFile& file);
  void forget_some(DiskFile& file);
  void sync_directory();
  std::map<std::string, File, std::less<>> entries_after_power_loss();
  Bytes content_after_power_loss(const DiskFile& file, double kept, double torn, bool in_order);
  void tear(Bytes& content, const DiskFile& file, const DiskFile::Change& change);

  std::string name_;
  Chance& chance_;
  std::map<std::string, File, std::less<>> now_;
  std::map<std::string, File, std::less<>> durable_;
  std::vector<Entry> unsynced_entries_;
  DiskRates rates_;
  std::array<Plan, disk_fault_count> plans_{};
  SimulatedDisk::Fired fired_{};
  std::array<std::uint64_t, step_count> steps_{};
  std::uint64_t life_ = 1;
  bool is_down_ = false;
  bool goes_down_ = false;  ///< in the operation that failure() was asked about last
  bool is_plain_ = true;    ///< no fault is possible
};

}  // namespace tannha::simulate
