#include <gtest/gtest.h>

#include "tannha/core/officer.hpp"
#include "tests/support/journey.hpp"

// Grade B: the citizen was sent a code by a way that is not the courier's, and the registry
// compares what the courier was told (ADR 19). Grades are the registry's to give, never a phone's.
namespace tannha::test {
namespace {

class OneTimeCodeTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};
  core::Courier courier = journey.as_courier();

  std::string code() const { return province.messages().back().code; }
  /// Another than this one.
  static std::string wrong(std::string code) {
    code.back() = code.back() == '9' ? '0' : static_cast<char>(code.back() + 1);
    return code;
  }
  Ruling typed(const Id& id, std::string_view digits) {
    const Record record = must(courier.confirm_by_code(id, digits));
    province.sync(journey.courier);
    return province.ruling(record.hash);
  }
  /// What no honest phone would write.
  Ruling forged(const Id& id, std::vector<Hash> refs, std::string digits) {
    RecordHeader header = next_header(journey.courier, id);
    header.refs = std::move(refs);
    const Record record =
        forge(journey.courier, header,
              body::Confirmed{body::Grade::one_time_code, {}, {}, std::move(digits)});
    EXPECT_EQ(province.push(journey.courier, {record}).answers.size(), 1u);
    return province.ruling(record.hash);
  }
  Dossier on_phone(const Id& id) { return must(courier.dossier(id)); }
};

TEST_F(OneTimeCodeTest, WrongCodeIsKeptAndConfirmsNothing) {
  const Id id = journey.sealed();
  EXPECT_EQ(typed(id, wrong(code())), is_refused(errc::code_wrong));
  for (const Dossier& d : {province.dossier(id), on_phone(id)}) {
    EXPECT_FALSE(d.confirmation);
    EXPECT_FALSE(d.code_claimed);
    EXPECT_EQ(d.stage, Stage::sealed);
    EXPECT_EQ(d.records.refused, 1u) << "nobody's entry disappears";
  }
  EXPECT_EQ(typed(id, code()), is_effective) << "the right one still counts";
}

TEST_F(OneTimeCodeTest, CodeOfAnotherDossierIsWrong) {
  const Id id = journey.sealed();
  const std::string own = code();
  const Id other = journey.sealed();
  ASSERT_NE(code(), own);
  EXPECT_EQ(typed(id, code()), is_refused(errc::code_wrong));
  const Hash others_assignment = province.dossier(other).code_sent_on.value();
  const Hash slip = on_phone(id).sealed.value();
  EXPECT_EQ(forged(id, {slip, others_assignment}, code()), is_refused(errc::code_expired));
}

TEST_F(OneTimeCodeTest, NotEvenTheRightCodeCountsAfterTooManyTries) {
  const Id id = journey.sealed();
  const std::string right = code();
  std::string other = right;
  for (std::size_t i = 0; i < limits::one_time_code_tries_max; ++i) {
    other = wrong(other);
    EXPECT_EQ(typed(id, other), is_refused(errc::code_wrong)) << i;
  }
  EXPECT_EQ(typed(id, right), is_refused(errc::code_tries_used_up));
  EXPECT_FALSE(province.dossier(id).confirmation);
}

TEST_F(OneTimeCodeTest, OneTryBeforeTheLastTheRightCodeCounts) {
  const Id id = journey.sealed();
  const std::string right = code();
  for (std::size_t i = 1; i < limits::one_time_code_tries_max; ++i) (void)typed(id, wrong(right));
  EXPECT_EQ(typed(id, right), is_effective);
}

TEST_F(OneTimeCodeTest, CodeIsGoodForItsLifeAndNoLonger) {
  const Id id = journey.sealed();
  const Id late = journey.sealed();
  province.sync(journey.courier);
  const std::string late_code = code();
  const std::string in_time = province.messages().front().code;
  province.advance_ms(limits::one_time_code_life_ms);
  EXPECT_EQ(typed(id, in_time), is_effective);
  province.advance_ms(1);
  EXPECT_EQ(typed(late, late_code), is_refused(errc::code_expired));
}

TEST_F(OneTimeCodeTest, CodeCountsOnce) {
  const Id id = journey.sealed();
  const std::string first = code();
  ASSERT_EQ(typed(id, first), is_effective);
  const Dossier d = province.dossier(id);
  const Hash slip = *d.sealed;
  const Hash sent_on = *d.code_sent_on;
  EXPECT_EQ(forged(id, {slip, sent_on}, first), is_refused(errc::code_used));
  EXPECT_EQ(code_of(courier.confirm_by_code(id, first)), errc::code_used) << "the phone knows, too";
}

TEST_F(OneTimeCodeTest, SupplementGetsACodeOfItsOwn) {
  const Id id = journey.at_desk();
  const std::string first = code();
  const Hash first_sent_on = *province.dossier(id).code_sent_on;
  must(journey.as_officer().request_supplement(id, {"Giấy chứng sinh"}, "thiếu"));
  province.sync(journey.officer);
  province.sync(journey.courier);
  EXPECT_EQ(province.messages().size(), 2u);
  ASSERT_NE(code(), first);
  must(courier.check_document(id, 2, "", 1, 0, 0));
  must(courier.seal(id, "SEAL-2"));
  province.sync(journey.courier);
  const Hash slip = *on_phone(id).sealed;
  EXPECT_EQ(forged(id, {slip, first_sent_on}, first), is_refused(errc::code_expired));
}

