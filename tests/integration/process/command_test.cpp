#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "tannha/core/courier.hpp"
#include "tannha/engine/store.hpp"
#include "tests/support/real_server.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::process {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string entry(const std::string& code, const std::string& name = "Khai sinh") {
  return R"({"code":")" + code + R"(","name":")" + name +
         R"(","level":"Cấp Xã","field":"Hộ tịch","decision":"1/QĐ","kind":"x","subject":"x",)"
         R"("result":"x","channels":[{"channel":"POSTAL","terms":[],"time":["3 WORKING_DAY"],)"
         R"j("fee":["8000 VNĐ ()"]}],)j"
         R"("docs":[{"case":"Giấy tờ phải nộp","name":"Tờ khai","orig":1,"copy":0}]})";
}

/// Both sentences and the name, as every failing command tells them.
void expect_told(const Outcome& outcome, errc code) {
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find(name(code)), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(message(code, Language::vietnamese)), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find(message(code, Language::english)), std::string::npos) << outcome.err;
}

boost::json::object last_object(const Outcome& outcome) {
  const auto lines = outcome.lines();
  const auto value = boost::json::parse(lines.empty() ? "{}" : lines.back());
  return value.as_object();
}

class CatalogueCommandTest : public ::testing::Test {
 protected:
  Outcome import(const std::string& file, std::vector<std::string> more = {}) {
    more.insert(more.begin(),
                {"catalogue", "import", file, "--data", (folder_ / "data").string()});
    return tannha(std::move(more));
  }
  Outcome search(const std::string& text) {
    return tannha({"catalogue", "search", text, "--data", (folder_ / "data").string()});
  }
  TempFolder folder_;
};

TEST_F(CatalogueCommandTest, FileThatIsNotThereIsSaidInBothLanguages) {
  expect_told(import((folder_ / "none.json").string()), errc::file_unreadable);
  EXPECT_EQ(search("khai").code, 1);
}

TEST_F(CatalogueCommandTest, FileThatIsNoJsonIsSaidAndChangesNothing) {
  write_file(folder_ / "good.json", "[" + entry("1.000001") + "]");
  EXPECT_EQ(import((folder_ / "good.json").string()).code, 0);
  write_file(folder_ / "bad.json", std::string_view("\x00\x01\x02", 3));
  expect_told(import((folder_ / "bad.json").string()), errc::catalogue_malformed);
  EXPECT_TRUE(search("khai").says("1.000001"));
}

TEST_F(CatalogueCommandTest, GoodEntriesAreKeptAndBrokenOnesNamed) {
  write_file(folder_ / "mixed.json",
             "[" + entry("1.000001") + R"(,{"code":"1.000002"},)" + entry("1.000003", "Khai tử") +
                 ",17]");
  const Outcome outcome = import((folder_ / "mixed.json").string());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.says("2 procedures imported of 4")) << outcome.out;
  EXPECT_TRUE(outcome.says("1.000002")) << outcome.out;
  EXPECT_TRUE(search("khai sinh").says("1.000001"));
  EXPECT_TRUE(search("khai tu").says("1.000003"));
  EXPECT_FALSE(search("1.000002").says("1.000002"));
}

