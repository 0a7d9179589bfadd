#include "tannha/server/memory_budget.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

namespace tannha::server {
namespace {

constexpr std::size_t most = 1024ULL * 1024 * 1024;

class MemoryBudgetTest : public ::testing::Test {
 protected:
  std::shared_ptr<MemoryBudget> budget = std::make_shared<MemoryBudget>(most);
};

TEST_F(MemoryBudgetTest, IsFullToTheByteAndGivesBack) {
  auto all = budget->take(MemoryUse::answer, "", most);
  ASSERT_TRUE(all);
  EXPECT_EQ(budget->bytes_now(), most);
  EXPECT_FALSE(budget->take(MemoryUse::answer, "", 1));
  EXPECT_EQ(budget->refused_total(), 1U);
  EXPECT_TRUE(all->resize(most - 1));
  EXPECT_TRUE(budget->take(MemoryUse::answer, "", 1));
  all.reset();
  EXPECT_EQ(budget->bytes_now(), 0U);
}

TEST_F(MemoryBudgetTest, GivesEachUseItsPart) {
  const std::pair<MemoryUse, std::size_t> parts[] = {{MemoryUse::stranger, most / 4},
                                                     {MemoryUse::file, most / 4 * 3},
                                                     {MemoryUse::record, most / 8 * 7},
                                                     {MemoryUse::answer, most}};
  for (const auto& [use, part] : parts) {
    EXPECT_TRUE(budget->take(use, "", part));
    EXPECT_FALSE(budget->take(use, "", part + 1));
  }
  // What others hold counts: when files fill their part, records still go in, and files do not.
  const auto files = budget->take(MemoryUse::file, "", most / 4 * 3);
  EXPECT_FALSE(budget->take(MemoryUse::file, "", 1));
  EXPECT_FALSE(budget->take(MemoryUse::stranger, "", 1));
  EXPECT_TRUE(budget->take(MemoryUse::record, "", 1));
}

TEST_F(MemoryBudgetTest, LetsNoSingleHolderHaveMuch) {
  auto one = budget->take(MemoryUse::file, "one", MemoryBudget::holder_bytes_max);
  ASSERT_TRUE(one);
  EXPECT_FALSE(budget->take(MemoryUse::answer, "one", 1));
  EXPECT_FALSE(one->resize(MemoryBudget::holder_bytes_max + 1));
  EXPECT_EQ(one->bytes(), MemoryBudget::holder_bytes_max);
  EXPECT_TRUE(budget->take(MemoryUse::record, "other", 1));
  one.reset();
  EXPECT_TRUE(budget->take(MemoryUse::record, "one", 1));
  EXPECT_TRUE(budget->take(MemoryUse::record, "one", MemoryBudget::record_bytes_max));
  EXPECT_FALSE(budget->take(MemoryUse::record, "one", MemoryBudget::record_bytes_max + 1));
  EXPECT_TRUE(budget->take(MemoryUse::stranger, "x", MemoryBudget::stranger_bytes_max));
  EXPECT_FALSE(budget->take(MemoryUse::stranger, "x", MemoryBudget::stranger_bytes_max + 1));
}

TEST_F(MemoryBudgetTest, GrowsAndShrinksAndRefusesWithoutChange) {
  const auto share = budget->take(MemoryUse::stranger, "", 100);
  EXPECT_TRUE(share->cover(50));
  EXPECT_EQ(share->bytes(), 100U);
  EXPECT_TRUE(share->cover(200));
  EXPECT_EQ(budget->bytes_now(), 200U);
  EXPECT_FALSE(share->cover(most / 2));
  EXPECT_EQ(budget->bytes_now(), 200U);
  share->becomes(MemoryUse::answer);
  EXPECT_TRUE(share->cover(most / 2));
  EXPECT_FALSE(share->resize(std::numeric_limits<std::size_t>::max()));
  EXPECT_EQ(budget->bytes_now(), most / 2);
}

TEST_F(MemoryBudgetTest, LivesAsLongAsItsShares) {
  const auto share = budget->take(MemoryUse::record, "one", 100);
  budget.reset();
  EXPECT_TRUE(share->resize(200));
}

}  // namespace
}  // namespace tannha::server
