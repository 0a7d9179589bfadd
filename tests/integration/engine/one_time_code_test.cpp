#include <gtest/gtest.h>

#include <set>

#include "tannha/core/officer.hpp"
#include "tannha/protocol/fields.hpp"
#include "tests/support/journey.hpp"

// Grade B: the citizen was sent a code by a way that is not the courier's, and the registry
// compares what the courier was told (ADR 19). Grades are the registry's to give, never a phone's.
namespace tannha::test {
namespace {

class OneTimeCodeTest : public testing::Test {
 protected:
  static constexpr std::uint64_t day_ms = 24ULL * 60 * 60 * 1000;
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
  /// Requested, and with the dispatcher and the registry.
  Id requested() {
    const Id id = must(journey.as_dispatcher().request_pickup(Journey::request()));
    province.sync(journey.dispatcher);
    return id;
  }
  /// An assignment before which something of its log has not arrived.
  Record held_assignment(const Id& id) {
    RecordHeader header = next_header(journey.dispatcher, id);
    header.seq += 1;
    const Record record =
        forge(journey.dispatcher, header, body::Assigned{journey.courier.actor()});
    province.push(journey.dispatcher, {record});
    EXPECT_EQ(province.ruling(record.hash), is_held(errc::predecessor_missing));
    return record;
  }
  void let_count(const Hash& held) {
    for (Device* officer : {&journey.officer, &province.enrol(Role::officer, unit)}) {
      province.sync(*officer);
      must(core::Officer(**officer).adjudicate(held, body::Outcome::counts, "đã xem xét"));
      province.sync(*officer);
    }
    EXPECT_EQ(province.ruling(held), is_effective);
  }
  /// Of what the device wrote since then nothing counts any more.
  void compromise(const Device& device, std::uint64_t since_size) {
    Device& other = province.enrol(Role::dispatcher, "H42");
    province.sync(other);
    must(core::Dispatcher(*other).revoke(device.log_id(), body::RevocationReason::compromised,
                                         since_size));
    province.sync(other);
  }
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

// At the door there is another way; days later, when the registry refuses the code, there is none.
TEST_F(OneTimeCodeTest, PhoneRefusesACodeThatIsTooOld) {
  const Id id = journey.sealed();
  const auto is_offered = [&] { return must(courier.has_good_code(on_phone(id))); };
  constexpr std::uint64_t minute_ms = 60'000;
  constexpr std::uint64_t tolerance_ms = 12 * 60 * minute_ms;
  journey.courier.host.wait_ms(limits::one_time_code_life_ms + tolerance_ms - minute_ms);
  EXPECT_TRUE(is_offered()) << "its clock may be wrong";
  journey.courier.host.wait_ms(2 * minute_ms);
  EXPECT_FALSE(is_offered());
  EXPECT_EQ(code_of(courier.confirm_by_code(id, code())), errc::code_expired);
  EXPECT_FALSE(on_phone(id).code_claimed);
  EXPECT_EQ(code_of(courier.confirm_by_code(id, "12")), errc::argument_invalid);
}

TEST_F(OneTimeCodeTest, PhoneOffersNoCodeWhereTheRegistrySendsNone) {
  const Id id = journey.sealed();
  const auto contact = [&](bool sends_codes) {
    RegistryActor actor = province.actor();
    actor.sends_codes = sends_codes;
    SyncServer server(province.registry(), actor, {}, province.host(), Hash{});
    const exchange::Request request = must(journey.courier->next_request(10));
    const PreparedExchange prepared = must(prepare_exchange(
        fields::encode(request), "H42", province.actor().authority_key.public_key()));
    must(province.registry().begin());
    SyncServer::Outcome outcome = must(server.exchange(prepared, journey.courier.log_id()));
    must(province.registry().commit());
    outcome.response.checkpoint = must(province.sign(outcome.head));
    must(journey.courier->receive(outcome.response));
  };
  contact(false);
  EXPECT_FALSE(must(courier.has_good_code(on_phone(id))));
  EXPECT_EQ(code_of(courier.confirm_by_code(id, code())), errc::code_expired);
  contact(true);
  EXPECT_TRUE(must(courier.has_good_code(on_phone(id))));
  must(courier.confirm_by_code(id, code()));
}

TEST_F(OneTimeCodeTest, ClockThatSomebodySetRefusesNoCode) {
  const Id id = journey.sealed();
  journey.courier.host.set_now_ms(FakeHost::start_ms + 400 * day_ms);
  EXPECT_TRUE(must(courier.has_good_code(on_phone(id))));
  must(courier.confirm_by_code(id, code()));
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

// Held for long, and let count by officers: the code's life is the record's all the same.
TEST_F(OneTimeCodeTest, CodeOfAHeldAssignmentIsGoodFromItsReceptionOn) {
  const Id id = requested();
  const std::uint64_t received_ms = province.host().now_ms();
  const Record assigned = held_assignment(id);
  EXPECT_TRUE(province.messages().empty());
  province.advance_ms(limits::one_time_code_life_ms - 1);
  let_count(assigned.hash);
  ASSERT_EQ(province.messages().size(), 1u);
  EXPECT_EQ(province.messages().back().sent_on, assigned.hash);
  EXPECT_EQ(province.messages().back().expires_ms, received_ms + limits::one_time_code_life_ms);
}

TEST_F(OneTimeCodeTest, NoCodeGoesOutThatIsTooOldAlready) {
  const Id id = requested();
  const Record assigned = held_assignment(id);
  province.advance_ms(limits::one_time_code_life_ms + 1);
  let_count(assigned.hash);
  EXPECT_EQ(province.dossier(id).code_sent_on, assigned.hash);
  EXPECT_TRUE(province.messages().empty());
}

TEST_F(OneTimeCodeTest, AssignmentThatComesToCountAgainHasNoSecondMessage) {
  const Id id = requested();
  const std::uint64_t before = must(province.registry().journal_size());
  const Record assigned = must(journey.as_dispatcher().assign(id, journey.courier.actor()));
  province.sync(journey.dispatcher);
  ASSERT_EQ(province.messages().size(), 1u);
  compromise(journey.dispatcher, before);
  ASSERT_EQ(province.ruling(assigned.hash), is_held(errc::log_revoked));
  let_count(assigned.hash);
  EXPECT_EQ(province.dossier(id).code_sent_on, assigned.hash);
  EXPECT_EQ(province.messages().size(), 1u);
}

// The one before it is then the newest that counts; nobody was told its code.
TEST_F(OneTimeCodeTest, AssignmentThatIsTheNewestOnlyNowGetsItsMessageNow) {
  const Id id = requested();
  const Record late = held_assignment(id);
  Device& second = province.enrol(Role::dispatcher, "H42");
  province.sync(second);
  const std::uint64_t before = must(province.registry().journal_size());
  must(core::Dispatcher(*second).assign(id, journey.courier.actor()));
  province.sync(second);
  ASSERT_EQ(province.messages().size(), 1u);
  let_count(late.hash);
  EXPECT_EQ(province.messages().size(), 1u) << "a newer one is out";
  compromise(second, before);
  EXPECT_EQ(province.dossier(id).code_sent_on, late.hash);
  ASSERT_EQ(province.messages().size(), 2u);
  EXPECT_EQ(province.messages().back().sent_on, late.hash);
}

TEST_F(OneTimeCodeTest, MessageThatWasOfNoUseForAWhileIsSentAfterAll) {
  const Id id = journey.assigned();
  const Hash first = province.dossier(id).code_sent_on.value();
  Device& second = province.enrol(Role::dispatcher, "H42");
  province.sync(second);
  const std::uint64_t before = must(province.registry().journal_size());
  must(core::Dispatcher(*second).assign(id, journey.courier.actor()));
  province.sync(second);
  // Nothing could be put down so far: the first one's code is of no use now, the second's is.
  must(province.registry().begin());
  const auto wanted = must(province.server().wanted_messages(province.host().now_ms() + 1, 10));
  must(province.registry().commit());
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_NE(wanted.front().sent_on, first);
  const std::size_t out = province.messages().size();
  compromise(second, before);
  EXPECT_EQ(province.dossier(id).code_sent_on, first);
  ASSERT_EQ(province.messages().size(), out + 1);
  EXPECT_EQ(province.messages().back().sent_on, first);
}

TEST_F(OneTimeCodeTest, MessageIsWantedUntilItIsNotedAsKept) {
  const Id id = journey.assigned();
  const Hash sent_on = province.dossier(id).code_sent_on.value();
  const std::uint64_t now = province.host().now_ms();
  must(province.registry().begin());
  EXPECT_TRUE(must(province.server().wanted_messages(now, 10)).empty()) << "its node has time";
  const auto wanted = must(province.server().wanted_messages(now + 1, 10));
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted.front().code, code());
  EXPECT_EQ(wanted.front().expires_ms, province.messages().back().expires_ms);
  must(province.registry().code_message_kept(sent_on));
  EXPECT_TRUE(must(province.server().wanted_messages(now + 1, 10)).empty());
  must(province.registry().commit());
}

// A folder that could not be written for long: what waits must not send the citizen a dead code.
TEST_F(OneTimeCodeTest, MessageThatHelpsNobodyAnyMoreIsNotWanted) {
  const Id replaced = journey.assigned();
  must(journey.as_dispatcher().assign(replaced, journey.courier.actor()));
  const Id used = journey.sealed();
  ASSERT_EQ(typed(used, code()), is_effective);
  const Id old = journey.assigned();
  province.sync_all();
  const std::uint64_t now = province.host().now_ms();
  must(province.registry().begin());
  const auto wanted = must(province.server().wanted_messages(now + 1, 10));
  std::set<Hash> sent_on;
  for (const CodeMessage& message : wanted) sent_on.insert(message.sent_on);
  EXPECT_EQ(sent_on, (std::set{province.dossier(replaced).code_sent_on.value(),
                               province.dossier(old).code_sent_on.value()}));
  province.advance_ms(limits::one_time_code_life_ms + 1);
  EXPECT_TRUE(must(province.server().wanted_messages(now + 1, 10)).empty());
  must(province.registry().commit());
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
