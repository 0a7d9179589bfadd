#include "tests/integration/registry/registry_contract.hpp"

#include <unistd.h>

namespace tannha::registry_contract {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "tannha-registry-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = pattern;
}
TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Author::Author(std::uint8_t number) : key_(KeyPair::from_seed(Seed{number})) {
  log_.certificate = Certificate{.tenant = "H42",
                                 .actor = Id{number},
                                 .role = Role::courier,
                                 .unit = "H42.101",
                                 .public_key = key_.public_key(),
                                 .not_before_ms = 1,
                                 .not_after_ms = 2,
                                 .assurance = Assurance::software_key,
                                 .scope = {},
                                 .label = "thử"};
  log_.intro = {sign_certificate(log_.certificate, KeyPair::from_seed(Seed{99})), Id{number}};
  log_.id = log_.intro.log_id();
  log_.head = log_.id;
}

Evidence Author::note(const Id& subject, Ruling ruling) {
  RecordHeader header;
  header.tenant = "H42";
  header.log_id = log_.id;
  header.seq = log_.next_seq;
  header.prev = log_.head;
  header.subject = subject;
  header.type = RecordType::note;
  const Bytes body =
      body::encode(body::Note{"ghi chú " + std::to_string(log_.next_seq)}, Id{7});
  Record record = sign_record(std::move(header), body, key_);
  ++log_.next_seq;
  log_.head = record.hash;
  return {std::move(record), ruling, std::nullopt, log_.certificate.actor, 1234};
}

std::vector<Hash> RegistryContractTest::feed_of(std::string_view audience, std::uint64_t after,
                                                std::size_t count_max) {
  std::vector<Hash> hashes;
  std::uint64_t last = after;
  for (const FeedItem& entry : must(registry->read_feed(audience, after, count_max))) {
    EXPECT_GT(entry.position, last) << "out of order";
    last = entry.position;
    hashes.push_back(entry.evidence.record.hash);
  }
  return hashes;
}

body::LeaseGranted lease(const Hash& log, body::NumberKind kind, std::uint32_t first,
                         std::uint32_t count) {
  return {.log_id = log, .kind = kind, .prefix = "PG-H42-", .first = first, .count = count};
}
body::AttachmentAdded attachment(std::uint8_t number) {
  return {.hash = Hash{number},
          .size = number,
          .media_type = "image/jpeg",
          .role = body::AttachmentRole::page,
          .line = 0};
}
namespace {

// Transactions

TEST_P(RegistryContractTest, RollbackForgetsEverything) {
  Author author(1);
  must(registry->begin());
  const Evidence note = author.note(dossier);
  must(registry->put_log(author.log()));
  must(registry->append(note, std::vector{dossier}));
  must(registry->add_audience(dossier, desk));
  must(registry->use_number(slip, "PG-H42-00000001", dossier, author.id()));
  must(registry->want_attachment(attachment(1), dossier, author.id()));
  must(registry->wait_for(Hash{1}, Hash{2}));
  registry->rollback();

  EXPECT_FALSE(must(registry->log(author.id())).has_value());
  EXPECT_FALSE(must(registry->record(note.record.hash)).has_value());
  EXPECT_EQ(must(registry->journal_size()), 0U);
  EXPECT_TRUE(feed_of(desk).empty());
  EXPECT_TRUE(must(registry->audiences(dossier)).empty());
  EXPECT_FALSE(must(registry->number_user("PG-H42-00000001")).has_value());
  EXPECT_FALSE(must(registry->attachment(Hash{1})).has_value());
  commit([&] { must(registry->make_due(Hash{1})); });
  EXPECT_FALSE(must(registry->is_any_due()));
}

TEST_P(RegistryContractTest, TransactionSeesItsOwnWrites) {
  Author author(1);
  must(registry->begin());
  const Evidence note = author.note(dossier);
  must(registry->append(note, std::vector{dossier}));
  EXPECT_TRUE(must(registry->record(note.record.hash)).has_value());
  EXPECT_EQ(must(registry->journal_size()), 1U);
  registry->rollback();
}

TEST_P(RegistryContractTest, CountsItsWrites) {
  Author author(1);
  append(author.note(dossier), {dossier});
  must(registry->begin());
  const std::uint64_t before = registry->writes();
  (void)must(registry->record(Hash{1}));
  (void)must(registry->audiences(dossier));
  EXPECT_EQ(registry->writes(), before);
  must(registry->append(author.note(dossier), std::vector{dossier}));
  const std::uint64_t appended = registry->writes();
  EXPECT_GT(appended, before);
  must(registry->put_log(author.log()));
  const std::uint64_t put = registry->writes();
  EXPECT_GT(put, appended);
  must(registry->move_head(author.id(), 2, Hash{2}));
  EXPECT_GT(registry->writes(), put);
  registry->rollback();
}

TEST_P(RegistryContractTest, ReaderSeesOnlyWhatIsCommitted) {
  Author author(1);
  append(author.note(dossier), {dossier});
  const auto reader = GetParam().open_reader(folder.path());
  EXPECT_EQ(must(reader->journal_size()), 1U);
  must(registry->begin());
  must(registry->append(author.note(dossier), std::vector{dossier}));
  EXPECT_EQ(must(reader->journal_size()), 1U);
  must(registry->commit());
  EXPECT_EQ(must(reader->journal_size()), 2U);
  EXPECT_EQ(must(reader->journal_root(2)), must(registry->journal_root(2)));
}

TEST_P(RegistryContractTest, ReaderCannotWrite) {
  const auto reader = GetParam().open_reader(folder.path());
  EXPECT_NE(code_of(reader->put_log(Author(1).log())), errc{});
  EXPECT_FALSE(must(registry->log(Author(1).id())).has_value());
}

// Logs

TEST_P(RegistryContractTest, LogIsKeptAsItWasFirstPut) {
  Author author(1);
  LogEntry log = author.log();
  EXPECT_FALSE(must(registry->log(log.id)).has_value());
  commit([&] { must(registry->put_log(log)); });
  commit([&] { must(registry->move_head(log.id, 5, Hash{5})); });
  commit([&] { must(registry->put_log(log)); });
  const auto stored = must(registry->log(log.id));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->intro, log.intro);
  EXPECT_EQ(stored->certificate, log.certificate);
  EXPECT_EQ(stored->id, log.id);
  EXPECT_EQ(stored->next_seq, 5U);
  EXPECT_EQ(stored->head, Hash{5});
  EXPECT_FALSE(must(registry->log(Hash{9})).has_value());
}

