#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"
#include "tests/support/journey.hpp"

// Forks, revocation, new keys, what leaves a phone's scope, leases that end, payouts and disputes:
// laws L7, L9 and L11 to L14 of docs/merge.md, from device to registry and back.

namespace tannha::test {
namespace {

class LogTroubleTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};
  Device& second_officer = province.enrol(Role::officer, unit);

  body::PayoutAssigned payout(const Id& courier, std::string period = "2026-11") const {
    return {std::string(unit), "HT-0001", std::move(period), 2'500'000, courier,
            {"Trần Thị B", "+84912345678", "Thôn 2", {}}};
  }
  core::Officer officer_of(Device& device) { return core::Officer(*device); }
};

TEST_F(LogTroubleTest, ForkIsProvedAndBothBranchesAreHeldAndWorkGoesOnInANewLog) {
  const Id id = journey.assigned();
  const RecordHeader next = next_header(journey.courier, id);
  const Record copy = forge(journey.courier, next, body::Note{"từ bản sao"});
  const Record own = must(journey.as_courier().add_note(id, "từ máy thật"));
  province.push(journey.officer, {copy}, {journey.courier->identity()->log});
  const Hash old_log = journey.courier.log_id();
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(own.hash), is_held(errc::log_forked));
  EXPECT_NE(journey.courier.log_id(), old_log) << "it goes on in a new log";
  const LogEntry log = must_have(province.registry().log(old_log));
  EXPECT_EQ(log.state.forked_at, next.seq);
  EXPECT_EQ(log.state.continued_by, journey.courier.log_id());
  const Record later = must(journey.as_courier().add_note(id, "đi tiếp"));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(later.hash), is_effective);
  // Two officers, not one twice, let the genuine one count.
  province.sync(journey.officer);
  province.sync(second_officer);
  must(journey.as_officer().adjudicate(own.hash, body::Outcome::counts, "đúng là của bà ấy"));
  must(journey.as_officer().adjudicate(own.hash, body::Outcome::counts, "thật mà"));
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(own.hash), is_held(errc::log_forked));
  must(officer_of(second_officer).adjudicate(own.hash, body::Outcome::counts, "đồng ý"));
  province.sync(second_officer);
  EXPECT_EQ(province.ruling(own.hash), is_effective);
}

TEST_F(LogTroubleTest, ForkIsProvedAlsoWhenTheRecordThatContinuesTheLogComesLast) {
  const Id id = journey.assigned();
  // Of a copy's branch only the second record came.
  const Record lost = forge(journey.courier, next_header(journey.courier, id), body::Note{"một"});
  const Record copy = forge(journey.courier, header_after(lost, id), body::Note{"từ bản sao"});
  province.push(journey.officer, {copy}, {journey.courier->identity()->log});
  const Hash old_log = journey.courier.log_id();
  const Record first = must(journey.as_courier().add_note(id, "từ máy thật"));
  const Record second = must(journey.as_courier().add_note(id, "từ máy thật nữa"));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(first.hash), is_effective);
  EXPECT_EQ(province.ruling(copy.hash).verdict, Verdict::held);
  EXPECT_EQ(province.ruling(second.hash), is_held(errc::log_forked));
  EXPECT_EQ(must_have(province.registry().log(old_log)).state.forked_at, second.header.seq);
  EXPECT_NE(journey.courier.log_id(), old_log);
  std::vector<Hash> proved;
  for (const Evidence& e : must(province.registry().all_records())) {
    if (e.record.header.type == RecordType::log_forked) proved = e.record.header.refs;
  }
  EXPECT_EQ(proved, (std::vector<Hash>{copy.hash, second.hash}));
}

TEST_F(LogTroubleTest, SiblingThatFollowsNothingHereProvesTheForkToo) {
  const Id id = journey.assigned();
  const Record lost = forge(journey.courier, next_header(journey.courier, id), body::Note{"một"});
  const Record copy = forge(journey.courier, header_after(lost, id), body::Note{"hai"});
  const Record another = forge(journey.courier, header_after(lost, id), body::Note{"hai khác"});
  province.push(journey.officer, {copy}, {journey.courier->identity()->log});
  must(journey.as_courier().add_note(id, "từ máy thật"));
  province.sync(journey.courier, {.pull_max = 0});
  province.push(journey.officer, {another}, {journey.courier->identity()->log});
  EXPECT_EQ(province.ruling(another.hash), is_held(errc::log_forked));
  EXPECT_EQ(must_have(province.registry().log(journey.courier.log_id())).state.forked_at,
            another.header.seq);
}

