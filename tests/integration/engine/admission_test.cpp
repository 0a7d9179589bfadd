#include "tannha/engine/admission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "tannha/protocol/limits.hpp"
#include "tests/support/journey.hpp"
#include "tests/support/random_seed.hpp"

namespace tannha::test {
namespace {

namespace fs = std::filesystem;

class AdmissionTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};

  /// What the registry answers to one record, as it would stand in the author's store.
  Ruling pushed(const Device& device, const Record& record) {
    const exchange::Response response = province.push(device, {record});
    return ruling_of(response.answers.at(0));
  }
  Record note(Device& device, const Id& id, std::string text = "ghi chú") {
    return forge(device, next_header(device, id), body::Note{std::move(text)});
  }
  static Record note_after(Device& device, const Record& before, const Id& id) {
    return forge(device, header_after(before, id), body::Note{"tiếp"});
  }
  Device& new_courier() { return province.enrol(Role::courier, "H42"); }

  static body::FieldsWritten name_field(std::string value) {
    return {{{"owner_name", std::move(value)}}};
  }
  void expect_receipt(const exchange::Answer& answer, const exchange::Response& response) {
    ASSERT_TRUE(answer.leaf_index);
    const Receipt receipt{answer.record, *answer.leaf_index, answer.path, response.checkpoint};
    EXPECT_TRUE(verify_receipt(receipt, province.actor().tenant.origin,
                               province.actor().tenant.journal_key));
  }
};

TEST_F(AdmissionTest, UnknownCertificateIsRefusedEvenWhenItIntroducesItself) {
  Province abroad(77);
  Device& foreigner = abroad.enrol(Role::courier, "H42");
  const exchange::Response response =
      province.push(journey.courier, {note(foreigner, Id{1})}, {foreigner->identity()->log});
  EXPECT_EQ(ruling_of(response.answers.at(0)), is_refused(errc::certificate_unknown));
  EXPECT_FALSE(response.answers.at(0).leaf_index);
}

TEST_F(AdmissionTest, CertificateOfTheRightAuthorityCountsOnlyWhenEnrolledHere) {
  // The same keys, as after a restored backup that has lost the enrolment.
  Province twin;
  Journey same(twin);
  Device& late = twin.enrol(Role::courier, "H42");
  const exchange::Response response =
      province.push(journey.courier, {note(late, Id{1})}, {late->identity()->log});
  EXPECT_EQ(ruling_of(response.answers.at(0)), is_refused(errc::certificate_unknown));
}

TEST_F(AdmissionTest, ExpiredCertificateIsHeld) {
  const Id id = journey.assigned();
  province.host().set_now_ms(FakeHost::start_ms + limits::certificate_life_ms);
  const Record last = note(journey.courier, id);
  EXPECT_EQ(pushed(journey.courier, last), is_effective) << "its last millisecond";
  province.host().advance_ms(1);
  const Record late = note_after(journey.courier, last, id);
  EXPECT_EQ(pushed(journey.courier, late), is_held(errc::certificate_expired));
  // Its own clock cannot help it.
  journey.courier.host.set_now_ms(FakeHost::start_ms);
  EXPECT_EQ(pushed(journey.courier, note_after(journey.courier, late, id)),
            is_held(errc::certificate_expired));
}

TEST_F(AdmissionTest, CertificateThatIsNotYetValidIsHeld) {
  const Id id = journey.assigned();
  // A small step back of the server's clock costs nothing.
  province.host().set_now_ms(FakeHost::start_ms - limits::certificate_backdate_ms / 2);
  const Record first = note(journey.courier, id);
  EXPECT_EQ(pushed(journey.courier, first), is_effective);
  province.host().set_now_ms(FakeHost::start_ms - 2 * limits::certificate_backdate_ms);
  EXPECT_EQ(pushed(journey.courier, note_after(journey.courier, first, id)),
            is_held(errc::certificate_not_yet_valid));
}

