#include <gtest/gtest.h>

#include "tannha/engine/salvage.hpp"
#include "tannha/protocol/limits.hpp"
#include "tests/support/journey.hpp"

// What stands in the way of erasing, what must, and what an exchange says when erasing was all that
// it did: laws L4 and L12 of docs/merge.md.
namespace tannha::test {
namespace {

class ErasingTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};
  Device& other = province.enrol(Role::courier, "H42");

  Id opened() {
    const Id id = journey.assigned();
    must(journey.as_courier().open(id, birth_procedure, body::ServiceKind::both));
    return id;
  }
  /// A photograph that the rules on the device would not let anybody add any more.
  Record photograph(const Id& id, std::uint8_t number) {
    auto change = must(journey.courier->begin());
    const Bytes jpeg = photo(number);
    const Hash hash = must(change.attach(jpeg, "image/jpeg"));
    Record record = must(change.append(
        id, {},
        body::AttachmentAdded{hash, jpeg.size(), "image/jpeg", body::AttachmentRole::page, 1}));
    must(change.commit());
    return record;
  }
  /// The dispatcher gives it to another courier, and the first one's phone does not know yet.
  void give_away(const Id& id) {
    must(journey.as_dispatcher().assign(id, other.actor()));
    province.sync(journey.dispatcher);
  }
  void revoke_courier() {
    province.sync(journey.dispatcher);
    must(journey.as_dispatcher().revoke(journey.courier.log_id(), body::RevocationReason::lost));
    province.sync(journey.dispatcher);
  }
  /// One exchange, as a host makes it that stops when nothing has moved.
  Replica::SyncReport exchange_once(std::uint32_t pull_max = 200) {
    const auto request = must(journey.courier->next_request(pull_max));
    return must(
        journey.courier->receive(must(province.exchange(journey.courier.log_id(), request))));
  }
  std::size_t files_pending() {
    return must(journey.courier->store().pending_attachments()).size();
  }
};

TEST_F(ErasingTest, FileThatAnotherRecordNamesIsStillBrought) {
  const Id kept = opened();
  const Id lost = opened();
  give_away(lost);
  const Record refused = photograph(lost, 3);
  const Record counts = photograph(kept, 3);
  // The no comes while nothing has been said about the other record.
  auto request = must(journey.courier->next_request(0));
  request.records.pop_back();
  must(journey.courier->receive(must(province.exchange(journey.courier.log_id(), request))));
  ASSERT_EQ(province.ruling(refused.hash), is_refused(errc::out_of_scope));
  EXPECT_EQ(files_pending(), 1U);
  province.sync(journey.courier);
  ASSERT_EQ(province.ruling(counts.hash), is_effective);
  EXPECT_EQ(files_pending(), 1U) << "the registry waits for it";
}

TEST_F(ErasingTest, RevokedPhoneThatOnlyErasedSaysThatSomethingMoved) {
  const Id id = journey.assigned();
  must(journey.as_courier().add_note(id, "để điều phối biết máy này"));
  province.sync(journey.courier);
  revoke_courier();
  const auto report = exchange_once();
  EXPECT_EQ(report.received + report.rejected + report.pulled, 0U);
  ASSERT_TRUE(report.more) << "the receipt for what was erased is to be brought";
  EXPECT_TRUE(report.moved) << "a host would bring the receipt at the next contact only";
  exchange_once();
  EXPECT_FALSE(journey.courier->identity());
}

TEST_F(ErasingTest, ErasingWhatLeftTheRoundMovesSomething) {
  const Id id = opened();
  photograph(id, 4);
  province.sync(journey.courier);
  give_away(id);
  province.sync(journey.courier);
  ASSERT_EQ(must(journey.courier->store().forgets()).size(), 1U) << "its photograph is still here";
  province.upload(journey.courier);
  EXPECT_TRUE(exchange_once().moved);
  EXPECT_TRUE(must(journey.courier->store().forgets()).empty());
  EXPECT_FALSE(exchange_once().moved);
}

// Its feed begins anew, and what is said of the round before that must not be passed over.
TEST_F(ErasingTest, DossierThatLeftTheRoundIsErasedFromASalvagedStoreToo) {
  const Id left = journey.assigned();
  const Id stays = journey.assigned();
  const Record note = must(journey.as_courier().add_note(left, "riêng tư"));
  province.sync(journey.courier);
  give_away(left);
  const std::string damaged = journey.courier.path.string() + ".damaged";
  journey.courier.replica.reset();
  std::filesystem::rename(journey.courier.path, damaged);
  must(salvage(damaged, journey.courier.path.string(), journey.courier.host,
               journey.courier.unlock));
  province.restart(journey.courier);
  province.sync(journey.courier);
  EXPECT_EQ(must(journey.courier->store().dossiers()), std::vector<Id>{stays});
  EXPECT_FALSE(must_have(journey.courier->record(note.hash)).evidence.record.has_body());
}