TEST_F(LogTroubleTest, WhatACopyWroteUnderANumberThatCountsReachesTheDevice) {
  const Id id = journey.assigned();
  const Record copy =
      forge(journey.courier, next_header(journey.courier, id), body::Note{"từ bản sao"});
  const Record own = must(journey.as_courier().add_note(id, "từ máy thật"));
  province.sync(journey.courier);
  ASSERT_EQ(province.ruling(own.hash), is_effective);
  province.push(journey.officer, {copy}, {journey.courier->identity()->log});
  const Hash old_log = journey.courier.log_id();
  province.sync(journey.courier);
  EXPECT_NE(journey.courier.log_id(), old_log) << "it goes on in a new log";
  EXPECT_TRUE(must_have(journey.courier->record(copy.hash)).evidence.record.has_body());
  EXPECT_EQ(state_text(must(journey.courier->dossier(id))), state_text(province.dossier(id)));
}

TEST_F(LogTroubleTest, LateAnswerToTheOldLogPassesNothingOver) {
  const Id id = journey.assigned();
  const Record copy =
      forge(journey.courier, next_header(journey.courier, id), body::Note{"từ bản sao"});
  must(journey.as_courier().add_note(id, "từ máy thật"));
  province.sync(journey.courier);
  province.push(journey.officer, {copy}, {journey.courier->identity()->log});
  const Hash old_log = journey.courier.log_id();
  const exchange::Request late = must(journey.courier->next_request(200));
  must(journey.courier->rotate_key());
  const exchange::Request next = must(journey.courier->next_request(200));
  must(journey.courier->receive(must(province.exchange(old_log, next))));
  ASSERT_NE(journey.courier.log_id(), old_log);
  must(journey.courier->receive(must(province.exchange(old_log, late))));
  province.sync(journey.courier);
  EXPECT_TRUE(must_have(journey.courier->record(copy.hash)).evidence.record.has_body());
  EXPECT_EQ(state_text(must(journey.courier->dossier(id))), state_text(province.dossier(id)));
}

TEST_F(LogTroubleTest, OneOfficersNoIsEnough) {
  const Id id = journey.assigned();
  const Record copy =
      forge(journey.courier, next_header(journey.courier, id), body::Note{"từ bản sao"});
  must(journey.as_courier().add_note(id, "từ máy thật"));
  province.sync(journey.courier);
  province.push(journey.officer, {copy}, {journey.courier->identity()->log});
  province.sync(journey.officer);
  must(journey.as_officer().adjudicate(copy.hash, body::Outcome::does_not_count, "giả"));
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(copy.hash), is_refused(errc::log_forked));
}

TEST_F(LogTroubleTest, RevokedPhoneBringsEverythingThenErasesAndSigns) {
  const Id id = journey.sealed();
  province.sync(journey.officer);
  province.sync(journey.dispatcher);
  const Hash log = journey.courier.log_id();
  must(province.registry().begin());
  province.registry().rollback();
  // The dispatcher knows the phone by a record of it.
  province.push(journey.courier, {});
  province.sync(journey.courier, {.pull_max = 0});
  province.sync(journey.dispatcher);
  const Record unsent = must(journey.as_courier().add_note(id, "trước khi biết"));
  must(journey.as_dispatcher().revoke(log, body::RevocationReason::lost));
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(unsent.hash), is_held(errc::log_revoked));
  EXPECT_EQ(code_of(journey.courier->begin()), errc::log_revoked) << "nothing new is written";
  EXPECT_TRUE(journey.courier->identity()) << "photographs are still here";
  province.upload(journey.courier);
  must(journey.courier->tidy());
  EXPECT_TRUE(must(journey.courier->store().all_attachments()).empty());
  province.sync(journey.courier);
  EXPECT_FALSE(journey.courier->identity()) << "the key is gone with the receipt's receipt";
  bool signed_for = false;
  for (const Evidence& e : must(province.registry().all_records())) {
    signed_for |= e.record.header.type == RecordType::erased && e.ruling == is_effective;
  }
  EXPECT_TRUE(signed_for);
}

