#include <gtest/gtest.h>

#include <set>

#include "tannha/protocol/limits.hpp"
#include "tests/support/journey.hpp"

// Numbers that are given offline and for good: no two devices may ever have the same one.
namespace tannha::test {
namespace {

class LeaseTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};

  std::size_t numbers_left(Device& device, body::NumberKind kind) {
    return must(device->store().numbers_left(kind));
  }
};

TEST_F(LeaseTest, LeasesOfTwoCouriersDoNotOverlap) {
  Device& other = province.enrol(Role::courier, "H42");
  std::set<std::string> numbers;
  std::size_t count = 0;
  for (int round = 0; round < 3; ++round) {
    for (Device* device : {&journey.courier, &other}) {
      province.sync(*device);
      for (const auto kind : {body::NumberKind::send_slip, body::NumberKind::item}) {
        while (numbers_left(*device, kind) > 0) {
          auto change = must((*device)->begin());
          numbers.insert(must(change.take_number(kind)));
          must(change.commit());
          ++count;
        }
      }
    }
  }
  EXPECT_EQ(count, std::size_t{3 * 2 * 2} * limits::lease_count);
  EXPECT_EQ(numbers.size(), count);
}

TEST_F(LeaseTest, LeaseIsRefilledBelowTheLowWaterMarkOnly) {
  const auto kind = body::NumberKind::send_slip;
  province.sync(journey.courier);
  ASSERT_EQ(numbers_left(journey.courier, kind), limits::lease_count);
  const auto take_until = [&](std::size_t left) {
    auto change = must(journey.courier->begin());
    while (numbers_left(journey.courier, kind) > left) must(change.take_number(kind));
    must(change.commit());
  };
  take_until(limits::lease_low_water);
  province.sync(journey.courier);
  EXPECT_EQ(numbers_left(journey.courier, kind), limits::lease_low_water);
  take_until(limits::lease_low_water - 1);
  province.sync(journey.courier);
  EXPECT_EQ(numbers_left(journey.courier, kind), limits::lease_low_water - 1 + limits::lease_count);
}

TEST_F(LeaseTest, LostResponseDoesNotGrantASecondLease) {
  for (int i = 0; i < 5; ++i) province.sync(journey.courier, {.fault = Fault::response_lost});
  for (int i = 0; i < 5; ++i) province.sync(journey.courier, {.pull_max = 0});
  province.sync(journey.courier);
  EXPECT_EQ(numbers_left(journey.courier, body::NumberKind::send_slip), limits::lease_count);
  EXPECT_EQ(numbers_left(journey.courier, body::NumberKind::item), limits::lease_count);
}

TEST_F(LeaseTest, OnlyCouriersGetNumbers) {
  province.sync(journey.officer);
  EXPECT_EQ(numbers_left(journey.officer, body::NumberKind::send_slip), 0u);
}

TEST_F(LeaseTest, LeaseOfOneDeviceIsNotForAnotherOfTheSamePerson) {
  province.sync(journey.courier);
  Device& second = province.enrol(Role::courier, "H42", {}, journey.courier.actor());
  province.sync(second);
  province.sync(journey.courier);
  auto first_change = must(journey.courier->begin());
  auto second_change = must(second->begin());
  EXPECT_NE(must(first_change.take_number(body::NumberKind::item)),
            must(second_change.take_number(body::NumberKind::item)));
  EXPECT_EQ(numbers_left(journey.courier, body::NumberKind::item), limits::lease_count - 1);
}

}  // namespace
}  // namespace tannha::test
