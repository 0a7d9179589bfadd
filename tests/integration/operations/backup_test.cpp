#include "tools/backup/backup.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/process/busy_phone.hpp"
#include "tests/support/random_seed.hpp"
#include "tools/net/http_client.hpp"

namespace tannha::process {
namespace {

namespace fs = std::filesystem;

Outcome backup(const fs::path& data, const fs::path& to, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"backup", "--data", data.string(), "--to", to.string()});
  return tannha(more);
}
Outcome restore(const fs::path& from, const fs::path& to, const fs::path& checkpoints) {
  return tannha({"restore", "--from", from.string(), "--to", to.string(), "--checkpoint-store",
                 checkpoints.string()});
}

std::vector<fs::path> attachments_in(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "blobs")) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  return out;
}

void flip_byte(const fs::path& file, std::uintmax_t at) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(static_cast<std::streamoff>(at));
  const int c = bytes.get();
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.put(static_cast<char>(c ^ 1));
}

/// A server's folder in which phones have worked, with its checkpoint folder and one backup.
class BackupTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_.reset(new TempFolder(TempFolder::in_memory()));
    const fs::path data = *shared_ / "server";
    make_server_folder(data);
    RealServer server(data);
    std::mt19937_64 random(1);
    work(server, *shared_ / "first", random);
    ASSERT_EQ(backup(data, *shared_ / "backup").code, 0);
    EXPECT_EQ(server.stop(), 0);
  }
  static void TearDownTestSuite() { shared_.reset(); }

  /// Four phones synchronise for a while, photos among what they bring, and bring everything.
  static void work(RealServer& server, const fs::path& folder, std::mt19937_64& random) {
    fs::create_directories(folder);
    const auto phones = busy_phones(server, folder, random);
    Shift shift;
    shift.opened(server.url());
    for (const auto& phone : phones) phone->start(shift);
    int steps = 30;
    while (shift.wait_for_steps(steps) && attachments_in(data()).size() < 3) steps += 10;
    shift.end();
    for (const auto& phone : phones) phone->join();
    for (const auto& phone : phones) phone->drain(server.url());
  }

  [[nodiscard]] static fs::path data() { return *shared_ / "server"; }
  [[nodiscard]] static fs::path checkpoints() { return *shared_ / "tannha-checkpoints"; }
  /// A copy of the backup, to be damaged.
  fs::path copied() {
    fs::copy(*shared_ / "backup", folder_ / "copy", fs::copy_options::recursive);
    return folder_ / "copy";
  }
  /// It is refused, with these words, and nothing is left where it would have been.
  void expect_refused(const fs::path& backup, const std::string& words) {
    const Outcome outcome = restore(backup, folder_ / "restored", checkpoints());
    EXPECT_EQ(outcome.code, 1) << outcome.out;
    EXPECT_TRUE(outcome.says("store_corrupt")) << outcome.err;
    EXPECT_TRUE(outcome.says(words)) << outcome.err;
    EXPECT_FALSE(fs::exists(folder_ / "restored"));
    EXPECT_FALSE(fs::exists(folder_ / "restored.restoring"));
  }

  static inline std::unique_ptr<TempFolder> shared_;
  TempFolder folder_ = TempFolder::in_memory();
};

TEST_F(BackupTest, DamagedAttachmentIsRefused) {
  const fs::path backup = copied();
  flip_byte(attachments_in(backup).front(), 10);
  expect_refused(backup, "attachment");
}

TEST_F(BackupTest, MissingAttachmentIsRefused) {
  const fs::path backup = copied();
  fs::remove(attachments_in(backup).back());
  expect_refused(backup, "store_not_found");
}

