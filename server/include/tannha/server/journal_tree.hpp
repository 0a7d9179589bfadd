#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tannha/protocol/merkle.hpp"

namespace tannha::server {

/// The journal's tree over a store of its complete nodes. One thread at a time.
/// Errors of all: those of reading a node.
class JournalTree {
 public:
  /// Reads a stored node. Errors: the store's; store_corrupt when it is missing.
  using Read = std::function<Result<Hash>(std::uint32_t level, std::uint64_t index)>;
  /// @param remembers nodes that were read or written; false where every answer must be the store's
  JournalTree(Read read, bool remembers) : read_(std::move(read)), remembers_(remembers) {}

  [[nodiscard]] Result<Hash> node(std::uint32_t level, std::uint64_t index) {
    const auto found = nodes_.find(key(level, index));
    if (found != nodes_.end()) return found->second;
    TN_TRY(const Hash hash, read_(level, index));
    remember(level, index, hash);
    return hash;
  }

  /// @return the nodes that the store must keep, the leaf's own first
  [[nodiscard]] Result<std::vector<merkle::Node>> append(std::uint64_t index, const Hash& leaf) {
    TN_TRY(auto made, compute([&](const merkle::NodeReader& read) {
             return merkle::append(index, leaf, read);
           }));
    for (const merkle::Node& n : made) remember(n.level, n.index, n.hash);
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

  Read read_;
  const bool remembers_;
  std::unordered_map<std::uint64_t, Hash> nodes_;
  std::optional<merkle::Proofs> proofs_;  ///< of the newest size that was asked for
};

}  // namespace tannha::server
