#include "tannha/engine/admission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "tannha/protocol/cose.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/merkle.hpp"
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
  static Ruling ruling_of(const exchange::Answer& answer) {
    Ruling ruling{answer.verdict, std::nullopt};
    if (answer.reason) ruling.reason = static_cast<errc>(*answer.reason);
    return ruling;
  }
  Record note(Device& device, const Id& id, std::string text = "ghi chú") {
    return forge(device, next_header(device, id), body::Note{std::move(text)});
  }
  static Record note_after(Device& device, const Record& before, const Id& id) {
    return forge(device, header_after(before, id), body::Note{"tiếp"});
  }
  Device& new_courier() { return province.enrol(Role::courier, "H42"); }

  /// A walk-up dossier of another courier, opened at the registry.
  Id open_with(Device& courier) {
    core::Courier work(*courier, province.catalogue());
    const Id id = must(work.open({}, birth_procedure, body::ServiceKind::send));
    province.sync(courier);
    return id;
  }
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

// One bad record and what is said of it. Without a receipt: it is not stored as a record.
struct Bad {
  std::string what;
  Record record;
  Ruling ruling;
  bool has_receipt = true;
};

Record resigned(const Record& record, std::uint64_t version, const KeyPair& key) {
  const auto message = must(cose::decode_sign1(record.envelope));
  cbor::Map payload = *must(cbor::decode(message.payload)).as_map();
  payload.at(0).second = cbor::Value(version);
  Record out = record;
  out.envelope = cose::sign1(message.protected_map, cbor::encode(cbor::Value(payload)), key);
  out.hash = sha256(out.envelope);
  return out;
}

