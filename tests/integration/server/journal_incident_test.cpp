// What real transparency logs died of, and what a registry meets besides: each must end in no
// signature, no receipt and a plain word, and never in a second past.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <bit>
#include <csignal>

#include "tannha/protocol/merkle.hpp"
#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;

/// No file of this process may grow meanwhile.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = 0;
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

class JournalIncidentTest : public ::testing::Test {
 protected:
  JournalIncidentTest()
      : courier(world.enrol(Role::courier, "H42.101")), dossier(courier.open_dossier()) {
    world.sync(courier);
  }
  fs::path data() { return world.data_dir().path(); }
  HttpResponse push(ServiceWorld& to, const std::vector<Record>& records) {
    return to.post("/v1/sync", fields::encode(ServiceWorld::request(courier, records)),
                   courier.token);
  }
  static std::uint64_t stored(ServiceWorld& at) { return at.metric("tannha_journal_records"); }
  /// Past the server: as a disk or a person changes it.
  void change(const char* sql) {
    auto db = must(sqlite::Database::open((data() / "registry.db").string(), sqlite::Mode::shared));
    must(db.exec(sql));
  }
  /// Takes nothing in, signs nothing, says so; and can be read.
  void expect_stopped(ServiceWorld& at, std::string_view vietnamese, std::string_view english) {
    const HttpResponse health = at.get("/healthz");
    EXPECT_EQ(health.status, 503U);
    EXPECT_NE(text_of(health).find(vietnamese), std::string::npos) << text_of(health);
    EXPECT_NE(text_of(health).find(english), std::string::npos) << text_of(health);
    EXPECT_EQ(text_of(at.get("/readyz")), text_of(health));
    EXPECT_EQ(at.metric("tannha_journal_stopped"), 1U);
    const std::uint64_t size = stored(at);
    const std::uint64_t signed_before = at.metric("tannha_checkpoints_total");
    expect_refusal(push(at, notes(world, courier, dossier, 1)), errc::store_corrupt, 500);
    expect_refusal(push(at, {}), errc::store_corrupt, 500);
    expect_refusal(at.get("/log/checkpoint"), errc::store_corrupt, 500);
    EXPECT_EQ(stored(at), size) << "a record was taken in";
    EXPECT_EQ(at.metric("tannha_checkpoints_total"), signed_before);
    EXPECT_EQ(at.get("/v1/tenant").status, 200U);
    EXPECT_EQ(at.get("/log/tile/0/000.p/1").status, 200U);
  }
  static void expect_sound(ServiceWorld& at) {
    EXPECT_EQ(text_of(at.get("/healthz")), "ok\n");
    EXPECT_EQ(at.metric("tannha_journal_stopped"), 0U);
    EXPECT_TRUE(at.good_traffic_goes_through());
  }

  ServiceWorld world;
  Client courier;
  Id dossier;
};

// Yeti 2022: one flipped bit, and everything after it was signed over it.
TEST_F(JournalIncidentTest, OneFlippedBitInTheStoreIsNeverSigned) {
  // A tree that keeps a node, of which a record more makes no larger one complete.
  while (stored(world) < 16 || std::has_single_bit(stored(world) + 1)) {
    EXPECT_EQ(push(world, notes(world, courier, dossier, 1)).status, 200U);
  }
  const std::uint64_t size = stored(world);
  // The largest complete subtree: it is part of the next root.
  const auto level = static_cast<std::uint64_t>(std::bit_width(size) - 1);
  const auto flip = [&] {
    auto db = must(sqlite::Database::open((data() / "registry.db").string(), sqlite::Mode::shared));
    auto hash = *must(db.one("SELECT hash FROM node WHERE level=? AND position=0",
                             {sqlite::arg(level)},
                             [](sqlite::Row row) { return row.array<Hash>(0); }));
    hash[9] ^= 2;
    must(db.run("UPDATE node SET hash=? WHERE level=? AND position=0",
                {sqlite::arg(BytesView(hash)), sqlite::arg(level)}));
  };
  flip();
  const std::vector<Record> note = notes(world, courier, dossier, 1);
  expect_refusal(push(world, note), errc::store_corrupt, 500);
  expect_stopped(world, "không còn đúng như lúc ghi", "is not what was written");
  world.restart();
  EXPECT_EQ(world.get("/healthz").status, 503U) << "a restart repairs nothing";
}