// The opening gives a dossier its unit; held, it gives it none, and the work would be nobody's.
TEST_F(LogTroubleTest, DossierThatARevokedPhoneOpenedAtTheDoorIsWorkForOfficersAndCounts) {
  Device& phone = province.enrol(Role::courier, unit);
  core::Courier courier(*phone, province.catalogue());
  // By its records the dispatcher knows the phone.
  must(courier.open({}, birth_procedure, body::ServiceKind::both));
  province.sync(phone);
  province.sync(journey.dispatcher);
  province.sync(journey.officer);
  const Id id = must(courier.open({}, birth_procedure, body::ServiceKind::both));
  const Record note = must(courier.add_note(id, "ở cửa"));
  must(journey.as_dispatcher().revoke(phone.log_id(), body::RevocationReason::lost));
  province.sync(journey.dispatcher);
  province.sync(phone);
  ASSERT_EQ(province.ruling(note.hash), is_held(errc::log_revoked));

  const auto work = [&](Device& device) {
    std::vector<Hash> opening;
    province.sync(device);
    for (const auto& item : must(officer_of(device).work_items())) {
      if (item.record.header.subject == id) opening.push_back(item.record.hash);
    }
    return opening;
  };
  const std::vector<Hash> items = work(journey.officer);
  ASSERT_EQ(items.size(), 2U);
  // One reads its feed, the other begins with a snapshot.
  EXPECT_EQ(work(second_officer), items);
  EXPECT_EQ(work(province.enrol(Role::officer, "H42")), items) << "the unit above";
  EXPECT_TRUE(work(province.enrol(Role::officer, other_unit)).empty());

  const auto let_count = [&](Device& device) {
    for (const Hash& hash : items) {
      must(officer_of(device).adjudicate(hash, body::Outcome::counts, "đã gọi cho bà ấy"));
    }
    province.sync(device);
  };
  let_count(journey.officer);
  EXPECT_EQ(province.ruling(note.hash), is_held(errc::log_revoked));
  let_count(second_officer);
  EXPECT_EQ(province.ruling(note.hash), is_effective);
  EXPECT_EQ(province.dossier(id).unit, unit);
  EXPECT_TRUE(work(journey.officer).empty());
}

TEST_F(LogTroubleTest, WhatACompromisedKeySignedAfterwardsIsHeld) {
  const Id id = journey.assigned();
  const Record good = must(journey.as_courier().add_note(id, "trước"));
  province.sync(journey.courier);
  const std::uint64_t since = must(province.registry().journal_size());
  const Record doubtful = must(journey.as_courier().add_note(id, "sau"));
  province.sync(journey.courier);
  province.sync(journey.dispatcher);
  must(journey.as_dispatcher().revoke(journey.courier.log_id(),
                                      body::RevocationReason::compromised, since));
  province.sync(journey.dispatcher);
  EXPECT_EQ(province.ruling(good.hash), is_effective);
  EXPECT_EQ(province.ruling(doubtful.hash), is_held(errc::log_revoked));
}

TEST_F(LogTroubleTest, RevokedLogDoesNotGoOnInTheLogThatItHadAskedForBefore) {
  const Id id = journey.assigned();
  must(journey.as_courier().add_note(id, "để điều phối biết máy này"));
  province.sync(journey.courier);
  province.sync(journey.dispatcher);
  const Hash log = journey.courier.log_id();
  must(journey.courier->rotate_key());
  province.sync(journey.courier, {.fault = Fault::response_lost});
  ASSERT_TRUE(must_have(province.registry().log(log)).state.continued_by);
  must(journey.as_dispatcher().revoke(log, body::RevocationReason::lost));
  province.sync(journey.dispatcher);
  const auto answer = must(province.exchange(log, must(journey.courier->next_request(200))));
  EXPECT_FALSE(answer.continued);
  EXPECT_EQ(answer.continuation_refused, static_cast<std::uint16_t>(errc::log_revoked));
  must(journey.courier->receive(answer));
  EXPECT_EQ(code_of(journey.courier->begin()), errc::log_revoked) << "nothing new is written";
  province.sync(journey.courier);
  EXPECT_FALSE(journey.courier->identity()) << "it has erased itself";
}

