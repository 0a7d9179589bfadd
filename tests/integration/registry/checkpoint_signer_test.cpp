#include "tannha/engine/checkpoint_signer.hpp"

#include "tannha/server/sqlite_registry.hpp"
#include "tests/integration/registry/registry_contract.hpp"
#include "tannha/engine/forwarding_registry.hpp"

namespace tannha::registry_contract {
namespace {

constexpr std::string_view origin = "tannha.vn/H42";

/// The committed store, as it is read again: with a bit that flips on the way.
class FlippingRegistry : public ForwardingRegistry {
 public:
  using ForwardingRegistry::ForwardingRegistry;
  Result<Hash> journal_root(std::uint64_t size) override {
    TN_TRY(Hash root, ForwardingRegistry::journal_root(size));
    if (flips_root) root[7] ^= 4;
    return root;
  }
  Result<std::vector<Hash>> journal_entries(std::uint64_t first, std::size_t count_max) override {
    TN_TRY(auto entries, ForwardingRegistry::journal_entries(first, count_max));
    if (flips_entry && !entries.empty()) entries.back()[31] ^= 1;
    return entries;
  }
  Result<std::uint64_t> journal_size() override {
    if (fails) return fail(errc::store_io);
    return ForwardingRegistry::journal_size();
  }
  bool flips_root = false;
  bool flips_entry = false;
  bool fails = false;
};

/// Full when it is told so.
class FullStore : public MemoryCheckpointStore {
 public:
  Result<bool> swap(const std::optional<std::string>& expected, const std::string& next) override {
    if (is_full) return fail(errc::store_full);
    ++swaps;
    return MemoryCheckpointStore::swap(expected, next);
  }
  bool is_full = false;
  int swaps = 0;
};

class CheckpointSignerTest : public ::testing::Test {
 protected:
  CheckpointSignerTest() { make_signer(); }

  std::unique_ptr<server::SqliteRegistry> open(const std::string& name) {
    return must(server::SqliteRegistry::open((folder.path() / name).string(),
                                             sqlite::Mode::shared));
  }
  /// A program that has just been started.
  void make_signer() {
    signer = std::make_unique<CheckpointSigner>(stored, std::string(origin), key, newest);
  }
  void append(Registry& to, int count, std::uint8_t author_number = 1) {
    Author& author = author_number == 1 ? author_ : rival_;
    must(to.begin());
    must(to.put_log(author.log()));
    for (int i = 0; i < count; ++i) must(to.append(author.note(dossier), std::vector{dossier}));
    must(to.commit());
  }
  void append(int count) { append(*registry, count); }
  Checkpoint head() {
    const std::uint64_t size = must(registry->journal_size());
    return {std::string(origin), size, must(registry->journal_root(size))};
  }
  Checkpoint opened(const std::string& note) {
    return must(open_checkpoint(note, origin, key.public_key()));
  }
  std::optional<Checkpoint> kept() {
    const auto note = must(newest.read());
    if (!note) return std::nullopt;
    return opened(*note);
  }
  void expect_stopped(JournalTrouble trouble) {
    EXPECT_EQ(signer->trouble(), trouble) << signer->trouble_detail();
    EXPECT_EQ(code_of(signer->ready()), errc::store_corrupt);
    EXPECT_EQ(code_of(signer->newest()), errc::store_corrupt);
    EXPECT_EQ(code_of(signer->sign(head())), errc::store_corrupt);
    EXPECT_EQ(code_of(signer->advance()), errc::store_corrupt);
  }

  TempFolder folder;
  KeyPair key = KeyPair::from_seed(Seed{5});
  std::unique_ptr<server::SqliteRegistry> registry = open("registry.db");
  FlippingRegistry stored{*registry};
  FullStore newest;
  std::unique_ptr<CheckpointSigner> signer;

