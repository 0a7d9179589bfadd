#include <gtest/gtest.h>

#include "tannha/protocol/crypto.hpp"
#include "tools/simulate/runner.hpp"

namespace tannha::simulate {
namespace {

class SeedsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }
};

std::string all_of(const Report& report, const RunOptions& options) {
  std::string text;
  for (const Failure& failure : report.failures) text += describe(failure, options) + "\n";
  return text;
}

TEST_F(SeedsTest, EveryPromiseIsKeptInAHundredWorlds) {
  const RunOptions options;
  const Report report = run_seeds({1, 100}, 2, options, false);
  EXPECT_TRUE(report.failures.empty()) << all_of(report, options);
  EXPECT_EQ(report.totals.seeds, 100U);
  EXPECT_EQ(report.totals.violations, 0U);
  EXPECT_EQ(report.totals.unconverged, 0U);
  // Worlds in which nothing happens keep every promise too.
  EXPECT_GT(report.totals.records, 100U * 40);
}

TEST_F(SeedsTest, EveryFaultStrikesInAHundredWorlds) {
  const Report report = run_seeds({1, 100}, 2, {}, false);
  for (std::size_t i = 0; i < fault_count; ++i) {
    // A directory entry is lost only when the power goes right after a file was made.
    if (static_cast<Fault>(i) == Fault::lost_entry) continue;
    // Few devices are ever stranded: ten in two hundred worlds.
    if (static_cast<Fault>(i) == Fault::enrolled_again) continue;
    EXPECT_GT(report.totals.fault_seeds[i], 0U) << name(static_cast<Fault>(i));
  }
}

TEST_F(SeedsTest, TheSumDoesNotDependOnTheNumberOfProcesses) {
  const Report one = run_seeds({1, 12}, 1, {}, false);
  const Report three = run_seeds({1, 12}, 3, {}, false);
  EXPECT_EQ(one.totals.records, three.totals.records);
  EXPECT_EQ(one.totals.events, three.totals.events);
  EXPECT_EQ(one.totals.faults, three.totals.faults);
  EXPECT_EQ(one.totals.fault_seeds, three.totals.fault_seeds);
  EXPECT_EQ(one.totals.pairs, three.totals.pairs);
}

TEST(SeedRangeTest, IsReadOnlyWhenItIsOne) {
  EXPECT_FALSE(parse_seeds(""));
  EXPECT_FALSE(parse_seeds("7"));
  EXPECT_FALSE(parse_seeds("7.."));
  EXPECT_FALSE(parse_seeds("..7"));
  EXPECT_FALSE(parse_seeds("7..6"));
  EXPECT_FALSE(parse_seeds("1..2x"));
  EXPECT_FALSE(parse_seeds("-1..2"));
  const auto seeds = parse_seeds("3..40");
  ASSERT_TRUE(seeds);
  EXPECT_EQ(seeds->first, 3U);
  EXPECT_EQ(seeds->last, 40U);
}

}  // namespace
}  // namespace tannha::simulate
