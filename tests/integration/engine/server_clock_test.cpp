#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"
#include "tests/support/journey.hpp"

// The registry's own clock is wrong for a while.

namespace tannha::test {
namespace {

class ServerClockTest : public testing::Test {
 protected:
  static constexpr std::uint64_t day_ms = 24ULL * 3600 * 1000;

  void sync_at(std::uint64_t now_ms) {
    province.host().set_now_ms(now_ms);
    // The journal grows, so that an answer of now can be told from one of before.
    must(journey.as_officer().add_note(id, "đang xử lý"));
    province.sync(journey.officer);
    province.sync(journey.courier);
  }

  Province province;
  Journey journey{province};
  Id id = journey.assigned();
};

TEST_F(ServerClockTest, StepForwardAndBackStrandsNobody) {
  province.sync(journey.officer);
  const std::uint64_t now_ms = province.host().now_ms();
  sync_at(now_ms + 400 * day_ms);
  sync_at(now_ms + 60'000);
  const auto condition = must(journey.courier->condition());
  EXPECT_FALSE(condition.stranded.has_value());
  province.sync(journey.courier);
  auto change = must(journey.courier->begin());
  EXPECT_EQ(code_of(change.take_number(body::NumberKind::send_slip)), errc{});
}

}  // namespace
}  // namespace tannha::test
