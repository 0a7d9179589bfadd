#include "tannha/engine/dossier.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/support/province.hpp"
#include "tests/support/random_seed.hpp"

// The fold alone, on records that are made here: what it applies, in which order, and what it never
// reads. The laws are those of docs/merge.md.
namespace tannha::test {
namespace {

constexpr Id dossier_id{0xd0};

/// Somebody whose records are effective and get the next leaf of one journal.
class Writer {
 public:
  Writer(std::uint8_t number, std::uint64_t& next_leaf)
      : key_(KeyPair::from_seed(Seed{number})), next_leaf_(next_leaf) {
    log_id_ = {number};
    actor_ = {number};
    prev_ = log_id_;
  }
  /// Another device of the same person.
  Writer(std::uint8_t number, std::uint64_t& next_leaf, const Id& actor)
      : Writer(number, next_leaf) {
    actor_ = actor;
  }
  template <class B>
  Evidence write(const B& body, std::vector<Hash> refs = {}) {
    Evidence e = sign(body, std::move(refs));
    ++seq_;
    prev_ = e.record.hash;
    return e;
  }
  /// Signed under the next seq without using it up: the next write() is its sibling.
  template <class B>
  Evidence sign(const B& body, std::vector<Hash> refs = {}) {
    RecordHeader header;
    header.tenant = "H42";
    header.log_id = log_id_;
    header.seq = seq_;
    header.prev = prev_;
    header.subject = dossier_id;
    header.type = B::type;
    header.refs = std::move(refs);
    header.claimed_ms = 1000 + next_leaf_;
    return {sign_record(header, body::encode(body, Id{}), key_), is_effective, next_leaf_++, actor_,
            0};
  }
  [[nodiscard]] const Id& actor() const { return actor_; }

 private:
  KeyPair key_;
  std::uint64_t& next_leaf_;
  Hash log_id_{};
  Id actor_{};
  std::uint64_t seq_ = 0;
  Hash prev_{};
};

class DossierTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }

  std::uint64_t next_leaf = 0;
  Writer courier{1, next_leaf};
  Writer officer{2, next_leaf};
  Writer other{3, next_leaf};
  std::vector<Evidence> all;

  template <class B>
  Hash add(Writer& writer, const B& body, std::vector<Hash> refs = {}) {
    return all.emplace_back(writer.write(body, std::move(refs))).record.hash;
  }
  Dossier folded() const { return fold(dossier_id, all); }

  static body::DossierOpened opened() {
    body::DossierOpened b;
    b.procedure = "1.001193";
    b.unit = "H42.101";
    b.channel = body::Channel::postal;
    b.service = body::ServiceKind::both;
    return b;
  }
  static body::FieldsWritten field(std::string value) { return {{{"owner_name", value}}}; }
  static body::HandoverOffered offer(body::Direction direction) {
    return {direction, "H42.101", Id{1}, {{dossier_id, "", "", Hash{}}}};
  }
  static body::HandoverAccepted taken() { return {{}, {dossier_id}, {}}; }

  /// A long way with everything in it.
  void add_everything() {
    add(courier, opened());
    const Hash first = add(courier, field("Nguyễn Văn A"));
    add(other, field("Nguyễn Văn B"), {first});
    add(courier, field("Nguyễn Văn C"), {first});
    add(courier, body::DocumentChecked{{1, "Tờ khai", 1, 0, 0}});
    add(courier, body::AttachmentAdded{Hash{4}, 10, "image/jpeg", body::AttachmentRole::page, 1});
    add(courier, body::FeeTaken{body::MoneyKind::fee, 8000, true});
    const Hash sealed = add(courier, body::Sealed{"PG-1", "RB1", "S", {}, {}, 8000});
    add(other, body::Confirmed{body::Grade::courier_statement, {}, {}}, {sealed});
    const Hash offered = add(courier, offer(body::Direction::to_desk), {sealed});
    add(officer, taken(), {offered});
    const Hash accepted = add(officer, body::Accepted{});
    add(other, body::Registered{"H42.101-260302-0001", 5, 6, {}}, {accepted});
    const Hash result = add(officer, body::ResultReady{accepted, "xong"});
    const Hash back = add(officer, offer(body::Direction::to_courier), {result});
    add(courier, taken(), {back});
    add(courier, body::DeliveryAttempted{"vắng"});
    add(courier, body::Delivered{"can_cuoc", {}}, {result});
    add(other, body::Note{"ghi chú"});
  }
};

TEST_F(DossierTest, NothingIsAnEmptyDossier) {
  const Dossier d = fold(dossier_id, {});
  EXPECT_EQ(d.stage, Stage::empty);
  EXPECT_EQ(d.id, dossier_id);
  EXPECT_EQ(d.custodian, Custodian::citizen);
  EXPECT_FALSE(d.paper_before_data());
}

