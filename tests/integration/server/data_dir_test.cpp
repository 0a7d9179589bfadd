#include "tannha/server/data_dir.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;
constexpr fs::perms owner_only = fs::perms::owner_read | fs::perms::owner_write;

class DataDirTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return folder / "data"; }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path() / name, std::ios::binary) << text;
  }
  TempFolder folder;
  TestHost host;
};

TEST_F(DataDirTest, SecondServerFindsItBusy) {
  auto first = std::make_unique<DataDir>(must(DataDir::open(path())));
  EXPECT_EQ(code_of(DataDir::open(path())), errc::store_busy);
  const DataDir moved = std::move(*first);
  first.reset();
  EXPECT_EQ(code_of(DataDir::open(path())), errc::store_busy);
}

TEST_F(DataDirTest, ClosingFreesIt) {
  must(DataDir::open(path()));
  EXPECT_TRUE(DataDir::open(path()).has_value());
}

TEST_F(DataDirTest, FolderThatCannotBeMadeIsSaid) {
  std::ofstream(folder / "data") << "a file";
  EXPECT_EQ(code_of(DataDir::open(path())), errc::store_io);
}

TEST_F(DataDirTest, MakesTheFoldersAboveToo) {
  must(make_folders_durably(folder / "a" / "b" / "c"));
  EXPECT_TRUE(fs::is_directory(folder / "a" / "b" / "c"));
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms::owner_all);
  must(make_folders_durably(folder / "a" / "b" / ""));
  must(make_folders_durably("/"));
  std::ofstream(folder / "a" / "file") << "a file";
  EXPECT_EQ(code_of(make_folders_durably(folder / "a" / "file" / "c")), errc::store_io);
  EXPECT_EQ(code_of(make_folders_durably(folder / "a" / std::string(300, 'x'))), errc::store_io);
}

TEST_F(DataDirTest, KeysAreMadeOnce) {
  DataDir dir = must(DataDir::open(path()));
  const Keys made = must(dir.keys("H42", "Ninh Bình", host));
  const Keys again = must(dir.keys("H42", "another name", host));
  EXPECT_EQ(fields::encode(again), fields::encode(made));
  EXPECT_EQ(fields::encode(must(read_keys(path()))), fields::encode(made));
  EXPECT_EQ(made.tenant.code, "H42");
  EXPECT_EQ(made.tenant.name, "Ninh Bình");
  EXPECT_EQ(KeyPair::from_seed(made.journal).public_key(), made.tenant.journal_key);
  EXPECT_EQ(KeyPair::from_seed(made.authority).public_key(), made.tenant.authority_key);
  const Certificate own = must(open_certificate(made.registry_log.certificate, "H42",
                                                made.tenant.authority_key));
  EXPECT_EQ(own.role, Role::registry);
  EXPECT_NE(made.authority, made.journal);
  EXPECT_NE(made.journal, made.log);
  EXPECT_NE(made.log, made.token_secret);
}

TEST_F(DataDirTest, OtherTenantIsRefused) {
  DataDir dir = must(DataDir::open(path()));
  must(dir.keys("H42", "Ninh Bình", host));
  EXPECT_EQ(code_of(dir.keys("H43", "Ninh Bình", host)), errc::tenant_mismatch);
}

TEST_F(DataDirTest, RegistryWithoutKeysIsCorrupt) {
  DataDir dir = must(DataDir::open(path()));
  write("registry.db", "");
  EXPECT_EQ(code_of(dir.keys("H42", "Ninh Bình", host)), errc::store_corrupt);
  EXPECT_FALSE(fs::exists(path() / "keys.cbor"));
}

TEST_F(DataDirTest, DamagedKeysAreCorruptAndKept) {
  DataDir dir = must(DataDir::open(path()));
  must(dir.keys("H42", "Ninh Bình", host));
  for (const std::string_view damage : {std::string_view(), std::string_view("\xa0", 1)}) {
    write("keys.cbor", damage);
    EXPECT_NE(code_of(dir.keys("H42", "Ninh Bình", host)), errc{});
    EXPECT_EQ(fs::file_size(path() / "keys.cbor"), damage.size());
  }
}