TEST_F(AdmissionTest, EachBadRecordGetsItsReasonAndTheGoodOnesOfTheSamePushGoThrough) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  const Hash sealed = *province.dossier(id).sealed;
  Device& citizen = journey.let_in(id);
  Device& stranger = new_courier();
  const Id elsewhere = open_with(stranger);
  Device& other_citizen = journey.let_in(elsewhere);
  Device& forked = new_courier();
  Device& broken = new_courier();
  Device& gap = new_courier();
  Device& newer = new_courier();
  Device& unsigned_by = new_courier();
  std::vector<Bad> bad;
  const auto expect = [&](std::string what, Record record, Ruling ruling, bool receipt = true) {
    bad.push_back({std::move(what), std::move(record), ruling, receipt});
  };

  Record record = note(unsigned_by, id);
  RecordHeader header = record.header;
  expect("signed by another key", sign_record(header, record.body, stranger->identity()->key),
         is_refused(errc::signature_invalid), false);
  record = note(unsigned_by, id, "thật");
  record.body = note(unsigned_by, id, "giả").body;
  expect("another body", record, is_refused(errc::body_mismatch), false);
  record = note(unsigned_by, id);
  record.body.clear();
  expect("no body", record, is_refused(errc::body_malformed), false);
  record.envelope = {0x01, 0x02};
  record.hash = sha256(record.envelope);
  expect("no envelope", record, is_refused(errc::cbor_trailing_bytes), false);
  expect("unknown version", resigned(note(newer, id), 2, newer->identity()->key),
         is_refused(errc::record_version_unknown), false);
  header = note(unsigned_by, id).header;
  header.tenant = "H43";
  expect("another tenant", sign_record(header, note(unsigned_by, id).body,
                                       unsigned_by->identity()->key),
         is_refused(errc::tenant_mismatch), false);
  header = note(unsigned_by, id).header;
  header.log_id = Hash{9};
  expect("unknown log", sign_record(header, note(unsigned_by, id).body,
                                    unsigned_by->identity()->key),
         is_refused(errc::certificate_unknown), false);

  header = next_header(gap, id);
  header.seq += 3;
  header.prev = Hash{7};
  expect("gap", forge(gap, header, body::Note{"x"}), is_held(errc::predecessor_missing));
  header = next_header(broken, id);
  header.prev = Hash{7};
  expect("broken chain", forge(broken, header, body::Note{"x"}), is_held(errc::log_broken));
  expect("one branch", note(forked, elsewhere, "một"), is_refused(errc::out_of_scope));
  expect("the other branch", note(forked, elsewhere, "hai"), is_held(errc::log_forked));
  header = next_header(newer, id);
  header.type = static_cast<RecordType>(999);
  expect("unknown type", forge(newer, header, body::encode(body::Note{"x"}, Id{})),
         is_held(errc::record_type_unknown));

  expect("another courier's dossier",
         forge(stranger, next_header(stranger, id), name_field("Kẻ lạ")),
         is_refused(errc::out_of_scope));
  header = header_after(bad.back().record, id);
  expect("an officer's act by a courier", forge(stranger, header, body::Accepted{}),
         is_refused(errc::role_not_allowed));
  header = header_after(bad.back().record, id);
  header.refs = {sealed};
  const body::Confirmed own_word{body::Grade::countersigned,
                                 must(stranger->countersign(must_have(
                                     journey.courier->record(sealed)).evidence.record)), {}};
  expect("a courier confirms for the citizen", forge(stranger, header, own_word),
         is_refused(errc::role_not_allowed));
  header = header_after(bad.back().record, id);
  expect("a body of another type", forge(stranger, [&] {
           header.type = RecordType::confirmed;
           return header;
         }(), body::encode(body::Note{"x"}, Id{})), is_refused(errc::body_malformed));
  header = header_after(bad.back().record, id);
  header.refs = {Hash{3}};
  expect("unknown reference", forge(stranger, header, body::Note{"x"}),
         is_held(errc::reference_missing));
  header = header_after(bad.back().record, stranger.actor());
  expect("a lease for oneself",
         forge(stranger, header,
               body::LeaseGranted{stranger.log_id(), body::NumberKind::item, "RB", 1, 50}),
         is_refused(errc::role_not_allowed));
  header = header_after(bad.back().record, journey.courier->make_id());
  expect("a bag of nothing", forge(stranger, header, body::HandoverOffered{
                                       body::Direction::to_desk, std::string(unit), {}, {}}),
         is_refused(errc::out_of_scope));

  const Record slip = must_have(journey.courier->record(sealed)).evidence.record;
  header = next_header(other_citizen, id);
  header.refs = {sealed};
  expect("citizen of another dossier",
         forge(other_citizen, header, body::Confirmed{body::Grade::countersigned,
                                                      must(other_citizen->countersign(slip)), {}}),
         is_refused(errc::out_of_scope));
  header = next_header(citizen, id);
  header.refs = {sealed};
  expect("countersigned by somebody else",
         forge(citizen, header, body::Confirmed{body::Grade::countersigned,
                                                must(stranger->countersign(slip)), {}}),
         is_refused(errc::countersignature_invalid));
  header = header_after(bad.back().record, id);
  header.refs = {sealed};
  expect("grade B without a server's code",
         forge(citizen, header, body::Confirmed{body::Grade::one_time_code, {}, {}}),
         is_refused(errc::role_not_allowed));

  // Good and bad by turns, in one push by a device that wrote none of the bad ones.
  std::vector<Record> good{note(journey.courier, id)};
  while (good.size() <= bad.size()) good.push_back(note_after(journey.courier, good.back(), id));
  std::vector<Record> all;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    all.push_back(good[i]);
    all.push_back(bad[i].record);
  }
  const std::uint64_t before = must(province.registry().quarantined());
  const std::string state = dump(province.dossier(id));
  const exchange::Response response = province.push(journey.courier, all);
  ASSERT_EQ(response.answers.size(), all.size());
  std::uint64_t quarantined = 0;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    SCOPED_TRACE(bad[i].what);
    EXPECT_EQ(ruling_of(response.answers[2 * i]), is_effective);
    expect_receipt(response.answers[2 * i], response);
    const exchange::Answer& answer = response.answers[2 * i + 1];
    EXPECT_EQ(answer.record, bad[i].record.hash);
    EXPECT_EQ(ruling_of(answer), bad[i].ruling);
    EXPECT_EQ(answer.leaf_index.has_value(), bad[i].has_receipt);
    if (bad[i].has_receipt) {
      expect_receipt(answer, response);
    } else {
      ++quarantined;
    }
  }
  // The same envelope with and without its body counts once.
  EXPECT_GE(must(province.registry().quarantined()), before + quarantined - 1);
  const Dossier d = province.dossier(id);
  EXPECT_EQ(d.field("owner_name"), "Nguyễn Văn A");
  EXPECT_EQ(d.notes, bad.size());
  EXPECT_FALSE(d.confirmation);
  EXPECT_NE(dump(d), state);
}

