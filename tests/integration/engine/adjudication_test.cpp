#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"
#include "tests/support/journey.hpp"

// Who decides about what is held, how many it takes, and what becomes of it when its log comes into
// trouble: "Work items" and L9, L12 of docs/merge.md.

namespace tannha::test {
namespace {

class AdjudicationTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};
  Device& second_officer = province.enrol(Role::officer, unit);

  Record late_amendment(const Id& id) {
    Record late = write_unchecked(journey.courier, id, {},
                                  body::FieldsWritten{{{"owner_name", "Trần B"}}});
    province.sync(journey.courier);
    EXPECT_EQ(province.ruling(late.hash), is_held(errc::late_amendment));
    return late;
  }
  /// Another record with the same number, brought by somebody else.
  void fork(const Record& record) {
    RecordHeader header;
    header.seq = record.header.seq;
    header.prev = record.header.prev;
    header.subject = record.header.subject;
    const Record copy = forge(journey.courier, header, body::Note{"từ bản sao"});
    province.push(journey.officer, {copy}, {journey.courier->identity()->log});
    EXPECT_EQ(province.ruling(copy.hash), is_held(errc::log_forked));
  }
  void revoke(const Device& device, body::RevocationReason reason) {
    province.sync(journey.dispatcher);
    must(journey.as_dispatcher().revoke(device.log_id(), reason));
    province.sync(journey.dispatcher);
  }
  void says_yes(Device& officer, const Record& held) {
    province.sync(officer);
    const Record word = must(core::Officer(*officer).adjudicate(
        held.hash, body::Outcome::counts, "đã xem xét"));
    province.sync(officer);
    EXPECT_EQ(province.ruling(word.hash), is_effective);
  }
  std::size_t officers_shown(Device& officer, const Record& held) {
    province.sync(officer);
    for (const auto& item : must(core::Officer(*officer).work_items())) {
      if (item.record.hash == held.hash) return item.officers_needed;
    }
    return 0;
  }
  /// A note of the courier that names one of the officer's that has not arrived.
  std::pair<Record, Record> note_that_waits() {
    const Id id = journey.assigned();
    province.sync(journey.officer);
    const Record named = must(journey.as_officer().add_note(id, "chưa gửi"));
    RecordHeader header = next_header(journey.courier, id);
    header.refs = {named.hash};
    const Record note = forge(journey.courier, header, body::Note{"trả lời"});
    province.push(journey.courier, {note});
    EXPECT_EQ(province.ruling(note.hash), is_held(errc::reference_missing));
    return {note, named};
  }
};

TEST_F(AdjudicationTest, OfficerOfAnotherUnitDecidesNothingByNamingADossierOfTheirOwn) {
  const Record late = late_amendment(journey.accepted());
  body::PickupRequested request = Journey::request();
  request.unit = other_unit;
  const Id theirs = must(journey.as_dispatcher().request_pickup(request));
  province.sync(journey.dispatcher);
  Device& elsewhere = province.enrol(Role::officer, other_unit);
  province.sync(elsewhere);
  for (const auto outcome : {body::Outcome::counts, body::Outcome::does_not_count}) {
    const Record word =
        write_unchecked(elsewhere, theirs, {late.hash}, body::Adjudicated{outcome, "x"});
    province.sync(elsewhere);
    EXPECT_EQ(province.ruling(word.hash), is_refused(errc::out_of_scope));
  }
  EXPECT_EQ(province.ruling(late.hash), is_held(errc::late_amendment));
}

TEST_F(AdjudicationTest, WordIsNeverAboutAWord) {
  const Record late = late_amendment(journey.accepted());
  province.sync(second_officer);
  // The dispatcher knows the phone by a record of it.
  must(core::Officer(*second_officer).add_note(late.header.subject, "xem"));
  province.sync(second_officer);
  const Record word = must(core::Officer(*second_officer).adjudicate(
      late.hash, body::Outcome::counts, "đã xem xét"));
  revoke(second_officer, body::RevocationReason::retired);
  province.sync(second_officer);
  ASSERT_EQ(province.ruling(word.hash), is_held(errc::log_revoked));
  province.sync(journey.officer);
  const Record about = write_unchecked(journey.officer, word.header.subject, {word.hash},
                                       body::Adjudicated{body::Outcome::counts, "x"});
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(about.hash), is_refused(errc::step_out_of_order));
}

