#include "tests/crash/processes/promises.hpp"

#include <gtest/gtest.h>

#include "tests/crash/processes/acts.hpp"

// The crash tests believe these, so they must be able to say no.

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;

TEST(PromisesTest, ServerThatForgotIsFound) {
  const Town town = Stories::end().copy_to(Stories::spare());
  EXPECT_EQ(broken_receipts(town), std::vector<std::string>());
  const fs::path earlier = Stories::before("OfficerAccepts") / "server/registry.db";
  fs::copy_file(earlier, town / "server/registry.db", fs::copy_options::overwrite_existing);
  EXPECT_GT(broken_receipts(town).size(), 0U);
}

TEST(PromisesTest, EveryDevicesReceiptsAreSeen) {
  for (const auto* who : {"phone", "office", "citizen", "dispatch"}) {
    const Shown shown = inspect(Stories::end() / who);
    EXPECT_GT(shown.receipts.size(), 1U) << who;
    EXPECT_GE(shown.records.size(), shown.receipts.size()) << who;
  }
  const Shown server = inspect(Stories::end() / "server");
  EXPECT_GT(server.journal.size(), 20U);
  EXPECT_EQ(server.journal.size(), server.records.size());
}

TEST(PromisesTest, LostRecordOfADeviceIsFound) {
  const Shown before = inspect(Stories::before("CourierSeals") / "phone");
  const std::string sealed = Stories::end().fact("sealed").substr(0, 16);
  EXPECT_FALSE(before.records.contains(sealed));
  EXPECT_TRUE(inspect(Stories::end() / "phone").records.contains(sealed));
}

TEST(PromisesTest, OnlyAnErrorWithItsNameIsTold) {
  EXPECT_TRUE(is_told("tannha: store_full (70)\n  x"));
  EXPECT_TRUE(is_told("tannhad: store_io (72): x"));
  EXPECT_FALSE(is_told(""));
  EXPECT_FALSE(is_told("terminate called"));
  EXPECT_FALSE(is_told("tannha: std::bad_alloc"));
}

}  // namespace
}  // namespace tannha::crash