TEST_F(LogTroubleTest, KeyIsRotatedAndUnusedNumbersGoBack) {
  const Id id = journey.assigned();
  const Hash old_log = journey.courier.log_id();
  must(journey.courier->rotate_key());
  const Record before = must(journey.as_courier().add_note(id, "bằng khóa cũ"));
  province.sync(journey.courier);
  EXPECT_NE(journey.courier.log_id(), old_log);
  EXPECT_EQ(province.ruling(before.hash), is_effective);
  const Record after = must(journey.as_courier().add_note(id, "bằng khóa mới"));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(after.hash), is_effective);
  std::size_t given_back = 0;
  for (const Evidence& e : must(province.registry().all_records())) {
    if (e.record.header.type != RecordType::lease_returned) continue;
    ++given_back;
    EXPECT_EQ(e.ruling, is_effective);
  }
  EXPECT_EQ(given_back, 2U);
  EXPECT_EQ(must(province.registry().unused_numbers(old_log, body::NumberKind::item)), 0U);
  EXPECT_FALSE(must(journey.as_courier().stock()).is_low());
  province.restart(journey.courier);
  EXPECT_NE(journey.courier.log_id(), old_log);
}

TEST_F(LogTroubleTest, ExpiredLeaseGoesBackAndItsNumbersAreGivenAgain) {
  journey.assigned();
  const auto kind = body::NumberKind::send_slip;
  province.advance_ms(limits::lease_life_ms + 1000);
  province.sync(journey.courier);
  EXPECT_EQ(must(province.registry().unused_numbers(journey.courier.log_id(), kind)),
            limits::lease_count);
  EXPECT_EQ(must(journey.courier->store().numbers_left(kind,
                                                       must(journey.courier->server_now_ms()))),
            limits::lease_count)
      << "the same numbers, in a lease that has not ended";
  auto change = must(journey.courier->begin());
  EXPECT_EQ(must(change.take_number(kind)), "PG-H42-00000001");
}

TEST_F(LogTroubleTest, DossierThatGoesToAnotherCourierIsErasedFromTheFirstOnesPhone) {
  const Id id = journey.assigned();
  Device& other = province.enrol(Role::courier, "H42");
  const Record unsent = must(journey.as_courier().add_note(id, "chưa gửi"));
  must(journey.as_dispatcher().assign(id, other.actor()));
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  EXPECT_TRUE(must(journey.courier->dossiers()).empty());
  const StoredRecord kept = must_have(journey.courier->record(unsent.hash));
  EXPECT_TRUE(kept.receipt) << "it was brought before it was erased";
  EXPECT_FALSE(kept.evidence.record.has_body());
  province.sync(other);
  EXPECT_EQ(state_text(must(other->dossier(id))), state_text(province.dossier(id)));
  // Given back, it comes with everything again.
  must(journey.as_dispatcher().assign(id, journey.courier.actor()));
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  EXPECT_EQ(state_text(must(journey.courier->dossier(id))), state_text(province.dossier(id)));
}

TEST_F(LogTroubleTest, PhotoOfARefusedRecordIsErasedOnlyWhenTheRegistryHasIt) {
  const Id id = journey.collected();
  province.sync(journey.courier);
  province.upload(journey.courier);
  Device& other = province.enrol(Role::courier, "H42");
  must(journey.as_dispatcher().assign(id, other.actor()));
  province.sync(journey.dispatcher);
  const Record late =
      must(journey.as_courier().add_photo(id, photo(7), body::AttachmentRole::page, 2));
  const Hash file = blake2b_256(photo(7));
  const auto answer = must(province.exchange(journey.courier.log_id(),
                                             must(journey.courier->next_request(200))));
  EXPECT_EQ(answer.wanted, std::vector<Hash>{file});
  must(journey.courier->receive(answer));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(late.hash), is_refused(errc::out_of_scope));
  EXPECT_TRUE(must(journey.courier->store().has_attachment(file))) << "it was never sent";
  province.upload(journey.courier);
  must(journey.courier->tidy());
  EXPECT_FALSE(must(journey.courier->store().has_attachment(file)));
  EXPECT_TRUE(must_have(province.registry().attachment(file)).present);
  EXPECT_TRUE(must(province.registry().attachment_in_audience(file, "unit:" + std::string(unit))));
}