TEST_P(RegistryContractTest, HeadMovesWithItsTransaction) {
  Author author(1);
  const auto next = [&] { return must(registry->log(author.id()))->next_seq; };
  commit([&] { must(registry->put_log(author.log())); });
  commit([&] {
    must(registry->move_head(author.id(), 2, Hash{2}));
    must(registry->move_head(author.id(), 4, Hash{4}));
    EXPECT_EQ(next(), 4U);
  });
  EXPECT_EQ(next(), 4U);
  must(registry->begin());
  must(registry->move_head(author.id(), 6, Hash{6}));
  EXPECT_EQ(next(), 6U);
  registry->rollback();
  EXPECT_EQ(next(), 4U);
}

TEST_P(RegistryContractTest, ContactOfAnUnknownLogChangesNothing) {
  commit([&] { must(registry->note_contact(Hash{1}, 1, {})); });
  EXPECT_FALSE(must(registry->log(Hash{1})).has_value());
}

// Records and journal

TEST_P(RegistryContractTest, RecordComesBackAsItWas) {
  Author author(1);
  const Evidence note = author.note(dossier, {Verdict::held, errc::late_amendment});
  EXPECT_FALSE(must(registry->record(note.record.hash)).has_value());
  append(note, {dossier});
  const auto stored = must(registry->record(note.record.hash));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->record.envelope, note.record.envelope);
  EXPECT_EQ(stored->record.body, note.record.body);
  EXPECT_EQ(stored->record.header, note.record.header);
  EXPECT_EQ(stored->author, note.author);
  EXPECT_EQ(stored->received_ms, note.received_ms);
  EXPECT_EQ(stored->ruling, note.ruling);
  EXPECT_EQ(stored->leaf_index, 0U);
  commit([&] {
    must(registry->set_ruling(note.record.hash, {Verdict::effective, std::nullopt}));
  });
  EXPECT_EQ(must(registry->record(note.record.hash))->ruling,
            (Ruling{Verdict::effective, std::nullopt}));
}

TEST_P(RegistryContractTest, KnowsWhichPlacesOfALogAreTaken) {
  Author author(1);
  EXPECT_TRUE(must(registry->records_at(author.id(), 0)).empty());
  append(author.note(dossier), {dossier});
  EXPECT_EQ(must(registry->records_at(author.id(), 0)).size(), 1u);
  EXPECT_TRUE(must(registry->records_at(author.id(), 1)).empty());
  EXPECT_TRUE(must(registry->records_at(Author(2).id(), 0)).empty());
}