 private:
  Author author_{1};
  Author rival_{2};
};

TEST_F(CheckpointSignerTest, EmptyJournalIsSigned) {
  must(signer->open());
  EXPECT_EQ(opened(must(signer->newest())), head());
  EXPECT_EQ(kept(), head());
}

TEST_F(CheckpointSignerTest, NothingIsSignedBeforeItIsInTheStore) {
  must(signer->open());
  append(3);
  EXPECT_EQ(code_of(signer->sign(head())), errc::store_busy);
  must(signer->advance());
  EXPECT_EQ(kept(), head());
  EXPECT_EQ(opened(must(signer->sign(head()))), head());
}

TEST_F(CheckpointSignerTest, OneExchangeForATransactionOfSeveralAnswers) {
  must(signer->open());
  append(2);
  const Checkpoint first = head();
  append(9);
  const int before = newest.swaps;
  must(signer->advance());
  must(signer->advance());
  EXPECT_EQ(newest.swaps, before + 1);
  EXPECT_EQ(opened(must(signer->sign(first))), first);
  EXPECT_EQ(opened(must(signer->sign(head()))), head());
}

// The crash between commit and store of checkpoints: the journal is longer, and nobody was told.
TEST_F(CheckpointSignerTest, GoesOnWhereItWasCutOff) {
  for (int count = 1; count < 20; ++count) {
    make_signer();
    must(signer->open());
    append(count);
  }
  make_signer();
  must(signer->open());
  EXPECT_EQ(kept(), head());
}

TEST_F(CheckpointSignerTest, FlippedBitOfTheStoredTreeIsNotSigned) {
  must(signer->open());
  append(5);
  stored.flips_root = true;
  const auto before = kept();
  EXPECT_EQ(code_of(signer->advance()), errc::store_corrupt);
  expect_stopped(JournalTrouble::damaged);
  EXPECT_EQ(kept(), before);
}

TEST_F(CheckpointSignerTest, FlippedBitOfAStoredRecordIsNotSigned) {
  must(signer->open());
  append(5);
  stored.flips_entry = true;
  EXPECT_EQ(code_of(signer->advance()), errc::store_corrupt);
  expect_stopped(JournalTrouble::damaged);
}

TEST_F(CheckpointSignerTest, HeadThatMemoryHasDifferentlyIsNotSigned) {
  must(signer->open());
  append(3);
  Checkpoint wrong = head();
  append(3);
  must(signer->advance());
  wrong.root[0] ^= 1;
  EXPECT_EQ(code_of(signer->sign(wrong)), errc::store_corrupt);
  expect_stopped(JournalTrouble::damaged);
}

TEST_F(CheckpointSignerTest, FlipThatIsGoneAtTheNextStartDoesNoHarm) {
  must(signer->open());
  append(5);
  stored.flips_root = true;
  EXPECT_FALSE(signer->advance().has_value());
  stored.flips_root = false;
  EXPECT_FALSE(signer->advance().has_value()) << "only a new start may forget it";
  make_signer();
  must(signer->open());
  EXPECT_EQ(kept(), head());
}

TEST_F(CheckpointSignerTest, RestoredBackupIsNotSigned) {
  append(4);
  must(signer->open());
  std::filesystem::copy(folder.path() / "registry.db", folder.path() / "backup.db");
  std::filesystem::copy(folder.path() / "registry.db-wal", folder.path() / "backup.db-wal");
  append(4);
  must(signer->advance());
  const auto before = kept();
  const auto backup = open("backup.db");
  signer = std::make_unique<CheckpointSigner>(*backup, std::string(origin), key, newest);
  EXPECT_EQ(code_of(signer->open()), errc::store_corrupt);
  expect_stopped(JournalTrouble::rolled_back);
  EXPECT_EQ(kept(), before);
}

// Two servers that each take in records of their own.
TEST_F(CheckpointSignerTest, SecondServerOfAJournalSignsNoOtherPast) {
  append(4);
  must(signer->open());
  std::filesystem::copy(folder.path() / "registry.db", folder.path() / "twin.db");
  std::filesystem::copy(folder.path() / "registry.db-wal", folder.path() / "twin.db-wal");
  const auto twin = open("twin.db");
  CheckpointSigner second(*twin, std::string(origin), key, newest);
  must(second.open());
  append(3);
  must(signer->advance());
  append(*twin, 6, 2);
  EXPECT_EQ(code_of(second.advance()), errc::store_corrupt);
  EXPECT_EQ(second.trouble(), JournalTrouble::other_past);
  EXPECT_EQ(kept(), head());
  append(2);
  must(signer->advance());
}

// Several servers on one registry are right, whoever is faster.
TEST_F(CheckpointSignerTest, ServersOfOneRegistryTakeTurns) {
  must(signer->open());
  CheckpointSigner second(stored, std::string(origin), key, newest);
  must(second.open());
  for (int i = 1; i < 6; ++i) {
    append(i);
    must((i % 2 == 0 ? *signer : second).advance());
    EXPECT_EQ(kept(), head());
  }
  must(signer->advance());
  must(second.advance());
  EXPECT_EQ(must(signer->newest()), must(second.newest()));
}

TEST_F(CheckpointSignerTest, FullStoreHoldsTheAnswersBackAndNothingElse) {
  must(signer->open());
  append(2);
  newest.is_full = true;
  EXPECT_EQ(code_of(signer->advance()), errc::store_full);
  EXPECT_EQ(code_of(signer->sign(head())), errc::store_full);
  must(signer->ready());
  newest.is_full = false;
  must(signer->advance());
  EXPECT_EQ(opened(must(signer->sign(head()))), head());
}

TEST_F(CheckpointSignerTest, ErrorOfTheDiskIsNoDamage) {
  must(signer->open());
  append(2);
  stored.fails = true;
  EXPECT_EQ(code_of(signer->advance()), errc::store_io);
  stored.fails = false;
  must(signer->advance());
}

TEST_F(CheckpointSignerTest, MissingRecordsAreNoticedAtTheStart) {
  append(8);
  must(signer->open());
  auto db = must(sqlite::Database::open((folder.path() / "registry.db").string(),
                                        sqlite::Mode::shared));
  must(db.exec("PRAGMA foreign_keys=OFF; DELETE FROM record WHERE leaf=3"));
  make_signer();
  EXPECT_EQ(code_of(signer->open()), errc::store_corrupt);
  expect_stopped(JournalTrouble::damaged);
}

TEST_F(CheckpointSignerTest, NoteOfAnotherKeyIsNotPassedOver) {
  append(1);
  ASSERT_TRUE(must(newest.swap({}, sign_checkpoint(head(), KeyPair::from_seed(Seed{6})))));
  EXPECT_EQ(code_of(signer->open()), errc::store_corrupt);
  expect_stopped(JournalTrouble::other_store);
}

TEST_F(CheckpointSignerTest, FrontierIsTheTreeAtEverySize) {
  JournalFrontier grown;
  for (std::uint64_t size = 0; size < 70; ++size) {
    EXPECT_EQ(grown.size(), size);
    EXPECT_EQ(grown.root(), must(registry->journal_root(size)));
    EXPECT_EQ(must(JournalFrontier::load(*registry, size)).root(), grown.root());
    append(1);
    grown.push(merkle::leaf_hash(must(registry->journal_entries(size, 1)).at(0)));
  }
}

}  // namespace
}  // namespace tannha::registry_contract
