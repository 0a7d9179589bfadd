#include "tannha/protocol/merkle.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tannha/protocol/crypto.hpp"

namespace tannha::merkle {
namespace {

constexpr std::uint64_t size_max = 70;

// ---- the definitions of RFC 9162 §2.1, as they are written there ----

using Leaves = std::span<const Hash>;

std::size_t split(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

Hash naive_root(Leaves leaves) {
  if (leaves.empty()) return sha256({});
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = split(leaves.size());
  const Hash left = naive_root(leaves.first(k));
  const Hash right = naive_root(leaves.subspan(k));
  Bytes input = {1};
  input.insert(input.end(), left.begin(), left.end());
  input.insert(input.end(), right.begin(), right.end());
  return sha256(input);
}

std::vector<Hash> naive_path(std::size_t m, Leaves leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t k = split(leaves.size());
  std::vector<Hash> out =
      m < k ? naive_path(m, leaves.first(k)) : naive_path(m - k, leaves.subspan(k));
  out.push_back(naive_root(m < k ? leaves.subspan(k) : leaves.first(k)));
  return out;
}

std::vector<Hash> naive_subproof(std::size_t m, Leaves leaves, bool is_whole) {
  if (m == leaves.size()) {
    return is_whole ? std::vector<Hash>{} : std::vector<Hash>{naive_root(leaves)};
  }
  const std::size_t k = split(leaves.size());
  std::vector<Hash> out = m <= k ? naive_subproof(m, leaves.first(k), is_whole)
                                 : naive_subproof(m - k, leaves.subspan(k), false);
  out.push_back(naive_root(m <= k ? leaves.subspan(k) : leaves.first(k)));
  return out;
}

// ---- a store of nodes that refuses what is not complete ----

class MerkleTest : public testing::Test {
 protected:
  void SetUp() override {
    init_crypto();
    for (std::uint64_t i = 0; i < size_max; ++i) {
      const Bytes entry = {static_cast<std::uint8_t>(i), 0xab};
      leaves_.push_back(leaf_hash(entry));
      for (const Node& node : append(i, leaves_.back(), reader(i))) {
        EXPECT_TRUE(nodes_.emplace(std::pair(node.level, node.index), node.hash).second)
            << "node twice";
      }
    }
  }

  /// Reads nodes of the tree of the first `size` leaves only.
  [[nodiscard]] NodeReader reader(std::uint64_t size) const {
    return [this, size](std::uint32_t level, std::uint64_t index) {
      EXPECT_LE((index + 1) << level, size) << "asked for an incomplete subtree";
      const auto it = nodes_.find({level, index});
      if (it == nodes_.end()) {
        ADD_FAILURE() << "no node " << level << " " << index;
        return Hash{};
      }
      return it->second;
    };
  }

  [[nodiscard]] Leaves leaves(std::uint64_t size) const { return Leaves(leaves_).first(size); }

  std::vector<Hash> leaves_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, Hash> nodes_;
};

Hash flipped(Hash hash) {
  hash[31] ^= 1;
  return hash;
}

TEST_F(MerkleTest, InclusionRefusesEveryOtherStatement) {
  const std::uint64_t size = 13;
  const Hash root_hash = root(size, reader(size));
  for (std::uint64_t index = 0; index < size; ++index) {
    const std::vector<Hash> proof = inclusion_proof(index, size, reader(size));
    ASSERT_TRUE(verify_inclusion(index, size, leaves_[index], proof, root_hash));
    for (std::uint64_t other = 0; other < 40; ++other) {
      if (other == index) continue;
      EXPECT_FALSE(verify_inclusion(other, size, leaves_[index], proof, root_hash));
    }
    EXPECT_FALSE(verify_inclusion(index, size, flipped(leaves_[index]), proof, root_hash));
    EXPECT_FALSE(verify_inclusion(index, size, leaves_[index], proof, flipped(root_hash)));
    EXPECT_FALSE(verify_inclusion(index, 0, leaves_[index], proof, root_hash));
    for (std::size_t i = 0; i < proof.size(); ++i) {
      std::vector<Hash> bad = proof;
      bad[i] = flipped(bad[i]);
      EXPECT_FALSE(verify_inclusion(index, size, leaves_[index], bad, root_hash));
      bad = proof;
      bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_FALSE(verify_inclusion(index, size, leaves_[index], bad, root_hash));
    }
    std::vector<Hash> longer = proof;
    longer.push_back(root_hash);
    const Result<void> refused = verify_inclusion(index, size, leaves_[index], longer, root_hash);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::receipt_invalid);
  }
}

// Whatever has been proven before, in any order, it says what verify_inclusion() says.
TEST_F(MerkleTest, InclusionsAgreeWithInclusionWhateverIsKnown) {
  for (const std::uint64_t size : {1U, 2U, 3U, 7U, 8U, 13U, 21U, 64U, 65U, 70U}) {
    const Hash root_hash = root(size, reader(size));
    for (const std::uint64_t step : {1U, 5U, 11U}) {
      Inclusions inclusions(size, root_hash);
      const auto agree = [&](std::uint64_t index, const Hash& leaf, std::span<const Hash> proof) {
        const bool expected{verify_inclusion(index, size, leaf, proof, root_hash)};
        const Result<void> got = inclusions.verify(index, leaf, proof);
        EXPECT_EQ(got.has_value(), expected) << size << " " << index;
        EXPECT_TRUE(got || got.error().code == errc::receipt_invalid);
        return got.has_value();
      };
      for (std::uint64_t i = 0; i < size; ++i) {
        const std::uint64_t index = i * step % size;
        const std::vector<Hash> proof = inclusion_proof(index, size, reader(size));
        const auto try_wrong_ones = [&] {
          agree(index, flipped(leaves_[index]), proof);
          for (std::uint64_t other = 0; other < size + 3; ++other) {
            if (other != index) agree(other, leaves_[index], proof);
          }
          for (std::size_t at = 0; at < proof.size(); ++at) {
            std::vector<Hash> bad = proof;
            bad[at] = flipped(bad[at]);
            agree(index, leaves_[index], bad);
            bad = proof;
            bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(at));
            agree(index, leaves_[index], bad);
          }
          std::vector<Hash> longer = proof;
          longer.push_back(root_hash);
          agree(index, leaves_[index], longer);
        };
        try_wrong_ones();
        EXPECT_TRUE(agree(index, leaves_[index], proof));
        try_wrong_ones();
        EXPECT_TRUE(agree(index, leaves_[index], proof));
      }
    }
  }
}

TEST_F(MerkleTest, InclusionsRememberNothingOfAWrongRoot) {
  const std::uint64_t size = 13;
  Inclusions inclusions(size, flipped(root(size, reader(size))));
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = inclusion_proof(index, size, reader(size));
      EXPECT_FALSE(inclusions.verify(index, leaves_[index], proof));
    }
  }
  Inclusions empty(0, empty_root());
  EXPECT_FALSE(empty.verify(0, leaves_[0], {}));
}