TEST_F(CatalogueCommandTest, JsonReportIsOneObjectOnTheLastLine) {
  write_file(folder_ / "mixed.json", "[" + entry("1.000001") + R"(,{"code":"1.000002"}])");
  const Outcome outcome = import((folder_ / "mixed.json").string(), {"--report", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto report = last_object(outcome);
  EXPECT_EQ(report.at("procedures").to_number<int>(), 1);
  ASSERT_FALSE(report.at("problems").as_array().empty());
  const auto& problem = report.at("problems").as_array().at(0).as_object();
  EXPECT_EQ(problem.at("code").as_string(), "1.000002");
  EXPECT_FALSE(problem.at("message").as_string().empty());
  EXPECT_FALSE(problem.at("message_vi").as_string().empty());
}

TEST_F(CatalogueCommandTest, UnknownReportFormIsRefused) {
  write_file(folder_ / "good.json", "[" + entry("1.000001") + "]");
  EXPECT_NE(import((folder_ / "good.json").string(), {"--report", "xml"}).code, 0);
  EXPECT_FALSE(fs::exists(folder_ / "data"));
}

TEST_F(CatalogueCommandTest, RealFileGives871Procedures) {
  const fs::path real = fs::path(TANNHA_SHARED_DIR) / "data/procedures-commune-postal.json.gz";
  if (!fs::exists(real)) GTEST_SKIP() << real << " is not there";
  const Outcome outcome = import(real.string(), {"--report", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto report = last_object(outcome);
  EXPECT_EQ(report.at("procedures").to_number<int>(), 871);
}

TEST(CommandTest, WithoutSubcommandSaysWhatThereIs) {
  const Outcome outcome = tannha(std::vector<std::string>{});
  EXPECT_NE(outcome.code, 0);
  EXPECT_TRUE(outcome.says("subcommand")) << outcome.err;
  const Outcome help = tannha({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const auto* command : {"catalogue", "ticket", "enrol", "dispatch", "phone", "office",
                              "citizen", "inspect", "fsck", "day"}) {
    EXPECT_TRUE(help.says(command)) << command;
  }
}

TEST(CommandTest, FolderWithoutStoreIsSaidAndNotMade) {
  const TempFolder folder;
  const std::string none = (folder / "none").string();
  for (const std::string command : {"inspect", "fsck"}) {
    expect_told(tannha({command, none}), errc::store_not_found);
  }
  expect_told(tannha({"phone", "--data", none, "status"}), errc::store_not_found);
  EXPECT_FALSE(fs::exists(none));
}

/// SQL for the column with another last byte.
std::string other_last_byte(const std::string& column) {
  return column + "=CAST(substr(" + column + ",1,length(" + column + ")-1)||CASE substr(" + column +
         ",-1) WHEN x'ff' THEN x'fe' ELSE x'ff' END AS BLOB)";
}

/// A server with one courier who has written something.
class DeviceCommandTest : public ::testing::Test {
 protected:
  DeviceCommandTest() {
    make_server_folder(folder_ / "server");
    server_ = std::make_unique<RealServer>(folder_ / "server");
    write_file(folder_ / "page.jpg", as_text(tools::make_page({.width = 600, .height = 800})));
  }

  /// Enrols a courier, who opens a dossier. @return the dossier's id
  std::string begin(const fs::path& device) {
    auto phone = server_->enrol(device, host_, Role::courier, "H42.101");
    must(phone->sync());
    core::Courier courier(phone->replica(), phone->catalogue());
    const Id id = must(courier.open({}, "1.001193", body::ServiceKind::both));
    must(courier.add_photo(id, tools::make_page({.width = 600, .height = 800, .seed = 1}),
                           body::AttachmentRole::page, 0));
    must(phone->sync());
    return uuid_text(id);
  }
  Outcome phone(const fs::path& device, std::vector<std::string> arguments,
                const std::string& limits = {}) {
    arguments.insert(arguments.begin(), {"phone", "--data", device.string()});
    return tannha(std::move(arguments), limits);
  }
  /// Takes photos until it fails. @return how many were called saved
  std::size_t photograph_until_full(const fs::path& device, const std::string& id, errc why,
                                    const std::string& limits = {}) {
    for (std::uint64_t i = 0; i < 40; ++i) {
      const fs::path photo = folder_ / "next.jpg";
      write_file(photo, as_text(tools::make_page({.width = 600, .height = 800, .seed = 100 + i})));
      const Outcome outcome = phone(device, {"photo", id, photo.string()}, limits);
      if (outcome.code == 0) continue;
      expect_told(outcome, why);
      EXPECT_EQ(outcome.out, "");
      return i;
    }
    ADD_FAILURE() << "never full";
    return 0;
  }
  void change(const std::string& file, const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((folder_ / file).c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    EXPECT_GT(sqlite3_changes(db), 0);
    sqlite3_close(db);
  }
  std::size_t photos_in(const fs::path& device, const std::string& id) {
    auto opened = must(tools::Device::open(device, host_));
    return must(opened->replica().dossier(*uuid_from_text(id))).attachments.size();
  }

  server::SystemHost host_;
  TempFolder folder_;
  std::unique_ptr<RealServer> server_;
};

TEST_F(DeviceCommandTest, SecondProcessOnTheSameFolderIsToldSo) {
  begin(folder_ / "phone");
  const auto held = must(tools::Device::open(folder_ / "phone", host_));
  expect_told(phone(folder_ / "phone", {"status"}), errc::store_busy);
}

TEST_F(DeviceCommandTest, UnknownDossierAndWrongArgumentsAreTold) {
  const std::string id = begin(folder_ / "phone");
  const fs::path device = folder_ / "phone";
  expect_told(phone(device, {"note", "ffffffff", "x"}), errc::dossier_unknown);
  expect_told(phone(device, {"field", id, "owner_phone", "12"}), errc::phone_number_invalid);
  expect_told(phone(device, {"photo", id, (folder_ / "none.jpg").string()}),
              errc::file_unreadable);
  write_file(folder_ / "text.jpg", "not a photo");
  expect_told(phone(device, {"photo", id, (folder_ / "text.jpg").string()}), errc::not_a_jpeg);
  expect_told(phone(device, {"parcel", "12"}), errc::argument_invalid);
  expect_told(phone(device, {"open", "9.999999"}), errc::procedure_unknown);
}

TEST_F(DeviceCommandTest, EnrolmentThatCannotWorkIsTold) {
  const std::string data = (folder_ / "new").string();
  expect_told(tannha({"enrol", "--data", data, "https://x/#y"}), errc::argument_invalid);
  expect_told(tannha({"enrol", "--data", data, server_->url() + "/#no-such-ticket"}),
              errc::ticket_unknown);
  expect_told(tannha({"phone", "--data", data, "status"}), errc::not_enrolled);
  expect_told(tannha({"ticket", "--data", (folder_ / "server").string(), "--server",
                      server_->url(), "--role", "courier", "--unit", "Xã A", "--label", "x"}),
              errc::agency_code_malformed);
  expect_told(tannha({"ticket", "--data", (folder_ / "none").string(), "--server", server_->url(),
                      "--role", "courier", "--unit", "H42.101", "--label", "x"}),
              errc::store_not_found);
  EXPECT_EQ(server_->stop(), 0);
  expect_told(tannha({"enrol", "--data", data, server_->url() + "/#no-such-ticket"}),
              errc::network_unreachable);
}

TEST_F(DeviceCommandTest, MoneyIsReadAsPeopleWriteItAndNothingElse) {
  const fs::path device = folder_ / "phone";
  const std::string id = begin(device);
  for (const std::string amount : {"-5", "0", "", "1,5", "8000d", "1.25", "12.3456", ".500",
                                   "10000000001", "99999999999999999999999"}) {
    SCOPED_TRACE(amount);
    const Outcome outcome = phone(device, {"money", id, amount});
    expect_told(outcome, errc::argument_invalid);
  }
  const Outcome taken = phone(device, {"money", id, "1.250.000"});
  EXPECT_EQ(taken.code, 0) << taken.err;
  EXPECT_TRUE(taken.says("1.250.000 đồng")) << taken.out;
  EXPECT_EQ(phone(device, {"money", id, "8000"}).code, 0);
  EXPECT_TRUE(phone(device, {"show", id}).says("tiền: 1258000 đồng"));
}

TEST_F(DeviceCommandTest, PapersAreCountedWithANumberAndARefusalSaysThatNothingIsSaved) {
  const fs::path device = folder_ / "phone";
  const std::string id = begin(device);
  expect_told(phone(device, {"tick", id, "1"}), errc::argument_invalid);
  expect_told(phone(device, {"tick", id, "1", "--originals", "1000"}), errc::argument_invalid);
  EXPECT_EQ(phone(device, {"tick", id, "1", "--originals", "1"}).code, 0);
  write_file(folder_ / "text.jpg", "not a photo");
  const Outcome photo = phone(device, {"photo", id, (folder_ / "text.jpg").string()});
  EXPECT_TRUE(photo.says("NOTHING WAS SAVED")) << photo.err;
  const Outcome unknown = phone(device, {"sync", "--no-such-option"});
  expect_told(unknown, errc::argument_invalid);
}

TEST_F(DeviceCommandTest, PhotoThatCannotBeReadHoldsUpNoOtherAndIsRescuedByTheNextCommand) {
  const fs::path device = folder_ / "phone";
  const std::string id = begin(device);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const fs::path photo = folder_ / "next.jpg";
    write_file(photo, as_text(tools::make_page({.width = 600, .height = 800, .seed = 20 + i})));
    ASSERT_EQ(phone(device, {"photo", id, photo.string()}).code, 0);
  }
  change("phone/device.db", "UPDATE attachment SET " + other_last_byte("bytes") +
                                " WHERE hash=(SELECT min(hash) FROM attachment WHERE stored_by_server=0)");
  expect_told(phone(device, {"sync"}), errc::store_corrupt);
  EXPECT_TRUE(phone(device, {"status"}).says("was damaged"));
  EXPECT_FALSE(phone(device, {"status"}).says("was damaged")) << "told once";
  EXPECT_EQ(phone(device, {"sync"}).code, 0);
  std::size_t files = 0;
  for (const auto& file : fs::recursive_directory_iterator(folder_ / "server/blobs")) {
    if (file.is_regular_file()) ++files;
  }
  EXPECT_EQ(files, 3U);
}

TEST_F(DeviceCommandTest, ForkThatOfficersDecidedIsNoDamageToFsck) {
  const std::string id = begin(folder_ / "phone");
  fs::copy(folder_ / "phone", folder_ / "copy", fs::copy_options::recursive);
  must(server_->enrol(folder_ / "one", host_, Role::officer, "H42.101")->sync());
  must(server_->enrol(folder_ / "two", host_, Role::officer, "H42.101")->sync());
  for (const std::string name : {"phone", "copy"}) {
    EXPECT_EQ(phone(folder_ / name, {"note", id, "from " + name}).code, 0);
    EXPECT_EQ(phone(folder_ / name, {"note", id, "again from " + name}).code, 0);
    (void)phone(folder_ / name, {"sync"});
  }
  EXPECT_TRUE(phone(folder_ / "copy", {"sync"}).says("held for an officer"));
  const std::string server = (folder_ / "server").string();
  EXPECT_TRUE(tannha({"inspect", server}).says("forked at"));
  EXPECT_EQ(tannha({"fsck", server}).code, 0);
  for (const std::string name : {"one", "two"}) {
    const Outcome counted = tannha({"office", "--data", (folder_ / name).string(), "count",
                                    "--dossier", id, "cả hai đều đúng"});
    EXPECT_EQ(counted.code, 0) << counted.err;
    EXPECT_TRUE(counted.says("decision written")) << counted.out;
  }
  EXPECT_FALSE(tannha({"inspect", server}).says("held (log_forked)"));
  const Outcome fsck = tannha({"fsck", server});
  EXPECT_EQ(fsck.code, 0) << fsck.out;
}

TEST_F(DeviceCommandTest, PhoneThatNeverWroteIsRevokedByItsWholeLogId) {
  const auto lost = server_->enrol(folder_ / "lost", host_, Role::courier, "H42.101");
  const std::string log = to_hex(lost->replica().identity()->log_id);
  must(server_->enrol(folder_ / "office", host_, Role::officer, "H42.101")->sync());
  const auto office = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"office", "--data", (folder_ / "office").string()});
    return tannha(std::move(words));
  };
  expect_told(office({"revoke", std::string(64, 'a'), "lost"}), errc::certificate_unknown);
  const Outcome revoked = office({"revoke", log, "lost"});
  EXPECT_EQ(revoked.code, 0) << revoked.err;
  EXPECT_TRUE(tannha({"inspect", (folder_ / "server").string()}).says("revoked (lost)"));
}

TEST_F(DeviceCommandTest, PortThatIsTakenIsToldWithACodeAndNoSourcePath) {
  const std::string port = server_->url().substr(server_->url().rfind(':') + 1);
  make_server_folder(folder_ / "second");
  const Outcome start = run({program("tannhad"), "--data", (folder_ / "second").string(),
                             "--tenant", "H42", "--port", port});
  EXPECT_EQ(start.code, 1);
  EXPECT_TRUE(start.says("argument_invalid")) << start.err;
  EXPECT_FALSE(start.says("boost")) << start.err;
}

// Disk full and read-only

/// A mount that goes away with the test.
class Mount {
 public:
  Mount(fs::path path, const char* source, unsigned long flags, const char* options)
      : path_(std::move(path)),
        mounted_(::mount(source, path_.c_str(), source, flags, options) == 0) {}
  ~Mount() {
    if (mounted_) ::umount(path_.c_str());
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  [[nodiscard]] bool ok() const { return mounted_; }
  [[nodiscard]] bool change(unsigned long flags, const char* options) const {
    return ::mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | flags, options) == 0;
  }

 private:
  fs::path path_;
  bool mounted_;
};

TEST_F(DeviceCommandTest, FullDiskIsToldAndWhatWasSavedIsThere) {
  fs::create_directories(folder_ / "disk");
  const Mount disk(folder_ / "disk", "tmpfs", 0, "size=3500k");
  if (!disk.ok()) GTEST_SKIP() << "mounting a small tmpfs needs root";
  const fs::path device = folder_ / "disk" / "phone";
  const std::string id = begin(device);
  const std::size_t saved = photograph_until_full(device, id, errc::store_full);
  EXPECT_GT(saved, 0U);
  EXPECT_EQ(phone(device, {"show", id}).code, 0);
  EXPECT_EQ(photos_in(device, id), saved + 1);
  // What it has it brings all the same.
  const Outcome full = phone(device, {"sync"});
  EXPECT_EQ(full.code, 0) << full.err;
  EXPECT_TRUE(phone(device, {"status"}).says("chờ gửi / unsent: 0 bản ghi"));
  expect_told(phone(device, {"photo", id, (folder_ / "page.jpg").string()}), errc::store_full);
  // With a little room it goes on where it was.
  ASSERT_TRUE(disk.change(0, "size=16m"));
  EXPECT_EQ(tannha({"fsck", device.string()}).code, 0);
  EXPECT_EQ(phone(device, {"photo", id, (folder_ / "page.jpg").string()}).code, 0);
  const Outcome sync = phone(device, {"sync"});
  EXPECT_EQ(sync.code, 0) << sync.err;
  EXPECT_EQ(photos_in(device, id), saved + 2);
}

TEST_F(DeviceCommandTest, FileThatMayNotGrowIsToldAndWhatWasSavedIsThere) {
  const fs::path device = folder_ / "phone";
  const std::string id = begin(device);
  const std::string limits = "ulimit -f 1000";
  const std::size_t saved = photograph_until_full(device, id, errc::store_io, limits);
  EXPECT_EQ(phone(device, {"show", id}, limits).code, 0);
  EXPECT_EQ(photos_in(device, id), saved + 1);
  EXPECT_EQ(phone(device, {"photo", id, (folder_ / "page.jpg").string()}).code, 0);
  EXPECT_EQ(tannha({"fsck", device.string()}).code, 0);
}

TEST_F(DeviceCommandTest, ReadOnlyFolderIsToldAndWhatWasSavedIsThere) {
  const fs::path device = folder_ / "phone";
  const std::string id = begin(device);
  const auto try_to_write = [&] {
    expect_told(phone(device, {"note", id, "x"}), errc::store_read_only);
  };
  if (::geteuid() == 0) {
    // Permissions do not stop root, a read-only mount does.
    const Mount bound(device, device.c_str(), MS_BIND, nullptr);
    if (!bound.ok() || !bound.change(MS_BIND | MS_RDONLY, nullptr)) {
      GTEST_SKIP() << "mounting a folder read-only did not work";
    }
    try_to_write();
  } else {
    fs::permissions(device / "device.db", fs::perms::owner_read);
    fs::permissions(device, fs::perms::owner_read | fs::perms::owner_exec);
    try_to_write();
    fs::permissions(device, fs::perms::owner_all);
    fs::permissions(device / "device.db", fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_EQ(photos_in(device, id), 1U);
  EXPECT_EQ(phone(device, {"note", id, "x"}).code, 0);
}

// Damage

class DamageTest : public DeviceCommandTest {
 protected:
  DamageTest() {
    const std::string id = begin(folder_ / "phone");
    // As many records as make the tree keep a node.
    for (int i = 0; i < 16; ++i) phone(folder_ / "phone", {"note", id, "ghi chú"});
    EXPECT_EQ(phone(folder_ / "phone", {"sync"}).code, 0);
    EXPECT_EQ(server_->stop(), 0);
    const Outcome good = tannha({"fsck", (folder_ / "server").string()});
    EXPECT_EQ(good.code, 0) << good.out << good.err;
  }
  /// @return what fsck says about a damaged folder
  std::string damaged(const std::string& folder) {
    const Outcome outcome = tannha({"fsck", (folder_ / folder).string()});
    expect_told(outcome, errc::store_corrupt);
    return outcome.out + outcome.err;
  }
};

// The last byte of an envelope is the end of its signature, the first its tag.
TEST_F(DamageTest, FindsChangedSignature) {
  change("server/registry.db",
         "UPDATE record SET " + other_last_byte("envelope") +
             " WHERE leaf=2");
  EXPECT_NE(damaged("server").find("leaf 2"), std::string::npos);
}

TEST_F(DamageTest, FindsEnvelopeThatCannotBeReadAndNamesIt) {
  change("server/registry.db",
         "UPDATE record SET envelope=CAST(x'00'||substr(envelope,2) AS BLOB) WHERE leaf=1");
  EXPECT_NE(damaged("server").find("leaf 1"), std::string::npos);
}

TEST_F(DamageTest, FindsChangedBody) {
  change("server/registry.db",
         "UPDATE record SET " + other_last_byte("body") + " WHERE leaf=2");
  damaged("server");
}

TEST_F(DamageTest, FindsMissingRecordChangedNodeMissingNodeAndMissingLog) {
  const fs::path backup = folder_ / "backup.db";
  fs::copy_file(folder_ / "server/registry.db", backup);
  for (const auto* sql :
       {"PRAGMA foreign_keys=OFF; DELETE FROM record WHERE leaf=1",
        "PRAGMA foreign_keys=OFF; DELETE FROM record WHERE leaf=(SELECT max(leaf) FROM record)",
        "UPDATE node SET hash=zeroblob(32) WHERE level=4 AND position=0",
        "DELETE FROM node WHERE level=4 AND position=0",
        "DELETE FROM log WHERE enrolled=1"}) {
    SCOPED_TRACE(sql);
    fs::copy_file(backup, folder_ / "server/registry.db", fs::copy_options::overwrite_existing);
    change("server/registry.db", sql);
    EXPECT_NE(damaged("server").find("problem"), std::string::npos);
  }
}

TEST_F(DamageTest, FindsDamagedAndMissingPhoto) {
  fs::path photo;
  for (const auto& file : fs::recursive_directory_iterator(folder_ / "server/blobs")) {
    if (file.is_regular_file()) photo = file.path();
  }
  ASSERT_FALSE(photo.empty());
  std::fstream(photo, std::ios::in | std::ios::out | std::ios::binary).seekp(100).put('\x55');
  EXPECT_NE(damaged("server").find("attachment"), std::string::npos);
  fs::remove(photo);
  EXPECT_NE(damaged("server").find("attachment"), std::string::npos);
}

TEST_F(DamageTest, FindsDamageOnADevice) {
  const fs::path backup = folder_ / "backup.db";
  fs::copy_file(folder_ / "phone/device.db", backup);
  for (const std::string& sql :
       {"UPDATE record SET " + other_last_byte("envelope") + " WHERE origin=0 AND seq=0",
        "UPDATE attachment SET " + other_last_byte("bytes"),
        std::string("UPDATE record SET receipt="
                    "(SELECT receipt FROM record WHERE origin=0 AND seq=1) "
                    "WHERE origin=0 AND seq=0")}) {
    SCOPED_TRACE(sql);
    fs::copy_file(backup, folder_ / "phone/device.db", fs::copy_options::overwrite_existing);
    change("phone/device.db", sql);
    damaged("phone");
  }
}

TEST_F(DamageTest, RegistryWithoutItsKeysIsNotANewTenant) {
  fs::remove(folder_ / "server/keys.cbor");
  EXPECT_EQ(tannha({"fsck", (folder_ / "server").string()}).code, 1);
  const Outcome start = run({program("tannhad"), "--data", (folder_ / "server").string(),
                             "--tenant", "H42", "--port", "0"});
  EXPECT_EQ(start.code, 1);
  EXPECT_TRUE(start.says("store_corrupt")) << start.err;
  EXPECT_FALSE(fs::exists(folder_ / "server/keys.cbor"));
}

}  // namespace
}  // namespace tannha::process
