#include "tests/crash/processes/promises.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <regex>

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;

constexpr int killed = 128 + SIGKILL;
constexpr int stopped_itself = 128 + SIGABRT;

bool is_device(const fs::path& folder) { return fs::exists(folder / "device.db"); }

}  // namespace

bool is_told(const std::string& complaint) {
  static const std::regex pattern(R"(^(tannha|tannhad): [a-z_0-9]+ \(\d+\))");
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
  if (is_new) return;
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  const Shown shown = inspect(folder);
  for (const std::string& hash : hashes_in(printed)) {
    EXPECT_TRUE(shown.records.contains(hash.substr(0, 16))) << "lost: " << hash;
  }
}

void expect_sound_server(const Town& town) {
  const Outcome checked = process::tannha({"fsck", (town / "server").string()});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  const Shown server = inspect(town / "server");
  for (const auto& entry : fs::directory_iterator(town.folder())) {
    if (!is_device(entry.path())) continue;
    SCOPED_TRACE(entry.path().filename());
    const Shown device = inspect(entry.path());
    EXPECT_TRUE(std::ranges::includes(server.journal, device.receipts)) << "a receipt is broken";
  }
}

}  // namespace tannha::crash