TEST_F(MerkleTest, ConsistencyRefusesEveryOtherStatement) {
  const std::uint64_t new_size = 21;
  const Hash new_root = root(new_size, reader(new_size));
  for (std::uint64_t old_size = 1; old_size < new_size; ++old_size) {
    const Hash old_root = root(old_size, reader(old_size));
    const std::vector<Hash> proof = consistency_proof(old_size, new_size, reader(new_size));
    ASSERT_TRUE(verify_consistency(old_size, new_size, old_root, new_root, proof));
    EXPECT_FALSE(verify_consistency(0, new_size, old_root, new_root, proof));
    EXPECT_FALSE(verify_consistency(new_size, old_size, new_root, old_root, proof));
    EXPECT_FALSE(verify_consistency(old_size, new_size, flipped(old_root), new_root, proof));
    EXPECT_FALSE(verify_consistency(old_size, new_size, old_root, flipped(new_root), proof));
    EXPECT_FALSE(verify_consistency(old_size, new_size, old_root, new_root, {}));
    for (std::size_t i = 0; i < proof.size(); ++i) {
      std::vector<Hash> bad = proof;
      bad[i] = flipped(bad[i]);
      EXPECT_FALSE(verify_consistency(old_size, new_size, old_root, new_root, bad));
      bad = proof;
      bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_FALSE(verify_consistency(old_size, new_size, old_root, new_root, bad));
    }
    std::vector<Hash> longer = proof;
    longer.push_back(new_root);
    const Result<void> refused = verify_consistency(old_size, new_size, old_root, new_root, longer);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::checkpoint_inconsistent);
  }
}