TEST_F(LogTroubleTest, RecordThatDoesNotCountChangesNothingAboutAFileOfOthers) {
  const Id id = journey.collected();
  Device& stranger = province.enrol(Role::courier, "H42");
  body::AttachmentAdded lie{blake2b_256(photo()), 1, "image/jpeg", body::AttachmentRole::page, 1};
  const Record first = write_unchecked(stranger, id, {}, lie);
  province.sync(stranger);
  EXPECT_EQ(province.ruling(first.hash).verdict, Verdict::refused);
  province.sync(journey.courier);
  EXPECT_EQ(must_have(province.registry().attachment(lie.hash)).size, photo().size());
  const Record second = write_unchecked(stranger, id, {}, lie);
  province.sync(stranger);
  EXPECT_EQ(province.ruling(second.hash).verdict, Verdict::refused);
  EXPECT_EQ(must_have(province.registry().attachment(lie.hash)).size, photo().size());
}

TEST_F(LogTroubleTest, ForgottenDossierStaysForgottenWhenOwnOldRecordsComeAgain) {
  const Id id = journey.collected();
  const Record note = must(journey.as_courier().add_note(id, "của mình"));
  province.sync(journey.courier);
  province.upload(journey.courier);
  must(journey.courier->rotate_key());
  province.sync(journey.courier);
  ASSERT_NE(journey.courier.log_id(), note.header.log_id);
  Device& other = province.enrol(Role::courier, "H42");
  const Record late = must(journey.as_courier().add_note(id, "chờ xét"));
  must(journey.as_dispatcher().assign(id, other.actor()));
  province.sync(journey.courier);
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  ASSERT_TRUE(must(journey.courier->store().is_forgotten(id)));
  // Officers decide on it, so that it is told again.
  must(province.registry().begin());
  for (const Hash& own : {note.hash, late.hash}) {
    must(province.registry().feed(actor_audience(journey.courier.actor()), own));
  }
  must(province.registry().commit());
  province.sync(journey.courier);
  EXPECT_TRUE(must(journey.courier->store().is_forgotten(id)));
  EXPECT_TRUE(must(journey.courier->dossiers()).empty());
  EXPECT_FALSE(must_have(journey.courier->record(note.hash)).evidence.record.has_body());
  // Given back, it is whole again although most of it is its courier's own.
  must(journey.as_dispatcher().assign(id, journey.courier.actor()));
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  EXPECT_EQ(state_text(must(journey.courier->dossier(id))), state_text(province.dossier(id)));
}

TEST_F(LogTroubleTest, LateCopyOfAnAnswerBringsNothingForgottenBack) {
  journey.assigned();
  const Id second = must(journey.as_dispatcher().request_pickup(Journey::request()));
  must(journey.as_dispatcher().assign(second, journey.courier.actor()));
  province.sync(journey.dispatcher);
  const auto late = must(province.exchange(journey.courier.log_id(),
                                           must(journey.courier->next_request(200))));
  must(journey.courier->receive(late));
  Device& other = province.enrol(Role::courier, "H42");
  must(journey.as_dispatcher().assign(second, other.actor()));
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  ASSERT_TRUE(must(journey.courier->store().is_forgotten(second)));
  exchange::Response again = late;
  const auto now = must(province.exchange(journey.courier.log_id(),
                                          must(journey.courier->next_request(0))));
  again.checkpoint = now.checkpoint;
  again.consistency = now.consistency;
  for (exchange::FeedEntry& entry : again.feed) {
    entry.path = must(province.registry().inclusion(entry.leaf_index,
                                                    must(province.registry().journal_size())));
  }
  must(journey.courier->receive(again));
  EXPECT_TRUE(must(journey.courier->store().is_forgotten(second)));
}