TEST_P(RegistryContractTest, LeavesAreConsecutiveAlsoAfterRollback) {
  Author author(1);
  EXPECT_EQ(append(author.note(dossier), {dossier}), 0U);
  EXPECT_EQ(append(author.note(dossier), {dossier}), 1U);
  must(registry->begin());
  EXPECT_EQ(must(registry->append(Author(2).note(dossier), std::vector{dossier})), 2U);
  registry->rollback();
  EXPECT_EQ(append(author.note(dossier), {dossier}), 2U);
  EXPECT_EQ(must(registry->journal_size()), 3U);
}

TEST_P(RegistryContractTest, SameRecordTwiceIsAnErrorAndLeavesNoHole) {
  Author author(1);
  const Evidence note = author.note(dossier);
  append(note, {dossier});
  must(registry->begin());
  // A store may send its writes together and hear of the error at the end.
  const bool taken = registry->append(note, std::vector{dossier}).has_value();
  EXPECT_FALSE(taken && registry->commit().has_value());
  registry->rollback();
  EXPECT_EQ(must(registry->journal_size()), 1U);
  EXPECT_EQ(append(author.note(dossier), {dossier}), 1U);
}

TEST_P(RegistryContractTest, JournalIsReadInPieces) {
  Author author(1);
  std::vector<Hash> records;
  for (int i = 0; i < 6; ++i) {
    const Evidence note = author.note(dossier);
    records.push_back(note.record.hash);
    append(note, {dossier});
  }
  EXPECT_EQ(must(registry->record_count()), 6U);
  EXPECT_EQ(must(registry->journal_entries(0, 100)), records);
  EXPECT_EQ(must(registry->journal_entries(4, 1)), std::vector{records[4]});
  EXPECT_TRUE(must(registry->journal_entries(6, 10)).empty());
  const auto leaves = must(registry->journal_nodes(0, 0, 100));
  ASSERT_EQ(leaves.size(), 6U);
  EXPECT_EQ(leaves[5], merkle::leaf_hash(records[5]));
  const auto pairs = must(registry->journal_nodes(1, 1, 100));
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[1], merkle::node_hash(leaves[4], leaves[5]));
  EXPECT_EQ(must(registry->journal_nodes(0, 2, 3)),
            std::vector<Hash>(leaves.begin() + 2, leaves.begin() + 5));
  EXPECT_TRUE(must(registry->journal_nodes(3, 0, 10)).empty());
}

TEST_P(RegistryContractTest, DossierHasItsRecordsInOrder) {
  Author author(1);
  const Evidence first = author.note(dossier);
  const Evidence both = author.note(other_dossier);
  const Evidence other = author.note(other_dossier);
  append(first, {dossier});
  append(both, {dossier, other_dossier, dossier});
  append(other, {other_dossier});
  const auto hashes = [&](const Id& id) {
    Hashes out;
    for (const Evidence& e : must(registry->dossier(id))) out.push_back(e.record.hash);
    return out;
  };
  EXPECT_EQ(hashes(dossier), (Hashes{first.record.hash, both.record.hash}));
  EXPECT_EQ(hashes(other_dossier), (Hashes{both.record.hash, other.record.hash}));
  EXPECT_TRUE(hashes(Id{9}).empty());
}

// The tree of RFC 9162 §2.1.1, as it is defined.
Hash root_of(std::span<const Hash> leaves) {
  if (leaves.empty()) return merkle::empty_root();
  if (leaves.size() == 1) return leaves[0];
  std::size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  return merkle::node_hash(root_of(leaves.first(split)), root_of(leaves.subspan(split)));
}

TEST_P(RegistryContractTest, EveryProofOfTheJournalVerifies) {
  constexpr std::uint64_t count = 34;
  Author author(1);
  Hashes leaves;
  EXPECT_EQ(must(registry->journal_root(0)), merkle::empty_root());
  for (std::uint64_t i = 0; i < count; ++i) {
    const Evidence note = author.note(dossier);
    leaves.push_back(merkle::leaf_hash(note.record.hash));
    append(note, {dossier});
  }
  for (std::uint64_t size = 1; size <= count; ++size) {
    if (size % 2 == 0) {
      // What is remembered goes with what is undone: the rest is read.
      must(registry->begin());
      registry->rollback();
    }
    const Hash root = must(registry->journal_root(size));
    EXPECT_EQ(root, root_of(std::span(leaves).first(size))) << size;
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = must(registry->inclusion(index, size));
      EXPECT_TRUE(merkle::verify_inclusion(index, size, leaves[index], proof, root).has_value())
          << index << " of " << size;
    }
    for (std::uint64_t old = 1; old <= size; ++old) {
      const auto proof = must(registry->consistency(old, size));
      EXPECT_TRUE(merkle::verify_consistency(old, size, must(registry->journal_root(old)), root,
                                             proof)
                      .has_value())
          << old << " to " << size;
    }
  }
}

}  // namespace

}  // namespace tannha::registry_contract
