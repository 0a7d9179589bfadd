#include <gtest/gtest.h>

#include <algorithm>

#include "tannha/engine/dossier.hpp"
#include "tools/simulate/reference_fold.hpp"

// Single cases of the laws of docs/merge.md: where two nodes could come to differ, or a record
// could end what only officers may end. The records are unsigned, which the fold does not mind.
namespace tannha::test {
namespace {

constexpr Id dossier_id{0xd0};
constexpr Id courier{0xc1};
constexpr Id officer{0x0f};
constexpr Id second_officer{0x1f};
constexpr Id dispatcher{0xdd};
constexpr Id citizen{0xcc};

/// A journal into which records are put one after the other, each author with a log of its own.
class MergeCasesTest : public testing::Test {
 protected:
  std::vector<Evidence> all;

  Evidence& put(RecordType type, Bytes body, const Id& author, std::vector<Hash> refs) {
    Evidence e;
    e.record.header.type = type;
    e.record.header.log_id = {author[0]};
    e.record.header.seq =
        static_cast<std::uint64_t>(std::ranges::count(all, author, &Evidence::author));
    e.record.header.refs = std::move(refs);
    e.record.hash = {static_cast<std::uint8_t>(all.size() + 1)};
    e.record.body = std::move(body);
    e.author = author;
    e.ruling.verdict = Verdict::effective;
    e.leaf_index = all.size();
    return all.emplace_back(std::move(e));
  }
  template <class B>
  Hash add(const Id& author, const B& body, std::vector<Hash> refs = {}) {
    return put(B::type, body::encode(body, Id{}), author, std::move(refs)).record.hash;
  }
  /// The engine's fold, which has to agree with the reference in every case of this file.
  [[nodiscard]] Dossier folded() const {
    Dossier d = fold(dossier_id, all);
    EXPECT_EQ(state_text(d), state_text(simulate::reference_fold(dossier_id, all)));
    return d;
  }

