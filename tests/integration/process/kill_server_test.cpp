#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "tests/integration/process/busy_phone.hpp"
#include "tests/support/random_seed.hpp"

// The server is killed fifty times in the middle of its work. A phone deletes nothing before it has
// a receipt, so a receipt, once given, must hold for ever: whatever a phone was promised at any
// time is there at the end.

namespace tannha::process {
namespace {

constexpr int kills = 50;

TEST(KillServerTest, KeepsWhatItAcknowledged) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::cout << test::seed_text(seed) << std::endl;
  std::mt19937_64 random(seed);
  const TempFolder folder;
  make_server_folder(folder / "server");

  auto server = std::make_unique<RealServer>(folder / "server");
  const auto phones = busy_phones(*server, folder.path(), random);
  Shift shift;
  for (const auto& phone : phones) phone->start(shift);
  int killed = 0;
  for (; killed < kills; ++killed) {
    shift.opened(server->url());
    const bool works = shift.wait_for_steps(static_cast<int>(4 + random() % 24));
    if (!works) break;
    // Not a wait for anything: it only moves the kill away from the ends of the phones' steps.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8000));
    server->kill();
    server = std::make_unique<RealServer>(folder / "server");
  }
  shift.end();
  for (const auto& phone : phones) phone->join();
  EXPECT_EQ(killed, kills) << "the phones got stuck";

  for (const auto& phone : phones) phone->drain(server->url());
  EXPECT_EQ(server->stop(), 0);
  expect_promises_kept(folder / "server", phones);
  std::size_t records = 0;
  std::size_t photos = 0;
  std::uint64_t broken_syncs = 0;
  for (const auto& phone : phones) {
    records += phone->receipts().size();
    photos += phone->photos().size();
    broken_syncs += phone->broken_syncs();
  }
  // The kills must have hit something, or this test shows nothing.
  EXPECT_GE(broken_syncs, static_cast<std::uint64_t>(kills));
  EXPECT_GT(records, 500U);
  EXPECT_GT(photos, 100U);
  std::cout << records << " records, " << photos << " photos, " << broken_syncs
            << " broken syncs" << std::endl;
}

}  // namespace
}  // namespace tannha::process
