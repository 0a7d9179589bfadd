#include "tannha/engine/replica.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tannha/protocol/cose.hpp"
#include "tannha/protocol/limits.hpp"
#include "tests/support/province.hpp"

namespace tannha::test {
namespace {

class ReplicaTest : public testing::Test {
 protected:
  Province province;
  Device& device = province.enrol(Role::courier, "H42");

  static Record note(Device& d, std::string text = "ghi chú") {
    return write_unchecked(d, Id{1}, {}, body::Note{std::move(text)});
  }
  /// Seq from 0 without a gap, each record naming the one before it.
  static void expect_unbroken(Device& d, std::size_t count) {
    Hash prev = d.log_id();
    std::uint64_t seq = 0;
    for (const StoredRecord& r : must(d->store().all())) {
      if (r.origin != Origin::own) continue;
      EXPECT_EQ(r.evidence.record.header.seq, seq++);
      EXPECT_EQ(r.evidence.record.header.prev, prev);
      prev = r.evidence.record.hash;
    }
    EXPECT_EQ(seq, count);
  }
};

// Enrolment

TEST_F(ReplicaTest, RefusesEverythingBeforeEnrolment) {
  Device& fresh = province.new_device();
  EXPECT_EQ(fresh->identity(), nullptr);
  EXPECT_EQ(code_of(fresh->begin()), errc::not_enrolled);
  EXPECT_EQ(code_of(fresh->next_request(1)), errc::not_enrolled);
  EXPECT_EQ(code_of(fresh->receive({})), errc::not_enrolled);
  EXPECT_EQ(code_of(fresh->sign_in(Bytes{1})), errc::not_enrolled);
  EXPECT_EQ(code_of(fresh->countersign(note(device))), errc::not_enrolled);
  EXPECT_EQ(code_of(fresh->make_parcel({})), errc::not_enrolled);
  EXPECT_EQ(code_of(fresh->take_parcel({})), errc::not_enrolled);
  EXPECT_EQ(code_of(fresh->finish_enrolment({})), errc::not_enrolled);
}

TEST_F(ReplicaTest, RefusesCertificateForAnotherKeyTenantOrAuthority) {
  Device& fresh = province.new_device();
  const auto ticket = must(province.ticket({Role::courier, "H42", {}, {}, ""}));
  const auto good = must(province.enrol(must(fresh->begin_enrolment(ticket.ticket))));
  auto bad = good;
  bad.certificate = device->identity()->log.certificate;
  EXPECT_EQ(code_of(fresh->finish_enrolment(bad)), errc::key_malformed);
  bad = good;
  bad.tenant.code = "H43";
  EXPECT_EQ(code_of(fresh->finish_enrolment(bad)), errc::tenant_mismatch);
  bad = good;
  bad.tenant.authority_key = bad.tenant.journal_key;
  EXPECT_EQ(code_of(fresh->finish_enrolment(bad)), errc::certificate_unknown);
  EXPECT_EQ(fresh->identity(), nullptr);
  must(fresh->finish_enrolment(good));
  EXPECT_EQ(code_of(fresh->finish_enrolment(good)), errc::already_enrolled);
  EXPECT_EQ(code_of(fresh->begin_enrolment("x")), errc::already_enrolled);
}

TEST_F(ReplicaTest, SameTicketGivesTheSameKeyAndAnotherOneANewKey) {
  Device& fresh = province.new_device();
  const auto first = must(fresh->begin_enrolment("vé"));
  province.restart(fresh);
  const auto again = must(fresh->begin_enrolment("vé"));
  EXPECT_EQ(again.public_key, first.public_key);
  EXPECT_EQ(again.incarnation, first.incarnation);
  EXPECT_NE(must(fresh->begin_enrolment("vé khác")).public_key, first.public_key);
}

TEST_F(ReplicaTest, SignInIsBoundToChallengeAndTenant) {
  const Bytes challenge{1, 2, 3};
  const auto request = must(device->sign_in(challenge));
  const PublicKey& key = device->identity()->certificate.public_key;
  EXPECT_TRUE(verify(key, exchange::token_statement(challenge, "H42"), request.signature));
  EXPECT_FALSE(verify(key, exchange::token_statement(challenge, "H43"), request.signature));
  EXPECT_FALSE(verify(key, exchange::token_statement(Bytes{1, 2}, "H42"), request.signature));
}

// Writing

TEST_F(ReplicaTest, ChangeThatIsDroppedLeavesNothing) {
  note(device);
  const std::string before = dump(device->store());
  {
    auto change = must(device->begin());
    must(change.append(Id{1}, {}, body::Note{"mất"}));
    must(change.append(Id{1}, {}, body::Note{"mất nữa"}));
    must(change.attach(photo(), "image/jpeg"));
  }
  EXPECT_EQ(dump(device->store()), before);
  note(device);
  expect_unbroken(device, 2);
}

TEST_F(ReplicaTest, RecordsOfOneChangeFollowEachOther) {
  auto change = must(device->begin());
  const Record first = must(change.append(Id{1}, {}, body::Note{"một"}));
  const Record second = must(change.append(Id{1}, {first.hash}, body::Note{"hai"}));
  must(change.commit());
  EXPECT_EQ(first.header.prev, device.log_id());
  EXPECT_EQ(second.header.prev, first.hash);
  EXPECT_EQ(second.header.refs, std::vector<Hash>{first.hash});
  expect_unbroken(device, 2);
}

TEST_F(ReplicaTest, SavedRecordsSurviveARestartAndTheLogGoesOn) {
  for (int i = 0; i < 3; ++i) {
    note(device);
    const std::string before = dump(device->store());
    province.restart(device);
    EXPECT_EQ(dump(device->store()), before);
  }
  note(device);
  expect_unbroken(device, 4);
}

TEST_F(ReplicaTest, SecondProcessIsRefused) {
  EXPECT_EQ(code_of(Replica::open(device.path.string(), device.host, device.unlock)), errc::store_busy);
}

TEST_F(ReplicaTest, FullDiskLosesNothingThatWasSavedAndLeavesNoGap) {
  note(device);
  sqlite::Database& db = device->store().database();
  const auto pages =
      must_have(db.one("PRAGMA page_count", {}, [](sqlite::Row row) { return row.number(0); }));
  must(db.exec(("PRAGMA max_page_count=" + std::to_string(pages + 3)).c_str()));
  const auto write = [&]() -> Result<void> {
    TN_TRY(auto change, device->begin());
    TN_TRY([[maybe_unused]] const Record r,
           change.append(Id{1}, {}, body::Note{std::string(3000, 'x')}));
    return change.commit();
  };
  std::size_t saved = 1;
  Result<void> result;
  for (int i = 0; i < 50 && result; ++i) {
    result = write();
    if (result) ++saved;
  }
  EXPECT_EQ(code_of(result), errc::store_full);
  EXPECT_EQ(code_of(write()), errc::store_full) << "and again";
  EXPECT_EQ(must(device->holds()).records, saved);
  province.restart(device);  // There is room again.
  EXPECT_EQ(must(device->holds()).records, saved);
  note(device);
  expect_unbroken(device, saved + 1);
  EXPECT_EQ(province.sync(device).received, saved + 1);
}

TEST_F(ReplicaTest, ClockThatJumpsDoesNotDisturbTheLog) {
  for (const std::uint64_t now : {FakeHost::start_ms, std::uint64_t{0}, FakeHost::start_ms * 2}) {
    device.host.set_now_ms(now);
    EXPECT_EQ(note(device).header.claimed_ms, now);
  }
  expect_unbroken(device, 3);
}

TEST_F(ReplicaTest, RecordNamesTheNewestCheckpointOfItsAuthor) {
  EXPECT_FALSE(note(device).header.beacon);
  province.sync(device);
  const Beacon seen = must(device->checkpoint());
  EXPECT_GT(seen.size, 0u);
  EXPECT_EQ(note(device).header.beacon, seen);
}

// Limits

TEST_F(ReplicaTest, BodyIsLimited) {
  auto change = must(device->begin());
  const Bytes most(limits::body_bytes_max, 1);
  const Bytes too_much(limits::body_bytes_max + 1, 1);
  EXPECT_TRUE(change.append(Draft{Id{1}, RecordType::note, {}, most}));
  EXPECT_EQ(code_of(change.append(Draft{Id{1}, RecordType::note, {}, too_much})),
            errc::record_too_large);
}

TEST_F(ReplicaTest, ReferencesAreLimited) {
  auto change = must(device->begin());
  const Record full =
      must(change.append(Id{1}, std::vector<Hash>(limits::record_refs_max), body::Note{"x"}));
  EXPECT_TRUE(decode_record(full.envelope, full.body));
  EXPECT_EQ(code_of(change.append(Id{1}, std::vector<Hash>(limits::record_refs_max + 1),
                                  body::Note{"x"})),
            errc::record_too_large);
}

TEST_F(ReplicaTest, AttachmentIsLimitedAndMustBeOfAnAllowedType) {
  auto change = must(device->begin());
  Bytes bytes = photo();
  bytes.resize(limits::attachment_bytes_max);
  EXPECT_TRUE(change.attach(bytes, "image/jpeg"));
  bytes.push_back(0);
  EXPECT_EQ(code_of(change.attach(bytes, "image/jpeg")), errc::attachment_too_large);
  EXPECT_EQ(code_of(change.attach({}, "image/jpeg")), errc::attachment_empty);
  EXPECT_EQ(code_of(change.attach(Bytes{'P', 'K', 3, 4}, "image/jpeg")),
            errc::attachment_type_not_allowed);
  EXPECT_EQ(code_of(change.attach(photo(), "image/png")), errc::attachment_type_not_allowed);
}

TEST_F(ReplicaTest, NumbersRunOut) {
  auto change = must(device->begin());
  EXPECT_EQ(code_of(change.take_number(body::NumberKind::item)), errc::numbers_exhausted);
}

TEST_F(ReplicaTest, UnknownDossierIsSaid) {
  EXPECT_EQ(code_of(device->dossier(Id{9})), errc::dossier_unknown);
  EXPECT_TRUE(must(device->dossiers()).empty());
}

TEST_F(ReplicaTest, CountersignatureVerifiesForThisRecordAndKeyOnly) {
  Device& other = province.enrol(Role::officer, "H42");
  const Record record = note(device);
  const auto parent = must(cose::decode_sign1(record.envelope));
  const auto second = must(cose::decode_sign1(note(device).envelope));
  const auto signature = must(cose::decode_countersignature(must(other->countersign(record))));
  const PublicKey& key = other->identity()->certificate.public_key;
  EXPECT_TRUE(cose::verify_countersignature(signature, parent, key));
  EXPECT_FALSE(cose::verify_countersignature(signature, second, key));
  EXPECT_FALSE(
      cose::verify_countersignature(signature, parent, device->identity()->certificate.public_key));
}

// Parcels

class ReplicaParcelTest : public ReplicaTest {
 protected:
  Device& other = province.enrol(Role::officer, "H42");
  Record first = note(device, "một");
  Record second = note(device, "hai");
  exchange::Parcel parcel = must(device->make_parcel({first.hash, second.hash}));

