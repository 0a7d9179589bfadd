#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tannha/protocol/merkle.hpp"

namespace tannha::server {

/// The journal's tree over a store of its records and of its complete nodes from `stored_level` on;
/// those below are computed from the records. One thread at a time.
/// Errors of all: those of reading; store_corrupt when a node or a record is missing.
class JournalTree {
 public:
  /// What lies below is seven eighths of the tree's stored bytes otherwise, and quickly computed.
  static constexpr std::uint32_t stored_level = 4;

  /// Reads a stored node. Errors: the store's; store_corrupt when it is missing.
  using ReadNode = std::function<Result<Hash>(std::uint32_t level, std::uint64_t index)>;
  /// Reads the hashes of up to `count_max` records from this leaf on. Errors: the store's.
  using ReadRecords =
      std::function<Result<std::vector<Hash>>(std::uint64_t first, std::size_t count_max)>;
  /// @param remembers nodes that were read or written; false where every answer must be the store's
  JournalTree(ReadNode read_node, ReadRecords read_records, bool remembers)
      : read_node_(std::move(read_node)),
        read_records_(std::move(read_records)),
        remembers_(remembers) {}

  [[nodiscard]] Result<Hash> node(std::uint32_t level, std::uint64_t index) {
    const auto found = nodes_.find(key(level, index));
    if (found != nodes_.end()) return found->second;
    if (level < stored_level) return computed(level, index);
    TN_TRY(const Hash hash, read_node_(level, index));
    remember(level, index, hash);
    return hash;
  }

  /// Complete nodes of a level below `stored_level`, up to `count_max` from a position on.
  [[nodiscard]] Result<std::vector<Hash>> run(std::uint32_t level, std::uint64_t first,
                                              std::size_t count_max) const {
    TN_TRY(std::vector<Hash> row, read_records_(first << level, count_max << level));
    for (Hash& hash : row) hash = merkle::leaf_hash(hash);
    for (; level > 0; --level) row = parents(row);
    return row;
  }

  /// @param record the hash of the record with this leaf
  /// @return the nodes that the store must keep, lowest first
  [[nodiscard]] Result<std::vector<merkle::Node>> append(std::uint64_t index, const Hash& record) {
    TN_TRY(auto made, compute([&](const merkle::NodeReader& read) {
             return merkle::append(index, merkle::leaf_hash(record), read);
           }));
    for (const merkle::Node& n : made) remember(n.level, n.index, n.hash);
    std::erase_if(made, [](const merkle::Node& n) { return n.level < stored_level; });
    return made;
  }

  [[nodiscard]] Result<Hash> root(std::uint64_t size) {
    return compute([&](const merkle::NodeReader& read) { return merkle::root(size, read); });
  }
  [[nodiscard]] Result<std::vector<Hash>> inclusion(std::uint64_t index, std::uint64_t size) {
    return compute([&](const merkle::NodeReader& read) {
      if (!remembers_) return merkle::inclusion_proof(index, size, read);
      if (!proofs_ || proofs_->size() != size) proofs_.emplace(size, read);
      return proofs_->inclusion(index, read);
    });
  }
  [[nodiscard]] Result<std::vector<Hash>> consistency(std::uint64_t old_size,
                                                      std::uint64_t new_size) {
    return compute([&](const merkle::NodeReader& read) {
      return merkle::consistency_proof(old_size, new_size, read);
    });
  }

  /// What was written may have been undone.
  void forget() {
    nodes_.clear();
    proofs_.reset();
  }

 private:
  // Any proof needs about forty nodes; those of the newest records are needed by every answer.
  static constexpr std::size_t nodes_max = 65'536;

  static std::uint64_t key(std::uint32_t level, std::uint64_t index) {
    return (std::uint64_t{level} << 58) ^ index;
  }
  void remember(std::uint32_t level, std::uint64_t index, const Hash& hash) {
    if (!remembers_) return;
    if (nodes_.size() >= nodes_max) nodes_.clear();
    nodes_.insert_or_assign(key(level, index), hash);
  }

  static std::vector<Hash> parents(const std::vector<Hash>& row) {
    std::vector<Hash> out(row.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = merkle::node_hash(row[2 * i], row[2 * i + 1]);
    }
    return out;
  }

  /// One reading serves every node below the same stored one.
  Result<Hash> computed(std::uint32_t level, std::uint64_t index) {
    const std::uint64_t above = index >> (stored_level - level);
    TN_TRY(std::vector<Hash> row, run(0, above << stored_level, std::size_t{1} << stored_level));
    std::optional<Hash> out;
    for (std::uint32_t l = 0; l < stored_level; ++l, row = parents(row)) {
      const std::uint64_t first = above << (stored_level - l);
      for (std::size_t i = 0; i < row.size(); ++i) {
        remember(l, first + i, row[i]);
        if (l == level && first + i == index) out = row[i];
      }
    }
    if (!out) return fail(errc::store_corrupt, "journal node");
    return *out;
  }

  // The tree's functions cannot fail, so a node that cannot be read is remembered as an error, and
  // the result thrown away.
  template <class F>
  auto compute(F f) -> Result<std::invoke_result_t<F, const merkle::NodeReader&>> {
    std::optional<Error> error;
    const merkle::NodeReader read = [&](std::uint32_t level, std::uint64_t index) {
      auto hash = node(level, index);
      if (hash) return *hash;
      if (!error) error = std::move(hash.error());
      return Hash{};
    };
    auto result = f(read);
    if (!error) return result;
    forget();
    return std::unexpected(std::move(*error));
  }

  ReadNode read_node_;
  ReadRecords read_records_;
  const bool remembers_;
  std::unordered_map<std::uint64_t, Hash> nodes_;
  std::optional<merkle::Proofs> proofs_;  ///< of the newest size that was asked for
};

}  // namespace tannha::server