TEST_F(AdmissionTest, UnknownCertificateIsRefusedEvenWhenItIntroducesItself) {
  Province abroad(77);
  Device& foreigner = abroad.enrol(Role::courier, "H42");
  const exchange::Response response = province.push(
      journey.courier, {note(foreigner, Id{1})}, {foreigner->identity()->log});
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
  province.host().set_now_ms(FakeHost::start_ms - 1);
  EXPECT_EQ(pushed(journey.courier, note(journey.courier, id)),
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
  EXPECT_EQ(dump(must(journey.courier->dossier(id))), dump(province.dossier(id)));
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
}

TEST_F(AdmissionTest, LongLadderOfWaitingReferencesIsReleasedInOneStep) {
  // Each record names the two before it, so that paths double at every rung.
  const Id id = journey.assigned();
  const Record root = note(journey.dispatcher, id);
  std::vector<Record> ladder{root};
  for (std::size_t i = 0; i < 60; ++i) {
    RecordHeader header = i == 0 ? next_header(journey.courier, id)
                                 : header_after(ladder.back(), id);
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
  // The courier adds something that the officer has not seen.
  write_unchecked(journey.courier, id, {}, body::FeeTaken{body::MoneyKind::fee, 1000, true});
  province.sync(journey.courier);
  const Record accepted = must(journey.as_officer().accept(id));
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
  const std::string state = dump(province.dossier(id));
  // By another device too.
  for (const Device* sender : {&journey.courier, &journey.officer}) {
    const exchange::Response again = province.push(*sender, {record});
    EXPECT_EQ(again.answers.at(0).verdict, Verdict::duplicate);
    EXPECT_EQ(again.answers.at(0).standing, Verdict::effective);
    EXPECT_EQ(again.answers.at(0).leaf_index, first.answers.at(0).leaf_index);
    expect_receipt(again.answers.at(0), again);
  }
  EXPECT_EQ(dump(province.dossier(id)), state);
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
    const std::string state = dump(d);
    if (run == 0) expected = state;
    ASSERT_EQ(state, expected) << "run " << run;
    EXPECT_EQ(must(copy.registry().wanted_attachments(journey.courier.log_id(), 10)).size(), 1u);
  }
  EXPECT_NE(expected.find("stage handed_over"), std::string::npos);
}

// Enrolment

class EnrolmentTest : public AdmissionTest {
 protected:
  exchange::TicketRequest request{Role::courier, "H42", {}, {}, "test"};
};

TEST_F(EnrolmentTest, RefusesUnknownTicket) {
  Device& device = province.new_device();
  EXPECT_EQ(code_of(province.enrol(must(device->begin_enrolment("AAAA")))), errc::ticket_unknown);
}

TEST_F(EnrolmentTest, RefusesProofOfAnotherKeyOrIncarnation) {
  Device& device = province.new_device();
  const auto ticket = must(province.ticket(request));
  const auto good = must(device->begin_enrolment(ticket.ticket));
  auto bad = good;
  bad.public_key = journey.courier->identity()->certificate.public_key;
  EXPECT_EQ(code_of(province.enrol(bad)), errc::signature_invalid);
  bad = good;
  bad.incarnation[0] ^= 1;
  EXPECT_EQ(code_of(province.enrol(bad)), errc::signature_invalid);
  EXPECT_TRUE(province.enrol(good)) << "a failed attempt does not use the ticket up";
}

TEST_F(EnrolmentTest, RefusesExpiredTicket) {
  Device& device = province.new_device();
  const auto ticket = must(province.ticket(request));
  EXPECT_EQ(ticket.expires_ms, FakeHost::start_ms + limits::ticket_life_ms);
  province.host().set_now_ms(ticket.expires_ms + 1);
  EXPECT_EQ(code_of(province.enrol(must(device->begin_enrolment(ticket.ticket)))),
            errc::ticket_expired);
  province.host().set_now_ms(ticket.expires_ms);
  EXPECT_TRUE(province.enrol(must(device->begin_enrolment(ticket.ticket))));
}

TEST_F(EnrolmentTest, TicketIsForOneKeyAndItsAnswerCanBeAskedForAgain) {
  Device& device = province.new_device();
  Device& thief = province.new_device();
  const auto ticket = must(province.ticket(request));
  const auto first = must(province.enrol(must(device->begin_enrolment(ticket.ticket))));
  EXPECT_EQ(code_of(province.enrol(must(thief->begin_enrolment(ticket.ticket)))),
            errc::ticket_used);
  // The answer was lost, the device restarted, and time has passed.
  province.restart(device);
  province.advance_ms(2 * limits::ticket_life_ms);
  const auto again = must(province.enrol(must(device->begin_enrolment(ticket.ticket))));
  EXPECT_EQ(again.certificate, first.certificate);
  must(device->finish_enrolment(again));
  EXPECT_EQ(device->identity()->certificate.role, Role::courier);
}

TEST_F(EnrolmentTest, RefusesTicketsThatNobodyMayAskFor) {
  const Id id = journey.assigned();
  const auto refused = [&](exchange::TicketRequest r, const std::optional<Hash>& asker) {
    return code_of(province.ticket(r, asker));
  };
  EXPECT_EQ(refused({Role::registry, "H42", {}, {}, ""}, {}), errc::role_not_allowed);
  EXPECT_EQ(refused({Role::citizen, "H42", {}, {}, ""}, {}), errc::role_not_allowed);
  EXPECT_EQ(refused({Role::courier, "H42", {}, id, ""}, {}), errc::role_not_allowed);
  EXPECT_EQ(refused({Role::courier, "không", {}, {}, ""}, {}), errc::agency_code_malformed);
  EXPECT_EQ(refused(request, journey.dispatcher.log_id()), errc::role_not_allowed);
  EXPECT_EQ(refused({Role::citizen, "", {}, id, ""}, journey.courier.log_id()),
            errc::role_not_allowed);
  Device& elsewhere = province.enrol(Role::officer, other_unit);
  EXPECT_EQ(refused({Role::citizen, "", {}, id, ""}, elsewhere.log_id()), errc::out_of_scope);
  EXPECT_EQ(refused({Role::citizen, "", {}, id, ""}, Hash{1}), errc::certificate_unknown);
  EXPECT_EQ(refused({Role::citizen, "", {}, id, ""}, journey.officer.log_id()), errc{});
}

}  // namespace
}  // namespace tannha::test
