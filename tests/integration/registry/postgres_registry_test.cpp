#include "tannha/server/postgres_registry.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "tannha/protocol/limits.hpp"
#include "tannha/server/postgres_news.hpp"
#include "tests/integration/registry/postgres_for_all.hpp"
#include "tests/integration/registry/registry_contract.hpp"

namespace tannha::registry_contract {
namespace {

using server::PostgresRegistry;
using Mode = PostgresRegistry::Mode;
namespace fs = std::filesystem;

INSTANTIATE_TEST_SUITE_P(Postgres, RegistryContractTest,
                         ::testing::Values(Factory{
                             "Postgres",
                             [](const fs::path& folder) -> std::unique_ptr<Registry> {
                               return open_for(folder);
                             },
                             [](const fs::path& folder) -> std::unique_ptr<Registry> {
                               return open_for(folder, Mode::read_only);
                             }}));

class PostgresRegistryTest : public ::testing::Test {
 protected:
  std::unique_ptr<PostgresRegistry> open(Mode mode = Mode::write) {
    return open_for(folder.path(), mode);
  }
  [[nodiscard]] Result<std::unique_ptr<PostgresRegistry>> try_open(const std::string& url,
                                                                   Mode mode = Mode::write) const {
    return PostgresRegistry::open(url, tenant_of(folder.path()), mode);
  }
  /// Changes the database behind the registry's back.
  std::string change(const std::string& statements) {
    std::string schema = "tannha_" + tenant_of(folder.path());
    schema[schema.find('T')] = 't';
    return postgres().sql("SET search_path=" + schema + ";" + statements);
  }
  /// The process that serves the one connection with an open transaction.
  static pid_t backend() {
    return static_cast<pid_t>(
        std::stol(postgres().sql("SELECT pid FROM pg_stat_activity WHERE "
                                "application_name='tannhad' AND state LIKE 'idle in tr%'")));
  }
  static std::uint64_t append_note(Registry& registry, Author& author) {
    must(registry.begin());
    const std::uint64_t leaf = must(registry.append(author.note(dossier), std::vector{dossier}));
    must(registry.commit());
    return leaf;
  }
  TempFolder folder;
};

// Opening

TEST_F(PostgresRegistryTest, ReaderMakesNothing) {
  EXPECT_EQ(code_of(try_open(postgres().url(), Mode::read_only)), errc::store_not_found);
  open();
  EXPECT_TRUE(try_open(postgres().url(), Mode::read_only).has_value());
}

TEST_F(PostgresRegistryTest, NobodyThereIsAnError) {
  EXPECT_EQ(code_of(try_open("postgres://tannha@/tannha?host=/nowhere")), errc::store_io);
  EXPECT_EQ(code_of(try_open(postgres().url("stranger"))), errc::store_io);
  const auto malformed = try_open("postgres://tannha:secret@/tannha?port");
  EXPECT_EQ(code_of(malformed), errc::argument_invalid);
  EXPECT_EQ(malformed.error().detail.find("secret"), std::string::npos);
}

TEST_F(PostgresRegistryTest, SchemaOfTheFutureIsNotTouched) {
  const auto running = open();
  change("INSERT INTO migration VALUES(99)");
  for (const auto mode : {Mode::write, Mode::read_only}) {
    EXPECT_EQ(code_of(try_open(postgres().url(), mode)), errc::store_version_unknown);
  }
  EXPECT_EQ(code_of(running->begin()), errc::store_version_unknown);
}

TEST_F(PostgresRegistryTest, NodesThatStartTogetherMakeOneSchema) {
  std::atomic<int> opened{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, url = postgres().url(), tenant = tenant_of(folder.path())] {
      if (PostgresRegistry::open(url, tenant, Mode::write)) ++opened;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 4);
  EXPECT_EQ(change("SELECT count(*) = max(number) FROM migration"), "t");
}

TEST_F(PostgresRegistryTest, TenantsShareADatabaseAndNothingElse) {
  const auto one = open();
  TempFolder elsewhere;
  const auto other = open_for(elsewhere.path());
  Author author(1);
  append_note(*one, author);
  must(one->begin());
  EXPECT_EQ(must(other->journal_size()), 0U);
  EXPECT_EQ(append_note(*other, author), 0U) << "waits for another tenant's transaction";
  must(one->commit());
}

TEST_F(PostgresRegistryTest, BelongsToOneJournalKey) {
  const auto registry = open();
  const auto bind = [&](std::uint8_t key) {
    must(registry->begin());
    const Result<void> bound = registry->bind_to(PublicKey{key});
    if (bound) must(registry->commit());
    registry->rollback();
    return code_of(bound);
  };
  EXPECT_EQ(bind(1), errc{});
  EXPECT_EQ(bind(1), errc{});
  EXPECT_EQ(bind(2), errc::tenant_mismatch);
}

// Many nodes

TEST_F(PostgresRegistryTest, NodesInTurnWriteOneJournal) {
  const auto one = open();
  const auto other = open();
  Author author(1);
  for (std::uint64_t i = 0; i < 30; ++i) {
    EXPECT_EQ(append_note(i % 3 == 0 ? *one : *other, author), i);
    EXPECT_EQ(must(one->journal_root(i + 1)), must(other->journal_root(i + 1)));
  }
}

TEST_F(PostgresRegistryTest, NodesAtOnceWriteOneJournalWithoutGaps) {
  constexpr std::uint64_t transactions = 40;
  constexpr std::uint8_t nodes = 3;
  open();
  std::vector<std::vector<std::uint64_t>> leaves(nodes);
  std::vector<std::vector<std::uint64_t>> positions(nodes);
  std::vector<std::unique_ptr<PostgresRegistry>> registries;
  for (std::uint8_t n = 0; n < nodes; ++n) registries.push_back(open());
  std::vector<std::thread> threads;
  for (std::uint8_t n = 0; n < nodes; ++n) {
    threads.emplace_back([&, n] {
      Registry& registry = *registries[n];
      Author author(static_cast<std::uint8_t>(n + 1));
      for (std::uint64_t i = 0; i < transactions; ++i) {
        must(registry.begin());
        const Evidence note = author.note(dossier);
        const std::uint64_t leaf = must(registry.append(note, std::vector{dossier}));
        const std::uint64_t position = must(registry.feed(desk, note.record.hash));
        // Every fifth one comes to nothing, and leaves no hole.
        if (i % 5 == 4) {
          registry.rollback();
          continue;
        }
        must(registry.commit());
        leaves[n].push_back(leaf);
        positions[n].push_back(position);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::uint64_t> all;
  std::vector<std::uint64_t> all_positions;
  for (std::uint8_t n = 0; n < nodes; ++n) {
    EXPECT_TRUE(std::ranges::is_sorted(leaves[n]));
    all.insert(all.end(), leaves[n].begin(), leaves[n].end());
    all_positions.insert(all_positions.end(), positions[n].begin(), positions[n].end());
  }
  std::ranges::sort(all);
  std::ranges::sort(all_positions);
  ASSERT_EQ(all.size(), nodes * transactions * 4 / 5);
  for (std::uint64_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i], i);
    EXPECT_EQ(all_positions[i], i + 1);
  }
  const std::uint64_t size = must(registries[0]->journal_size());
  EXPECT_EQ(size, all.size());
  const Hash root = must(open()->journal_root(size));
  for (const auto& registry : registries) EXPECT_EQ(must(registry->journal_root(size)), root);
}

TEST_F(PostgresRegistryTest, WaitsForAnotherNodeAndNotForEver) {
  const auto one = open();
  const auto other = must(try_open(postgres().url() + "&options=-c%20lock_timeout%3D50ms"));
  must(one->begin());
  EXPECT_EQ(code_of(other->begin()), errc::store_busy);
  must(one->commit());
  must(other->begin());
  must(other->commit());
}

// News

/// What a node hears, in the order in which it hears it.
class Ear {
 public:
  void hear(const std::vector<std::string>& audiences) {
    const std::lock_guard lock(mutex_);
    heard_.insert(heard_.end(), audiences.begin(), audiences.end());
    if (audiences.empty()) heard_.emplace_back("anything");
    came_.notify_all();
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(60), [&] { return heard_.size() >= count; });
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> heard_;
};

class PostgresNewsTest : public PostgresRegistryTest {
 protected:
  [[nodiscard]] std::unique_ptr<server::PostgresNews> listen(Ear& ear, const std::string& name) {
    auto news = std::make_unique<server::PostgresNews>(
        postgres().url(), tenant_of(folder.path()), name,
        [&ear](const auto& audiences) { ear.hear(audiences); });
    while (listeners() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return news;
  }
  static int listeners() {
    return std::stoi(postgres().sql("SELECT count(*) FROM pg_stat_activity WHERE "
                                    "application_name='tannhad' AND query LIKE 'LISTEN%' AND "
                                    "state='idle'"));
  }
};

TEST_F(PostgresNewsTest, OtherNodesHearWhatIsCommittedAndNothingElse) {
  const auto writer = open();
  const auto self = open();
  Ear ear;
  const auto news = listen(ear, self->node_name());
  Author author(1);
  const Evidence note = author.note(dossier);
  // What is undone, and what this node writes itself, would come before the rest.
  must(self->begin());
  must(self->append(note, std::vector{dossier}));
  must(self->feed("actor:self", note.record.hash));
  must(self->commit());
  must(writer->begin());
  must(writer->feed("actor:undone", note.record.hash));
  writer->rollback();
  must(writer->begin());
  must(writer->feed(courier, note.record.hash));
  must(writer->feed(courier, note.record.hash));
  must(writer->add_audience(dossier, desk));
  must(writer->commit());
  EXPECT_EQ(ear.wait_for(2), (std::vector<std::string>{std::string(courier), std::string(desk)}));
  must(writer->begin());
  must(writer->remove_audience(dossier, desk));
  must(writer->commit());
  EXPECT_EQ(ear.wait_for(3).back(), desk);
}

TEST_F(PostgresNewsTest, ManyAudiencesAreHeardOfInParts) {
  const auto writer = open();
  Ear ear;
  const auto news = listen(ear, "nobody");
  Author author(1);
  const Evidence note = author.note(dossier);
  must(writer->begin());
  must(writer->append(note, std::vector{dossier}));
  for (int i = 0; i < 500; ++i) {
    must(writer->feed("unit:H42." + std::to_string(i) + "-" + std::string(20, 'x'),
                      note.record.hash));
  }
  must(writer->commit());
  EXPECT_EQ(ear.wait_for(500).size(), 500U);
}

TEST_F(PostgresNewsTest, AfterALostConnectionAnythingMayHaveChanged) {
  const auto writer = open();
  Ear ear;
  const auto news = listen(ear, "nobody");
  postgres().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 "WHERE application_name='tannhad' AND query LIKE 'LISTEN%'");
  EXPECT_EQ(ear.wait_for(1), std::vector<std::string>{"anything"});
  must(writer->begin());
  Author author(1);
  const Evidence note = author.note(dossier);
  must(writer->append(note, std::vector{dossier}));
  must(writer->feed(courier, note.record.hash));
  must(writer->commit());
  EXPECT_EQ(ear.wait_for(2).back(), courier);
}

// Trouble

TEST_F(PostgresRegistryTest, ConnectionEndedInATransactionIsForgotten) {
  const auto registry = open();
  Author author(1);
  append_note(*registry, author);
  must(registry->begin());
  must(registry->append(author.note(dossier), std::vector{dossier}));
  // Not the registry's affair whether the append was already answered.
  EXPECT_EQ(must(registry->journal_size()), 2U);
  postgres().sql("SELECT pg_terminate_backend(" + std::to_string(backend()) + ")");
  EXPECT_EQ(code_of(registry->commit()), errc::store_io);
  EXPECT_EQ(code_of(registry->record(Hash{1})), errc::store_io);
  EXPECT_EQ(code_of(registry->feed(desk, Hash{1})), errc::store_io);
  registry->rollback();
  EXPECT_EQ(must(registry->journal_size()), 1U);
  Author other(2);
  EXPECT_EQ(append_note(*registry, other), 1U);
}

TEST_F(PostgresRegistryTest, KilledBackendIsALostConnection) {
  const auto registry = open();
  Author author(1);
  append_note(*registry, author);
  must(registry->begin());
  ASSERT_EQ(::kill(backend(), SIGKILL), 0);
  // Not the registry's affair whether the append was already answered.
  (void)registry->append(author.note(dossier), std::vector{dossier}).has_value();
  EXPECT_EQ(code_of(registry->record(Hash{1})), errc::store_io);
  EXPECT_EQ(code_of(registry->commit()), errc::store_io);
  registry->rollback();
  // After such a death the whole server recovers, and says so.
  Result<void> begun = registry->begin();
  for (int i = 0; i < 1000 && !begun; ++i) {
    EXPECT_TRUE(begun.error().code == errc::store_busy || begun.error().code == errc::store_io);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    begun = registry->begin();
  }
  must(std::move(begun));
  EXPECT_EQ(must(registry->append(Author(2).note(dossier), std::vector{dossier})), 1U);
  must(registry->commit());
}

TEST_F(PostgresRegistryTest, ConnectionLostWhileIdleIsNotNoticed) {
  const auto registry = open();
  Author author(1);
  append_note(*registry, author);
  postgres().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name='tannhad'");
  EXPECT_EQ(append_note(*registry, author), 1U);
}

TEST_F(PostgresRegistryTest, WhatWasCommittedOutlivesAPowerFailure) {
  const auto registry = open();
  Author author(1);
  for (int i = 0; i < 5; ++i) append_note(*registry, author);
  const Hash root = must(registry->journal_root(5));
  must(registry->begin());
  must(registry->append(author.note(dossier), std::vector{dossier}));
  postgres().stop();
  EXPECT_EQ(code_of(registry->commit()), errc::store_io);
  registry->rollback();
  EXPECT_EQ(code_of(registry->begin()), errc::store_io);
  postgres().start();
  Author other(2);
  EXPECT_EQ(append_note(*registry, other), 5U);
  EXPECT_EQ(must(registry->journal_root(5)), root);
}

// The server says "done" to it, with a warning.
TEST_F(PostgresRegistryTest, CommitWhoseStandbyHasNotAnsweredIsNotDone) {
  Author author{1};
  const auto registry = open();
  must(registry->begin());
  must(registry->put_log(author.log()));
  must(registry->commit());
  const auto set_standby = [](const std::string& name) {
    postgres().sql("ALTER SYSTEM SET synchronous_standby_names='" + name + "'");
    postgres().sql("SELECT pg_reload_conf()");
  };
  set_standby("nobody");
  Evidence note;
  Result<void> committed;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::thread node([&] {
    // The cluster reads its settings anew at a moment of its own: until then, nobody is waited for.
    while (committed && std::chrono::steady_clock::now() < deadline) {
      note = author.note(dossier);
      must(registry->begin());
      must(registry->append(note, std::vector{dossier}));
      committed = registry->commit();
    }
    registry->rollback();
  });
  const std::string cancel = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity "
                             "WHERE wait_event='SyncRep'";
  while (postgres().sql(cancel) == "0" && std::chrono::steady_clock::now() < deadline) {}
  node.join();
  set_standby("");
  EXPECT_EQ(code_of(committed), errc::store_io);
  // It may have taken place, and has: whoever sends it again is told what there is.
  must(registry->begin());
  EXPECT_TRUE(must(registry->record(note.record.hash)).has_value());
  must(registry->commit());
}

TEST_F(PostgresRegistryTest, GoesOnToTheNextHostWhateverTheFirstOneSays) {
  const std::string at = postgres().url();
  const std::string list = at.substr(0, at.find("host=") + 5) + "/nowhere," +
                           at.substr(at.find("host=") + 5);
  EXPECT_TRUE(try_open(list).has_value());
  EXPECT_EQ(code_of(try_open("postgres://tannha@/tannha?host=/nowhere,/nowhere")), errc::store_io);
}

// More than a socket holds: rows go in parts, before whatever is asked or changed after them.
TEST_F(PostgresRegistryTest, RowsOfALargeTransactionArriveInOrder) {
  Author author{1};
  const auto registry = open();
  must(registry->begin());
  must(registry->put_log(author.log()));
  std::vector<Evidence> notes;
  for (int i = 0; i < 1000; ++i) {
    notes.push_back(author.note(dossier));
    must(registry->append(notes.back(), std::vector{dossier}));
    if (i == 10) must(registry->add_audience(dossier, "unit:H42"));
    must(registry->feed("unit:H42", notes.back().record.hash));
    if (i % 250 == 0) {
      must(registry->set_ruling(notes.back().record.hash, {Verdict::refused, errc::log_revoked}));
    }
  }
  EXPECT_EQ(must(registry->dossier(dossier)).size(), notes.size());
  must(registry->commit());

  const auto other = open();
  must(other->begin());
  const std::vector<Evidence> stored = must(other->dossier(dossier));
  ASSERT_EQ(stored.size(), notes.size());
  for (std::size_t i = 0; i < notes.size(); ++i) {
    EXPECT_EQ(stored[i].record.hash, notes[i].record.hash);
    EXPECT_EQ(stored[i].ruling.verdict, i % 250 == 0 ? Verdict::refused : notes[i].ruling.verdict);
  }
  // The history once, and each record when it came.
  EXPECT_EQ(must(other->read_feed("unit:H42", 0, 5000)).size(), notes.size() + 11);
  must(other->commit());
}

// What one transaction was told of a dossier, another node may change before the next.
TEST_F(PostgresRegistryTest, AudienceIsAddedAgainAfterAnotherNodeHasRemovedIt) {
  Author author{1};
  const auto one = open();
  const auto other = open();
  must(one->begin());
  must(one->put_log(author.log()));
  EXPECT_TRUE(must(one->dossier(dossier)).empty());
  EXPECT_TRUE(must(one->audiences(dossier)).empty());
  must(one->append(author.note(dossier), std::vector{dossier}));
  must(one->add_audience(dossier, "unit:H42"));
  must(one->add_audience(dossier, "unit:H42"));
  EXPECT_EQ(must(one->read_feed("unit:H42", 0, 10)).size(), 1U);
  must(one->remove_audience(dossier, "unit:H42"));
  must(one->add_audience(dossier, "unit:H42"));
  must(one->commit());
  must(other->begin());
  must(other->remove_audience(dossier, "unit:H42"));
  must(other->commit());
  must(one->begin());
  must(one->add_audience(dossier, "unit:H42"));
  EXPECT_EQ(must(one->audiences(dossier)), std::vector<std::string>{"unit:H42"});
  // Three times with its record, and twice to be forgotten.
  EXPECT_EQ(must(one->read_feed("unit:H42", 0, 10)).size(), 5U);
  must(one->commit());
}

TEST_F(PostgresRegistryTest, WhatFailedCannotBeCommitted) {
  const auto registry = open();
  Author author(1);
  const Evidence note = author.note(dossier);
  must(registry->begin());
  must(registry->append(note, std::vector{dossier}));
  must(registry->append(note, std::vector{dossier}));
  EXPECT_EQ(code_of(registry->record(note.record.hash)), errc::store_io);
  EXPECT_EQ(code_of(registry->commit()), errc::store_io);
  registry->rollback();
  EXPECT_EQ(must(registry->journal_size()), 0U);
}

TEST_F(PostgresRegistryTest, WritesNeedATransaction) {
  const auto registry = open();
  EXPECT_EQ(code_of(registry->put_log(Author(1).log())), errc::store_io);
  EXPECT_EQ(code_of(registry->append(Author(1).note(dossier), {})), errc::store_io);
}

TEST_F(PostgresRegistryTest, TroubleOfTheServerHasAName) {
  const auto registry = open();
  Author author(1);
  const std::vector<std::pair<std::string, errc>> known{
      {"53100", errc::store_full},      {"53200", errc::store_memory},
      {"25006", errc::store_read_only}, {"40P01", errc::store_busy},
      {"XX001", errc::store_corrupt},   {"58030", errc::store_io},
  };
  for (const auto& [state, code] : known) {
    change("CREATE OR REPLACE FUNCTION trouble() RETURNS trigger AS $$ BEGIN "
           "RAISE EXCEPTION 'trouble' USING ERRCODE='" + state + "'; END $$ LANGUAGE plpgsql;"
           "CREATE OR REPLACE TRIGGER trouble BEFORE INSERT ON record "
           "FOR EACH ROW EXECUTE FUNCTION trouble()");
    must(registry->begin());
    must(registry->append(author.note(dossier), std::vector{dossier}));
    EXPECT_EQ(code_of(registry->commit()), code) << state;
    registry->rollback();
  }
  change("DROP TRIGGER trouble ON record");
  EXPECT_EQ(append_note(*registry, author), 0U);
}

TEST_F(PostgresRegistryTest, RoleThatMayNotWriteIsToldSo) {
  open();
  change("DO $$ BEGIN CREATE ROLE onlooker LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
         "DO $$ BEGIN EXECUTE 'GRANT USAGE ON SCHEMA ' || current_schema() || ' TO onlooker'; "
         "EXECUTE 'GRANT SELECT ON ALL TABLES IN SCHEMA ' || current_schema() || ' TO onlooker'; "
         "END $$");
  const auto registry = must(try_open(postgres().url("onlooker")));
  EXPECT_EQ(must(registry->journal_size()), 0U);
  EXPECT_EQ(code_of(registry->begin()), errc::store_read_only);
}

// Damage

TEST_F(PostgresRegistryTest, MissingNodeIsDamageAndNoWrongProof) {
  {
    const auto registry = open();
    Author author(1);
    for (int i = 0; i < 64; ++i) append_note(*registry, author);
  }
  change("DELETE FROM node WHERE level=4 AND position=1");
  const auto registry = open();
  EXPECT_EQ(code_of(registry->inclusion(0, 64)), errc::store_corrupt);
  EXPECT_EQ(code_of(registry->consistency(16, 64)), errc::store_corrupt);
  EXPECT_TRUE(registry->journal_root(64).has_value());
}

TEST_F(PostgresRegistryTest, RecordThatCannotBeReadIsNamed) {
  const auto registry = open();
  Author author(1);
  for (int i = 0; i < 3; ++i) append_note(*registry, author);
  change("UPDATE record SET envelope='\\x00' WHERE leaf=1");
  const auto records = registry->dossier(dossier);
  ASSERT_EQ(code_of(records), errc::store_corrupt);
  EXPECT_NE(records.error().detail.find("leaf 1"), std::string::npos) << records.error().detail;
}

TEST_F(PostgresRegistryTest, LostTableIsDamage) {
  const auto registry = open();
  change("DROP TABLE vote");
  must(registry->begin());
  EXPECT_EQ(code_of(registry->vote(Hash{1}, Id{1})), errc::store_corrupt);
  registry->rollback();
}

// Values

TEST_F(PostgresRegistryTest, TextMayHoldAnything) {
  const auto registry = open();
  const std::string odd("a\0\xff'\"\\", 6);
  body::AttachmentAdded named = attachment(1);
  named.media_type = odd;
  must(registry->begin());
  must(registry->want_attachment(named, dossier, Hash{1}));
  must(registry->add_audience(dossier, odd));
  must(registry->commit());
  EXPECT_EQ(must(registry->attachment(Hash{1}))->media_type, odd);
  EXPECT_EQ(must(registry->audiences(dossier)), std::vector{odd});
}

TEST_F(PostgresRegistryTest, SnapshotStandsStill) {
  const auto registry = open();
  Author author(1);
  append_note(*registry, author);
  const auto reader = open(Mode::read_only);
  must(reader->begin_read());
  append_note(*registry, author);
  EXPECT_EQ(must(reader->journal_size()), 1U);
  reader->rollback();
  EXPECT_EQ(must(reader->journal_size()), 2U);
}

TEST_F(PostgresRegistryTest, QuarantineOfOneSenderIsBounded) {
  const auto registry = open();
  must(registry->begin());
  const auto put = [&](const Hash& sender, std::uint64_t number) {
    const std::string envelope = "no record " + std::to_string(number);
    must(registry->quarantine(sender, as_bytes(envelope), {}, errc::record_malformed));
  };
  for (std::uint64_t i = 0; i < limits::quarantine_records_max; ++i) put(Hash{1}, i);
  put(Hash{1}, 0);
  put(Hash{1}, limits::quarantine_records_max);
  EXPECT_EQ(must(registry->quarantined()), limits::quarantine_records_max);
  put(Hash{2}, 0);
  EXPECT_EQ(must(registry->quarantined()), limits::quarantine_records_max + 1);
  must(registry->commit());
}

}  // namespace
}  // namespace tannha::registry_contract