TEST_F(AdmissionTest, LogInReverseOrderBecomesEffectiveWhenItsFirstRecordArrives) {
  const Id id = journey.sealed();
  std::vector<Record> log = must(journey.courier->store().unsent(100, 1'000'000));
  ASSERT_GT(log.size(), 4u);
  std::ranges::reverse(log);
  for (std::size_t i = 0; i + 1 < log.size(); ++i) {
    const exchange::Response response = province.push(journey.dispatcher, {log[i]});
    EXPECT_EQ(ruling_of(response.answers.at(0)), is_held(errc::predecessor_missing));
    expect_receipt(response.answers.at(0), response);
  }
  EXPECT_EQ(pushed(journey.dispatcher, log.back()), is_effective);
  for (const Record& record : log) EXPECT_EQ(province.ruling(record.hash), is_effective);
  EXPECT_EQ(province.dossier(id).stage, Stage::sealed);
  // The author hears of it, although somebody else delivered everything.
  province.sync(journey.courier);
  EXPECT_EQ(must(journey.courier->holds()).records, 0u);
  EXPECT_EQ(state_text(must(journey.courier->dossier(id))), state_text(province.dossier(id)));
}

TEST_F(AdmissionTest, RecordAfterAGapIsReleasedByItsPredecessor) {
  const Id id = journey.assigned();
  const Record first = note(journey.courier, id);
  const Record second = note_after(journey.courier, first, id);
  const Record third = note_after(journey.courier, second, id);
  EXPECT_EQ(pushed(journey.courier, first), is_effective);
  EXPECT_EQ(pushed(journey.courier, third), is_held(errc::predecessor_missing));
  EXPECT_EQ(pushed(journey.courier, second), is_effective);
  EXPECT_EQ(province.ruling(third.hash), is_effective);
}

TEST_F(AdmissionTest, WhatDoesNotCountOfOneLogAboutOneDossierIsBounded) {
  const Id id = journey.assigned();
  const Id second = journey.assigned();
  Device& stranger = new_courier();
  Record last = note(stranger, id);
  std::vector<Record> notes{last};
  while (notes.size() < limits::not_counting_records_max) {
    notes.push_back(last = note_after(stranger, last, id));
  }
  for (const auto& answer : province.push(stranger, notes).answers) {
    ASSERT_EQ(ruling_of(answer), is_refused(errc::out_of_scope));
    ASSERT_TRUE(answer.leaf_index);
  }
  const std::size_t evidence = must(province.registry().dossier(id)).size();
  const Record more = note_after(stranger, last, id);
  for (int i = 0; i < 2; ++i) {
    const exchange::Response response = province.push(stranger, {more});
    EXPECT_EQ(ruling_of(response.answers.at(0)), is_refused(errc::too_many_records));
    EXPECT_FALSE(response.answers.at(0).leaf_index);
    EXPECT_EQ(response.head.value().next_seq, notes.size()) << "its place in the log is free";
  }
  EXPECT_EQ(must(province.registry().dossier(id)).size(), evidence);
  EXPECT_EQ(must(province.registry().quarantined()), 1u) << "once, however often it comes";
  // About another dossier the log may go on, and others are not touched.
  EXPECT_EQ(pushed(stranger, note_after(stranger, last, second)),
            is_refused(errc::out_of_scope));
  const Record honest = must(journey.as_courier().add_note(id, "việc thật"));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(honest.hash), is_effective);
  Device& another = new_courier();
  EXPECT_EQ(pushed(another, note(another, id)), is_refused(errc::out_of_scope));
}

TEST_F(AdmissionTest, RecordThatCountsIsTakenHoweverManyOfItsLogDoNot) {
  const Id id = journey.assigned();
  must(province.registry().begin());
  for (std::size_t i = 0; i < limits::not_counting_records_max; ++i) {
    RecordHeader header = next_header(journey.courier, id);
    header.seq += 1000 + i;
    const Record record = forge(journey.courier, header, body::Note{"x"});
    must(province.registry().append({record, is_held(errc::predecessor_missing), {},
                                     journey.courier.actor(), FakeHost::start_ms},
                                    std::vector{id}));
  }
  must(province.registry().commit());
  const Record honest = note(journey.courier, id);
  EXPECT_EQ(pushed(journey.courier, honest), is_effective);
  // What does not count is kept by its phone, shown as what it is, and sent again.
  RecordHeader far = header_after(honest, id);
  far.seq += 5000;
  const Record waiting = forge(journey.courier, far, body::Note{"y"});
  EXPECT_EQ(pushed(journey.courier, waiting), is_refused(errc::too_many_records));
}

