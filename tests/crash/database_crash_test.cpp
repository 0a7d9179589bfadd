#include "tannha/engine/sqlite.hpp"

#include <gtest/gtest.h>

#include "tests/crash/memory_fault.hpp"
#include "tests/crash/scenario.hpp"

namespace tannha::test {
namespace {

using sqlite::Database;
using sqlite::Mode;
using sqlite::Transaction;

class DatabaseCrashTest : public testing::Test {
 protected:
  DatabaseCrashTest() { disk().restore("a", {}); }
  ~DatabaseCrashTest() override {
    disk().heal("a");
    give_memory_again();
  }

  static Result<Database> open() {
    return Database::open("a/x.db", Mode::exclusive, "CREATE TABLE t(n)", 1);
  }
  static Result<void> add(Database& db, std::uint64_t n) {
    return db.run("INSERT INTO t VALUES(?)", {sqlite::arg(n)});
  }
  static std::uint64_t count(Database& db) {
    return must_have(
        db.one("SELECT count(*) FROM t", {}, [](sqlite::Row row) { return row.number(0); }));
  }
  // Far more than the cache holds, so that the disk is written before the commit.
  static Result<void> add_much(Database& db) {
    return db.run("INSERT INTO t VALUES(zeroblob(3000000))");
  }
  // The system has lost parts of the second row, and still shows it.
  static void killed_after_failed_sync() {
    Database db = must(open());
    must(add(db, 1));
    disk().fail_at("a", DiskFault::sync_error, 1, Lasts::once);
    EXPECT_EQ(code_of(add_much(db)), errc::store_io);
    disk().crash("a", Crash::process_killed);
  }
};

TEST_F(DatabaseCrashTest, WhatIsShownAfterKilledCommitSurvivesPowerLoss) {
  int shown = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    disk().restore("a", {});
    {
      Database db = must(open());
      disk().crash_at("a", i % 8 + 1);
      (void)add(db, 1).has_value();
    }
    disk().crash("a", Crash::process_killed);
    disk().heal("a");
    std::uint64_t before = 0;
    {
      Database db = must(open());
      before = count(db);
      disk().crash("a", Crash::power_loss);
    }
    Database db = must(open());
    EXPECT_EQ(count(db), before) << i;
    shown += before == 1 ? 1 : 0;
  }
  EXPECT_GT(shown, 0);
  EXPECT_LT(shown, 40);
}

TEST_F(DatabaseCrashTest, OpensOnFullDiskToBeReadEvenWithUnfinishedLog) {
  {
    Database db = must(open());
    must(add_much(db));
    disk().crash("a", Crash::process_killed);
  }
  disk().set_rates("a", {.capacity_bytes = 0});
  Database db = must(open());
  EXPECT_EQ(count(db), 1U);
  EXPECT_EQ(code_of(add(db, 2)), errc::store_full);
  disk().heal("a");
  must(add(db, 2));
  EXPECT_EQ(count(db), 2U);
}

TEST_F(DatabaseCrashTest, WhatFullDiskShowsAfterFailedSyncSurvivesPowerLoss) {
  killed_after_failed_sync();
  disk().set_rates("a", {.capacity_bytes = 0});
  {
    Database db = must(open());
    EXPECT_EQ(count(db), 2U);
    disk().crash("a", Crash::power_loss);
  }
  Database again = must(open());
  EXPECT_EQ(count(again), 2U);
}

TEST_F(DatabaseCrashTest, WritesOnDiskThatWasFullOnlyBehindWhatIsDurable) {
  killed_after_failed_sync();
  disk().set_rates("a", {.capacity_bytes = 0});
  Database db = must(open());
  EXPECT_EQ(count(db), 2U) << "the failed commit is there, and nobody knows whether on the disk";
  EXPECT_EQ(code_of(add(db, 3)), errc::store_full);
  disk().heal("a");
  must(add(db, 4));
  disk().crash("a", Crash::power_loss);
  Database again = must(open());
  EXPECT_EQ(count(again), 3U);
}

TEST_F(DatabaseCrashTest, DoesNotOpenWithoutLogOfChanges) {
  EXPECT_EQ(code_of(Database::open("", Mode::exclusive)), errc::store_io);
  must(Database::open(":memory:", Mode::exclusive));
}

TEST_F(DatabaseCrashTest, UndoneTransactionSavesNothingThatFollows) {
  Database db = must(open());
  must(add(db, 1));
  {
    Transaction transaction = must(Transaction::begin(db));
    must(add(db, 2));
    disk().fail_at("a", DiskFault::full, 1, Lasts::for_ever);
    EXPECT_EQ(code_of(add_much(db)), errc::store_full);
    disk().heal("a");
    // SQLite has undone the transaction; alone these would be saved at once.
    EXPECT_EQ(code_of(add(db, 3)), errc::store_full);
    EXPECT_EQ(code_of(transaction.commit()), errc::store_full);
  }
  EXPECT_EQ(count(db), 1U);
  Transaction transaction = must(Transaction::begin(db));
  must(add(db, 4));
  must(transaction.commit());
  EXPECT_EQ(count(db), 2U);
}

TEST_F(DatabaseCrashTest, BeginEndsWhatWasUndone) {
  Database db = must(open());
  must(db.run("BEGIN IMMEDIATE"));
  disk().fail_at("a", DiskFault::full, 1, Lasts::for_ever);
  EXPECT_EQ(code_of(add_much(db)), errc::store_full);
  disk().heal("a");
  EXPECT_EQ(code_of(db.run("COMMIT")), errc::store_full);
  must(db.run("BEGIN IMMEDIATE"));
  must(add(db, 1));
  must(db.run("COMMIT"));
  EXPECT_EQ(count(db), 1U);
}

TEST_F(DatabaseCrashTest, RollsBackWithoutMemory) {
  Database db = must(open());
  {
    Transaction transaction = must(Transaction::begin(db));
    must(add(db, 1));
    refuse_memory_at(1, true);
    EXPECT_EQ(code_of(db.run("INSERT INTO t VALUES(7)")), errc::store_memory);
  }
  give_memory_again();
  EXPECT_GT(memory_refused(), 0U);
  EXPECT_EQ(count(db), 0U);
  must(add(db, 2));
  disk().crash("a");
  Database again = must(open());
  EXPECT_EQ(count(again), 1U) << "saved by itself, not in a transaction that was left open";
}

}  // namespace
}  // namespace tannha::test
