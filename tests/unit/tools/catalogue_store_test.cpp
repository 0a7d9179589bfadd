#include "tools/catalogue/store.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "tannha/protocol/crypto.hpp"
#include "tools/catalogue/curated.hpp"

namespace tannha::tools {
namespace {

using Unit = ProcedureTime::Unit;

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "catalogue-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

class CatalogueStoreTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }
};

TEST_F(CatalogueStoreTest, NamesMissingAndMalformedFile) {
  const Folder folder;
  const auto missing = load_catalogue(folder.path());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, errc::file_unreadable);
  folder.write("catalogue.cbor", "no catalogue");
  const auto malformed = load_catalogue(folder.path());
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.error().code, errc::catalogue_malformed);
}

TEST_F(CatalogueStoreTest, MissingFolderIsSaid) {
  const Folder folder;
  const auto saved = save_catalogue(folder.path() / "none", Catalogue());
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, errc::store_not_found);
}

TEST_F(CatalogueStoreTest, FullDiskLeavesTheOldCatalogueWhole) {
  const Folder folder;
  ASSERT_TRUE(save_catalogue(folder.path(), Catalogue()));
  const auto curated = curated_catalogue();
  ASSERT_TRUE(curated);
  // A limit on the size of files fails a write in its middle, like a full disk.
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto saved = save_catalogue(folder.path(), curated->catalogue);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, errc::store_full);
  const auto loaded = load_catalogue(folder.path());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->version(), Catalogue().version());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "catalogue.cbor.tmp"));
}

TEST_F(CatalogueStoreTest, LoadsWhatWasSavedLast) {
  const Folder folder;
  const auto curated = curated_catalogue();
  ASSERT_TRUE(curated);
  ASSERT_TRUE(save_catalogue(folder.path(), Catalogue()));
  ASSERT_TRUE(save_catalogue(folder.path(), curated->catalogue));
  const auto loaded = load_catalogue(folder.path());
  ASSERT_TRUE(loaded) << loaded.error().detail;
  EXPECT_EQ(loaded->version(), curated->catalogue.version());
  EXPECT_EQ(loaded->procedures(), curated->catalogue.procedures());
}

class CuratedCatalogueTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }
};

TEST_F(CuratedCatalogueTest, HasThe17ProceduresOfTheTable) {
  const auto report = curated_catalogue();
  ASSERT_TRUE(report) << report.error().detail;
  std::vector<std::string> codes;
  for (const auto& p : report->catalogue.procedures()) codes.push_back(p.code);
  EXPECT_EQ(codes, (std::vector<std::string>{
                       "1.000656", "1.001193", "1.001601", "1.001612", "1.001613", "1.001699",
                       "1.001731", "1.001776", "1.004873", "1.011607", "1.013314", "1.014027",
                       "1.014063", "2.000635", "2.000740", "2.002516", "3.000333"}));
  for (const auto& p : report->catalogue.procedures()) {
    EXPECT_FALSE(p.source.empty()) << p.code;
    EXPECT_FALSE(p.documents.empty()) << p.code;
    ASSERT_NE(p.offer(Channel::postal), nullptr) << p.code;
    EXPECT_EQ(p.offer(Channel::postal)->times.size(), 1U) << p.code;
  }
}

TEST_F(CuratedCatalogueTest, LeavesOpenOnlyWhatTheSourcesLeaveOpen) {
  const auto report = curated_catalogue();
  ASSERT_TRUE(report);
  const std::set<Unclear> allowed{Unclear::time_unit_other,   Unclear::fee_missing,
                                  Unclear::fee_set_elsewhere, Unclear::fee_in_prose,
                                  Unclear::field_missing,     Unclear::fee_differs_by_channel};
  for (const auto& p : report->problems) {
    EXPECT_TRUE(allowed.contains(p.why)) << p.code << ' ' << p.field << ' ' << name(p.why);
  }
}

TEST_F(CuratedCatalogueTest, KnowsSameDayAndTheCopyOfTheSendSlip) {
  const auto report = curated_catalogue();
  ASSERT_TRUE(report);
  const auto* birth = report->catalogue.find("1.001193");
  ASSERT_NE(birth, nullptr);
  EXPECT_EQ(birth->offer(Channel::postal)->times[0].unit, Unit::same_day);
  const auto* business = report->catalogue.find("1.001612");
  ASSERT_NE(business, nullptr);
  EXPECT_TRUE(std::ranges::any_of(business->documents, [](const DocumentLine& line) {
    return line.name.find("phiếu gửi hồ sơ") != std::string::npos && line.copies == 1;
  }));
  EXPECT_EQ(report->catalogue.find("1.014063")->postal.submit, PostalPolicy::Answer::no);
}

}  // namespace
}  // namespace tannha::tools
