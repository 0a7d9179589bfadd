#include "tools/simulate/disk.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tannha/engine/sqlite.hpp"

namespace tannha::simulate {
namespace {

using sqlite::Database;
using sqlite::Mode;
using sqlite::Transaction;

class SimulatedDiskTest : public testing::Test {
 protected:
  SimulatedDiskTest() { disk.make_default(); }

  static errc code(const Result<void>& result) { return result ? errc{} : result.error().code; }
  static Result<Database> open(const std::string& path = "a/x.db", Mode mode = Mode::exclusive) {
    return Database::open(path, mode, "CREATE TABLE t(n)", 1);
  }
  static Result<void> add(Database& db, std::uint64_t n) {
    TN_TRY(Transaction transaction, Transaction::begin(db));
    TN_CHECK(db.run("INSERT INTO t VALUES(?)", {sqlite::arg(n)}));
    return transaction.commit();
  }
  static std::uint64_t count(Database& db) {
    return db.one("SELECT count(*) FROM t", {}, [](sqlite::Row row) { return row.number(0); })
        ->value_or(0);
  }
  std::uint64_t reopened_count() {
    auto db = open();
    return db ? count(*db) : std::uint64_t{999};
  }
  std::uint64_t fired(DiskFault fault) const { return disk.fired("a", fault); }

