#include "tannha/engine/retry.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "tests/support/province.hpp"

namespace tannha::test {
namespace {

TEST(RetryTest, NeverComesBeforeTheServerSaid) {
  FakeHost host{1};
  for (const std::uint32_t hint_s : {1U, 2U, 60U, 600U}) {
    for (unsigned refusals = 0; refusals < 100; ++refusals) {
      EXPECT_GE(retry_wait_ms(hint_s, refusals, host), hint_s * 1000ULL);
    }
  }
  EXPECT_GE(retry_wait_ms(std::nullopt, 1, host), 2000U);
  EXPECT_GE(retry_wait_ms(0, 1, host), 1000U);
}

TEST(RetryTest, SpanDoublesAndIsBounded) {
  FakeHost host{1};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LE(retry_wait_ms(2, 1, host), 4000U);
    EXPECT_LE(retry_wait_ms(2, 2, host), 6000U);
    EXPECT_LE(retry_wait_ms(2, 3, host), 10'000U);
    EXPECT_LE(retry_wait_ms(0xffff'ffff, 0xffff'ffff, host), 1'200'000U);
  }
}

// 8,000 phones that were refused in one moment: in no half second of the span come many more than
// their share, which is 1,000 in eight half seconds.
TEST(RetryTest, PhonesRefusedTogetherDoNotComeBackTogether) {
  FakeHost host{1};
  std::map<std::uint64_t, int> arrivals;
  for (int phone = 0; phone < 8000; ++phone) ++arrivals[retry_wait_ms(4, 1, host) / 500];
  EXPECT_GE(arrivals.size(), 8U);
  for (const auto& [half_second, count] : arrivals) EXPECT_LE(count, 1200) << half_second;
}

}  // namespace
}  // namespace tannha::test