TEST_F(AdmissionTest, PhoneSaysBeforeItSignsThatANameOrAListIsTooLong) {
  const Id id = journey.at_desk();
  auto courier = journey.as_courier();
  const std::uint64_t before = must(journey.courier->holds()).records;
  const std::string too_long(limits::field_name_bytes_max + 1, 'x');
  EXPECT_EQ(code_of(courier.write_field(id, too_long, "A")), errc::argument_invalid);
  EXPECT_EQ(code_of(courier.write_field(id, "", "A")), errc::argument_invalid);
  EXPECT_EQ(must(journey.courier->holds()).records, before);
  const std::vector<std::string> items(limits::procedure_documents_max + 1, "giấy");
  EXPECT_EQ(code_of(journey.as_officer().request_supplement(id, items, "thiếu")),
            errc::argument_invalid);
}

TEST_F(AdmissionTest, PhoneKeepsAndShowsWhatWasOneTooMany) {
  const Id id = journey.assigned();
  Device& stranger = new_courier();
  std::vector<Record> notes;
  auto change = must(stranger->begin());
  for (std::size_t i = 0; i <= limits::not_counting_records_max; ++i) {
    notes.push_back(must(change.append(id, {}, body::Note{std::to_string(i)})));
  }
  must(change.commit());
  EXPECT_EQ(province.sync(stranger).rejected, 1u);
  const auto kept = must_have(stranger->record(notes.back().hash));
  EXPECT_EQ(kept.evidence.ruling, is_refused(errc::too_many_records));
  EXPECT_FALSE(kept.receipt);
  EXPECT_EQ(must(stranger->store().retry_rejected()), 1u);
  EXPECT_EQ(province.sync(stranger).rejected, 1u);
}

TEST_F(AdmissionTest, MissingReferenceIsReleasedWhenItArrivesAndCounts) {
  const Id id = journey.sealed();
  const Hash sealed = *must(journey.as_courier().dossier(id)).sealed;
  Device& citizen = journey.let_in(id);
  journey.give(journey.courier, citizen, {sealed});
  const Record confirmation = must(core::Citizen(*citizen).confirm(sealed));
  // First without the slip, then with a slip whose predecessors are missing.
  EXPECT_EQ(pushed(citizen, confirmation), is_held(errc::reference_missing));
  province.sync(citizen);
  EXPECT_EQ(province.ruling(sealed), is_held(errc::predecessor_missing));
  EXPECT_EQ(province.ruling(confirmation.hash), is_held(errc::reference_missing));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(confirmation.hash), is_effective);
  EXPECT_EQ(province.dossier(id).stage, Stage::confirmed);
  // Its author was told twice: when it was held, and when it began to count.
  const auto feed = must(province.registry().read_feed(citizen_audience(citizen.actor()), 0, 1000));
  EXPECT_EQ(
      std::ranges::count_if(
          feed, [&](const FeedItem& i) { return i.evidence.record.hash == confirmation.hash; }),
      2);
}

TEST_F(AdmissionTest, LongLadderOfWaitingReferencesIsReleasedInOneStep) {
  // Each record names the two before it, so that paths double at every rung.
  const Id id = journey.assigned();
  const Record root = note(journey.dispatcher, id);
  std::vector<Record> ladder{root};
  for (std::size_t i = 0; i < 60; ++i) {
    RecordHeader header =
        i == 0 ? next_header(journey.courier, id) : header_after(ladder.back(), id);
    header.refs = {ladder.back().hash, ladder[ladder.size() / 2].hash};
    if (i > 0) header.refs.push_back(ladder[ladder.size() - 2].hash);
    ladder.push_back(forge(journey.courier, header, body::Note{std::to_string(i)}));
  }
  const std::vector<Record> waiting(ladder.begin() + 1, ladder.end());
  const exchange::Response response = province.push(journey.courier, waiting);
  for (const auto& answer : response.answers) {
    EXPECT_EQ(ruling_of(answer), is_held(errc::reference_missing));
  }
  EXPECT_EQ(pushed(journey.dispatcher, root), is_effective);
  for (const Record& record : waiting) EXPECT_EQ(province.ruling(record.hash), is_effective);
}

