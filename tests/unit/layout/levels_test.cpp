#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

// The levels of docs/ARCHITECTURE.md, as the files have them. The link graph keeps most of this;
// here stands what it cannot see: system headers, sources that reach into another level's src/.

namespace {

namespace fs = std::filesystem;
const fs::path root = TANNHA_SOURCE_DIR;

struct Include {
  fs::path file;
  std::string name;
};

std::vector<Include> includes_of(const std::string& folder) {
  static const std::regex pattern(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::vector<Include> out;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".hpp" && extension != ".cpp") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (std::regex_search(line, match, pattern)) out.push_back({entry.path(), match[1]});
    }
  }
  return out;
}

bool starts_with_any(const std::string& name, const std::vector<std::string>& prefixes) {
  return std::ranges::any_of(prefixes,
                             [&](const std::string& p) { return name.starts_with(p); });
}

struct Level {
  std::string folder;
  std::vector<std::string> forbidden;  // prefixes of include names
};

const std::vector<Level> levels{
    {"protocol",
     {"tannha/engine", "tannha/core", "tannha/server", "tools/", "boost/", "sqlite3", "thread",
      "mutex", "fstream", "filesystem", "iostream", "random", "openssl/"}},
    {"engine",
     {"tannha/core", "tannha/server", "tools/", "boost/", "thread", "mutex", "condition_variable",
      "fstream", "filesystem", "iostream", "random", "sodium", "openssl/"}},
    {"mobile-core",
     {"tannha/server", "tools/", "boost/", "thread", "fstream", "iostream"}},
    {"server", {"tannha/core", "tools/"}},
};

}  // namespace

TEST(LevelsTest, EveryLevelHasFiles) {
  for (const Level& level : levels) EXPECT_GT(includes_of(level.folder).size(), 10U) << level.folder;
}

TEST(LevelsTest, IncludesGoDownOnly) {
  for (const Level& level : levels) {
    for (const Include& include : includes_of(level.folder)) {
      EXPECT_FALSE(starts_with_any(include.name, level.forbidden))
          << include.file.lexically_relative(root) << " includes " << include.name;
    }
  }
}

TEST(LevelsTest, SqliteIsIncludedByItsWrapperAndTheFileSystemsOnly) {
  std::set<std::string> files;
  for (const std::string folder : {"protocol", "engine", "mobile-core", "server", "tools"}) {
    for (const Include& include : includes_of(folder)) {
      if (include.name == "sqlite3.h") files.insert(include.file.lexically_relative(root).string());
    }
  }
  EXPECT_EQ(files, (std::set<std::string>{"engine/src/sqlite.cpp", "engine/src/sqlite_reserve.cpp",
                                           "mobile-core/src/web/sqlite_vfs.cpp",
                                           "tools/simulate/disk.cpp"}));
}

TEST(LevelsTest, LibpqIsIncludedByItsWrapperOnly) {
  std::set<std::string> files;
  for (const std::string folder : {"protocol", "engine", "mobile-core", "server", "tools"}) {
    for (const Include& include : includes_of(folder)) {
      if (include.name == "libpq-fe.h") {
        files.insert(include.file.lexically_relative(root).string());
      }
    }
  }
  EXPECT_EQ(files, (std::set<std::string>{"server/src/registry/postgres.cpp"}));
}

TEST(LevelsTest, LibsodiumIsIncludedByTheProtocolAndTheHostsOnly) {
  std::set<std::string> files;
  for (const std::string folder : {"protocol", "engine", "mobile-core", "server"}) {
    for (const Include& include : includes_of(folder)) {
      if (include.name == "sodium.h") files.insert(include.file.lexically_relative(root).string());
    }
  }
  EXPECT_EQ(files, (std::set<std::string>{"mobile-core/src/abi/core_host.cpp",
                                          "protocol/src/crypto.cpp",
                                          "server/src/system_host.cpp"}));
}

TEST(LevelsTest, PublicHeadersOfTheServerDoNotIncludeBoost) {
  for (const Include& include : includes_of("server/include")) {
    EXPECT_FALSE(include.name.starts_with("boost/")) << include.file.lexically_relative(root);
  }
}

TEST(LevelsTest, ProtocolAndEngineDoNotThrowOrCatch) {
  static const std::regex pattern(R"(^\s*(throw|try|catch)\b|\.value\(\))");
  for (const std::string folder : {"protocol", "engine", "mobile-core"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".hpp" && extension != ".cpp") continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        EXPECT_FALSE(std::regex_search(line, pattern))
            << entry.path().lexically_relative(root) << ": " << line;
      }
    }
  }
}

// A file that is hard to hold in the head is two files.
TEST(LevelsTest, FilesAreShort) {
  for (const std::string folder : {"protocol", "engine", "mobile-core", "server", "tools"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".hpp" && extension != ".cpp") continue;
      std::ifstream file(entry.path());
      const auto lines = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
      EXPECT_LE(lines, 600) << entry.path().lexically_relative(root);
    }
  }
}
