#include "tools/simulate/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tools/simulate/faults.hpp"

namespace tannha::simulate {
namespace {

TEST(RngTest, NeverLeavesItsRange) {
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LT(rng.below(7), 7U);
    const std::uint64_t n = rng.between(3, 5);
    EXPECT_TRUE(n >= 3 && n <= 5) << n;
    const std::uint64_t m = rng.any_magnitude(10, 1000);
    EXPECT_TRUE(m >= 9 && m <= 1000) << m;
    const double x = rng.unit();
    EXPECT_TRUE(x >= 0 && x < 1) << x;
  }
}

TEST(RngTest, DoesNotHappenAtZeroAndAlwaysAtOne) {
  Rng rng(2);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(rng.chance(0));
    EXPECT_TRUE(rng.chance(1));
  }
}

TEST(RngTest, GivesEachStreamItsOwnNumbers) {
  EXPECT_EQ(Rng(7, "network").next(), Rng(7, "network").next());
  EXPECT_NE(Rng(7, "network").next(), Rng(7, "people").next());
  EXPECT_NE(Rng(7, "network").next(), Rng(8, "network").next());
}

TEST(RngTest, ShufflesWithoutLosingAnything) {
  Rng rng(3);
  std::vector<int> items{1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<int> before = items;
  rng.shuffle(items);
  EXPECT_NE(items, before);
  std::ranges::sort(items);
  EXPECT_EQ(items, before);
}

TEST(FaultPlanTest, SwitchesEveryKindOnInSomeSeedsAndOffInOthers) {
  for (std::size_t i = 0; i < fault_count; ++i) {
    const auto fault = static_cast<Fault>(i);
    std::size_t on = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
      if (FaultPlan(Rng(seed, "faults")).is_on(fault)) ++on;
    }
    EXPECT_GT(on, 80U) << name(fault);
    EXPECT_LT(on, 320U) << name(fault);
  }
}

TEST(FaultPlanTest, HasCalmSeeds) {
  std::size_t calm = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const FaultPlan plan(Rng(seed, "faults"));
    bool any = false;
    for (std::size_t i = 0; i < fault_count; ++i) any |= plan.is_on(static_cast<Fault>(i));
    calm += any ? 0 : 1;
  }
  EXPECT_GT(calm, 10U);
  EXPECT_LT(calm, 80U);
}

}  // namespace
}  // namespace tannha::simulate