  Hash add_seal() { return add(courier, body::Sealed{"PG-1", "RB1", "S", {}, {}, 0}); }
  Hash add_offer(const Id& giver, body::Direction direction, std::optional<Hash> follows) {
    return add(giver, body::HandoverOffered{
                          direction, "H42.101", {}, {{dossier_id, "PG-1", "RB1", {}, follows}}});
  }
  Hash add_taken(const Id& receiver, const Hash& offer) {
    return add(receiver, body::HandoverAccepted{{}, {dossier_id}, {}}, {offer});
  }
  /// Two officers of two desks counted the same envelope.
  struct Dispute {
    Hash seal, first, second;
  };
  Dispute add_dispute() {
    add(dispatcher, body::Assigned{courier});
    Dispute d;
    d.seal = add_seal();
    const Hash to_first = add_offer(courier, body::Direction::to_desk, d.seal);
    const Hash to_second = add_offer(courier, body::Direction::to_desk, d.seal);
    d.first = add_taken(officer, to_first);
    d.second = add_taken(second_officer, to_second);
    return d;
  }
  void expect_disputed(const std::vector<Hash>& links) const {
    const Dossier d = folded();
    EXPECT_EQ(d.custodian, Custodian::disputed);
    EXPECT_EQ(d.disputed, links);
  }
};

TEST_F(MergeCasesTest, L1BothSiblingsOfAForkComeAfterWhatTheirLogSaidBefore) {
  for (const char* text : {"1", "2", "2, once more", "3"}) add(courier, body::Note{text});
  all[2].record.header.seq = 1;
  all[3].record.header.seq = 2;
  // The journal got them the other way round, and each sibling in turn has the smaller hash.
  for (std::size_t i = 0; i < 4; ++i) all[i].leaf_index = 3 - i;
  for (int run = 0; run < 2; ++run) {
    const std::vector<std::size_t> order = causal_order(all);
    EXPECT_EQ(order.front(), 0U);
    EXPECT_EQ(order.back(), 3U);
    EXPECT_EQ(order, simulate::reference_order(all));
    std::swap(all[1].record.hash, all[2].record.hash);
  }
}

TEST_F(MergeCasesTest, L1TiesGoByJournalThenByHashAndNoPlaceIsLast) {
  for (const Id& author : {Id{1}, Id{2}, Id{3}, Id{4}}) add(author, body::Note{""});
  all[0].leaf_index.reset();
  all[1].leaf_index = 7;
  all[2].leaf_index = 7;
  all[3].leaf_index = 0;
  std::swap(all[1].record.hash, all[2].record.hash);
  EXPECT_EQ(causal_order(all), (std::vector<std::size_t>{3, 2, 1, 0}));
  EXPECT_EQ(simulate::reference_order(all), (std::vector<std::size_t>{3, 2, 1, 0}));
}

// Two logs, each forked: each forged sibling refers to what the other log wrote behind its own
// fork. No log is a cycle by itself. What is before the forks comes in its place, whatever follows
// from the cycle comes last, by the journal and where there is none by hash.
TEST_F(MergeCasesTest, L1WhatFollowsFromACycleOfTwoForksComesLastByJournalAndHash) {
  const auto at = [&](const Id& author, std::uint64_t seq, std::vector<Hash> refs) {
    const Hash hash = add(author, body::Note{""}, std::move(refs));
    all.back().record.header.seq = seq;
    return hash;
  };
  const Hash courier_last{6};
  const Hash officer_last{8};
  at(courier, 0, {});
  at(officer, 0, {});
  at(courier, 1, {});
  at(officer, 1, {});
  const Hash forged = at(courier, 1, {officer_last});
  ASSERT_EQ(at(courier, 2, {}), courier_last);
  at(officer, 1, {courier_last});
  ASSERT_EQ(at(officer, 2, {}), officer_last);
  at(citizen, 0, {forged});
  at(dispatcher, 0, {});
  const std::vector<std::uint64_t> leaves{5, 4, 7, 6, 3, 2, 1, 0, 8, 9};
  for (std::size_t i = 0; i < all.size(); ++i) all[i].leaf_index = leaves[i];
  all[7].leaf_index.reset();
  all[4].leaf_index.reset();
  std::vector<Hash> expected;
  for (const std::size_t i : {1U, 0U, 3U, 2U, 9U, 6U, 5U, 8U, 4U, 7U}) {
    expected.push_back(all[i].record.hash);
  }
  // In every order in which records could have come: rotations, forwards and backwards.
  for (std::size_t run = 0; run < 2 * all.size(); ++run) {
    std::vector<Hash> order;
    for (const std::size_t i : causal_order(all)) order.push_back(all[i].record.hash);
    EXPECT_EQ(order, expected) << "run " << run;
    EXPECT_EQ(causal_order(all), simulate::reference_order(all)) << "run " << run;
    EXPECT_EQ(folded().notes, all.size());
    std::ranges::rotate(all, all.begin() + 1);
    if (run + 1 == all.size()) std::ranges::reverse(all);
  }
}

TEST_F(MergeCasesTest, L4ForgedSiblingThatClosesACycleHidesNothing) {
  add(dispatcher, body::Assigned{courier});
  const Hash write = add(courier, body::FieldsWritten{{{"owner_name", "A"}}});
  const Hash next = add(courier, body::FieldsWritten{{{"owner_name", "B"}}}, {write});
  add(courier, body::FieldsWritten{{{"owner_name", "giả"}}}, {next});
  all.back().record.header.seq = 0;
  const Dossier d = folded();
  EXPECT_EQ(d.records.effective, 4U);
  EXPECT_EQ(d.fields.at("owner_name").size() + d.superseded.size(), 3U);
}

// On a phone that is one version older than the registry, which let such a record count.
TEST_F(MergeCasesTest, EffectiveRecordOfAnUnknownTypeChangesNothingButTheCount) {
  const Dispute dispute = add_dispute();
  add(officer, body::DisputeResolved{dispute.second, "1"});
  add(courier, body::FieldsWritten{{{"owner_name", "A"}}});
  add(officer, body::Accepted{});
  const std::vector<Evidence> known = all;
  const Dossier without = folded();
  // With a body that another type could read, and with one that none can.
  const Bytes seal = body::encode(body::Sealed{"PG-9", "RB9", "S", {}, {}, 9}, Id{});
  for (std::uint32_t number = 0; number <= 0xffff; ++number) {
    const auto type = static_cast<RecordType>(number);
    if (is_known(type) || (number > 200 && number % 997 != 0)) continue;
    all = known;
    put(type, seal, courier, {dispute.seal, dispute.first});
    all.back().leaf_index = 0;
    put(type, {0xa0}, officer, {all.back().record.hash});
    add(dispatcher, body::Note{"sau nó"}, {all.back().record.hash});
    Dossier with = folded();
    EXPECT_EQ(with.records.effective, without.records.effective + 3) << "type " << number;
    with.records = without.records;
    EXPECT_EQ(with.notes, without.notes + 1) << "type " << number;
    with.notes = without.notes;
    EXPECT_EQ(state_text(with), state_text(without)) << "type " << number;
  }
}

TEST_F(MergeCasesTest, L4FieldNamedTwiceInOneRecordKeepsBothValues) {
  add(dispatcher, body::Assigned{courier});
  add(courier, body::FieldsWritten{{{"owner_name", "A"}, {"owner_name", "B"}}});
  EXPECT_EQ(folded().fields.at("owner_name").size(), 2U);
}

TEST_F(MergeCasesTest, L7TwoHandOversThatFollowTheSameLinkAreADispute) {
  const Dispute dispute = add_dispute();
  expect_disputed({dispute.first, dispute.second});
  EXPECT_EQ(folded().last_link, dispute.first);
}

TEST_F(MergeCasesTest, L7SealOfASupplementEndsNoDispute) {
  const Dispute dispute = add_dispute();
  const Hash request = add(officer, body::SupplementRequested{{}, {"giấy"}, "thiếu"});
  const Hash seal = add_seal();
  expect_disputed({dispute.first, dispute.second});
  EXPECT_EQ(folded().links.back().record, seal);
  EXPECT_EQ(folded().supplement, request);
}

TEST_F(MergeCasesTest, L7DeliveryEndsNoDispute) {
  const Dispute dispute = add_dispute();
  const Hash delivered = add(courier, body::Delivered{"can_cuoc", {}});
  expect_disputed({dispute.first, dispute.second});
  EXPECT_EQ(folded().delivered, delivered);
  EXPECT_EQ(folded().stage, Stage::returned);
}

TEST_F(MergeCasesTest, L7HandOverDuringADisputeJoinsIt) {
  const Dispute dispute = add_dispute();
  // One that follows the link that stood, and one by a program that names none.
  const Hash back = add_offer(officer, body::Direction::to_courier, dispute.first);
  const Hash third = add_taken(courier, back);
  const Hash again = add_offer(courier, body::Direction::to_desk, std::nullopt);
  const Hash fourth = add_taken(officer, again);
  expect_disputed({dispute.first, dispute.second, third, fourth});
}

TEST_F(MergeCasesTest, L7OneOfficerTwiceEndsNoDispute) {
  const Dispute dispute = add_dispute();
  add(officer, body::DisputeResolved{dispute.second, "1"});
  add(officer, body::DisputeResolved{dispute.second, "2"});
  expect_disputed({dispute.first, dispute.second});
  EXPECT_EQ(folded().resolution, (Dossier::Resolution{dispute.second, officer}));
}

TEST_F(MergeCasesTest, L7OfficersWhoNameTwoLinksEndNoDispute) {
  const Dispute dispute = add_dispute();
  add(officer, body::DisputeResolved{dispute.first, ""});
  add(second_officer, body::DisputeResolved{dispute.second, ""});
  expect_disputed({dispute.first, dispute.second});
  add(officer, body::DisputeResolved{dispute.second, ""});
  const Dossier d = folded();
  EXPECT_EQ(d.custodian, Custodian::desk);
  EXPECT_TRUE(d.disputed.empty());
  EXPECT_FALSE(d.resolution);
  EXPECT_EQ(d.last_link, dispute.second);
  EXPECT_EQ(d.custody, dispute.second);
}

TEST_F(MergeCasesTest, L7OfficerWhoTakesTheOthersSideEndsTheDispute) {
  const Dispute dispute = add_dispute();
  add(officer, body::DisputeResolved{dispute.first, ""});
  add(second_officer, body::DisputeResolved{dispute.second, ""});
  add(second_officer, body::DisputeResolved{dispute.first, ""});
  const Dossier d = folded();
  EXPECT_TRUE(d.disputed.empty());
  EXPECT_FALSE(d.resolution);
  EXPECT_EQ(d.last_link, dispute.first);
}

TEST_F(MergeCasesTest, L7WordThatItsOfficerTookBackEndsNoDispute) {
  const Dispute dispute = add_dispute();
  add(officer, body::DisputeResolved{dispute.first, ""});
  add(officer, body::DisputeResolved{dispute.second, ""});
  add(second_officer, body::DisputeResolved{dispute.first, ""});
  expect_disputed({dispute.first, dispute.second});
}

TEST_F(MergeCasesTest, ConfirmationIsOfTheSlipThatItNames) {
  const Hash first = add_seal();
  const Hash second = add_seal();
  add(citizen, body::Confirmed{body::Grade::countersigned, {}, {}}, {first});
  EXPECT_FALSE(folded().confirmation) << "nobody confirmed the second slip";
  EXPECT_EQ(folded().stage, Stage::sealed);
  add(courier, body::Confirmed{body::Grade::courier_statement, {}, {}}, {second});
  EXPECT_EQ(folded().confirmation, body::Grade::courier_statement);
  EXPECT_EQ(folded().stage, Stage::confirmed);
}

TEST_F(MergeCasesTest, ConfirmationOfASlipThatDoesNotCountDoesNotCount) {
  const Hash seal = add_seal();
  add(citizen, body::Confirmed{body::Grade::countersigned, {}, {}}, {seal});
  all[0].ruling = {Verdict::held, errc::number_not_leased};
  EXPECT_FALSE(folded().confirmation);
  EXPECT_EQ(folded().stage, Stage::empty);
}

TEST_F(MergeCasesTest, CodeOfOneSlipIsUsedUpForAnyOther) {
  body::PickupRequested requested;
  requested.service = body::ServiceKind::both;
  requested.applicant = {"Nguyễn Văn A", "+84912345678", "Thôn 1", std::nullopt};
  add(dispatcher, requested);
  const Hash sent_on = add(dispatcher, body::Assigned{courier});
  const Hash first = add_seal();
  const Hash second = add_seal();
  all.back().ruling = {Verdict::held, errc::dossier_sealed};
  add(courier, body::Confirmed{body::Grade::one_time_code, {}, {}, "123456"}, {first, sent_on});
  EXPECT_EQ(folded().confirmation, body::Grade::one_time_code);
  EXPECT_TRUE(folded().code_used);
  // An officer lets the second slip count, which the journal has before the confirmation.
  all[3].ruling = {Verdict::effective, std::nullopt};
  EXPECT_EQ(folded().sealed, second);
  EXPECT_FALSE(folded().confirmation) << "that slip was never shown to the citizen";
  EXPECT_TRUE(folded().code_used);
  // Nor does it come free when neither slip counts any more.
  for (const std::size_t slip : {std::size_t{2}, std::size_t{3}}) all[slip].ruling = {Verdict::held, errc::log_forked};
  EXPECT_TRUE(folded().code_used);
  all.back().ruling = {Verdict::provisional, std::nullopt};
  EXPECT_FALSE(folded().code_used) << "nobody has compared it";
  EXPECT_FALSE(folded().code_claimed);
}

TEST_F(MergeCasesTest, PaperIsWithItsReceiverWhereTheOfferDoesNotCountYet) {
  add(dispatcher, body::Assigned{courier});
  const Hash back = add_offer(officer, body::Direction::to_courier, std::nullopt);
  all.back().ruling = {Verdict::held, errc::log_forked};
  add_taken(courier, back);
  EXPECT_EQ(folded().custodian, Custodian::courier);
  EXPECT_EQ(folded().stage, Stage::assigned) << "that is no submission";
}

TEST_F(MergeCasesTest, L13PaymentStaysWhenThePayoutIsGivenToSomebodyElse) {
  const body::PayoutAssigned assigned{"H42.101", "HT1", "2026-11", 2'000'000, courier, {}};
  add(dispatcher, assigned);
  add(dispatcher, body::PayoutLeased{Hash{0xc1}});
  const Hash paid = add(courier, body::Paid{2'000'000, "can_cuoc", {}});
  // Held, and decided by officers only after the payout went to somebody else.
  add(courier, body::PayoutReturned{"hết giờ"});
  body::PayoutAssigned again = assigned;
  again.courier = Id{0xc2};
  add(dispatcher, again);
  add(dispatcher, body::PayoutLeased{Hash{0xc2}});
  add(Id{0xc2}, body::Paid{2'000'000, "can_cuoc", {}});
  const Dossier d = folded();
  ASSERT_TRUE(d.payout);
  EXPECT_EQ(d.payout->paid, paid);
  EXPECT_EQ(d.payout->leased_to, Hash{0xc2});
  EXPECT_FALSE(d.payout->returned);
  EXPECT_EQ(d.courier, Id{0xc2});
}

}  // namespace
}  // namespace tannha::test