// Any byte of the registry: what is not noticed must not matter to any record.
TEST_F(BackupTest, DamagedRegistryIsRefused) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  const fs::path backup = copied();
  const fs::path db = backup / "registry.db";
  int refused = 0;
  for (int i = 0; i < 8; ++i) {
    const std::uintmax_t at = random() % fs::file_size(db);
    flip_byte(db, at);
    const Outcome outcome = restore(backup, folder_ / "restored", checkpoints());
    flip_byte(db, at);
    if (outcome.code != 0) {
      ++refused;
      EXPECT_FALSE(fs::exists(folder_ / "restored"));
      continue;
    }
    // Free room, or a column that no hash covers: what was promised is whole.
    EXPECT_EQ(tannha({"fsck", (folder_ / "restored").string()}).code, 0);
    fs::remove_all(folder_ / "restored");
  }
  EXPECT_GT(refused, 0);
  fs::resize_file(db, fs::file_size(db) / 2);
  expect_refused(backup, "damaged");
}

TEST_F(BackupTest, BackupThatWasCutOffIsRefused) {
  const fs::path backup = copied();
  fs::remove(backup / "backup.cbor");
  expect_refused(backup, "no whole backup");
}

TEST_F(BackupTest, BackupWithoutKeysIsRefused) {
  const fs::path backup = copied();
  fs::remove(backup / "keys.cbor");
  expect_refused(backup, "keys.cbor is missing");
}

TEST_F(BackupTest, RegistryOfAnotherMomentIsRefused) {
  const fs::path backup = copied();
  RealServer server(data());
  std::mt19937_64 random(2);
  work(server, folder_ / "second", random);
  ASSERT_EQ(::tannha::process::backup(data(), folder_ / "b").code, 0);
  fs::copy(folder_ / "b" / "registry.db", backup / "registry.db",
           fs::copy_options::overwrite_existing);
  fs::copy(folder_ / "b" / "blobs", backup / "blobs",
           fs::copy_options::recursive | fs::copy_options::skip_existing);
  expect_refused(backup, "not what backup.cbor says");
  EXPECT_EQ(server.stop(), 0);
}

TEST_F(BackupTest, NothingIsWrittenOverWhatIsThere) {
  fs::create_directories(folder_ / "used");
  std::ofstream(folder_ / "used" / "x") << "x";
  EXPECT_TRUE(backup(data(), folder_ / "used").says("not empty"));
  const Outcome outcome = restore(*shared_ / "backup", folder_ / "used", checkpoints());
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.says("is there already")) << outcome.err;
  EXPECT_EQ(fs::file_size(folder_ / "used" / "x"), 1U);
}

TEST_F(BackupTest, SourceWithADamagedAttachmentIsNoBackup) {
  fs::copy(data(), folder_ / "server", fs::copy_options::recursive);
  flip_byte(attachments_in(folder_ / "server").front(), 5);
  const Outcome outcome = backup(folder_ / "server", folder_ / "b");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.says("store_corrupt")) << outcome.err;
  EXPECT_FALSE(fs::exists(folder_ / "b" / "backup.cbor"));
}

TEST_F(BackupTest, FolderWithoutSqliteRegistryIsToldWhereToLook) {
  fs::create_directories(folder_ / "empty");
  const Outcome outcome = backup(folder_ / "empty", folder_ / "b");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.says("PostgreSQL")) << outcome.err;
}

TEST_F(BackupTest, HoldsNoCheckpointAndIsForItsOwnerOnly) {
  const fs::path backup = *shared_ / "backup";
  EXPECT_FALSE(fs::exists(backup / "tannha-checkpoints"));
  for (const auto& entry : fs::recursive_directory_iterator(backup)) {
    EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none)
        << entry.path();
    EXPECT_EQ(entry.path().string().find("checkpoint"), std::string::npos);
  }
}

TEST_F(BackupTest, AttachmentsOfThePreviousOneAreLinked) {
  const Outcome outcome =
      backup(data(), *shared_ / "linked", {"--previous", (*shared_ / "backup").string()});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  ASSERT_FALSE(attachments_in(*shared_ / "backup").empty());
  for (const fs::path& file : attachments_in(*shared_ / "backup")) {
    EXPECT_GE(fs::hard_link_count(file), 2U);
  }
  // What is damaged there is not taken over.
  const fs::path damaged = copied();
  const fs::path victim = attachments_in(damaged).front();
  flip_byte(victim, 3);
  ASSERT_EQ(backup(data(), folder_ / "b", {"--previous", damaged.string()}).code, 0);
  EXPECT_EQ(fs::hard_link_count(victim), 1U);
  const Outcome restored = restore(folder_ / "b", folder_ / "restored", checkpoints());
  EXPECT_EQ(restored.code, 0) << restored.err;
}

