#include "tannha/server/quotas.hpp"

#include <gtest/gtest.h>

namespace tannha::server {
namespace {

constexpr QuotaLimits small{.requests = {.most = 3, .per_minute = 60},
                            .bytes = {.most = 1000, .per_minute = 600},
                            .records = {.most = 10, .per_minute = 60}};

TEST(QuotasTest, LetsInAsManyAsTheMost) {
  Quotas quotas(small);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(quotas.take("one", {.requests = 1}, 0)) << i;
  EXPECT_EQ(quotas.take("one", {.requests = 1}, 0), 1U);
  EXPECT_FALSE(quotas.take("other", {.requests = 1}, 0));
}

TEST(QuotasTest, WaitingAsLongAsItSaysIsEnough) {
  Quotas quotas(small);
  std::uint64_t now_ms = 5000;
  for (int i = 0; i < 1000; ++i) {
    const auto wait_s = quotas.take("one", {.requests = 1, .bytes = 700, .records = 4}, now_ms);
    if (!wait_s) continue;
    EXPECT_TRUE(quotas.take("one", {.requests = 1}, now_ms));
    now_ms += *wait_s * 1000ULL;
    EXPECT_FALSE(quotas.take("one", {.requests = 1}, now_ms)) << i;
  }
}

TEST(QuotasTest, FlowsBackUpToTheMostAndNoFurther) {
  Quotas quotas(small);
  EXPECT_FALSE(quotas.take("one", {.requests = 3}, 0));
  EXPECT_TRUE(quotas.take("one", {.requests = 1}, 500));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(quotas.take("one", {.requests = 1}, 3'600'000));
  EXPECT_TRUE(quotas.take("one", {.requests = 1}, 3'600'000));
}

TEST(QuotasTest, LargestRequestGetsInAndThoseBehindItWait) {
  Quotas quotas(small);
  EXPECT_FALSE(quotas.take("one", {.requests = 1, .bytes = 2000}, 0));
  // 1000 too many, and one that must be left, at 10 a second.
  EXPECT_EQ(quotas.take("one", {.requests = 1}, 0), 101U);
  EXPECT_FALSE(quotas.take("one", {.requests = 1}, 101'000));
}

TEST(QuotasTest, WhatWasSpentAfterwardsCounts) {
  Quotas quotas(small);
  EXPECT_FALSE(quotas.take("one", {.requests = 1}, 0));
  quotas.spend("one", {.records = 15}, 0);
  EXPECT_EQ(quotas.take("one", {.requests = 1}, 0), 6U);
}

TEST(QuotasTest, ZeroIsNoLimit) {
  Quotas quotas(scaled(small, 0));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(quotas.take("one", {.requests = 1, .bytes = 1000, .records = 1000}, 0));
  }
}

TEST(QuotasTest, ClockThatStandsStillOrGoesBackGivesNothing) {
  Quotas quotas(small);
  EXPECT_FALSE(quotas.take("one", {.requests = 3}, 10'000));
  EXPECT_TRUE(quotas.take("one", {.requests = 1}, 0));
  EXPECT_TRUE(quotas.take("one", {.requests = 1}, 10'000));
}

TEST(QuotasTest, RemembersSoManySendersAndTheLatest) {
  Quotas quotas(small, 2);
  EXPECT_FALSE(quotas.take("one", {.requests = 3}, 0));
  EXPECT_FALSE(quotas.take("two", {.requests = 3}, 0));
  EXPECT_TRUE(quotas.take("one", {.requests = 1}, 0));
  EXPECT_FALSE(quotas.take("three", {.requests = 3}, 0));
  EXPECT_EQ(quotas.senders(), 2U);
  EXPECT_TRUE(quotas.take("one", {.requests = 1}, 0));
  // Forgotten, and new again.
  EXPECT_FALSE(quotas.take("two", {.requests = 1}, 0));
  EXPECT_EQ(quotas.senders(), 2U);
}

// The arithmetic beside device_quota: an evening of 30 dossiers, by a link of 100 Mbit/s.
TEST(QuotasTest, EveningOfThirtyDossiersIsNotHeldUpForLong) {
  const auto evening_s = [](std::uint64_t photo_bytes) {
    Quotas quotas(device_quota);
    double now_ms = 0;
    double waited_s = 0;
    const auto request = [&](std::uint64_t bytes, std::uint64_t records) {
      while (const auto wait_s = quotas.take("phone", {.requests = 1, .bytes = bytes},
                                             static_cast<std::uint64_t>(now_ms))) {
        now_ms += *wait_s * 1000.0;
        waited_s += *wait_s;
      }
      quotas.spend("phone", {.records = records}, static_cast<std::uint64_t>(now_ms));
      now_ms += static_cast<double>(bytes) / 12'500.0;
    };
    for (int i = 0; i < 3; ++i) request(80'000, 190);
    for (int i = 0; i < 360; ++i) request(photo_bytes, 0);
    return waited_s;
  };
  EXPECT_EQ(evening_s(300'000), 0);
  EXPECT_LE(evening_s(1'000'000), 30);
}

}  // namespace
}  // namespace tannha::server
