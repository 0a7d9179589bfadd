#include "tannha/protocol/receipt.hpp"

#include <gtest/gtest.h>

#include "../../support/protocol_world.hpp"

namespace tannha {
namespace {

class ReceiptTest : public testing::Test {
 protected:
  [[nodiscard]] std::string verified(const Receipt& receipt,
                                     std::string_view origin = test::World::origin) const {
    const auto result = verify_receipt(receipt, origin, world_.journal_key.public_key());
    return result ? "none" : std::string(name(result.error().code));
  }

  test::World world_;
  Receipt receipt_ = world_.receipt();
};

TEST_F(ReceiptTest, RefusesMalformedNote) {
  receipt_.checkpoint.pop_back();
  EXPECT_EQ(verified(receipt_), "checkpoint_malformed");
  receipt_.checkpoint.clear();
  EXPECT_EQ(verified(receipt_), "checkpoint_malformed");
}

TEST_F(ReceiptTest, RefusesNoteOfOtherKeyOrOrigin) {
  EXPECT_EQ(verified(receipt_, "tannha.vn/H43"), "signature_invalid");
  receipt_.checkpoint = sign_checkpoint(world_.checkpoint(), world_.courier_key);
  EXPECT_EQ(verified(receipt_), "signature_invalid");
}

TEST_F(ReceiptTest, RefusesOtherRecord) {
  receipt_.record = world_.sealed.hash;
  EXPECT_EQ(verified(receipt_), "receipt_invalid");
}

TEST_F(ReceiptTest, RefusesOtherPlace) {
  for (const std::uint64_t index :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, UINT64_MAX}) {
    receipt_.leaf_index = index;
    EXPECT_EQ(verified(receipt_), "receipt_invalid") << index;
  }
}

TEST_F(ReceiptTest, RefusesChangedPath) {
  Receipt longer = receipt_;
  longer.path.push_back(world_.opened.hash);
  EXPECT_EQ(verified(longer), "receipt_invalid");
  Receipt shorter = receipt_;
  shorter.path.pop_back();
  EXPECT_EQ(verified(shorter), "receipt_invalid");
  for (std::size_t i = 0; i < receipt_.path.size(); ++i) {
    Receipt changed = receipt_;
    changed.path[i][31] ^= 1;
    EXPECT_EQ(verified(changed), "receipt_invalid") << i;
  }
}

TEST_F(ReceiptTest, RefusesOtherTreeHead) {
  Checkpoint other = world_.checkpoint();
  other.root[0] ^= 1;
  receipt_.checkpoint = sign_checkpoint(other, world_.journal_key);
  EXPECT_EQ(verified(receipt_), "receipt_invalid");
  other = world_.checkpoint();
  other.size = 0;
  receipt_.checkpoint = sign_checkpoint(other, world_.journal_key);
  EXPECT_EQ(verified(receipt_), "receipt_invalid");
}

TEST_F(ReceiptTest, VerifiesEachRecordOfTheJournal) {
  const Hash records[] = {world_.opened.hash, world_.sealed.hash, world_.confirmed.hash};
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Receipt receipt{records[i], i, merkle::inclusion_proof(i, 3, world_.nodes()),
                          world_.note()};
    EXPECT_EQ(verified(receipt), "none") << i;
    const auto read = fields::decode<Receipt>(fields::encode(receipt), errc::receipt_invalid);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, receipt);
  }
}

TEST_F(ReceiptTest, GivesTheCheckpoint) {
  const auto checkpoint =
      verify_receipt(receipt_, test::World::origin, world_.journal_key.public_key());
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(*checkpoint, world_.checkpoint());
}

TEST(VerdictTest, NamesAndValidNumbers) {
  EXPECT_EQ(name(Verdict::effective), "effective");
  EXPECT_EQ(name(Verdict::waiting), "waiting");
  EXPECT_EQ(name(static_cast<Verdict>(6)), "unknown");
  EXPECT_TRUE(is_valid(Verdict::waiting));
  EXPECT_FALSE(is_valid(static_cast<Verdict>(6)));
}

}  // namespace
}  // namespace tannha