TEST_F(BackupTest, RestoredFolderOfAnotherJournalIsRefused) {
  // The note of this journal, signed over another past: two servers went on from one backup.
  const fs::path backup = *shared_ / "backup";
  ASSERT_EQ(restore(backup, folder_ / "twin", folder_ / "no-checkpoints").code, 0);
  RealServer twin(folder_ / "twin", "H42",
                  {"--port", "0", "--checkpoint-store", (folder_ / "twin-signed").string()});
  std::mt19937_64 random(3);
  work(twin, folder_ / "second", random);
  EXPECT_EQ(twin.stop(), 0);
  ASSERT_EQ(tannha({"backup", "--data", (folder_ / "twin").string(), "--to",
                    (folder_ / "b").string()})
                .code,
            0);
  // The other one has signed one record more than the backup has.
  RealServer first(data());
  server::SystemHost host;
  const auto device = first.enrol(folder_ / "one", host, Role::courier, "H42.101");
  must(device->sync());
  EXPECT_EQ(first.stop(), 0);
  const Outcome outcome = restore(folder_ / "b", folder_ / "restored", checkpoints());
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.says("another past")) << outcome.err;
  EXPECT_FALSE(fs::exists(folder_ / "restored"));
}

// While phones push records and photos as fast as they can.
TEST_F(BackupTest, BackupsOfABusyServerAreWholeAndOldOnesAreToldSo) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  const fs::path data = folder_ / "server";
  make_server_folder(data);
  RealServer server(data);
  const auto phones = busy_phones(server, folder_.path(), random);
  Shift shift;
  for (const auto& phone : phones) phone->start(shift);
  constexpr int backups = 4;
  for (int i = 0; i < backups; ++i) {
    shift.opened(server.url());
    ASSERT_TRUE(shift.wait_for_steps(12));
    const Outcome saved = backup(data, folder_ / ("b" + std::to_string(i)));
    EXPECT_EQ(saved.code, 0) << saved.err;
  }
  shift.end();
  for (const auto& phone : phones) phone->join();
  for (const auto& phone : phones) phone->drain(server.url());
  ASSERT_EQ(backup(data, folder_ / "newest").code, 0);
  EXPECT_EQ(server.stop(), 0);
  const fs::path signed_apart = folder_ / "tannha-checkpoints";
  for (int i = 0; i < backups; ++i) {
    SCOPED_TRACE(i);
    const fs::path restored = folder_ / ("r" + std::to_string(i));
    const Outcome outcome = restore(folder_ / ("b" + std::to_string(i)), restored, signed_apart);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(outcome.says("The backup is sound but OLD")) << outcome.err;
    EXPECT_TRUE(outcome.says("Bring back something newer")) << outcome.err;
    EXPECT_EQ(tannha({"fsck", restored.string()}).code, 0);
  }
  // The server says the same of it, and takes nothing in.
  RealServer old(folder_ / "r0", "H42",
                 {"--port", "0", "--checkpoint-store", signed_apart.string()});
  EXPECT_EQ(must(tools::HttpClient(old.url()).send({.path = "/healthz"})).status, 503U);
  EXPECT_EQ(old.stop(), 0);
  // The newest has everything that any phone was promised, and a server goes on with it.
  const Outcome outcome = restore(folder_ / "newest", folder_ / "back", signed_apart);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.says("it has all that was signed")) << outcome.out;
  RealServer back(folder_ / "back", "H42",
                  {"--port", "0", "--checkpoint-store", signed_apart.string()});
  EXPECT_EQ(must(tools::HttpClient(back.url()).send({.path = "/healthz"})).status, 200U);
  EXPECT_EQ(back.stop(), 0);
  expect_promises_kept(folder_ / "back", phones);
}

}  // namespace
}  // namespace tannha::process