TEST_F(AdmissionTest, OfTwoOfficersTheFirstDecidesAndTheSecondIsToldSo) {
  const Id id = journey.at_desk();
  Device& colleague = province.enrol(Role::officer, unit);
  province.sync(colleague);
  must(journey.as_officer().accept(id));
  const Record second = must(core::Officer(*colleague).refuse(id, "thiếu giấy"));
  province.sync(journey.officer);
  province.sync(colleague);
  EXPECT_EQ(province.ruling(second.hash), is_refused(errc::decision_superseded));
  EXPECT_EQ(must_have(colleague->record(second.hash)).evidence.ruling,
            is_refused(errc::decision_superseded));
  EXPECT_EQ(must(colleague->dossier(id)).stage, Stage::accepted);
  EXPECT_EQ(must(colleague->dossier(id)).records.refused, 1u) << "kept and listed";
}

TEST_F(AdmissionTest, AcceptanceOfLessThanWhatIsThereIsSuperseded) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  province.upload(journey.courier);
  const Record taken = journey.hand_over({id});
  province.sync_all();
  // The officer names less than what both sides signed for.
  const Record accepted = write_unchecked(journey.officer, id, {}, body::Accepted{{}, {}});
  province.sync(journey.officer, {.pull_max = 0});
  EXPECT_EQ(province.ruling(accepted.hash), is_refused(errc::decision_superseded));
  EXPECT_EQ(province.ruling(taken.hash), is_effective);
}

TEST_F(AdmissionTest, IncompleteDossierCannotBeAccepted) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  journey.hand_over({id});
  province.sync_all();
  const Record accepted = must(journey.as_officer().accept(id));
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(accepted.hash), is_refused(errc::dossier_incomplete))
      << "the photo has not arrived";
}

TEST_F(AdmissionTest, AmendmentAfterAcceptanceIsHeldAndChangesNothing) {
  const Id id = journey.accepted();
  const std::string name = province.dossier(id).field("owner_name");
  EXPECT_EQ(code_of(journey.as_courier().write_field(id, "owner_name", "Trần B")),
            errc::late_amendment);
  const Record late = write_unchecked(journey.courier, id, {}, name_field("Trần B"));
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(late.hash), is_held(errc::late_amendment));
  EXPECT_EQ(province.dossier(id).field("owner_name"), name);
  EXPECT_EQ(province.dossier(id).records.held, 1u);
}

TEST_F(AdmissionTest, NumberOutsideTheLeasesIsHeld) {
  const Id id = journey.collected();
  province.sync(journey.courier);
  body::Sealed slip;
  slip.send_slip_no = "PG-H42-00009999";
  slip.item_id = must(must(journey.courier->begin()).take_number(body::NumberKind::item));
  const Record record = write_unchecked(journey.courier, id, {}, slip);
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(record.hash), is_held(errc::number_not_leased));
  EXPECT_FALSE(province.dossier(id).sealed);
}

TEST_F(AdmissionTest, NumberOfAnotherCouriersLeaseIsHeld) {
  const Id id = journey.collected();
  province.sync(journey.courier);
  Device& colleague = new_courier();
  province.sync(colleague);
  body::Sealed slip;
  slip.send_slip_no = must(must(colleague->begin()).take_number(body::NumberKind::send_slip));
  slip.item_id = must(must(colleague->begin()).take_number(body::NumberKind::item));
  const Record record = write_unchecked(journey.courier, id, {}, slip);
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(record.hash), is_held(errc::number_not_leased));
}

TEST_F(AdmissionTest, NumberUsedTwiceIsHeldInWhateverSpelling) {
  const Id first = journey.sealed();
  const Id second = journey.collected();
  province.sync(journey.courier);
  const body::Sealed used = *province.dossier(first).slip;
  body::Sealed slip;
  slip.send_slip_no = must(must(journey.courier->begin()).take_number(body::NumberKind::send_slip));
  slip.item_id = used.item_id;
  Record record = write_unchecked(journey.courier, second, {}, slip);
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(record.hash), is_held(errc::number_used_twice));

  slip.item_id.insert(2, " ");
  record = write_unchecked(journey.courier, second, {}, slip);
  province.sync(journey.courier);
  EXPECT_EQ(province.ruling(record.hash).verdict, Verdict::held);
  EXPECT_FALSE(province.dossier(second).sealed);
}