TEST_F(MerkleTest, EqualSizesNeedEqualRootsAndNoProof) {
  const Hash root_hash = root(5, reader(5));
  EXPECT_TRUE(verify_consistency(5, 5, root_hash, root_hash, {}));
  EXPECT_FALSE(verify_consistency(5, 5, root_hash, flipped(root_hash), {}));
  EXPECT_FALSE(verify_consistency(5, 5, root_hash, root_hash, std::vector<Hash>{root_hash}));
  EXPECT_FALSE(verify_consistency(0, 0, empty_root(), empty_root(), {}));
}

TEST_F(MerkleTest, LargestNumbersAreRefusedAndDoNotOverflow) {
  const std::vector<Hash> proof(80, leaves_[0]);
  for (std::size_t count = 0; count <= proof.size(); ++count) {
    const std::span<const Hash> some = std::span(proof).first(count);
    EXPECT_FALSE(verify_inclusion(UINT64_MAX - 1, UINT64_MAX, leaves_[0], some, leaves_[1]));
    EXPECT_FALSE(verify_inclusion(UINT64_MAX, UINT64_MAX, leaves_[0], some, leaves_[1]));
    EXPECT_FALSE(verify_consistency(UINT64_MAX - 1, UINT64_MAX, leaves_[0], leaves_[1], some));
  }
}

TEST_F(MerkleTest, LeafAndNodeHashesDiffer) {
  Bytes both(leaves_[0].begin(), leaves_[0].end());
  both.insert(both.end(), leaves_[1].begin(), leaves_[1].end());
  EXPECT_NE(leaf_hash(both), node_hash(leaves_[0], leaves_[1]));
}

TEST_F(MerkleTest, RootAgreesWithDefinition) {
  EXPECT_EQ(root(0, reader(0)), empty_root());
  for (std::uint64_t size = 0; size <= size_max; ++size) {
    EXPECT_EQ(root(size, reader(size)), naive_root(leaves(size))) << size;
  }
}

TEST_F(MerkleTest, AppendGivesEveryCompleteSubtreeOnce) {
  std::size_t count = 0;
  for (std::uint32_t level = 0; level < 7; ++level) {
    const std::uint64_t width = std::uint64_t{1} << level;
    for (std::uint64_t index = 0; (index + 1) * width <= size_max; ++index, ++count) {
      const auto it = nodes_.find({level, index});
      ASSERT_NE(it, nodes_.end()) << level << " " << index;
      EXPECT_EQ(it->second, naive_root(Leaves(leaves_).subspan(index * width, width)));
    }
  }
  EXPECT_EQ(nodes_.size(), count);
}

TEST_F(MerkleTest, InclusionAgreesWithDefinition) {
  for (std::uint64_t size = 1; size <= size_max; ++size) {
    const Hash root_hash = naive_root(leaves(size));
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = inclusion_proof(index, size, reader(size));
      ASSERT_EQ(proof, naive_path(index, leaves(size))) << index << " of " << size;
      ASSERT_TRUE(verify_inclusion(index, size, leaves_[index], proof, root_hash));
    }
  }
}

TEST_F(MerkleTest, ConsistencyAgreesWithDefinition) {
  for (std::uint64_t new_size = 1; new_size <= size_max; ++new_size) {
    const Hash new_root = naive_root(leaves(new_size));
    for (std::uint64_t old_size = 1; old_size <= new_size; ++old_size) {
      const std::vector<Hash> proof = consistency_proof(old_size, new_size, reader(new_size));
      ASSERT_EQ(proof, naive_subproof(old_size, leaves(new_size), true))
          << old_size << " to " << new_size;
      ASSERT_TRUE(
          verify_consistency(old_size, new_size, naive_root(leaves(old_size)), new_root, proof));
    }
  }
}

}  // namespace
}  // namespace tannha::merkle
