#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tannha/core/courier.hpp"
#include "tests/integration/process/real_server.hpp"
#include "tools/audit/audit.hpp"

namespace tannha::process {
namespace {

namespace fs = std::filesystem;

/// A courier whose phone has no network and photos that no frame could hold, and an officer.
class BundleCommandTest : public ::testing::Test {
 protected:
  BundleCommandTest() : server_(made(folder_ / "server")) {
    const auto phone = server_.enrol(folder_ / "phone", host_, Role::courier, "H42.101");
    must(phone->sync());
    core::Courier courier(phone->replica(), phone->catalogue());
    id_ = must(courier.open({}, "1.001193", body::ServiceKind::both));
    auto change = must(phone->replica().begin());
    for (std::uint8_t number = 0; number < 3; ++number) {
      Bytes photo(3 * 1024 * 1024, number);
      std::ranges::copy(Bytes{0xff, 0xd8, 0xff, 0xe0}, photo.begin());
      photo_ = must(change.attach(photo, "image/jpeg"));
      must(change.append(id_, {},
                         body::AttachmentAdded{.hash = photo_,
                                               .size = photo.size(),
                                               .media_type = "image/jpeg",
                                               .role = body::AttachmentRole::page,
                                               .line = 0}));
    }
    must(change.commit());
    must(server_.enrol(folder_ / "office", host_, Role::officer, "H42.101")->sync());
  }
  static fs::path made(const fs::path& folder) {
    make_server_folder(folder);
    return folder;
  }
  Outcome phone(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"phone", "--data", (folder_ / "phone").string(), "bundle"});
    return tannha(std::move(arguments));
  }
  Outcome office(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"office", "--data", (folder_ / "office").string(), "bundle"});
    return tannha(std::move(arguments));
  }
  std::string path(std::string_view name) { return (folder_ / name).string(); }
  void write_text(std::string_view name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  /// What the phone still holds.
  exchange::Holds holds() {
    return must(must(tools::Device::open(folder_ / "phone", host_))->replica().holds());
  }

  server::SystemHost host_;
  TempFolder folder_;
  RealServer server_;
  Id id_{};
  Hash photo_{};
};

TEST_F(BundleCommandTest, WhatIsNoBundleIsSaidAndChangesNothing) {
  write_text("text", "not a bundle");
  EXPECT_TRUE(office({"deliver", path("text")}).says("bundle_malformed"));
  EXPECT_TRUE(office({"deliver", path("none")}).says("file_unreadable"));
  EXPECT_FALSE(fs::exists(path("text.receipts")));
  EXPECT_EQ(phone({"receipts", path("text")}).code, 1);
  write_text("taken", "something of somebody's");
  EXPECT_TRUE(phone({"write", path("taken")}).says("argument_invalid"));
  EXPECT_EQ(fs::file_size(path("taken")), 23U);
  EXPECT_NE(phone({}).code, 0) << "a subcommand is required";
  EXPECT_EQ(holds().records, 4U);
}

TEST_F(BundleCommandTest, FileGoesToTheServerAndItsReceiptsComeBack) {
  const Outcome written = phone({"write", path("b")});
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_TRUE(written.says("4 bản ghi / records, 3 ảnh / photos")) << written.out;
  EXPECT_TRUE(written.says("mọi thứ vẫn còn trên máy này")) << written.out;
  EXPECT_EQ(holds().records, 4U);

  const Outcome delivered = office({"deliver", path("b")});
  EXPECT_EQ(delivered.code, 0) << delivered.err;
  EXPECT_TRUE(delivered.says("received now: 4")) << delivered.out;
  EXPECT_TRUE(delivered.says("photos: 3")) << delivered.out;
  const Outcome again = office({"deliver", path("b"), "--receipts", path("again")});
  EXPECT_TRUE(again.says("there before: 4")) << again.out;

  const Outcome taken = phone({"receipts", path("b.receipts")});
  EXPECT_EQ(taken.code, 0) << taken.err;
  EXPECT_TRUE(taken.says("receipts: 4, ảnh / photos: 3")) << taken.out;
  EXPECT_EQ(holds().records, 0U);
  EXPECT_EQ(holds().attachment_bytes, 0U);
  EXPECT_TRUE(office({"receipts", path("b.receipts")}).says("bundle_not_for_us"));
  EXPECT_TRUE(phone({"write", path("c")}).says("nothing is unsent"));

  const auto office_device = must(tools::Device::open(folder_ / "office", host_));
  must(office_device->sync());
  EXPECT_EQ(must(office_device->replica().dossier(id_)).records.effective, 4U);
  EXPECT_EQ(must(office_device->attachment(photo_)).size(), 3U * 1024 * 1024);
  EXPECT_TRUE(must(tools::audit_registry(folder_ / "server")).problems.empty());
  EXPECT_TRUE(must(tools::audit_device(folder_ / "phone")).problems.empty());
}

TEST_F(BundleCommandTest, TextsOfACodeSeriesGoInAnyOrder) {
  const Outcome parts = phone({"parts", "--chars", "300"});
  ASSERT_EQ(parts.code, 0) << parts.err;
  std::vector<std::string> lines = parts.lines();
  ASSERT_GE(lines.size(), 3U);
  const auto write_lines = [&](std::string_view name) {
    std::string text;
    for (const std::string& line : lines) text += line + "\r\n\n";
    write_text(name, text);
  };
  std::ranges::reverse(lines);
  lines.push_back(lines.front());
  write_lines("whole");
  EXPECT_TRUE(office({"deliver", path("whole")}).says("received now: 4"));
  EXPECT_TRUE(phone({"receipts", path("whole.receipts")}).says("receipts: 4"));
  EXPECT_EQ(holds().records, 0U);
  EXPECT_GT(holds().attachment_bytes, 0U);

  lines.erase(lines.begin(), lines.begin() + 1);
  lines.pop_back();
  write_lines("cut");
  EXPECT_TRUE(office({"deliver", path("cut")}).says("frame_malformed"));
}

}  // namespace
}  // namespace tannha::process
