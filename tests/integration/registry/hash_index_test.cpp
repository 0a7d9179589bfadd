#include "tannha/server/hash_index.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/integration/registry/registry_contract.hpp"
#include "tests/support/random_seed.hpp"

namespace tannha::registry_contract {
namespace {

using server::HashIndex;
using sqlite::arg;

/// An index over a table that has what the index reads.
class HashIndexTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t run = HashIndex::run_leaves;

  sqlite::Database database(sqlite::Mode mode) {
    const std::string schema =
        std::string("CREATE TABLE record(leaf INTEGER PRIMARY KEY, hash BLOB NOT NULL);") +
        HashIndex::schema;
    return must(
        sqlite::Database::open((folder_.path() / "index.db").string(), mode, schema.c_str(), 1));
  }
  Hash random_hash() {
    Hash hash;
    for (std::uint8_t& byte : hash) byte = static_cast<std::uint8_t>(random_());
    return hash;
  }
  /// In the open transaction.
  void append(HashIndex& index, const Hash& hash) {
    const std::uint64_t leaf = hashes_.size();
    must(db_.run("INSERT INTO record VALUES(?,?)", {arg(leaf), arg(BytesView(hash))}));
    must(index.added(hash, leaf));
    hashes_.push_back(hash);
  }
  void append(HashIndex& index, std::uint64_t count) {
    auto transaction = must(sqlite::Transaction::begin(db_));
    for (; count > 0; --count) append(index, random_hash());
    must(transaction.commit());
    index.committed();
  }
  /// Each one at its leaf, others nowhere.
  void expect_whole(HashIndex& index) {
    for (std::uint64_t leaf = 0; leaf < hashes_.size(); ++leaf) {
      ASSERT_EQ(must(index.leaf_of(hashes_[leaf])), leaf);
      ASSERT_TRUE(must(index.has(hashes_[leaf], leaf)));
    }
    for (int i = 0; i < 100; ++i) ASSERT_EQ(must(index.leaf_of(random_hash())), std::nullopt);
    EXPECT_FALSE(must(index.has(hashes_.front(), hashes_.size())));
  }

  std::uint64_t seed_ = test::random_seed();
  testing::ScopedTrace trace_{__FILE__, __LINE__, test::seed_text(seed_)};
  std::mt19937_64 random_{seed_};
  TempFolder folder_;
  sqlite::Database db_ = database(sqlite::Mode::shared);
  std::vector<Hash> hashes_;
};

TEST_F(HashIndexTest, FindsEveryRecordOfEveryRun) {
  HashIndex index(db_, true);
  for (const std::uint64_t count : {std::uint64_t{1}, run - 2, std::uint64_t{1}, run, run / 2}) {
    append(index, count);
    HashIndex after_restart(db_, true);
    expect_whole(after_restart);
  }
  expect_whole(index);
}

// Nothing was looked up before a run was complete, and the restart was in its middle.
TEST_F(HashIndexTest, WritesRunsThatItHasNotSeenBegin) {
  {
    HashIndex index(db_, true);
    append(index, run / 2);
  }
  HashIndex index(db_, true);
  append(index, run);
  expect_whole(index);
}

TEST_F(HashIndexTest, ReaderFollowsWhatAnotherOneWrites) {
  HashIndex index(db_, true);
  append(index, 1);
  sqlite::Database other = database(sqlite::Mode::read_only);
  HashIndex reader(other, false);
  for (const std::uint64_t count : {std::uint64_t{2}, run - 4, std::uint64_t{1}, run + 1}) {
    append(index, count);
    expect_whole(reader);
  }
}

// A new record is not looked up, so that the first use of an index may be a run's last record.
TEST_F(HashIndexTest, FirstUseMayBeTheLastRecordOfARun) {
  for (int round = 0; round < 3; ++round) {
    {
      HashIndex index(db_, true);
      append(index, run - 1);
    }
    HashIndex index(db_, true);
    append(index, 1);
    if (round == 1) continue;
    append(index, run / 2);
    append(index, run / 2);
    HashIndex after_restart(db_, true);
    expect_whole(after_restart);
    expect_whole(index);
  }
}

TEST_F(HashIndexTest, RunsKeepTheirPlacesWhenRecordsAreMissing) {
  HashIndex index(db_, true);
  append(index, run / 2);
  must(db_.run("DELETE FROM record WHERE leaf=9"));
  HashIndex after_damage(db_, true);
  append(after_damage, 2 * run);
  HashIndex after_restart(db_, true);
  for (HashIndex* const whole : {&after_damage, &after_restart}) {
    EXPECT_EQ(must(whole->leaf_of(hashes_[9])), std::nullopt);
    for (const std::uint64_t leaf : {std::uint64_t{8}, run - 1, run, 2 * run - 1, 2 * run}) {
      EXPECT_EQ(must(whole->leaf_of(hashes_[leaf])), leaf);
      EXPECT_TRUE(must(whole->has(hashes_[leaf], leaf)));
    }
  }
}

// Before a run is complete, with its last record, and while its rows are written.
TEST_F(HashIndexTest, WhatWasUndoneIsNotFound) {
  HashIndex index(db_, true);
  for (const std::uint64_t more : {run - 3, std::uint64_t{2}, std::uint64_t{10}, run / 4}) {
    append(index, more);
    const std::size_t kept = hashes_.size();
    Hash last{};
    {
      const auto transaction = must(sqlite::Transaction::begin(db_));
      for (int i = 0; i < 5; ++i) append(index, random_hash());
      last = hashes_.back();
      EXPECT_EQ(must(index.leaf_of(last)), hashes_.size() - 1);
    }
    index.undone();
    hashes_.resize(kept);
    EXPECT_EQ(must(index.leaf_of(last)), std::nullopt);
  }
  append(index, run);
  expect_whole(index);
}

// Somebody who makes records until two hashes begin alike must not have one taken for the other.
TEST_F(HashIndexTest, TellsHashesApartThatBeginAlike) {
  HashIndex index(db_, true);
  const Hash one = random_hash();
  const auto like_one = [&] {
    Hash other = random_hash();
    std::copy_n(one.begin(), 16, other.begin());
    return other;
  };
  {
    auto transaction = must(sqlite::Transaction::begin(db_));
    append(index, one);
    append(index, like_one());
    must(transaction.commit());
    index.committed();
  }
  append(index, run);
  {
    auto transaction = must(sqlite::Transaction::begin(db_));
    append(index, like_one());
    must(transaction.commit());
    index.committed();
  }
  expect_whole(index);
  EXPECT_EQ(must(index.leaf_of(like_one())), std::nullopt);
}

TEST_F(HashIndexTest, LostRowsAreNoticed) {
  HashIndex index(db_, true);
  append(index, 2 * run);
  must(db_.run("DELETE FROM record_hash WHERE leaf=7"));
  EXPECT_FALSE(must(index.has(hashes_[7], 7)));
  EXPECT_TRUE(must(index.has(hashes_[8], 8)));
}

}  // namespace
}  // namespace tannha::registry_contract
