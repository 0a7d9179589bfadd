#include "tannha/server/hash_index.hpp"

#include <algorithm>
#include <utility>

namespace tannha::server {
namespace {

using sqlite::arg;

// Enough of a hash to tell two apart nearly always; the record itself has all of it.
constexpr std::size_t prefix_size = 6;
/// Rows that are written with a record. With more than one a run is there before the next is complete.
constexpr std::size_t rows_a_record = 4;

std::uint64_t prefix_of(const Hash& hash) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < prefix_size; ++i) out = out << 8 | hash[i];
  return out;
}

std::uint64_t first_number(sqlite::Row row) { return row.number(0); }

}  // namespace

Result<std::optional<std::uint64_t>> HashIndex::leaf_of(const Hash& hash) {
  TN_CHECK(read());
  for (const Leaves* leaves : {&newest_, &unwritten_}) {
    if (const auto it = leaves->find(hash); it != leaves->end()) return it->second;
  }
  for (std::uint64_t run = runs_; run-- > 0;) {
    TN_TRY(const auto leaf, leaf_in_run(run, hash));
    if (leaf) return leaf;
  }
  return std::nullopt;
}

Result<std::optional<std::uint64_t>> HashIndex::leaf_in_run(std::uint64_t run, const Hash& hash) {
  return db_.one("SELECT h.leaf FROM record_hash h JOIN record r ON r.leaf=h.leaf "
                 "WHERE h.run=? AND h.prefix=? AND r.hash=?",
                 {arg(run), arg(prefix_of(hash)), arg(BytesView(hash))}, first_number);
}

Result<bool> HashIndex::has(const Hash& hash, std::uint64_t leaf) {
  TN_CHECK(read());
  if (leaf < runs_ * run_leaves) {
    TN_TRY(const auto found, leaf_in_run(leaf / run_leaves, hash));
    return found == leaf;
  }
  const Leaves& leaves = leaf / run_leaves == runs_ && !unwritten_.empty() ? unwritten_ : newest_;
  const auto it = leaves.find(hash);
  return it != leaves.end() && it->second == leaf;
}

Result<void> HashIndex::added(const Hash& hash, std::uint64_t leaf) {
  // The record is there already: whoever reads now reads it too.
  TN_CHECK(read());
  if (!newest_.contains(hash) && !unwritten_.contains(hash)) {
    added_.push_back(hash);
    put(hash, leaf);
  }
  return write_rows();
}

void HashIndex::committed() {
  added_.clear();
  rows_before_ = rows_;
  moved_on_ = false;
}

// Of a full disk's transactions each one is undone: most are forgotten without reading.
void HashIndex::undone() {
  if (moved_on_) {
    is_read_ = false;
  } else {
    for (const Hash& hash : added_) newest_.erase(hash);
    rows_ = rows_before_;
  }
  committed();
}

// What a writer knows changes with what it appends; for a reader it may have changed any time.
Result<bool> HashIndex::is_read() {
  if (is_writer_) return is_read_;
  TN_TRY(const auto version, db_.one("PRAGMA data_version", {}, first_number));
  const std::uint64_t before = std::exchange(data_version_, version.value_or(0));
  return is_read_ && data_version_ == before;
}

Result<void> HashIndex::read() {
  TN_TRY(const bool is_read, this->is_read());
  if (is_read) return {};
  is_read_ = false;
  unwritten_.clear();
  sorted_.clear();
  newest_.clear();
  TN_TRY(const auto last, db_.one("SELECT ifnull(max(run),0) FROM record_hash", {}, first_number));
  runs_ = last.value_or(0);
  TN_TRY(const auto rows,
         db_.one("SELECT count(*) FROM record_hash WHERE run=?", {arg(runs_)}, first_number));
  rows_ = static_cast<std::size_t>(rows.value_or(0));
  if (rows_ == run_leaves) {
    ++runs_;
    rows_ = 0;
  }
  TN_CHECK(db_.each("SELECT hash, leaf FROM record WHERE leaf>=? ORDER BY leaf",
                    {arg(runs_ * run_leaves)}, [this](sqlite::Row row) {
                      put(row.array<Hash>(0), row.number(1));
                      return true;
                    }));
  is_read_ = true;
  committed();
  // What the open transaction has added was read with the rest.
  moved_on_ = db_.in_transaction();
  return {};
}

void HashIndex::put(const Hash& hash, std::uint64_t leaf) {
  newest_.emplace(hash, leaf);
  const std::uint64_t end = (runs_ + 1) * run_leaves;
  if (leaf + 1 < end || !unwritten_.empty()) return;
  moved_on_ = true;
  unwritten_ = std::exchange(newest_, {});
  // None, unless records are missing from a damaged store.
  std::erase_if(unwritten_, [&](const auto& entry) {
    const bool is_later = entry.second >= end;
    if (is_later) newest_.insert(entry);
    return is_later;
  });
  sorted_.reserve(unwritten_.size());
  for (const auto& [h, at] : unwritten_) sorted_.push_back({prefix_of(h), at});
  std::ranges::sort(sorted_);
}

Result<void> HashIndex::write_rows() {
  const std::size_t end = std::min(rows_ + rows_a_record, sorted_.size());
  // Rows that a damaged store has lost are not counted above: what is there stays.
  for (; rows_ < end; ++rows_) {
    TN_CHECK(db_.run("INSERT OR IGNORE INTO record_hash VALUES(?,?,?)",
                     {arg(runs_), arg(sorted_[rows_].prefix), arg(sorted_[rows_].leaf)}));
  }
  if (sorted_.empty() || rows_ < sorted_.size()) return {};
  moved_on_ = true;
  ++runs_;
  rows_ = 0;
  unwritten_.clear();
  sorted_.clear();
  return {};
}

}  // namespace tannha::server
