#include "tannha/server/system_host.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

TEST(SystemHostTest, KeepsTheLastTimeWhileTheClockFileCannotBeRead) {
  const TempFolder folder;
  const std::string clock = (folder / "clock").string();
  SystemHost host(clock, 500);
  std::ofstream(clock) << 1'000'000 << "\n";
  EXPECT_EQ(host.now_ms(), 1'000'500U);
  std::ofstream(clock) << "no number";
  EXPECT_EQ(host.now_ms(), 1'000'500U);
  std::filesystem::remove(clock);
  EXPECT_EQ(host.now_ms(), 1'000'500U);
  std::ofstream(clock) << 2'000'000;
  EXPECT_EQ(host.now_ms(), 2'000'500U);
}

TEST(SystemHostTest, ClocksDoNotMix) {
  const TempFolder folder;
  std::ofstream(folder / "clock") << 1'000'000;
  SystemHost one((folder / "clock").string());
  SystemHost other((folder / "none").string());
  EXPECT_EQ(one.now_ms(), 1'000'000U);
  EXPECT_EQ(other.now_ms(), 0U);
}

TEST(SystemHostTest, WrongClockIsOffByItsOffset) {
  const TempFolder folder;
  std::ofstream(folder / "clock") << 1'000'000;
  EXPECT_EQ(SystemHost((folder / "clock").string(), -1000).now_ms(), 999'000U);
}

TEST(SystemHostTest, EveryStartIsAnotherBoot) {
  EXPECT_NE(SystemHost().boot_id(), SystemHost().boot_id());
  SystemHost host;
  const std::uint64_t before = host.monotonic_ms();
  EXPECT_GE(host.monotonic_ms(), before);
}

}  // namespace
}  // namespace tannha::server
