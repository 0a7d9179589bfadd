#include "tannha/server/registry_copy.hpp"

#include <sqlite3.h>

#include "tannha/server/sqlite_registry.hpp"
#include "tests/integration/registry/postgres_for_all.hpp"
#include "tests/integration/registry/registry_contract.hpp"

namespace tannha::registry_contract {
namespace {

using server::copy_registry;
using server::SqliteRegistry;

class RegistryCopyTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string file() const { return (folder.path() / "registry.db").string(); }
  std::unique_ptr<SqliteRegistry> source() {
    return must(SqliteRegistry::open(file(), sqlite::Mode::shared));
  }
  /// A registry with something in every table.
  void fill(Author& author) {
    const auto registry = source();
    must(registry->begin());
    must(registry->put_log(author.log()));
    for (int i = 0; i < 33; ++i) {
      const Evidence note = author.note(dossier);
      must(registry->append(note, std::vector{dossier}));
      must(registry->feed(courier, note.record.hash));
    }
    const Evidence held = author.note(other_dossier, {Verdict::held, errc::late_amendment});
    must(registry->append(held, std::vector{other_dossier}));
    must(registry->vote(held.record.hash, Id{3}));
    must(registry->add_audience(dossier, desk));
    must(registry->add_audience(other_dossier, desk));
    // Its place is the last one that was ever given.
    must(registry->remove_audience(other_dossier, desk));
    must(registry->note_forgotten(author.id(), other_dossier, 5));
    must(registry->take_numbers("slips", 50));
    must(registry->put_lease(lease(author.id(), slip, 1, 50), 3));
    must(registry->return_lease(author.id(), {slip, "PG-H42-", 41, 10}));
    must(registry->use_number(slip, "PG-H42-00000001", dossier, author.id()));
    must(registry->want_attachment(attachment(1), dossier, author.id()));
    must(registry->wait_for(Hash{1}, Hash{2}));
    must(registry->make_due(Hash{1}));
    must(registry->put_payout(Id{8}, Id{9}));
    must(registry->want_code_message(Hash{6}, 5));
    must(registry->quarantine(author.id(), Bytes{1}, Bytes{}, errc::record_malformed));
    Ticket ticket;
    ticket.token_hash = Hash{1};
    ticket.grant.role = Role::citizen;
    ticket.grant.label = "thử";
    must(registry->put_ticket(ticket));
    must(registry->set_log_state(
        author.id(), {.forked_at = 7, .revoked = {}, .continued_by = Hash{4}}));
    must(registry->note_contact(author.id(), 5, {}));
    must(registry->commit());
  }
  TempFolder folder;
};

TEST_F(RegistryCopyTest, EverythingIsThere) {
  Author author(1);
  fill(author);
  const auto from = source();
  const auto to = open_for(folder.path());
  const auto report = must(copy_registry(file(), *to));
  EXPECT_EQ(report.records, 34U);
  EXPECT_EQ(report.root, must(from->journal_root(34)));
  EXPECT_EQ(must(to->journal_root(34)), report.root);
  EXPECT_EQ(must(to->journal_size()), 34U);

  EXPECT_EQ(must(to->log(author.id()))->state, must(from->log(author.id()))->state);
  for (const std::string_view audience : {desk, courier}) {
    const auto there = must(from->read_feed(audience, 0, 100));
    const auto here = must(to->read_feed(audience, 0, 100));
    ASSERT_EQ(here.size(), there.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
      EXPECT_EQ(here[i].position, there[i].position);
      EXPECT_EQ(here[i].history, there[i].history);
      EXPECT_EQ(here[i].forget, there[i].forget);
      EXPECT_EQ(here[i].evidence.record.hash, there[i].evidence.record.hash);
      EXPECT_EQ(here[i].evidence.ruling, there[i].evidence.ruling);
    }
  }
  EXPECT_TRUE(must(to->is_leased(author.id(), slip, "PG-H42-", 40)));
  EXPECT_FALSE(must(to->is_leased(author.id(), slip, "PG-H42-", 41)));
  EXPECT_EQ(must(to->number_user("PG-H42-00000001")), dossier);
  EXPECT_EQ(must(to->attachment(Hash{1}))->media_type, "image/jpeg");
  EXPECT_EQ(must(to->unleased_payouts(Id{9}, 10)), std::vector{Id{8}});
  EXPECT_TRUE(must(to->ticket(Hash{1})).has_value());
  EXPECT_EQ(must(to->quarantined()), 1U);
  EXPECT_TRUE(must(to->is_any_due()));
  must(to->begin());
  EXPECT_EQ(must(to->wanted_code_messages(6, 6, 10)), Hashes{Hash{6}});
  must(to->commit());
}

TEST_F(RegistryCopyTest, GoesOnAsTheSourceWould) {
  Author author(1);
  fill(author);
  const auto to = open_for(folder.path());
  must(copy_registry(file(), *to));
  const Evidence next = author.note(dossier);
  const auto from = source();
  for (Registry* registry : std::initializer_list<Registry*>{from.get(), to.get()}) {
    must(registry->begin());
    EXPECT_EQ(must(registry->append(next, std::vector{dossier})), 34U);
    EXPECT_EQ(must(registry->take_numbers("slips", 1)), 51U);
    must(registry->add_audience(other_dossier, courier));
    must(registry->quarantine(author.id(), Bytes{2}, Bytes{}, errc::record_malformed));
    must(registry->commit());
  }
  EXPECT_EQ(must(to->journal_root(35)), must(from->journal_root(35)));
  // PostgreSQL counts the positions of all feeds together: none comes before what a device has read.
  EXPECT_GE(must(to->feed_end(courier)), must(from->feed_end(courier)));
  EXPECT_EQ(must(to->audience_before(courier, 1000, 1)).at(0).place,
            must(from->audience_before(courier, 1000, 1)).at(0).place);
}

TEST_F(RegistryCopyTest, EmptyRegistryIsCopiedToo) {
  source();
  const auto to = open_for(folder.path());
  EXPECT_EQ(must(copy_registry(file(), *to)).root, merkle::empty_root());
}

TEST_F(RegistryCopyTest, TargetThatHoldsSomethingIsLeftAlone) {
  Author author(1);
  fill(author);
  const auto to = open_for(folder.path());
  must(to->begin());
  must(to->wait_for(Hash{1}, Hash{2}));
  must(to->commit());
  EXPECT_EQ(code_of(copy_registry(file(), *to)), errc::argument_invalid);
  EXPECT_EQ(must(to->journal_size()), 0U);
}

TEST_F(RegistryCopyTest, MissingSourceIsAnError) {
  const auto to = open_for(folder.path());
  EXPECT_EQ(code_of(copy_registry(file(), *to)), errc::store_not_found);
}

TEST_F(RegistryCopyTest, DamageInTheSourceIsFoundAndNothingKept) {
  Author author(1);
  fill(author);
  const std::vector<std::string> damages{
      "UPDATE record SET body=x'00' WHERE leaf=3",
      "UPDATE node SET hash=zeroblob(32) WHERE level=4 AND position=1",
      "DELETE FROM node WHERE level=5 AND position=0",
      "DELETE FROM record WHERE leaf=33",
      "CREATE TABLE unheard_of(a INTEGER); INSERT INTO unheard_of VALUES(1)",
  };
  for (const std::string& damage : damages) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
    const auto copy_of = folder.path() / "damaged.db";
    ASSERT_EQ(sqlite3_exec(db, ("VACUUM INTO '" + copy_of.string() + "'").c_str(), nullptr, nullptr,
                           nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    ASSERT_EQ(sqlite3_open(copy_of.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, ("PRAGMA journal_mode=WAL;" + damage).c_str(), nullptr, nullptr,
                           nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    const auto to = open_for(folder.path());
    EXPECT_EQ(code_of(copy_registry(copy_of.string(), *to)), errc::store_corrupt) << damage;
    EXPECT_EQ(must(to->journal_size()), 0U) << damage;
    EXPECT_FALSE(must(to->log(author.id())).has_value()) << damage;
    std::filesystem::remove(copy_of);
  }
}

}  // namespace
}  // namespace tannha::registry_contract