TEST_F(DossierTest, SumOfMoneyDoesNotBeginAgainAtNothing) {
  add(courier, opened());
  add(courier, body::FeeTaken{body::MoneyKind::fee, 50'000, true});
  add(courier, body::FeeTaken{body::MoneyKind::fee, UINT64_MAX - 4, true});
  EXPECT_EQ(folded().money_dong, UINT64_MAX);
}

TEST_F(DossierTest, HeldAndRefusedRecordsAreCountedAndNotApplied) {
  add(courier, opened());
  add(courier, field("đúng"));
  add(courier, field("giữ lại"));
  add(courier, field("bị từ chối"));
  all[2].ruling = is_held(errc::late_amendment);
  all[3].ruling = is_refused(errc::out_of_scope);
  const Dossier d = folded();
  EXPECT_EQ(d.records, (Dossier::Counts{2, 0, 1, 1}));
  EXPECT_EQ(d.field("owner_name"), "đúng");
}

TEST_F(DossierTest, ProvisionalRecordsAreShown) {
  add(courier, opened());
  all[0].ruling = {};
  all[0].leaf_index.reset();
  EXPECT_EQ(folded().records, (Dossier::Counts{0, 1, 0, 0}));
  EXPECT_EQ(folded().stage, Stage::collecting);
}

TEST_F(DossierTest, BodyThatCannotBeReadChangesNothing) {
  add_everything();
  for (Evidence& e : all) e.record.body = {0xa0};
  const Dossier d = folded();
  EXPECT_FALSE(d.opened);
  EXPECT_TRUE(d.fields.empty());
  EXPECT_FALSE(d.slip);
}

TEST_F(DossierTest, WithheldBodiesChangeNothing) {
  add_everything();
  for (Evidence& e : all) e.record.body.clear();
  EXPECT_TRUE(folded().procedure.empty());
}

TEST_F(DossierTest, ConcurrentValuesStaySideBySideUntilARecordNamesBoth) {
  add(courier, opened());
  Writer second(77, next_leaf, courier.actor());
  const Hash a = add(courier, field("A"));
  const Hash b = add(second, field("B"));
  EXPECT_EQ(folded().fields.at("owner_name").size(), 2u);
  EXPECT_EQ(folded().field("owner_name"), "") << "no value is better than a guessed one";
  add(courier, field("C"), {a, b});
  EXPECT_EQ(folded().field("owner_name"), "C");
}

TEST_F(DossierTest, WriteReplacesOnlyWhatItNames) {
  add(courier, opened());
  Writer second(77, next_leaf, courier.actor());
  const Hash a = add(courier, field("A"));
  add(courier, field("B"), {a});
  add(second, field("C"), {a});
  std::set<std::string> values;
  const Dossier d = folded();
  for (const auto& v : d.fields.at("owner_name")) values.insert(v.value);
  EXPECT_EQ(values, (std::set<std::string>{"B", "C"}));
}

TEST_F(DossierTest, WeakerConfirmationDoesNotHideTheBetterOne) {
  const Hash sealed = add(courier, body::Sealed{"PG-1", "RB1", "S", {}, {}, 0});
  add(other, body::Confirmed{body::Grade::countersigned, {}, {}}, {sealed});
  add(courier, body::Confirmed{body::Grade::courier_statement, {}, {}}, {sealed});
  EXPECT_EQ(folded().confirmation, body::Grade::countersigned);
}

TEST_F(DossierTest, NewSlipNeedsANewConfirmation) {
  const Hash sealed = add(courier, body::Sealed{"PG-1", "RB1", "S", {}, {}, 0});
  add(other, body::Confirmed{body::Grade::countersigned, {}, {}}, {sealed});
  add(courier, body::Sealed{"PG-2", "RB2", "S", {}, {}, 0});
  EXPECT_FALSE(folded().confirmation);
}

TEST_F(DossierTest, AttachmentNamedTwiceIsThereOnce) {
  const body::AttachmentAdded a{Hash{4}, 10, "image/jpeg", body::AttachmentRole::page, 1};
  add(courier, a);
  add(courier, a);
  EXPECT_EQ(folded().attachments.size(), 1u);
}

TEST_F(DossierTest, PaperMayComeBeforeData) {
  const Evidence sealed = courier.write(body::Sealed{"PG-1", "RB1", "S", {}, {}, 0});
  Evidence offered = courier.write(offer(body::Direction::to_desk), {sealed.record.hash});
  offered.ruling = is_held(errc::predecessor_missing);
  all.push_back(offered);
  add(officer, taken(), {offered.record.hash});
  EXPECT_TRUE(folded().paper_before_data());
  EXPECT_EQ(folded().custodian, Custodian::desk);

  all[0].ruling = is_effective;
  all.push_back(sealed);
  EXPECT_EQ(folded().custodian, Custodian::desk);
  EXPECT_FALSE(folded().offer);
  EXPECT_EQ(folded().stage, Stage::handed_over);
}

TEST_F(DossierTest, AcceptanceFollowsTheDirectionOfItsOwnOffer) {
  const Hash sealed = add(courier, body::Sealed{"PG-1", "RB1", "S", {}, {}, 0});
  const Hash first = add(courier, offer(body::Direction::to_desk), {sealed});
  add(officer, taken(), {first});
  const Hash back = add(officer, offer(body::Direction::to_courier));
  // An offer that nobody answered lies between the return and its acceptance.
  add(courier, offer(body::Direction::to_desk), {sealed});
  add(courier, taken(), {back});
  EXPECT_EQ(folded().custodian, Custodian::courier);
  EXPECT_EQ(folded().custody, all.back().record.hash);
}

TEST_F(DossierTest, EnvelopeThatWasNotInTheBagStaysWithItsGiver) {
  const Hash sealed = add(courier, body::Sealed{"PG-1", "RB1", "S", {}, {}, 0});
  const Hash offered = add(courier, offer(body::Direction::to_desk), {sealed});
  EXPECT_TRUE(folded().offer);
  add(officer, body::HandoverAccepted{{}, {}, {dossier_id}}, {offered});
  const Dossier d = folded();
  EXPECT_FALSE(d.offer);
  EXPECT_EQ(d.custodian, Custodian::courier);
  EXPECT_EQ(d.answered_offers, std::vector<Hash>{offered});
  EXPECT_EQ(d.stage, Stage::sealed);
}

// The laws

TEST_F(DossierTest, OrderOfArrivalDoesNotMatter) {
  add_everything();
  const std::string expected = state_text(folded());
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed_text(seed));
  std::mt19937_64 engine(seed);
  for (int run = 0; run < 300; ++run) {
    std::ranges::shuffle(all, engine);
    ASSERT_EQ(state_text(folded()), expected) << "run " << run;
  }
}

TEST_F(DossierTest, OrderOfArrivalDoesNotMatterWithoutAJournalEither) {
  add_everything();
  for (Evidence& e : all) {
    e.leaf_index.reset();
    e.ruling = {};
  }
  const std::string expected = state_text(folded());
  std::mt19937_64 engine(5);
  for (int run = 0; run < 100; ++run) {
    std::ranges::shuffle(all, engine);
    ASSERT_EQ(state_text(folded()), expected) << "run " << run;
  }
}

TEST_F(DossierTest, ClaimedTimesAreNeverRead) {
  add_everything();
  const std::string expected = state_text(folded());
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed_text(seed));
  std::mt19937_64 engine(seed);
  std::vector<std::uint64_t> times;
  for (const Evidence& e : all) times.push_back(e.record.header.claimed_ms);
  for (int run = 0; run < 50; ++run) {
    std::ranges::shuffle(times, engine);
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].record.header.claimed_ms = times[i];
      all[i].record.header.monotonic_ms = engine();
    }
    ASSERT_EQ(state_text(folded()), expected);
  }
}

