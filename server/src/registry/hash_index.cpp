#include "tannha/server/hash_index.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace tannha::server {
namespace {

using sqlite::arg;
using sqlite::Row;

// Enough of a hash to tell two apart nearly always; the record itself has all of it.
constexpr std::size_t prefix_size = 6;

std::uint64_t prefix_of(const Hash& hash) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < prefix_size; ++i) out = out << 8 | hash[i];
  return out;
}

}  // namespace

Result<std::optional<std::uint64_t>> HashIndex::leaf_of(const Hash& hash) {
  TN_CHECK(read_tail());
  if (const auto it = tail_.find(hash); it != tail_.end()) return it->second;
  for (std::uint64_t run = runs_; run-- > 0;) {
    TN_TRY(const auto leaf, leaf_in_run(run, hash));
    if (leaf) return leaf;
  }
  return std::nullopt;
}

Result<std::optional<std::uint64_t>> HashIndex::leaf_in_run(std::uint64_t run, const Hash& hash) {
  return db_.one("SELECT h.leaf FROM record_hash h JOIN record r ON r.leaf=h.leaf "
                 "WHERE h.run=? AND h.prefix=? AND r.hash=?",
                 {arg(run), arg(prefix_of(hash)), arg(BytesView(hash))},
                 [](Row row) { return row.number(0); });
}

Result<bool> HashIndex::has(const Hash& hash, std::uint64_t leaf) {
  TN_CHECK(read_tail());
  if (leaf >= runs_ * run_leaves) {
    const auto it = tail_.find(hash);
    return it != tail_.end() && it->second == leaf;
  }
  TN_TRY(const auto found, leaf_in_run(leaf / run_leaves, hash));
  return found == leaf;
}

Result<void> HashIndex::added(const Hash& hash, std::uint64_t leaf) {
  // Not read yet: it will be, with what follows, at the first look-up.
  const bool completes_run = (leaf + 1) % run_leaves == 0;
  if (!is_read_ && !completes_run) return {};
  TN_CHECK(read_tail());
  tail_.insert_or_assign(hash, leaf);
  end_ = leaf + 1;
  return completes_run ? write_run() : Result<void>{};
}

void HashIndex::undone() {
  is_read_ = false;
  tail_.clear();
}

// A writer's tail grows with what it appends; another's may have grown, or become a run, any time.
Result<void> HashIndex::read_tail() {
  if (is_read_ && is_writer_) return {};
  TN_TRY(const auto runs, db_.one("SELECT ifnull(max(run)+1,0) FROM record_hash", {},
                                  [](Row row) { return row.number(0); }));
  if (!is_read_ || runs != runs_) {
    runs_ = runs.value_or(0);
    tail_.clear();
    end_ = runs_ * run_leaves;
  }
  TN_CHECK(db_.each("SELECT hash, leaf FROM record WHERE leaf>=? ORDER BY leaf", {arg(end_)},
                    [this](Row row) {
                      tail_.insert_or_assign(row.array<Hash>(0), row.number(1));
                      end_ = row.number(1) + 1;
                      return true;
                    }));
  is_read_ = true;
  return {};
}

Result<void> HashIndex::write_run() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> sorted;
  sorted.reserve(tail_.size());
  for (const auto& [hash, leaf] : tail_) sorted.emplace_back(prefix_of(hash), leaf);
  std::ranges::sort(sorted);
  for (const auto& [prefix, leaf] : sorted) {
    TN_CHECK(db_.run("INSERT INTO record_hash VALUES(?,?,?)",
                     {arg(leaf / run_leaves), arg(prefix), arg(leaf)}));
  }
  tail_.clear();
  runs_ = end_ / run_leaves;
  return {};
}

}  // namespace tannha::server
