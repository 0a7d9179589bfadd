#include "tools/simulate/scheduler.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tannha::simulate {
namespace {

TEST(SchedulerTest, RunsNothingThatIsNotDue) {
  Scheduler clock;
  bool ran = false;
  clock.at(100, [&] { ran = true; });
  EXPECT_FALSE(clock.step(99));
  EXPECT_FALSE(ran);
  EXPECT_EQ(clock.now(), 99U);
  EXPECT_TRUE(clock.step(100));
  EXPECT_TRUE(ran);
  EXPECT_EQ(clock.now(), 100U);
}

TEST(SchedulerTest, RunsInOrderOfTimeAndThenOfComing) {
  Scheduler clock;
  std::vector<int> order;
  clock.at(20, [&] { order.push_back(3); });
  clock.at(10, [&] { order.push_back(1); });
  clock.at(10, [&] { order.push_back(2); });
  while (clock.step(1000)) {
  }
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(clock.events(), 3U);
}

TEST(SchedulerTest, TakesThePastForNow) {
  Scheduler clock;
  EXPECT_FALSE(clock.step(50));
  bool ran = false;
  clock.at(10, [&] { ran = true; });
  EXPECT_TRUE(clock.step(50));
  EXPECT_TRUE(ran);
  EXPECT_EQ(clock.now(), 50U);
}

TEST(SchedulerTest, RunsWhatAnEventPlans) {
  Scheduler clock;
  int runs = 0;
  clock.in(5, [&] { clock.in(5, [&] { ++runs; }); });
  while (clock.step(10)) {
  }
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(clock.now(), 10U);
}

}  // namespace
}  // namespace tannha::simulate