TEST_F(AdmissionTest, RecordPushedTwiceIsADuplicateWithTheSameReceipt) {
  const Id id = journey.assigned();
  const Record record = note(journey.courier, id);
  const exchange::Response first = province.push(journey.courier, {record, record});
  EXPECT_EQ(first.answers.at(0).verdict, Verdict::effective);
  EXPECT_EQ(first.answers.at(1).verdict, Verdict::duplicate);
  const std::string state = state_text(province.dossier(id));
  // By another device too.
  for (const Device* sender : {&journey.courier, &journey.officer}) {
    const exchange::Response again = province.push(*sender, {record});
    EXPECT_EQ(again.answers.at(0).verdict, Verdict::duplicate);
    EXPECT_EQ(again.answers.at(0).standing, Verdict::effective);
    EXPECT_EQ(again.answers.at(0).leaf_index, first.answers.at(0).leaf_index);
    expect_receipt(again.answers.at(0), again);
  }
  EXPECT_EQ(state_text(province.dossier(id)), state);
}

TEST_F(AdmissionTest, RejectedRecordIsTakenOnceItComesWhole) {
  const Id id = journey.assigned();
  const Record record = note(journey.courier, id);
  Record bare = record;
  bare.body.clear();
  EXPECT_EQ(pushed(journey.courier, bare), is_refused(errc::body_malformed));
  EXPECT_EQ(pushed(journey.courier, record), is_effective);
}

TEST_F(AdmissionTest, ClocksOfDevicesDecideNothing) {
  const Id id = journey.sealed();
  const auto years = [](std::uint64_t n) { return n * 365 * 24 * 3'600'000; };
  journey.courier.host.set_now_ms(0);
  journey.officer.host.set_now_ms(FakeHost::start_ms + years(80));
  province.sync(journey.courier);
  province.upload(journey.courier);
  journey.hand_over({id});
  journey.officer.host.set_now_ms(FakeHost::start_ms - years(20));
  province.sync_all();
  must(journey.as_officer().accept(id));
  province.sync_all();
  const Dossier d = province.dossier(id);
  EXPECT_EQ(d.stage, Stage::accepted);
  EXPECT_EQ(d.dossier_code, "H42.101-260302-0001");
  EXPECT_EQ(d.records.held + d.records.refused, 0u);
}

TEST_F(AdmissionTest, OrderOfArrivalDoesNotMatter) {
  // Everything that happened at one door and one desk without a network.
  const Id id = journey.sealed();
  Device& citizen = journey.let_in(id);
  const Hash sealed = *must(journey.as_courier().dossier(id)).sealed;
  journey.give(journey.courier, citizen, {sealed});
  must(core::Citizen(*citizen).confirm(sealed));
  journey.hand_over({id});
  std::vector<Record> records;
  for (Device* device : {&journey.courier, &citizen, &journey.officer}) {
    for (StoredRecord& r : must((*device)->store().all())) {
      const bool unsent = r.origin == Origin::own && !r.receipt;
      if (unsent) records.push_back(std::move(r.evidence.record));
    }
  }
  ASSERT_GE(records.size(), 9u);
  const std::uint64_t seed = random_seed();
  SCOPED_TRACE(seed_text(seed));
  std::mt19937_64 engine(seed);
  std::string expected;
  for (int run = 0; run < 60; ++run) {
    TempDir folder;
    for (const auto& entry : fs::directory_iterator(province.folder())) {
      if (entry.path().filename().string().starts_with("registry.db")) {
        fs::copy(entry.path(), folder.path() / entry.path().filename());
      }
    }
    Province copy(1, folder.path());
    if (run > 0) std::ranges::shuffle(records, engine);
    for (const Record& record : records) copy.push(journey.dispatcher, {record});
    const Dossier d = copy.dossier(id);
    EXPECT_EQ(d.records.held + d.records.refused, 0u);
    const std::string state = state_text(d);
    if (run == 0) expected = state;
    ASSERT_EQ(state, expected) << "run " << run;
    EXPECT_EQ(must(copy.registry().wanted_attachments(journey.courier.log_id(), 10)).size(), 1u);
  }
  EXPECT_NE(expected.find("stage handed_over"), std::string::npos);
}

}  // namespace
}  // namespace tannha::test