TEST_F(LogTroubleTest, ParcelOfAnotherTenantIsRefusedWhole) {
  const Id id = journey.assigned();
  const Identity& me = *journey.courier->identity();
  RecordHeader header = next_header(journey.courier, id);
  header.tenant = "other";
  header.log_id = me.log_id;
  header.type = body::Note::type;
  const Record foreign = sign_record(
      header, body::encode(body::Note{"x"}, random_array<Id>(journey.courier.host)), me.key);
  exchange::Parcel parcel;
  parcel.logs.push_back(me.log);
  parcel.records.push_back({foreign.envelope, foreign.body});
  EXPECT_EQ(code_of(journey.officer->take_parcel(parcel)), errc::tenant_mismatch);
  EXPECT_EQ(must(journey.officer->holds()).records, 0U);
}

TEST_F(LogTroubleTest, RevokedPhoneWithAHeldPhotoErasesItselfAndCanBeEnrolledAgain) {
  for (const auto outcome : {body::Outcome::counts, body::Outcome::does_not_count}) {
    Journey people(province);
    const Id id = people.collected();
    province.sync(people.courier);
    province.upload(people.courier);
    province.sync(people.dispatcher);
    const std::uint8_t number = outcome == body::Outcome::counts ? 8 : 9;
    const Record held =
        must(people.as_courier().add_photo(id, photo(number), body::AttachmentRole::page, 2));
    const Hash log = people.courier.log_id();
    must(people.as_dispatcher().revoke(log, body::RevocationReason::lost));
    province.sync(people.dispatcher);
    province.sync(people.courier);
    ASSERT_EQ(province.ruling(held.hash), is_held(errc::log_revoked));
    ASSERT_TRUE(people.courier->identity());
    for (Device* officer : {&people.officer, &second_officer}) {
      province.sync(*officer);
      if (province.ruling(held.hash).verdict != Verdict::held) break;
      must(officer_of(*officer).adjudicate(held.hash, outcome, "đã xem"));
      province.sync(*officer);
    }
    ASSERT_NE(province.ruling(held.hash).verdict, Verdict::held);
    province.sync(people.courier);
    province.upload(people.courier);
    must(people.courier->tidy());
    province.sync(people.courier);
    EXPECT_FALSE(people.courier->identity());
    EXPECT_TRUE(must_have(province.registry().attachment(blake2b_256(photo(number)))).present);
    const Replica::Condition condition = must(people.courier->condition());
    EXPECT_FALSE(condition.revoked);
    EXPECT_EQ(condition.erased, body::RevocationReason::lost);
    EXPECT_GT(condition.erased_records, 0U);
    province.restart(people.courier);
    const auto ticket = must(province.ticket({Role::courier, "H42", {}, {}, "again"}));
    must(people.courier->finish_enrolment(
        must(province.enrol(must(people.courier->begin_enrolment(ticket.ticket))))));
    EXPECT_FALSE(must(people.courier->condition()).erased);
    must(people.as_dispatcher().assign(id, people.courier.actor()));
    province.sync(people.dispatcher);
    province.sync(people.courier);
    EXPECT_EQ(state_text(must(people.courier->dossier(id))), state_text(province.dossier(id)));
    must(people.as_courier().add_note(id, "viết được"));
    province.sync(people.courier);
    EXPECT_EQ(must(people.courier->holds()).records, 0U);
  }
}

// What does not count is anybody's to write: it must not close the dossier to those who work on it.
TEST_F(LogTroubleTest, OnlyWhatCountsMakesADossierFullAndThenAnOfficerDecides) {
  const Id id = journey.assigned();
  Device& stranger = province.enrol(Role::courier, other_unit);
  RecordHeader next = next_header(stranger, id);
  const auto fill = [&](const Ruling& ruling) {
    must(province.registry().begin());
    for (std::size_t i = 0; i <= limits::dossier_records_max; ++i) {
      const Record record = forge(stranger, next, body::Note{"x"});
      must(province.registry().append({record, ruling, {}, stranger.actor(), FakeHost::start_ms},
                                      std::vector{id}));
      next = header_after(record, id);
    }
    must(province.registry().commit());
  };
  fill(is_refused(errc::out_of_scope));
  const Record honest = must(journey.as_courier().add_note(id, "việc thật"));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(honest.hash), is_effective);
  fill(is_effective);
  const Record late = must(journey.as_courier().add_note(id, "quá nhiều"));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(late.hash), is_held(errc::too_many_records));
  province.sync(journey.officer);
  must(journey.as_officer().adjudicate(late.hash, body::Outcome::counts, "cần thiết"));
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(late.hash), is_effective);
}