TEST_F(AdjudicationTest, L9WhatIsOfAForkedLogTakesTwoOfficersWhateverItWasHeldFor) {
  const Record late = late_amendment(journey.accepted());
  Device& above = province.enrol(Role::officer, "H42");
  EXPECT_EQ(officers_shown(above, late), 1U);
  fork(late);
  // What has become of a log is told to its unit and those above.
  EXPECT_EQ(officers_shown(above, late), 2U);
  says_yes(journey.officer, late);
  EXPECT_EQ(province.ruling(late.hash), is_held(errc::late_amendment));
  says_yes(second_officer, late);
  EXPECT_EQ(province.ruling(late.hash), is_effective);
}

TEST_F(AdjudicationTest, L12WhatIsOfALostPhoneTakesTwoOfficersWhateverItWasHeldFor) {
  const Record late = late_amendment(journey.accepted());
  Device& above = province.enrol(Role::officer, "H42");
  revoke(journey.courier, body::RevocationReason::lost);
  // What has become of a log is told to its unit and those above.
  EXPECT_EQ(officers_shown(above, late), 2U);
  says_yes(journey.officer, late);
  EXPECT_EQ(province.ruling(late.hash), is_held(errc::late_amendment));
  says_yes(second_officer, late);
  EXPECT_EQ(province.ruling(late.hash), is_effective);
}

TEST_F(AdjudicationTest, YesDoesNotCountForAnotherReasonThanItWasGivenFor) {
  const Id id = journey.assigned();
  const RecordHeader header = next_header(journey.courier, id);
  const Record first = forge(journey.courier, header, body::Note{"một"});
  const Record sibling = forge(journey.courier, header, body::Note{"từ bản sao"});
  const Record second =
      forge(journey.courier, header_after(first, id), body::Note{"hai"});
  province.push(journey.courier, {second});
  ASSERT_EQ(province.ruling(second.hash), is_held(errc::predecessor_missing));
  says_yes(journey.officer, second);
  province.push(journey.courier, {sibling, first});
  const Ruling now = province.ruling(second.hash);
  ASSERT_EQ(now.verdict, Verdict::held);
  ASSERT_NE(now, is_held(errc::predecessor_missing));
  says_yes(second_officer, second);
  EXPECT_EQ(province.ruling(second.hash), now) << "one has said yes to this";
  says_yes(journey.officer, second);
  EXPECT_EQ(province.ruling(second.hash), is_effective);
}

TEST_F(AdjudicationTest, L12WhatWaitedWhenItsPhoneWasLostDoesNotCountByItself) {
  const auto [note, named] = note_that_waits();
  revoke(journey.courier, body::RevocationReason::lost);
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(named.hash), is_effective);
  EXPECT_EQ(province.ruling(note.hash), is_held(errc::log_revoked));
}

TEST_F(AdjudicationTest, L12WhatWaitedWhenItsPhoneWentOutOfUseCounts) {
  const auto [note, named] = note_that_waits();
  revoke(journey.courier, body::RevocationReason::retired);
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(note.hash), is_effective);
}

TEST_F(AdjudicationTest, L9WhatWaitedWhenItsLogForkedDoesNotCountByItself) {
  const auto [note, named] = note_that_waits();
  fork(note);
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(named.hash), is_effective);
  EXPECT_EQ(province.ruling(note.hash), is_held(errc::log_forked));
}

