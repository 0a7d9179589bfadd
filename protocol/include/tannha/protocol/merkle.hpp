#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

/// The Merkle tree of RFC 9162 §2.1 over SHA-256. A leaf's content is the 32-byte hash of a record.
namespace tannha::merkle {

/// SHA-256 of nothing: the root of the empty tree.
[[nodiscard]] Hash empty_root();
/// SHA-256(0x00 || entry).
[[nodiscard]] Hash leaf_hash(BytesView entry);
/// SHA-256(0x01 || left || right).
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);

/// Gives the hash of the complete subtree of 2^level leaves whose first leaf is index * 2^level.
/// Called only for complete subtrees of the tree in question.
using NodeReader = std::function<Hash(std::uint32_t level, std::uint64_t index)>;

/// The nodes that become complete when leaf number `index` (from 0) is appended, lowest first: the
/// leaf itself at level 0, then one for each trailing 1 bit of index. What a store must keep.
struct Node {
  std::uint32_t level{};
  std::uint64_t index{};
  Hash hash{};
};
[[nodiscard]] std::vector<Node> append(std::uint64_t index, const Hash& leaf,
                                       const NodeReader& nodes);

/// Root of the first `size` leaves.
[[nodiscard]] Hash root(std::uint64_t size, const NodeReader& nodes);
/// RFC 9162 §2.1.3.1. Precondition: index < size.
[[nodiscard]] std::vector<Hash> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                const NodeReader& nodes);
/// Many inclusion proofs towards one root: what does not fill a complete subtree, at the tree's right
/// edge, is computed once.
class Proofs {
 public:
  /// Precondition: size > 0.
  Proofs(std::uint64_t size, const NodeReader& nodes);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// As inclusion_proof().
  [[nodiscard]] std::vector<Hash> inclusion(std::uint64_t index, const NodeReader& nodes) const;

 private:
  std::uint64_t size_;
  std::vector<Hash> edge_;  ///< the last node of each level, complete or not
};
/// RFC 9162 §2.1.4.1. Precondition: 0 < old_size <= new_size. Empty when they are equal.
[[nodiscard]] std::vector<Hash> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                                  const NodeReader& nodes);

/// RFC 9162 §2.1.3.2. Errors: receipt_invalid.
[[nodiscard]] Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size,
                                            const Hash& leaf, std::span<const Hash> proof,
                                            const Hash& root);
/// Verifies many inclusion proofs towards one root. What has been proven under it is remembered, so
/// that a proof is hashed only up to the first node that is known; the rest is compared. Accepts
/// exactly what verify_inclusion() accepts, as far as nobody finds two inputs with one hash.
class Inclusions {
 public:
  Inclusions(std::uint64_t size, const Hash& root) : size_(size), root_(root) {}
  /// Errors: receipt_invalid.
  [[nodiscard]] Result<void> verify(std::uint64_t index, const Hash& leaf,
                                    std::span<const Hash> proof);

 private:
  struct Place {
    std::uint32_t level{};
    std::uint64_t index{};
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct PlaceHash {
    std::size_t operator()(const Place& place) const {
      // Levels are few and indices follow each other: an odd factor spreads both.
      return static_cast<std::size_t>((place.index * 64 + place.level) * 0x9e3779b97f4a7c15);
    }
  };
  bool agrees(std::uint64_t index, const Hash& leaf, std::span<const Hash> proof);
  [[nodiscard]] const Hash* known(const Place& place) const;

  std::uint64_t size_;
  Hash root_;
  std::unordered_map<Place, Hash, PlaceHash> known_;      ///< nodes of the tree with this root
  std::vector<std::pair<Place, Hash>> fresh_;             ///< of the proof that is being looked at
};
/// RFC 9162 §2.1.4.2; equal sizes need equal roots and an empty proof; old size 0 is an error, as it
/// proves nothing. Errors: checkpoint_inconsistent.
[[nodiscard]] Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                              const Hash& old_root, const Hash& new_root,
                                              std::span<const Hash> proof);

}  // namespace tannha::merkle