  std::mt19937_64 engine{7};
  SimulatedDisk disk{[this] { return engine(); }};
};

TEST_F(SimulatedDiskTest, HasNothingAtFirst) {
  EXPECT_TRUE(disk.files("a").empty());
  EXPECT_TRUE(disk.bytes("a/x.db").empty());
  EXPECT_EQ(Database::open("a/x.db", Mode::read_only).error().code, errc::store_not_found);
}

TEST_F(SimulatedDiskTest, KeepsWhatWasCommittedThroughEveryPowerLoss) {
  for (std::uint64_t n = 0; n < 100; ++n) {
    auto db = open();
    ASSERT_TRUE(db) << name(db.error().code);
    ASSERT_EQ(count(*db), n);
    ASSERT_TRUE(add(*db, n));
    disk.crash("a");
    EXPECT_EQ(code(add(*db, n)), errc::store_io) << "the connection is dead";
  }
  EXPECT_EQ(reopened_count(), 100U);
  EXPECT_EQ(fired(DiskFault::crash), 100U);
}

TEST_F(SimulatedDiskTest, PowerLossTakesWhatWasNotSynced) {
  for (int i = 0; i < 200; ++i) {
    auto db = open("b" + std::to_string(i) + "/x.db");
    disk.crash_at("b" + std::to_string(i), static_cast<std::uint64_t>(i % 13) + 2);
    (void)db->run("INSERT INTO t VALUES(zeroblob(20000))").has_value();
    disk.crash("b" + std::to_string(i));
  }
  SimulatedDisk::Fired sum{};
  for (int i = 0; i < 200; ++i) {
    const auto& one = disk.fired("b" + std::to_string(i));
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += one[k];
  }
  for (const auto fault : {DiskFault::crash, DiskFault::dropped_write, DiskFault::torn_write,
                           DiskFault::reordered_write}) {
    EXPECT_GT(sum[static_cast<std::size_t>(fault)], 10U) << name(fault);
  }
}

TEST_F(SimulatedDiskTest, KilledProcessLosesNothingThatWasWritten) {
  auto db = open();
  ASSERT_TRUE(add(*db, 1));
  const DiskSnapshot before = disk.snapshot("a");
  disk.crash("a", Crash::process_killed);
  EXPECT_EQ(disk.snapshot("a"), before);
  EXPECT_EQ(code(add(*db, 2)), errc::store_io);
  db = open();
  EXPECT_EQ(count(*db), 1U);
}

TEST_F(SimulatedDiskTest, DownMachineDoesNothingUntilItCrashes) {
  {
    auto db = open();
    disk.crash_at("a", 3);
    EXPECT_EQ(code(add(*db, 1)), errc::store_io);
    EXPECT_TRUE(disk.is_down("a"));
    EXPECT_EQ(code(add(*db, 1)), errc::store_io);
    EXPECT_FALSE(open());
    EXPECT_TRUE(open("b/x.db")) << "another machine works";
  }
  disk.crash("a");
  EXPECT_FALSE(disk.is_down("a"));
  EXPECT_LE(reopened_count(), 1U);
}

TEST_F(SimulatedDiskTest, LyingSyncLosesWhatWasCommitted) {
  std::uint64_t lost = 0;
  for (int i = 0; i < 50; ++i) {
    auto db = open();
    const std::uint64_t before = count(*db);
    disk.set_rates("a", {.lying_sync = 1});
    EXPECT_TRUE(add(*db, 1));
    disk.heal("a");
    disk.crash("a");
    db = open();
    lost += before + 1 - count(*db);
  }
  EXPECT_GT(lost, 10U);
  EXPECT_GT(fired(DiskFault::lying_sync), 40U);
}

TEST_F(SimulatedDiskTest, FailsOnceOrForEverAsPlanned) {
  auto db = open();
  disk.fail_at("a", DiskFault::write_error, 2, Lasts::once);
  EXPECT_EQ(code(add(*db, 1)), errc::store_io);
  EXPECT_TRUE(add(*db, 1));
  disk.fail_at("a", DiskFault::full, 1, Lasts::for_ever);
  EXPECT_EQ(code(add(*db, 2)), errc::store_full);
  EXPECT_EQ(code(add(*db, 2)), errc::store_full);
  disk.heal("a");
  EXPECT_TRUE(add(*db, 2));
  disk.fail_at("a", DiskFault::sync_error, 1, Lasts::once);
  EXPECT_EQ(code(add(*db, 3)), errc::store_io);
  EXPECT_TRUE(add(*db, 3));
  EXPECT_EQ(fired(DiskFault::write_error), 1U);
  EXPECT_EQ(fired(DiskFault::sync_error), 1U);
  EXPECT_EQ(fired(DiskFault::full), 2U);
  disk.crash("a");
  EXPECT_EQ(reopened_count(), 3U);
}

TEST_F(SimulatedDiskTest, IsFullAtItsCapacity) {
  auto db = open();
  disk.set_rates("a", {.capacity_bytes = 100'000});
  errc last{};
  std::uint64_t saved = 0;
  for (; last == errc{} && saved < 1000; ++saved) last = code(add(*db, saved));
  EXPECT_EQ(last, errc::store_full);
  std::size_t used = 0;
  for (const std::string& path : disk.files("a")) used += disk.bytes(path).size();
  EXPECT_LE(used, 100'000U);
  EXPECT_GT(used, 90'000U);
  EXPECT_EQ(count(*db), saved - 1);
}

TEST_F(SimulatedDiskTest, FlippedReadLeavesTheFileAlone) {
  {
    auto db = open();
    ASSERT_TRUE(add(*db, 1));
  }
  const DiskSnapshot before = disk.snapshot("a");
  disk.set_rates("a", {.flipped_read = 1});
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += open() ? 0 : 1;
  EXPECT_GT(refused, 0) << "the file begins with what must be right";
  EXPECT_GT(fired(DiskFault::flipped_read), 100U);
  disk.heal("a");
  EXPECT_EQ(disk.snapshot("a"), before);
  EXPECT_EQ(reopened_count(), 1U);
}

TEST_F(SimulatedDiskTest, LostAndMisdirectedWritesAreReportedAsDone) {
  for (const auto fault : {DiskFault::lost_write, DiskFault::misdirected_write}) {
    disk.clear();
    auto db = open();
    disk.fail_at("a", fault, 2, Lasts::once);
    EXPECT_TRUE(add(*db, 1)) << name(fault);
    EXPECT_EQ(fired(fault), 1U) << name(fault);
  }
}

TEST_F(SimulatedDiskTest, OldCopyAndCloneComeBackWhole) {
  {
    auto db = open();
    ASSERT_TRUE(add(*db, 1));
    const DiskSnapshot old = disk.snapshot("a");
    ASSERT_TRUE(add(*db, 2));
    disk.copy("a", "clone");
    disk.restore("a", old);
    EXPECT_EQ(code(add(*db, 3)), errc::store_io) << "restored under an open connection";
  }
  EXPECT_EQ(reopened_count(), 1U);
  auto clone = open("clone/x.db");
  EXPECT_EQ(count(*clone), 2U);
}

TEST_F(SimulatedDiskTest, SecondOpenerIsLockedOutAndReadersAreServed) {
  auto db = open("a/x.db", Mode::shared);
  ASSERT_TRUE(add(*db, 1));
  auto reader = open("a/x.db", Mode::read_only);
  ASSERT_TRUE(reader) << name(reader.error().code);
  ASSERT_TRUE(add(*db, 2));
  EXPECT_EQ(count(*reader), 2U);
  auto other = open("c/x.db");
  EXPECT_EQ(open("c/x.db").error().code, errc::store_busy);
}

TEST_F(SimulatedDiskTest, SameDrawsGiveTheSameBytes) {
  const auto history = [this] {
    engine.seed(3);
    disk.clear();
    for (int i = 0; i < 20; ++i) {
      auto db = open();
      disk.set_rates("a", {.read_error = 0.01, .write_error = 0.02, .lying_sync = 0.2});
      for (std::uint64_t n = 0; db && n < 5; ++n) (void)add(*db, n).has_value();
      disk.heal("a");
      disk.crash("a");
    }
    return disk.snapshot("a");
  };
  const DiskSnapshot first = history();
  EXPECT_EQ(history(), first);
  EXPECT_FALSE(first.empty());
}

}  // namespace
}  // namespace tannha::simulate
