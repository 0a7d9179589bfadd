#include "tannha/protocol/merkle.hpp"

#include <algorithm>
#include <bit>

#include "tannha/protocol/crypto.hpp"

namespace tannha::merkle {
namespace {

constexpr std::uint8_t leaf_prefix = 0;
constexpr std::uint8_t node_prefix = 1;

bool is_odd(std::uint64_t n) {
  return (n & 1) != 0;
}

/// Root over the `count` > 0 leaves from `first` on. Precondition: `first` is a multiple of every
/// power of two up to `count`, which holds for each range that a proof speaks of.
Hash range_root(std::uint64_t first, std::uint64_t count, const NodeReader& nodes) {
  // The range is one complete subtree for each set bit of its count, the largest leftmost; they
  // are joined from the right.
  std::uint64_t end = first + count;
  std::uint64_t rest = count;
  std::optional<Hash> out;
  while (rest != 0) {
    const auto level = static_cast<std::uint32_t>(std::countr_zero(rest));
    end -= std::uint64_t{1} << level;
    rest &= rest - 1;
    const Hash left = nodes(level, end >> level);
    out = out ? node_hash(left, *out) : left;
  }
  return *out;
}

/// Goes up as long as the node is a left child, to the level at which its sibling is on the path.
void skip_left(std::uint64_t& node, std::uint64_t& last) {
  while (!is_odd(node) && node != 0) {
    node >>= 1;
    last >>= 1;
  }
}

}  // namespace

Hash empty_root() {
  return sha256({});
}

Hash leaf_hash(BytesView entry) {
  Bytes input;
  input.reserve(entry.size() + 1);
  input.push_back(leaf_prefix);
  input.insert(input.end(), entry.begin(), entry.end());
  return sha256(input);
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 65> input{node_prefix};
  std::ranges::copy(left, input.begin() + 1);
  std::ranges::copy(right, input.begin() + 33);
  return sha256(input);
}

std::vector<Node> append(std::uint64_t index, const Hash& leaf, const NodeReader& nodes) {
  std::vector<Node> out{{0, index, leaf}};
  // A right child completes its parent.
  while (is_odd(out.back().index)) {
    const Node right = out.back();
    const Hash left = nodes(right.level, right.index - 1);
    out.push_back({right.level + 1, right.index >> 1, node_hash(left, right.hash)});
  }
  return out;
}

Hash root(std::uint64_t size, const NodeReader& nodes) {
  return size == 0 ? empty_root() : range_root(0, size, nodes);
}

std::vector<Hash> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                  const NodeReader& nodes) {
  return Proofs(size, nodes).inclusion(index, nodes);
}

Proofs::Proofs(std::uint64_t size, const NodeReader& nodes) : size_(size) {
  std::uint64_t last = size - 1;
  edge_.push_back(nodes(0, last));
  for (std::uint32_t level = 0; last != 0; ++level, last >>= 1) {
    // The rightmost node of an odd row has no sibling and is its own parent.
    edge_.push_back(is_odd(last) ? node_hash(nodes(level, last - 1), edge_.back()) : edge_.back());
  }
}

std::vector<Hash> Proofs::inclusion(std::uint64_t index, const NodeReader& nodes) const {
  std::vector<Hash> out;
  out.reserve(edge_.size());
  std::uint64_t node = index;
  std::uint64_t last = size_ - 1;
  for (std::uint32_t level = 0; last != 0; ++level, node >>= 1, last >>= 1) {
    const std::uint64_t sibling = node ^ 1;
    if (sibling > last) continue;
    out.push_back(sibling == last ? edge_[level] : nodes(level, sibling));
  }
  return out;
}

