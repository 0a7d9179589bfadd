#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "tannha/engine/sqlite.hpp"
#include "tannha/protocol/bytes.hpp"

namespace tannha::server {

/// Where a record is in the journal, by its hash. Hashes have no order in time: an index that is
/// kept in the order of all of them writes another page with each record, and reads it from the disk
/// first when it has grown beyond memory. So the newest records are indexed in memory, and each run
/// of them is written once, sorted, behind the run before it, some rows with each record that
/// follows; a look-up asks the memory and then one run after the other, the newest first (ADR 15).
/// One thread at a time; of one connection.
class HashIndex {
 public:
  /// Leaves of a run.
  static constexpr std::uint64_t run_leaves = 32'768;
  static constexpr const char* schema =
      "CREATE TABLE record_hash(run INTEGER NOT NULL, prefix INTEGER NOT NULL, "
      "leaf INTEGER NOT NULL, PRIMARY KEY(run, prefix, leaf)) WITHOUT ROWID;";

  /// @param db must outlive this @param is_writer false: somebody else appends
  HashIndex(sqlite::Database& db, bool is_writer) : db_(db), is_writer_(is_writer) {}

  /// Errors: the store's.
  [[nodiscard]] Result<std::optional<std::uint64_t>> leaf_of(const Hash& hash);
  /// After the record was inserted, in the same transaction. Errors: the store's.
  [[nodiscard]] Result<void> added(const Hash& hash, std::uint64_t leaf);
  /// What was added is durable, or undone.
  void committed();
  void undone();
  /// Whether leaf_of() finds this record, without the other runs. Errors: the store's.
  [[nodiscard]] Result<bool> has(const Hash& hash, std::uint64_t leaf);

 private:
  using Leaves = std::unordered_map<Hash, std::uint64_t, ArrayHasher>;
  struct Row {
    std::uint64_t prefix{};
    std::uint64_t leaf{};
    auto operator<=>(const Row&) const = default;
  };

  [[nodiscard]] Result<void> read();
  [[nodiscard]] Result<bool> is_read();
  void put(const Hash& hash, std::uint64_t leaf);
  [[nodiscard]] Result<void> write_rows();
  [[nodiscard]] Result<std::optional<std::uint64_t>> leaf_in_run(std::uint64_t run,
                                                                 const Hash& hash);

  sqlite::Database& db_;
  const bool is_writer_;
  bool is_read_ = false;
  std::uint64_t data_version_ = 0;  ///< what a reader has read
  std::uint64_t runs_ = 0;          ///< that are written to their ends
  Leaves unwritten_;                ///< the run after those, when it is complete
  std::vector<Row> sorted_;         ///< its rows
  std::size_t rows_ = 0;            ///< of them are written
  Leaves newest_;                   ///< the records after it
  // Of the open transaction:
  std::vector<Hash> added_;
  std::size_t rows_before_ = 0;
  bool moved_on_ = false;  ///< undoing more than `added_` and `rows_` means to read again
};

}  // namespace tannha::server
