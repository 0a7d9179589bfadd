#include "tests/crash/processes/promises.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <regex>

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;

constexpr int killed = 128 + SIGKILL;
constexpr int stopped_itself = 128 + SIGABRT;

bool is_device(const fs::path& folder) {
  return fs::exists(folder / "device.db");
}

}  // namespace

bool is_told(const std::string& complaint) {
  static const std::regex pattern(R"((^|\n)(tannha|tannhad): [a-z_0-9]+ \(\d+\))");
  return std::regex_search(complaint, pattern);
}

bool expect_end(const Outcome& outcome, const Strike& strike) {
  SCOPED_TRACE(outcome.out + outcome.err);
  // What was counted may come in fewer calls this time: then nothing happened.
  if (outcome.code == 0) return false;
  if (kills(strike.action)) {
    EXPECT_EQ(outcome.code, killed);
  } else if (!is_of_memory(strike.action)) {
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(is_told(outcome.err));
  } else {
    EXPECT_TRUE(outcome.code == 1 || outcome.code == stopped_itself) << outcome.code;
    EXPECT_FALSE(outcome.err.empty());
  }
  return true;
}

void expect_saved(const Town& town, const std::string& who, const std::string& printed) {
  const fs::path folder = town / who;
  if (!is_device(folder)) return;
  SCOPED_TRACE(who);
  const Outcome checked = process::tannha({"fsck", folder.string()});
  // A device that was struck while it enrolled has nothing to check yet.
  const bool is_new = checked.says("not_enrolled") || checked.says("store_not_found");
  if (is_new && hashes_in(printed).empty()) return;
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  const Shown shown = inspect(folder);
  for (const std::string& hash : hashes_in(printed)) {
    EXPECT_TRUE(shown.records.contains(hash.substr(0, 16))) << "lost: " << hash;
  }
}

std::vector<std::string> broken_receipts(const Town& town) {
  const Shown server = inspect(town / "server");
  std::vector<std::string> broken;
  for (const auto& entry : fs::directory_iterator(town.folder())) {
    if (!is_device(entry.path())) continue;
    const Shown device = inspect(entry.path());
    std::ranges::set_difference(device.receipts, server.journal, std::back_inserter(broken));
  }
  return broken;
}

void expect_sound_server(const Town& town) {
  const Outcome checked = process::tannha({"fsck", (town / "server").string()});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_EQ(broken_receipts(town), std::vector<std::string>());
}

}  // namespace tannha::crash
