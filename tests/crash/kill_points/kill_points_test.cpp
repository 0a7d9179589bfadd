#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "tests/crash/processes/strike.hpp"
#include "tests/support/real_server.hpp"

// What all crash tests rest upon: that the library strikes where and how it is told to.

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;
using process::Outcome;

constexpr int killed = 128 + SIGKILL;

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class KillPointsTest : public ::testing::Test {
 protected:
  KillPointsTest() { fs::create_directories(watched_); }

  /// Point 1 makes the first file, 2 writes nine bytes to it, 3 makes the second, 4 writes to it.
  Outcome write_two(std::uint64_t number, Action action) {
    fs::remove(first_);
    fs::remove(second_);
    return process::run({"/bin/sh", "-c", "echo abcdefgh >\"$0\"; echo second >\"$1\"",
                         first_.string(), second_.string()},
                        struck(watched_, {number, action}));
  }

  process::TempFolder folder_ = process::TempFolder::in_memory();
  fs::path watched_ = folder_ / "watched";
  fs::path first_ = watched_ / "first";
  fs::path second_ = watched_ / "second";
};

TEST_F(KillPointsTest, UnknownActionStopsTheProgram) {
  EXPECT_EQ(
      process::run({"/bin/true"}, struck(watched_, {1, Action::kill_before}) + "-no-such-thing")
          .code,
      128 + SIGABRT);
}

TEST_F(KillPointsTest, KillsBeforeTheCall) {
  EXPECT_EQ(write_two(1, Action::kill_before).code, killed);
  EXPECT_FALSE(fs::exists(first_));
  EXPECT_EQ(write_two(2, Action::kill_before).code, killed);
  EXPECT_EQ(fs::file_size(first_), 0U);
}

TEST_F(KillPointsTest, KillsAfterTheCall) {
  EXPECT_EQ(write_two(1, Action::kill_after).code, killed);
  EXPECT_EQ(fs::file_size(first_), 0U);
  EXPECT_EQ(write_two(2, Action::kill_after).code, killed);
  EXPECT_EQ(content(first_), "abcdefgh\n");
  EXPECT_FALSE(fs::exists(second_));
}

TEST_F(KillPointsTest, KillsInTheMiddleOfAWrite) {
  EXPECT_EQ(write_two(2, Action::kill_half).code, killed);
  EXPECT_EQ(content(first_), "abcd");
  // What has no middle is not done.
  EXPECT_EQ(write_two(3, Action::kill_half).code, killed);
  EXPECT_FALSE(fs::exists(second_));
}

TEST_F(KillPointsTest, FailsOnce) {
  for (const Action action : {Action::full_once, Action::io_once}) {
    const Outcome outcome = write_two(2, action);
    EXPECT_FALSE(outcome.err.empty());
    EXPECT_EQ(fs::file_size(first_), 0U);
    EXPECT_EQ(content(second_), "second\n");
  }
}

TEST_F(KillPointsTest, FailsForEver) {
  for (const Action action : {Action::full_always, Action::io_always}) {
    EXPECT_NE(write_two(2, action).code, 0);
    EXPECT_EQ(fs::file_size(first_), 0U);
    EXPECT_FALSE(fs::exists(second_));
  }
}

TEST_F(KillPointsTest, RefusesMemory) {
  EXPECT_EQ(
      process::tannha({"--help"}, struck(watched_, {1'000'000'000, Action::memory_once})).code, 0);
  EXPECT_NE(process::tannha({"--help"}, struck(watched_, {100, Action::memory_once})).code, 0);
  EXPECT_NE(process::tannha({"--help"}, struck(watched_, {100, Action::memory_always})).code, 0);
}

TEST_F(KillPointsTest, PointThatIsNotReachedChangesNothing) {
  for (const Action action : {Action::kill_before, Action::kill_after, Action::io_always}) {
    EXPECT_EQ(write_two(5, action).code, 0);
    EXPECT_EQ(content(second_), "second\n");
  }
}

TEST_F(KillPointsTest, WritesDownCallsInTheirOrder) {
  const fs::path data = watched_ / "data";
  EXPECT_EQ(process::tannha({"catalogue", "import", "curated", "--data", data.string()},
                            watched(watched_, folder_ / "notes"))
                .code,
            0);
  const Watched notes = read_notes(folder_ / "notes");
  std::vector<std::string> calls;
  for (const Point& point : notes.points) calls.push_back(point.call);
  EXPECT_EQ(calls, (std::vector<std::string>{"mkdir", "fsync", "create", "write", "fsync", "rename",
                                             "fsync"}));
  ASSERT_EQ(calls.size(), 7U);
  EXPECT_EQ(notes.points[0].path, data);
  EXPECT_EQ(notes.points[1].path, watched_);
  EXPECT_EQ(static_cast<std::uintmax_t>(notes.points[3].result),
            fs::file_size(data / "catalogue.cbor"));
  EXPECT_EQ(notes.points[5].path, notes.points[2].path);
  EXPECT_EQ(notes.points[5].new_path, data / "catalogue.cbor");
  EXPECT_EQ(notes.points[6].number, 7U);
  EXPECT_EQ(notes.points[6].path, data);
  EXPECT_GT(notes.allocations, 0U);
}

TEST_F(KillPointsTest, CountsNothingOutsideTheFolder) {
  // A folder whose name only begins like the watched one is another.
  const std::string data = (folder_ / "watched-not").string();
  EXPECT_EQ(process::tannha({"catalogue", "import", "curated", "--data", data},
                            watched(watched_, folder_ / "notes"))
                .code,
            0);
  EXPECT_EQ(read_notes(folder_ / "notes").points.size(), 0U);
}

// Strikes

TEST(StrikeTest, ChoosesEvenlyAndOfEveryStretch) {
  Watched calls;
  for (std::uint64_t i = 1; i <= 100; ++i) calls.points.push_back({i, "write", 0, "", ""});
  std::mt19937_64 random(1);
  const Plan plan = choose_points(calls, {Action::kill_before}, 10, random);
  EXPECT_EQ(plan.all, 100U);
  if (is_full()) {
    EXPECT_EQ(plan.strikes.size(), 100U);
    return;
  }
  ASSERT_EQ(plan.strikes.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ((plan.strikes[i].number - 1) / 10, i);
}

TEST(StrikeTest, OnlyWritesAreHalved) {
  Watched calls;
  calls.points = {{1, "write", 0, "", ""}, {2, "fsync", 0, "", ""}};
  std::mt19937_64 random(1);
  const Plan plan = choose_points(calls, killing, 100, random);
  EXPECT_EQ(plan.all, 5U);
  EXPECT_EQ(plan.strikes.size(), 5U);
}

}  // namespace
}  // namespace tannha::crash