std::vector<Hash> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                    const NodeReader& nodes) {
  // SUBPROOF of the RFC from the root down; its answer begins at the bottom.
  std::vector<Hash> out;
  std::uint64_t first = 0;
  std::uint64_t old_count = old_size;
  std::uint64_t count = new_size;
  while (old_count != count) {
    const std::uint64_t left_count = std::bit_floor(count - 1);
    if (old_count <= left_count) {
      out.push_back(range_root(first + left_count, count - left_count, nodes));
      count = left_count;
    } else {
      out.push_back(range_root(first, left_count, nodes));
      first += left_count;
      old_count -= left_count;
      count -= left_count;
    }
  }
  // The old tree itself is known to who asks; a right part of it is not.
  if (first != 0) out.push_back(range_root(first, count, nodes));
  std::ranges::reverse(out);
  return out;
}

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                              std::span<const Hash> proof, const Hash& root) {
  if (index >= size) return fail(errc::receipt_invalid, "index is not in the tree");
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return fail(errc::receipt_invalid, "proof is too long");
    if (is_odd(node) || node == last) {
      hash = node_hash(sibling, hash);
      skip_left(node, last);
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return fail(errc::receipt_invalid, "proof is too short");
  if (hash != root) return fail(errc::receipt_invalid, "root differs");
  return {};
}

const Hash* Inclusions::known(const Place& place) const {
  const auto it = known_.find(place);
  return it == known_.end() ? nullptr : &it->second;
}

// As verify_inclusion(), until it meets a node that is known. From there on every sibling must be
// the known one: then the rest would hash to the root, as it did before.
bool Inclusions::agrees(std::uint64_t index, const Hash& leaf, std::span<const Hash> proof) {
  fresh_.clear();
  if (index >= size_) return false;
  Place place{0, index};
  std::uint64_t last = size_ - 1;
  Hash hash = leaf;
  bool is_known = false;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if (!is_known) {
      if (const Hash* there = known(place)) {
        if (*there != hash) return false;
        is_known = true;
      }
    }
    const bool is_right = is_odd(place.index) || place.index == last;
    // The last node of a row may be alone: it goes up to where it has a sibling.
    for (; is_right && !is_odd(place.index); place.index >>= 1, last >>= 1) ++place.level;
    const Place beside{place.level, is_right ? place.index - 1 : place.index + 1};
    if (is_known) {
      const Hash* there = known(beside);
      if (!there || *there != sibling) return false;
    } else {
      fresh_.emplace_back(place, hash);
      fresh_.emplace_back(beside, sibling);
      hash = is_right ? node_hash(sibling, hash) : node_hash(hash, sibling);
    }
    place = {place.level + 1, place.index >> 1};
    last >>= 1;
  }
  return last == 0 && (is_known || hash == root_);
}

Result<void> Inclusions::verify(std::uint64_t index, const Hash& leaf,
                                std::span<const Hash> proof) {
  // What does not agree is judged without any memory, which also says what is wrong with it.
  if (!agrees(index, leaf, proof)) return verify_inclusion(index, size_, leaf, proof, root_);
  for (auto& [place, hash] : fresh_) known_.emplace(place, hash);
  return {};
}

Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                const Hash& old_root, const Hash& new_root,
                                std::span<const Hash> proof) {
  constexpr errc code = errc::checkpoint_inconsistent;
  if (old_size == 0) return fail(code, "old size is 0");
  if (old_size > new_size) return fail(code, "old size is larger");
  if (old_size == new_size) {
    if (!proof.empty()) return fail(code, "proof is too long");
    if (old_root != new_root) return fail(code, "same size, other root");
    return {};
  }
  if (proof.empty()) return fail(code, "proof is too short");
  std::uint64_t node = old_size - 1;
  std::uint64_t last = new_size - 1;
  while (is_odd(node)) {
    node >>= 1;
    last >>= 1;
  }
  // A complete old tree is a node of the new one: the proof leaves out what the asker has.
  const bool old_is_complete = std::has_single_bit(old_size);
  Hash old_hash = old_is_complete ? old_root : proof.front();
  Hash new_hash = old_hash;
  for (const Hash& sibling : proof.subspan(old_is_complete ? 0 : 1)) {
    if (last == 0) return fail(code, "proof is too long");
    if (is_odd(node) || node == last) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
      skip_left(node, last);
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return fail(code, "proof is too short");
  if (old_hash != old_root) return fail(code, "old root differs");
  if (new_hash != new_root) return fail(code, "new root differs");
  return {};
}

}  // namespace tannha::merkle