TEST_F(OneTimeCodeTest, NobodyButTheAssignedCourierTypesIt) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  const Dossier d = province.dossier(id);
  const body::Confirmed right{body::Grade::one_time_code, {}, {}, code()};
  Device& stranger = province.enrol(Role::courier, "H42.101");
  for (Device* device : {&stranger, &journey.officer, &journey.let_in(id)}) {
    RecordHeader header = next_header(*device, id);
    header.refs = {*d.sealed, *d.code_sent_on};
    const Record record = forge(*device, header, right);
    (void)province.push(*device, {record});
    EXPECT_EQ(province.ruling(record.hash),
              is_refused(device == &stranger ? errc::out_of_scope : errc::role_not_allowed));
  }
  EXPECT_FALSE(province.dossier(id).confirmation);
}

TEST_F(OneTimeCodeTest, PhoneClaimsNoGradeBeforeTheRegistryHasCompared) {
  const Id id = journey.sealed();
  must(courier.confirm_by_code(id, code()));
  const Dossier claimed = on_phone(id);
  EXPECT_TRUE(claimed.code_claimed);
  EXPECT_FALSE(claimed.confirmation);
  EXPECT_EQ(claimed.stage, Stage::confirmed) << "the courier's work goes on";
  province.sync(journey.courier);
  const Dossier compared = on_phone(id);
  EXPECT_FALSE(compared.code_claimed);
  EXPECT_EQ(compared.confirmation, body::Grade::one_time_code);
  EXPECT_EQ(state_text(compared), state_text(province.dossier(id)));
}

TEST_F(OneTimeCodeTest, NeitherHidesAStrongerConfirmationNorIsHiddenByAWeakerOne) {
  const Id id = journey.sealed();
  must(courier.confirm_by_statement(id, photo(9)));
  ASSERT_EQ(typed(id, code()), is_effective);
  EXPECT_EQ(province.dossier(id).confirmation, body::Grade::one_time_code);
  Device& citizen = journey.let_in(id);
  must(core::Citizen(*citizen).confirm(*province.dossier(id).sealed));
  province.sync(citizen);
  EXPECT_EQ(province.dossier(id).confirmation, body::Grade::countersigned);
}

TEST_F(OneTimeCodeTest, MessageGoesToTheApplicantOncePerAssignmentAndStandsInNoRecord) {
  const Id id = journey.assigned();
  ASSERT_EQ(province.messages().size(), 1u);
  const CodeMessage message = province.messages().back();
  EXPECT_EQ(message.dossier, id);
  EXPECT_EQ(message.phone, "+84912345678");
  EXPECT_EQ(message.code.size(), limits::one_time_code_digits);
  EXPECT_EQ(message.expires_ms, province.host().now_ms() + limits::one_time_code_life_ms);
  for (const StoredRecord& stored : must(journey.courier->store().all())) {
    EXPECT_EQ(as_text(stored.evidence.record.body).find(message.code), std::string_view::npos);
  }
  // Given to somebody else, the citizen gets another code, and the first one is good no more.
  Device& other = province.enrol(Role::courier, "H42.101");
  must(journey.as_dispatcher().assign(id, other.actor()));
  province.sync(journey.dispatcher);
  ASSERT_EQ(province.messages().size(), 2u);
  EXPECT_NE(code(), message.code);
}

TEST_F(OneTimeCodeTest, WhereNoTryCouldBeCountedTheRightCodeDoesNotCountEither) {
  const Id id = journey.sealed();
  must(province.registry().begin());
  for (std::size_t i = 0; i < limits::not_counting_records_max; ++i) {
    RecordHeader header = next_header(journey.courier, id);
    header.seq += 1000 + i;
    const Record filler = forge(journey.courier, header, body::Note{"x"});
    must(province.registry().append({filler, is_held(errc::predecessor_missing), {},
                                     journey.courier.actor(), FakeHost::start_ms},
                                    std::vector{id}));
  }
  must(province.registry().commit());
  const Record right = must(courier.confirm_by_code(id, code()));
  const exchange::Response response = province.push(journey.courier, {right});
  EXPECT_EQ(ruling_of(response.answers.at(0)), is_refused(errc::too_many_records));
  EXPECT_FALSE(province.dossier(id).confirmation);
}

TEST_F(OneTimeCodeTest, CodeThatCameInTimeCountsHoweverLateItIsJudged) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  const Record before = must(courier.add_note(id, "trước"));
  const Record right = must(courier.confirm_by_code(id, code()));
  const exchange::Response response = province.push(journey.courier, {right});
  EXPECT_EQ(ruling_of(response.answers.at(0)), is_held(errc::predecessor_missing));
  province.advance_ms(limits::one_time_code_life_ms + 1);
  province.push(journey.courier, {before});
  EXPECT_EQ(province.ruling(right.hash), is_effective);
  EXPECT_EQ(province.dossier(id).confirmation, body::Grade::one_time_code);
}

TEST_F(OneTimeCodeTest, WhatIsNoCodeIsNotWritten) {
  const Id id = journey.sealed();
  for (const char* text : {"", "12345", "1234567", "12a456", "12-3456"}) {
    EXPECT_EQ(code_of(courier.confirm_by_code(id, text)), errc::argument_invalid) << text;
  }
  const std::string right = code();
  EXPECT_EQ(typed(id, right.substr(0, 3) + " " + right.substr(3)), is_effective);
}

TEST_F(OneTimeCodeTest, DossierThatNobodyAskedForHasNoCode) {
  journey.assigned();
  const Id id = must(courier.open(std::nullopt, birth_procedure, body::ServiceKind::both));
  must(courier.scan_card(id, card));
  must(courier.check_document(id, 1, "", 1, 0, 0));
  must(courier.seal(id, "SEAL-9"));
  EXPECT_EQ(code_of(courier.confirm_by_code(id, "123456")), errc::step_out_of_order);
}

}  // namespace
}  // namespace tannha::test