TEST_F(DossierTest, CausesComeBeforeTheirEffectsWhateverTheJournalSays) {
  add_everything();
  std::mt19937_64 engine(7);
  std::vector<std::uint64_t> leaves;
  for (const Evidence& e : all) leaves.push_back(*e.leaf_index);
  for (int run = 0; run < 100; ++run) {
    std::ranges::shuffle(leaves, engine);
    for (std::size_t i = 0; i < all.size(); ++i) all[i].leaf_index = leaves[i];
    const auto order = causal_order(all);
    ASSERT_EQ(order.size(), all.size());
    std::set<Hash> seen;
    std::map<Hash, std::uint64_t> next_seq;
    for (const std::size_t i : order) {
      const Record& r = all[i].record;
      for (const Hash& ref : r.header.refs) ASSERT_TRUE(seen.contains(ref));
      ASSERT_EQ(r.header.seq, next_seq[r.header.log_id]++);
      seen.insert(r.hash);
    }
  }
}

TEST_F(DossierTest, RecordThatDoesNotCountNeverStandsBetweenTwoThatDo) {
  // The successor arrived first, then many false siblings of its predecessor, then the predecessor.
  add(courier, opened());
  std::vector<Evidence> siblings;
  for (std::uint32_t i = 0; i < 20; ++i) {
    siblings.push_back(courier.sign(body::DocumentChecked{{1, "giả", i, 0, 0}}));
    siblings.back().ruling = is_held(errc::log_broken);
  }
  Evidence before = courier.write(body::DocumentChecked{{1, "Tờ khai", 1, 0, 0}});
  Evidence after = courier.write(body::DocumentChecked{{1, "Tờ khai", 2, 0, 0}});
  after.leaf_index = 1;
  for (std::size_t i = 0; i < siblings.size(); ++i) siblings[i].leaf_index = 2 + i;
  before.leaf_index = 50;
  all.insert(all.end(), siblings.begin(), siblings.end());
  all.push_back(before);
  all.push_back(after);
  EXPECT_EQ(folded().documents.at(1).originals, 2u) << "the later count stands";
}

TEST_F(DossierTest, EveryStageAndCustodianHasAName) {
  for (int i = 0; i <= static_cast<int>(Stage::returned); ++i) {
    EXPECT_FALSE(name(static_cast<Stage>(i)).empty());
    EXPECT_FALSE(vietnamese(static_cast<Stage>(i)).empty());
  }
  EXPECT_EQ(name(Custodian::desk), "desk");
}

}  // namespace
}  // namespace tannha::test
