#include <gtest/gtest.h>

#include <string>

#include "tannha/protocol/crypto.hpp"
#include "tools/simulate/runner.hpp"

namespace tannha::simulate {
namespace {

class CanaryTest : public testing::TestWithParam<Canary> {
 protected:
  static void SetUpTestSuite() { init_crypto(); }
};

// A simulation that does not see a bug that is there proves nothing when it sees none.
TEST_P(CanaryTest, IsCaughtWithinFiveHundredSeeds) {
  RunOptions options;
  options.canary = GetParam();
  const Report report = run_seeds({1, 500}, 2, options, true);
  ASSERT_FALSE(report.failures.empty()) << name(GetParam());
  EXPECT_NE(report.failures.front().invariant, "crash") << name(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Every, CanaryTest, testing::ValuesIn(all_canaries().begin(),
                                                              all_canaries().end()),
                         [](const testing::TestParamInfo<Canary>& info) {
                           return std::string(name(info.param));
                         });

TEST(CanaryNameTest, ThereAreAtLeastTen) { EXPECT_GE(all_canaries().size(), 10U); }

TEST(CanaryNameTest, IsReadBack) {
  for (const Canary canary : all_canaries()) EXPECT_EQ(canary_from_name(name(canary)), canary);
  EXPECT_EQ(canary_from_name("none"), std::nullopt);
  EXPECT_EQ(canary_from_name("phoenix"), std::nullopt);
}

}  // namespace
}  // namespace tannha::simulate
