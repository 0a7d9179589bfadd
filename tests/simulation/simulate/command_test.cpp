#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/day/process.hpp"

namespace tannha::simulate {
namespace {

struct Output {
  int code = -1;
  std::vector<std::string> lines;
  [[nodiscard]] std::string last() const { return lines.empty() ? "" : lines.back(); }
};

Output run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {std::string(TANNHA_BIN_DIR) + "/tannha", "simulate"});
  tools::Process process(arguments);
  Output out;
  while (auto line = process.read_line()) out.lines.push_back(std::move(*line));
  out.code = process.wait();
  return out;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(SimulateCommandTest, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(run({}).code, 2);
  EXPECT_EQ(run({"--seeds", "5..1"}).code, 2);
  EXPECT_EQ(run({"--seeds", "1..1", "--canary", "phoenix"}).code, 2);
  EXPECT_NE(run({"--seeds", "1..1", "--hours", "0"}).code, 0);
  EXPECT_NE(run({"--seeds", "1..1", "--jobs", "0"}).code, 0);
}

TEST(SimulateCommandTest, PrintsOneLastLineOfJson) {
  const Output out = run({"--seeds", "1..4", "--hours", "6", "--jobs", "2", "--json"});
  EXPECT_EQ(out.code, 0) << out.last();
  const std::string& line = out.last();
  EXPECT_TRUE(line.starts_with("{\"seeds\":4,\"simulated_hours\":24,\"records\":")) << line;
  EXPECT_TRUE(has(line, ",\"violations\":0,\"unconverged\":0,\"faults\":{\"request_lost\":")) << line;
  EXPECT_TRUE(has(line, "\"fault_seeds\":{")) << line;
  EXPECT_TRUE(has(line, "\"fault_pairs\":{\"minimum\":")) << line;
  EXPECT_TRUE(has(line, "\"wall_s\":")) << line;
  EXPECT_TRUE(line.ends_with("}")) << line;
}

TEST(SimulateCommandTest, SaysItInWordsOtherwise) {
  const Output out = run({"--seeds", "1..2", "--hours", "3"});
  EXPECT_EQ(out.code, 0);
  ASSERT_FALSE(out.lines.empty());
  EXPECT_TRUE(has(out.lines.front(), "2 seeds, 6 simulated hours")) << out.lines.front();
}

TEST(SimulateCommandTest, TellsTheStoryOfOneSeed) {
  const Output out = run({"--seed", "1", "--hours", "6", "--trace-hash"});
  EXPECT_EQ(out.code, 0);
  ASSERT_GT(out.lines.size(), 50U);
  EXPECT_TRUE(has(out.lines.front(), "0d 00:00:00.000")) << out.lines.front();
  EXPECT_TRUE(has(out.last(), "seed 1: every promise was kept")) << out.last();
  EXPECT_TRUE(has(out.lines[out.lines.size() - 2], "trace ")) << out.lines[out.lines.size() - 2];
}

TEST(SimulateCommandTest, PrintsTheSameHashTwice) {
  const Output one = run({"--seeds", "5..6", "--hours", "6", "--trace-hash"});
  const Output two = run({"--seeds", "5..6", "--hours", "6", "--trace-hash"});
  EXPECT_EQ(one.lines.size(), 2U);
  EXPECT_EQ(one.lines, two.lines);
}

TEST(SimulateCommandTest, ListsTheCanaries) {
  const Output out = run({"--canary", "list"});
  EXPECT_EQ(out.code, 0);
  EXPECT_GE(out.lines.size(), 10U);
  for (const std::string& line : out.lines) EXPECT_FALSE(has(line, " ")) << line;
}

TEST(SimulateCommandTest, FailsWhenACanaryIsCaughtAndSaysHowToSeeIt) {
  const Output out = run({"--seeds", "1..50", "--canary", "reuse_lease"});
  EXPECT_EQ(out.code, 1);
  ASSERT_GT(out.lines.size(), 2U);
  EXPECT_TRUE(out.lines[0].starts_with("seed ")) << out.lines[0];
  EXPECT_TRUE(has(out.lines[0], "numbers_are_single")) << out.lines[0];
  EXPECT_TRUE(has(out.lines[1], "tannha simulate --seed ")) << out.lines[1];
  EXPECT_TRUE(has(out.lines[1], "--canary reuse_lease")) << out.lines[1];
}

TEST(SimulateCommandTest, EndsWellWhenACanaryWasNotCaught) {
  // In a world of one hour nothing is confirmed yet.
  const Output out = run({"--seeds", "1..1", "--hours", "1", "--canary", "last_write_wins"});
  EXPECT_EQ(out.code, 0);
}

}  // namespace
}  // namespace tannha::simulate