TEST_F(AdjudicationTest, L12WhatCameBeforeTheKeyWasInBadHandsCountsWhenWhatItWaitedForComes) {
  const Id id = journey.assigned();
  must(journey.as_courier().add_note(id, "để điều phối biết máy này"));
  province.sync(journey.courier);
  const auto note_after = [&](RecordHeader header, std::vector<Hash> refs) {
    header.refs = std::move(refs);
    return forge(journey.courier, header, body::Note{"x"});
  };
  const Record named = forge(journey.officer, next_header(journey.officer, id), body::Note{"y"});
  const Record names = note_after(next_header(journey.courier, id), {named.hash});
  const Record missing = note_after(header_after(names, id), {});
  const Record early = note_after(header_after(missing, id), {});
  const Record late = note_after(header_after(early, id), {});
  province.push(journey.courier, {names, early});
  EXPECT_EQ(province.ruling(names.hash), is_held(errc::reference_missing));
  EXPECT_EQ(province.ruling(early.hash), is_held(errc::predecessor_missing));
  const std::uint64_t since = must(province.registry().journal_size());
  province.push(journey.courier, {late});
  province.sync(journey.dispatcher);
  must(journey.as_dispatcher().revoke(journey.courier.log_id(),
                                      body::RevocationReason::compromised, since));
  province.sync(journey.dispatcher);
  province.push(journey.dispatcher, {missing, named});
  EXPECT_EQ(province.ruling(missing.hash), is_held(errc::log_revoked)) << "it came too late";
  EXPECT_EQ(province.ruling(names.hash), is_effective);
  EXPECT_EQ(province.ruling(early.hash), is_effective);
  EXPECT_EQ(province.ruling(late.hash), is_held(errc::log_revoked));
}

TEST_F(AdjudicationTest, L12ASizeBeyondTheRevocationLetsNothingCountThatCameAfterIt) {
  const Id id = journey.assigned();
  must(journey.as_courier().add_note(id, "để điều phối biết máy này"));
  province.sync(journey.courier);
  const Record first = forge(journey.courier, next_header(journey.courier, id), body::Note{"1"});
  const Record second = forge(journey.courier, header_after(first, id), body::Note{"2"});
  province.sync(journey.dispatcher);
  must(journey.as_dispatcher().revoke(journey.courier.log_id(),
                                      body::RevocationReason::compromised, 1'000'000));
  province.sync(journey.dispatcher);
  province.push(journey.courier, {second});
  province.push(journey.courier, {first});
  EXPECT_EQ(province.ruling(first.hash), is_held(errc::log_revoked));
  EXPECT_EQ(province.ruling(second.hash), is_held(errc::log_revoked));
}

TEST_F(AdjudicationTest, L12RevocationReachesTheLogsInWhichTheDeviceHasGoneOn) {
  const Id id = journey.assigned();
  const Hash old_log = journey.courier.log_id();
  const std::uint64_t since = must(province.registry().journal_size());
  must(journey.courier->rotate_key());
  const Record before = must(journey.as_courier().add_note(id, "bằng khóa cũ"));
  province.sync(journey.courier);
  ASSERT_NE(journey.courier.log_id(), old_log);
  const Record doubtful = must(journey.as_courier().add_note(id, "bằng khóa mới"));
  province.sync(journey.courier);
  const Record unsent = must(journey.as_courier().add_note(id, "chưa gửi"));
  // The same person's next phone, by a ticket of the office.
  Device& anew = province.enrol(Role::courier, "H42", {}, journey.courier.actor());
  const Hash last_log = journey.courier.log_id();
  province.sync(journey.dispatcher);
  must(journey.as_dispatcher().revoke(old_log, body::RevocationReason::compromised, since));
  province.sync(journey.dispatcher);
  EXPECT_TRUE(must_have(province.registry().log(last_log)).state.revoked);
  EXPECT_EQ(province.ruling(before.hash), is_held(errc::log_revoked));
  EXPECT_EQ(province.ruling(doubtful.hash), is_held(errc::log_revoked));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(unsent.hash), is_held(errc::log_revoked));
  province.sync(anew);
  const Record later = must(core::Courier(*anew, province.catalogue()).add_note(id, "máy mới"));
  province.sync(anew);
  EXPECT_EQ(province.ruling(later.hash), is_effective);
}

}  // namespace
}  // namespace tannha::test