// TrustAsia 2021: two instances signed heads that do not fit together.
TEST_F(JournalIncidentTest, TwoServersOnOneJournalNeverSignTwoPasts) {
  ServiceWorld twin(data(), world.checkpoint_store());
  // Both begin at the same place; then the first goes on.
  expect_sound(world);
  const Client other = twin.enrol(Role::courier, "H42.101");
  const HttpResponse refused = twin.post(
      "/v1/sync",
      fields::encode(ServiceWorld::request(other, notes(twin, other, random_array<Id>(twin.host),
                                                        40))),
      other.token);
  expect_refusal(refused, errc::store_corrupt, 500);
  EXPECT_EQ(twin.get("/healthz").status, 503U);
  EXPECT_NE(text_of(twin.get("/healthz")).find("Stop every other server"), std::string::npos);
  expect_sound(world);
  // The copy has fallen behind, which is the other way to notice it.
  ServiceWorld late(data(), world.checkpoint_store());
  expect_sound(world);
  expect_refusal(push(late, notes(late, courier, dossier, 1)), errc::store_corrupt, 500);
}

// Sectigo Mammoth 2024h1: the disk was full in the middle of an append.
TEST_F(JournalIncidentTest, FullDiskAcknowledgesNothingAndLosesNothing) {
  const std::vector<Record> records = notes(world, courier, dossier, 30);
  const std::uint64_t size = stored(world);
  {
    const FullDisk full;
    const HttpResponse refused = push(world, records);
    EXPECT_EQ(refused.status, 503U);
    EXPECT_TRUE(refused.retry_after_s.has_value());
  }
  EXPECT_EQ(stored(world), size);
  const HttpResponse answer = push(world, records);
  ASSERT_EQ(answer.status, 200U);
  const auto response = must(exchange::decode<exchange::Response>(answer.body));
  for (const exchange::Answer& one : response.answers) {
    EXPECT_EQ(one.verdict, Verdict::effective);
    EXPECT_TRUE(one.leaf_index.has_value());
  }
  EXPECT_EQ(stored(world), size + records.size());
  expect_sound(world);
}

// Let's Encrypt Oak 2022: a migration lost rows of leaves.
TEST_F(JournalIncidentTest, MigrationThatLostRowsIsNoticedBeforeAnythingIsSigned) {
  world.push(courier, notes(world, courier, dossier, 5));
  world.restart([&](Registry&) { change("PRAGMA foreign_keys=OFF; DELETE FROM record WHERE leaf=2"); });
  expect_stopped(world, "mất dòng", "lost rows");
}

TEST_F(JournalIncidentTest, MigrationThatLostTheNewestRowsIsNoticedToo) {
  world.push(courier, notes(world, courier, dossier, 5));
  world.restart([&](Registry&) {
    change(
        "PRAGMA foreign_keys=OFF;"
        "DELETE FROM record WHERE leaf=(SELECT max(leaf) FROM record)");
  });
  expect_stopped(world, "ngắn hơn", "shorter than what this server has signed");
}

TEST_F(JournalIncidentTest, LostNodesOfTheTreeAreNoticedAtTheNextRecord) {
  world.push(courier, notes(world, courier, dossier, 16));
  world.restart([&](Registry&) { change("DELETE FROM node"); });
  EXPECT_EQ(world.get("/healthz").status, 503U);
}

// And the commonest of all: an old backup is put back.
TEST_F(JournalIncidentTest, RestoredBackupNeitherSignsNorAcknowledges) {
  TempFolder backup;
  fs::copy(data(), backup / "data", fs::copy_options::recursive);
  world.push(courier, notes(world, courier, dossier, 3));
  const Checkpoint before = must(open_checkpoint(text_of(world.get("/log/checkpoint")),
                                                 world.actor().tenant.origin,
                                                 world.actor().tenant.journal_key));
  ServiceWorld restored(backup / "data", world.checkpoint_store());
  expect_stopped(restored, "bản sao cũ đã được khôi phục", "an older copy was restored");
  EXPECT_NE(text_of(restored.get("/healthz")).find("Put back the newest copy"), std::string::npos);
  // The way forward that it names.
  ServiceWorld newest(data(), world.checkpoint_store());
  expect_sound(newest);
  const Checkpoint after = must(open_checkpoint(text_of(newest.get("/log/checkpoint")),
                                                world.actor().tenant.origin,
                                                world.actor().tenant.journal_key));
  EXPECT_GT(after.size, before.size);
}

TEST_F(JournalIncidentTest, JournalFromBeforeTheCheckpointStoreGoesOn) {
  world.push(courier, notes(world, courier, dossier, 3));
  TempFolder elsewhere;
  ServiceWorld moved(data(), elsewhere / "new");
  expect_sound(moved);
}

}  // namespace
}  // namespace tannha::server