TEST_F(ErasingTest, DossierThatLeftTheRoundIsErasedFromAPhoneThatIsEnrolledAgain) {
  const Id left = journey.assigned();
  const Id stays = journey.assigned();
  const Record note = must(journey.as_courier().add_note(left, "riêng tư"));
  must(journey.courier->rotate_key());
  LogEntry log = must_have(province.registry().log(journey.courier.log_id()));
  // A copy of the phone has gone on before it.
  log.state.continued_by = Hash{9};
  must(province.registry().begin());
  must(province.registry().set_log_state(log.id, log.state));
  must(province.registry().commit());
  province.sync(journey.courier);
  ASSERT_TRUE(must(journey.courier->condition()).stranded);
  give_away(left);
  const exchange::TicketRequest request{Role::courier, "H42", journey.courier.actor(), {}, "test"};
  const auto ticket = must(province.ticket(request)).ticket;
  const auto begun = must(journey.courier->begin_enrolment(ticket));
  EXPECT_EQ(code_of(journey.courier->rotate_key()), errc::log_continued) << "one is on its way";
  must(journey.courier->finish_enrolment(must(province.enrol(begun))));
  province.sync(journey.courier);
  EXPECT_EQ(must(journey.courier->store().dossiers()), std::vector<Id>{stays});
  EXPECT_FALSE(must_have(journey.courier->record(note.hash)).evidence.record.has_body());
}

TEST_F(ErasingTest, NewPhoneHearsNothingOfWhatItNeverHad) {
  const Id left = journey.assigned();
  give_away(left);
  Device& fresh = province.enrol(Role::courier, "H42", {}, journey.courier.actor());
  province.sync(fresh);
  EXPECT_TRUE(must(fresh->store().forgets()).empty());
  EXPECT_TRUE(must(fresh->store().forgotten()).empty());
  EXPECT_FALSE(must(fresh->next_request(200)).forgotten);
}

TEST_F(ErasingTest, RecordOfALogThatNobodyEnrolledIsKeptAndStandsInTheWayOfNothing) {
  const Id left = opened();
  province.sync(journey.courier);
  // A colleague's good certificate, and a log under it that the registry has never heard of.
  const Identity& me = *other->identity();
  LogIntro invented = me.log;
  invented.incarnation = Id{0xba};
  RecordHeader header = next_header(other, left);
  header.tenant = me.tenant.code;
  header.log_id = invented.log_id();
  header.prev = header.log_id;
  header.seq = 0;
  header.type = RecordType::note;
  const Record record =
      sign_record(header, body::encode(body::Note{"không ai gửi được"}, Id{1}), me.key);
  exchange::Parcel parcel;
  parcel.logs.push_back(invented);
  parcel.records.push_back({record.envelope, record.body});
  must(journey.courier->take_parcel(parcel));

  give_away(left);
  for (int session = 0; session < 2; ++session) {
    must(journey.courier->store().retry_rejected());
    province.sync(journey.courier);
    EXPECT_TRUE(must(journey.courier->store().dossiers()).empty());
    EXPECT_EQ(must(journey.courier->holds()).records, 0U);
    const StoredRecord kept = must_have(journey.courier->record(record.hash));
    EXPECT_TRUE(kept.evidence.record.has_body()) << "nobody else may have it";
    EXPECT_EQ(kept.evidence.ruling, is_refused(errc::certificate_unknown));
  }
  revoke_courier();
  for (int i = 0; i < 3 && journey.courier->identity(); ++i) {
    must(journey.courier->store().retry_rejected());
    exchange_once();
  }
  EXPECT_FALSE(journey.courier->identity());
}

TEST_F(ErasingTest, OwnHeldRecordThatIsDecidedLateListsNothingOnANewPhone) {
  const Id left = journey.assigned();
  give_away(left);
  RecordHeader header = next_header(journey.courier, left);
  header.beacon = Beacon{1, Hash{0xba}};
  const Record late = forge(journey.courier, header, body::Note{"đến sau"});
  province.push(journey.courier.log_id(), {late});
  ASSERT_EQ(province.ruling(late.hash).verdict, Verdict::held);
  Device& fresh = province.enrol(Role::courier, "H42", {}, journey.courier.actor());
  province.sync(fresh);
  province.sync(journey.officer);
  must(journey.as_officer().adjudicate(late.hash, body::Outcome::does_not_count, "đã bàn giao"));
  province.sync(journey.officer);
  province.sync(fresh);
  EXPECT_TRUE(must(fresh->store().dossiers()).empty());
  EXPECT_FALSE(must_have(fresh->record(late.hash)).evidence.record.has_body());
  EXPECT_TRUE(must(fresh->store().forgets()).empty());
}

TEST_F(ErasingTest, NumbersThatGoBackMoveSomething) {
  journey.assigned();
  province.advance_ms(limits::lease_life_ms + 1000);
  const auto report = exchange_once(0);
  EXPECT_EQ(report.received + report.rejected + report.pulled, 0U);
  ASSERT_TRUE(report.more) << "what is left of both leases is to be brought";
  EXPECT_TRUE(report.moved);
  EXPECT_EQ(exchange_once(0).received, 2U);
}

}  // namespace
}  // namespace tannha::test
