#include "tannha/server/app_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;

class AppFilesTest : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) {
    fs::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name) << text;
  }
  static HttpRequest get(const std::string& path) {
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    return request;
  }
  TempFolder folder;
};

TEST_F(AppFilesTest, FolderThatIsNotThereIsAnError) {
  const auto apps = AppFiles::load(folder.path() / "none");
  ASSERT_FALSE(apps.has_value());
  EXPECT_EQ(apps.error().code, errc::file_unreadable);
}

TEST_F(AppFilesTest, AppWithoutFirstPageIsNamed) {
  write("courier/app.js", "1");
  const auto apps = AppFiles::load(folder.path());
  ASSERT_FALSE(apps.has_value());
  EXPECT_EQ(apps.error().code, errc::file_unreadable);
  EXPECT_NE(apps.error().detail.find("courier"), std::string::npos);
}

TEST_F(AppFilesTest, NothingOutsideTheFolderHasAnAddress) {
  write("courier/index.html", "<!doctype html>");
  write("secret.txt", "at the top");
  const auto apps = AppFiles::load(folder.path() / ".");
  ASSERT_TRUE(apps.has_value());
  for (const auto* path : {"/apps/", "/apps/../secret.txt", "/apps/courier/../../etc/passwd",
                           "/apps/courier/%2e%2e/secret.txt", "/apps//etc/passwd", "/apps/courier"}) {
    EXPECT_FALSE(apps->answer(get(path)).has_value()) << path;
  }
}

TEST_F(AppFilesTest, FileGoesWithItsTypeItsTagAndAPagesRights) {
  write("courier/index.html", "<!doctype html>");
  write("courier/core.wasm", "wasm");
  write("courier/core.wasm.br", "packed");
  const auto apps = AppFiles::load(folder.path());
  ASSERT_TRUE(apps.has_value());
  EXPECT_EQ(apps->apps(), std::vector<std::string>{"courier"});
  const auto page = apps->answer(get("/apps/courier/"));
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
  EXPECT_TRUE(page->is_page);
  HttpRequest module = get("/apps/courier/core.wasm");
  const auto plain = apps->answer(module);
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->content_type, "application/wasm");
  EXPECT_EQ(as_text(*plain->shared_body), "wasm");
  EXPECT_EQ(plain->content_encoding, "");
  module.accepts_brotli = true;
  const auto packed = apps->answer(module);
  EXPECT_EQ(as_text(*packed->shared_body), "packed");
  EXPECT_EQ(packed->content_encoding, "br");
  EXPECT_EQ(packed->etag, plain->etag) << "of what it is when it is unpacked";
  module.if_none_match = plain->etag;
  EXPECT_EQ(apps->answer(module)->status, 304U);
  EXPECT_FALSE(apps->answer(get("/apps/courier/core.wasm.br")).has_value());
}

TEST_F(AppFilesTest, NoFolderMeansNoApps) {
  const auto apps = AppFiles::load({});
  ASSERT_TRUE(apps.has_value());
  EXPECT_TRUE(apps->apps().empty());
  EXPECT_FALSE(apps->answer(get("/apps/courier/")).has_value());
}

}  // namespace
}  // namespace tannha::server