TEST_F(DataDirTest, AdminSecretIsMadeOnce) {
  DataDir dir = must(DataDir::open(path()));
  const std::string made = must(dir.admin_secret(host));
  EXPECT_EQ(must(dir.admin_secret(host)), made);
  EXPECT_EQ(must(read_admin_secret(path())), made);
  EXPECT_GE(made.size(), 43U);
  EXPECT_EQ(made.find('\n'), std::string::npos);
  // An empty secret would let everybody in who has none.
  write("admin.secret", "\n");
  EXPECT_EQ(code_of(dir.admin_secret(host)), errc::store_corrupt);
}

TEST_F(DataDirTest, SecretsAreTheOwnersOnly) {
  DataDir dir = must(DataDir::open(path()));
  must(dir.keys("H42", "Ninh Bình", host));
  must(dir.admin_secret(host));
  for (const auto* name : {"keys.cbor", "admin.secret", "lock"}) {
    EXPECT_EQ(fs::status(path() / name).permissions(), owner_only) << name;
  }
}

TEST_F(DataDirTest, CatalogueIsEmptyWhenThereIsNone) {
  DataDir dir = must(DataDir::open(path()));
  EXPECT_TRUE(must(dir.catalogue()).procedures().empty());
  write("catalogue.cbor", "x");
  EXPECT_EQ(code_of(dir.catalogue()), errc::catalogue_malformed);
}

TEST_F(DataDirTest, RemovesWhatAKilledServerWasWriting) {
  must(DataDir::open(path()));
  write("blobs/.tmp-1-0", "half a photo");
  fs::create_directories(path() / "blobs" / "ab");
  write("blobs/ab/cd", "a photo");
  must(DataDir::open(path()));
  EXPECT_FALSE(fs::exists(path() / "blobs" / ".tmp-1-0"));
  EXPECT_TRUE(fs::exists(path() / "blobs" / "ab" / "cd"));
}

// With attachments in one folder, the lock of this one says nothing about the other nodes.
TEST_F(DataDirTest, KeepsWhatAnotherNodeMayBeWriting) {
  must(DataDir::open(path(), BlobsOf::several));
  write("blobs/.tmp-1-0", "half a photo");
  write("blobs/.tmp-1-1", "left since yesterday");
  fs::last_write_time(path() / "blobs" / ".tmp-1-1",
                      fs::file_time_type::clock::now() - std::chrono::hours(24));
  must(DataDir::open(path(), BlobsOf::several));
  EXPECT_TRUE(fs::exists(path() / "blobs" / ".tmp-1-0"));
  EXPECT_FALSE(fs::exists(path() / "blobs" / ".tmp-1-1"));
}

TEST_F(DataDirTest, FileIsReplacedWhole) {
  const fs::path file = folder / "file";
  must(write_file_durably(file, Bytes{1, 2, 3}, 0600));
  must(write_file_durably(file, Bytes{4}, 0600));
  EXPECT_EQ(must(read_file(file, 10)), Bytes{4});
  EXPECT_EQ(fs::status(file).permissions(), owner_only);
  EXPECT_EQ(code_of(write_file_durably(folder / "none" / "file", Bytes{1}, 0600)),
            errc::store_not_found);
}

TEST_F(DataDirTest, FileLargerThanWantedIsNotRead) {
  const fs::path file = folder / "file";
  must(write_file_durably(file, Bytes(100), 0600));
  EXPECT_EQ(must(read_file(file, 100)).size(), 100U);
  EXPECT_EQ(code_of(read_file(file, 99)), errc::frame_too_large);
  EXPECT_EQ(code_of(read_file(folder / "none", 99)), errc::store_not_found);
  EXPECT_EQ(code_of(read_file(folder.path(), 99)), errc::file_unreadable);
}

}  // namespace
}  // namespace tannha::server