  void expect_refused(errc why) {
    EXPECT_EQ(code_of(other->take_parcel(parcel)), why);
    EXPECT_TRUE(must(other->store().all()).empty());
  }
};

TEST_F(ReplicaParcelTest, RefusesBodyThatIsNotTheSignedOne) {
  parcel.records[1].body = body::encode(body::Note{"giả"}, Id{});
  expect_refused(errc::body_mismatch);
}

TEST_F(ReplicaParcelTest, RefusesRecordWithoutBody) {
  parcel.records[1].body.reset();
  expect_refused(errc::body_malformed);
}

TEST_F(ReplicaParcelTest, RefusesWrongSignature) {
  parcel.records[1].envelope.back() ^= 1;
  expect_refused(errc::signature_invalid);
}

TEST_F(ReplicaParcelTest, RefusesLogThatIsNotIntroduced) {
  parcel.logs.clear();
  expect_refused(errc::certificate_unknown);
}

TEST_F(ReplicaParcelTest, RefusesLogOfAnotherAuthority) {
  Province abroad(77);
  Device& foreigner = abroad.enrol(Role::courier, "H42");
  parcel = must(foreigner->make_parcel({note(foreigner).hash}));
  expect_refused(errc::certificate_unknown);
}

TEST_F(ReplicaParcelTest, RefusesToMakeOneOfRecordsThatAreNotHere) {
  EXPECT_EQ(code_of(device->make_parcel({Hash{1}})), errc::store_not_found);
}

TEST_F(ReplicaParcelTest, CarriedRecordsAreDeliveredAndTakingTwiceIsHarmless) {
  EXPECT_EQ(must(other->take_parcel(parcel)).size(), 2u);
  const std::string before = dump(other->store());
  EXPECT_EQ(must(other->take_parcel(parcel)).size(), 2u);
  EXPECT_EQ(dump(other->store()), before);
  EXPECT_EQ(must(other->holds()).records, 2u);
  note(other);
  EXPECT_EQ(province.sync(other).received, 3u);
  EXPECT_EQ(must(other->holds()).records, 0u);
}

TEST_F(ReplicaParcelTest, GoesOnToAThirdDevice) {
  Device& third = province.enrol(Role::courier, "H42");
  must(other->take_parcel(parcel));
  must(third->take_parcel(must(other->make_parcel({second.hash, first.hash}))));
  EXPECT_EQ(province.sync(third).received, 2u);
}

TEST_F(ReplicaParcelTest, OwnRecordsComingBackChangeNothing) {
  must(other->take_parcel(parcel));
  const std::string before = dump(device->store());
  must(device->take_parcel(must(other->make_parcel({first.hash, second.hash}))));
  EXPECT_EQ(must(device->store().all()).size(), 2u);
  EXPECT_EQ(must_have(device->record(first.hash)).origin, Origin::own);
  EXPECT_EQ(before, dump(device->store()));
}

}  // namespace
}  // namespace tannha::test