TEST_F(LogTroubleTest, PayoutIsPaidByTheOnePhoneThatHasTheLease) {
  Device& other = province.enrol(Role::courier, "H42");
  const Id id = must(journey.as_dispatcher().assign_payout({}, payout(journey.courier.actor())));
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  EXPECT_EQ(must(journey.courier->dossier(id)).payout->leased_to, journey.courier.log_id());
  must(journey.as_dispatcher().assign_payout({}, payout(other.actor())));
  const Id again = must(journey.as_dispatcher().assign_payout({}, payout(other.actor(), "2026-12")));
  province.sync(journey.dispatcher);
  std::size_t refused = 0;
  for (const Evidence& e : must(province.registry().all_records())) {
    if (e.ruling == is_refused(errc::number_used_twice)) ++refused;
  }
  EXPECT_EQ(refused, 1U) << "one beneficiary, one period, one payout";
  const Record paid = must(journey.as_courier().pay(id, "can_cuoc", photo()));
  const Record twice = write_unchecked(journey.courier, id, {},
                                       body::Paid{2'500'000, "can_cuoc", {}});
  const Record not_theirs = write_unchecked(other, id, {}, body::Paid{2'500'000, "can_cuoc", {}});
  province.sync(journey.courier);
  province.sync(other);
  EXPECT_EQ(province.ruling(paid.hash), is_effective);
  EXPECT_EQ(province.ruling(twice.hash), is_held(errc::paid_twice));
  EXPECT_EQ(province.ruling(not_theirs.hash).verdict, Verdict::held);
  EXPECT_FALSE(must(other->dossier(again)).payout->paid);
}

TEST_F(LogTroubleTest, UnpaidPayoutsGoAlongWithANewKey) {
  const Id first = must(journey.as_dispatcher().assign_payout({}, payout(journey.courier.actor())));
  const Id second = must(
      journey.as_dispatcher().assign_payout({}, payout(journey.courier.actor(), "2026-12")));
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  const Hash old_log = journey.courier.log_id();
  must(journey.courier->rotate_key());
  // The request for the new log overtakes the payment that was made with the old one.
  const Record paid = must(journey.as_courier().pay(first, "can_cuoc", photo()));
  exchange::Request request = must(journey.courier->next_request(0));
  request.records.clear();
  must(journey.courier->receive(must(province.exchange(old_log, request))));
  ASSERT_NE(journey.courier.log_id(), old_log);
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(paid.hash), is_effective);
  EXPECT_EQ(must(journey.courier->dossier(second)).payout->leased_to, journey.courier.log_id());
  const Record later = must(journey.as_courier().pay(second, "can_cuoc", photo()));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(later.hash), is_effective);
}

TEST_F(LogTroubleTest, PayoutOfARevokedPhoneIsGivenToSomebodyElse) {
  Device& other = province.enrol(Role::courier, "H42");
  const Id id = must(journey.as_dispatcher().assign_payout({}, payout(journey.courier.actor())));
  province.sync(journey.dispatcher);
  province.sync(journey.courier);
  must(journey.as_courier().add_note(id, "để điều phối biết máy này"));
  province.sync(journey.courier);
  province.sync(journey.dispatcher);
  must(journey.as_dispatcher().assign_payout(id, payout(other.actor())));
  const Record early = must(journey.dispatcher->store().unsent(1, 1'000'000)).front();
  province.sync(journey.dispatcher);
  EXPECT_EQ(province.ruling(early.hash), is_refused(errc::step_out_of_order)) << "it is leased";
  const Record paid = must(journey.as_courier().pay(id, "can_cuoc", photo()));
  must(journey.as_dispatcher().revoke(journey.courier.log_id(), body::RevocationReason::lost));
  must(journey.as_dispatcher().assign_payout(id, payout(other.actor())));
  province.sync(journey.dispatcher);
  province.sync(other);
  EXPECT_EQ(must(other->dossier(id)).payout->leased_to, other.log_id());
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(paid.hash), is_held(errc::log_revoked));
  const Record second =
      must(core::Courier(*other, province.catalogue()).pay(id, "can_cuoc", photo()));
  province.sync(other);
  EXPECT_EQ(province.ruling(second.hash), is_effective);
}

