#include "tannha/server/sqlite_registry.hpp"

#include <sqlite3.h>

#include <fstream>

#include "tannha/engine/cached_registry.hpp"
#include "tannha/protocol/limits.hpp"
#include "tests/integration/registry/registry_contract.hpp"

namespace tannha::registry_contract {
namespace {

using server::SqliteRegistry;
namespace fs = std::filesystem;

std::string file_in(const fs::path& folder) { return (folder / "registry.db").string(); }

INSTANTIATE_TEST_SUITE_P(
    Sqlite, RegistryContractTest,
    ::testing::Values(Factory{
        "Sqlite",
        [](const fs::path& folder) -> std::unique_ptr<Registry> {
          return must(SqliteRegistry::open(file_in(folder), sqlite::Mode::shared));
        },
        [](const fs::path& folder) -> std::unique_ptr<Registry> {
          return must(SqliteRegistry::open(file_in(folder), sqlite::Mode::read_only));
        }}));

// A cache and the store that it stands before.
class CachedSqlite : public CachedRegistry {
 public:
  explicit CachedSqlite(std::unique_ptr<SqliteRegistry> store)
      : CachedRegistry(*store), store_(std::move(store)) {}

 private:
  std::unique_ptr<SqliteRegistry> store_;
};

INSTANTIATE_TEST_SUITE_P(
    CachedSqlite, RegistryContractTest,
    ::testing::Values(Factory{
        "CachedSqlite",
        [](const fs::path& folder) -> std::unique_ptr<Registry> {
          return std::make_unique<CachedSqlite>(
              must(SqliteRegistry::open(file_in(folder), sqlite::Mode::shared)));
        },
        [](const fs::path& folder) -> std::unique_ptr<Registry> {
          return must(SqliteRegistry::open(file_in(folder), sqlite::Mode::read_only));
        }}));

class SqliteRegistryTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteRegistry> open(sqlite::Mode mode = sqlite::Mode::shared) {
    return must(SqliteRegistry::open(file_in(folder.path()), mode));
  }
  /// Changes the file behind the registry's back.
  void change(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file_in(folder.path()).c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  static void append_notes(SqliteRegistry& registry, Author& author, int count) {
    must(registry.begin());
    for (int i = 0; i < count; ++i) must(registry.append(author.note(Id{1}), std::vector{Id{1}}));
    must(registry.commit());
  }
  TempFolder folder;
};

TEST_F(SqliteRegistryTest, ReaderMakesNothing) {
  EXPECT_EQ(code_of(SqliteRegistry::open(file_in(folder.path()), sqlite::Mode::read_only)),
            errc::store_not_found);
  EXPECT_FALSE(fs::exists(file_in(folder.path())));
}

TEST_F(SqliteRegistryTest, EmptyFileIsNoRegistryToAReader) {
  std::ofstream(file_in(folder.path())).flush();
  EXPECT_EQ(code_of(SqliteRegistry::open(file_in(folder.path()), sqlite::Mode::read_only)),
            errc::store_not_found);
}

TEST_F(SqliteRegistryTest, OtherFileIsCorruptAndLeftAlone) {
  std::ofstream(file_in(folder.path())) << std::string(4096, 'x');
  EXPECT_EQ(code_of(SqliteRegistry::open(file_in(folder.path()), sqlite::Mode::shared)),
            errc::store_corrupt);
  EXPECT_EQ(fs::file_size(file_in(folder.path())), 4096U);
}

TEST_F(SqliteRegistryTest, SchemaOfTheFutureOrThePastIsNotTouched) {
  open().reset();
  for (const auto* version : {"PRAGMA user_version=99", "PRAGMA user_version=1"}) {
    change(version);
    for (const auto mode : {sqlite::Mode::shared, sqlite::Mode::read_only}) {
      EXPECT_EQ(code_of(SqliteRegistry::open(file_in(folder.path()), mode)),
                errc::store_version_unknown);
    }
  }
}

TEST_F(SqliteRegistryTest, MissingNodeIsDamageAndNoWrongProof) {
  {
    const auto registry = open();
    Author author(1);
    append_notes(*registry, author, 64);
  }
  change("DELETE FROM node WHERE level=4 AND position=1");
  const auto registry = open();
  EXPECT_EQ(code_of(registry->inclusion(0, 64)), errc::store_corrupt);
  EXPECT_EQ(code_of(registry->consistency(16, 64)), errc::store_corrupt);
  EXPECT_TRUE(registry->journal_root(64).has_value());
}

TEST_F(SqliteRegistryTest, MissingRecordIsDamageAndNoWrongProof) {
  {
    const auto registry = open();
    Author author(1);
    append_notes(*registry, author, 64);
  }
  change("PRAGMA foreign_keys=OFF; DELETE FROM record WHERE leaf=5");
  const auto registry = open();
  EXPECT_EQ(code_of(registry->inclusion(4, 64)), errc::store_corrupt);
  EXPECT_EQ(code_of(registry->inclusion(12, 64)), errc::store_corrupt);
  EXPECT_EQ(code_of(registry->consistency(6, 64)), errc::store_corrupt);
  EXPECT_TRUE(registry->inclusion(16, 64).has_value()) << "what is sound can be proved";
}

TEST_F(SqliteRegistryTest, RecordThatCannotBeReadIsNamed) {
  {
    const auto registry = open();
    Author author(1);
    append_notes(*registry, author, 3);
  }
  change("UPDATE record SET envelope=x'00' WHERE leaf=1");
  const auto registry = open();
  const auto records = registry->all_records();
  ASSERT_EQ(code_of(records), errc::store_corrupt);
  EXPECT_NE(records.error().detail.find("leaf 1"), std::string::npos) << records.error().detail;
  EXPECT_EQ(code_of(registry->dossier(Id{1})), errc::store_corrupt);
}

TEST_F(SqliteRegistryTest, SnapshotStandsStill) {
  const auto registry = open();
  Author author(1);
  append_notes(*registry, author, 1);
  const auto reader = open(sqlite::Mode::read_only);
  must(reader->begin_read());
  EXPECT_EQ(must(reader->journal_size()), 1U);
  append_notes(*registry, author, 1);
  EXPECT_EQ(must(reader->journal_size()), 1U);
  reader->rollback();
  EXPECT_EQ(must(reader->journal_size()), 2U);
}

TEST_F(SqliteRegistryTest, ListsEverythingForTools) {
  const auto registry = open();
  Author first(1);
  Author second(2);
  must(registry->begin());
  must(registry->put_log(second.log()));
  must(registry->put_log(first.log()));
  must(registry->commit());
  append_notes(*registry, first, 2);
  append_notes(*registry, second, 1);
  const auto logs = must(registry->all_logs());
  ASSERT_EQ(logs.size(), 2U);
  EXPECT_EQ(logs[0].id, second.id()) << "not in the order of enrolment";
  EXPECT_EQ(logs[1].id, first.id());
  const auto records = must(registry->all_records());
  ASSERT_EQ(records.size(), 3U);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(records[i].leaf_index, i);
}

// What cannot be stored as a record is kept for an engineer, within bounds for each sender.

TEST_F(SqliteRegistryTest, QuarantineKeepsOneOfEach) {
  const auto registry = open();
  must(registry->begin());
  for (int i = 0; i < 3; ++i) {
    must(registry->quarantine(Hash{1}, Bytes{1}, Bytes{}, errc::record_malformed));
  }
  must(registry->quarantine(Hash{1}, Bytes{2}, Bytes{}, errc::record_malformed));
  must(registry->quarantine(Hash{2}, Bytes{1}, Bytes{}, errc::record_malformed));
  must(registry->commit());
  EXPECT_EQ(must(registry->quarantined()), 3U);
}

TEST_F(SqliteRegistryTest, QuarantineOfOneSenderIsBounded) {
  const auto registry = open();
  must(registry->begin());
  const auto put = [&](const Hash& sender, std::uint64_t number) {
    const std::string envelope = "no record " + std::to_string(number);
    must(registry->quarantine(sender, as_bytes(envelope), {}, errc::record_malformed));
  };
  for (std::uint64_t i = 0; i < limits::quarantine_records_max; ++i) put(Hash{1}, i);
  EXPECT_EQ(must(registry->quarantined()), limits::quarantine_records_max);
  put(Hash{1}, limits::quarantine_records_max);
  EXPECT_EQ(must(registry->quarantined()), limits::quarantine_records_max);
  put(Hash{2}, 0);
  EXPECT_EQ(must(registry->quarantined()), limits::quarantine_records_max + 1);
  must(registry->commit());
}

TEST_F(SqliteRegistryTest, QuarantineOfOneSenderIsBoundedInBytes) {
  const auto registry = open();
  must(registry->begin());
  const std::size_t half = limits::quarantine_bytes_max / 2;
  must(registry->quarantine(Hash{1}, Bytes(half, 1), {}, errc::record_malformed));
  must(registry->quarantine(Hash{1}, Bytes(1, 2), Bytes(half - 1), errc::record_malformed));
  EXPECT_EQ(must(registry->quarantined()), 2U);
  must(registry->quarantine(Hash{1}, Bytes{3}, {}, errc::record_malformed));
  EXPECT_EQ(must(registry->quarantined()), 2U);
  must(registry->quarantine(Hash{2}, Bytes{3}, {}, errc::record_malformed));
  EXPECT_EQ(must(registry->quarantined()), 3U);
  must(registry->commit());
}

}  // namespace
}  // namespace tannha::registry_contract