TEST_F(LogTroubleTest, TwoHandOversOfOneEnvelopeAreADisputeThatTwoOfficersEnd) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  province.upload(journey.courier);
  const Record one = must(journey.as_courier().offer_handover(unit, {id}));
  const Record two = must(journey.as_courier().offer_handover(unit, {id}));
  journey.give(journey.courier, journey.officer, {one.hash});
  journey.give(journey.courier, second_officer, {two.hash});
  const Record first = must(journey.as_officer().accept_handover(one.hash, {}));
  const Record second = must(officer_of(second_officer).accept_handover(two.hash, {}));
  province.sync_all();
  EXPECT_EQ(province.dossier(id).custodian, Custodian::disputed);
  EXPECT_EQ(code_of(journey.as_officer().accept(id)), errc::step_out_of_order);
  must(journey.as_officer().resolve_dispute(id, second.hash, "đã kiểm tra tủ"));
  province.sync(journey.officer);
  EXPECT_EQ(province.dossier(id).custodian, Custodian::disputed);
  province.sync(second_officer);
  must(officer_of(second_officer).resolve_dispute(id, second.hash, "đúng"));
  province.sync_all();
  const Dossier d = province.dossier(id);
  EXPECT_EQ(d.custodian, Custodian::desk);
  EXPECT_EQ(d.custody, second.hash);
  EXPECT_TRUE(d.disputed.empty());
  (void)first;
}

TEST_F(LogTroubleTest, FirstSynchronisationBringsTheNewestDossierWholeInItsFirstBlock) {
  for (int i = 0; i < 6; ++i) journey.assigned();
  const Id newest = journey.assigned();
  Device& fresh = province.enrol(Role::officer, unit);
  const auto block = must(province.exchange(fresh.log_id(), must(fresh->next_request(4))));
  const auto report = must(fresh->receive(block));
  EXPECT_TRUE(report.more);
  EXPECT_EQ(state_text(must(fresh->dossier(newest))), state_text(province.dossier(newest)));
  province.restart(fresh);
  province.sync(fresh);
  EXPECT_EQ(must(fresh->dossiers()).size(), 7U);
}

TEST_F(LogTroubleTest, FirstBlockThatEndedInMidDossierSkipsNothingOfAnother) {
  const Id older = journey.assigned();
  const Id newer = journey.assigned();
  Device& other = province.enrol(Role::courier, "H42");
  Device& fresh = province.enrol(Role::courier, "H42", {}, journey.courier.actor());
  const auto block = must(province.exchange(fresh.log_id(), must(fresh->next_request(1))));
  must(fresh->receive(block));
  ASSERT_EQ(must(fresh->store().dossiers()), std::vector<Id>{newer});
  must(journey.as_dispatcher().assign(newer, other.actor()));
  province.sync(journey.dispatcher);
  province.sync(fresh);
  EXPECT_EQ(must(fresh->store().dossiers()), std::vector<Id>{older});
  EXPECT_EQ(state_text(must(fresh->dossier(older))), state_text(province.dossier(older)));
}

TEST_F(LogTroubleTest, ReceiptSaysWhenTheRecordWasMadeWhateverThePhonesClockSays) {
  const Id id = journey.assigned();
  const std::uint64_t contact = province.host().now_ms();
  province.advance_ms(3'600'000);
  journey.courier.host.set_now_ms(1);
  const Record note = must(journey.as_courier().add_note(id, "đồng hồ sai"));
  province.sync(journey.courier);
  const StoredRecord stored = must_have(journey.courier->record(note.hash));
  ASSERT_TRUE(stored.receipt && stored.receipt->window);
  EXPECT_EQ(stored.receipt->window->not_before_ms, contact);
  EXPECT_EQ(stored.receipt->window->not_after_ms, province.host().now_ms());
}

}  // namespace
}  // namespace tannha::test
