#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/journey.hpp"

// One dossier's way through everybody's hands, and who may hold it: docs/merge.md, "one custodian".
namespace tannha::test {
namespace {

class CustodyTest : public testing::Test {
 protected:
  Province province;
  Journey journey{province};

  Ruling pushed(Device& device, const Record& record) {
    EXPECT_EQ(province.push(device, {record}).answers.size(), 1u);
    return province.ruling(record.hash);
  }
  /// An acceptance that any officer's device can sign, whatever the rules on it say.
  static Record acceptance(Device& device, const Record& offer, std::vector<Id> taken,
                           std::vector<Id> missing = {}) {
    body::HandoverAccepted body;
    body.countersignature = must(device->countersign(offer));
    body.taken = std::move(taken);
    body.missing = std::move(missing);
    RecordHeader header = next_header(device, offer.header.subject);
    header.refs = {offer.hash};
    return forge(device, header, body);
  }
  void expect_every_receipt_verifies(Device& device) {
    const exchange::Tenant& tenant = device->identity()->tenant;
    for (const StoredRecord& r : must(device->store().all())) {
      ASSERT_TRUE(r.receipt) << name(r.evidence.record.header.type);
      EXPECT_EQ(r.receipt->record, r.evidence.record.hash);
      EXPECT_TRUE(verify_receipt(*r.receipt, tenant.origin, tenant.journal_key));
    }
  }
};

TEST_F(CustodyTest, RefusesBagWithDossierThatWasNotOffered) {
  const Id offered = journey.sealed();
  province.sync(journey.courier);
  const Id other = journey.sealed();
  province.sync(journey.courier);
  const Record offer = must(journey.as_courier().offer_handover(unit, {offered}));
  province.sync(journey.courier);

  const Record grabbed = acceptance(journey.officer, offer, {offered, other});
  EXPECT_EQ(pushed(journey.officer, grabbed), is_refused(errc::out_of_scope));
  EXPECT_EQ(province.dossier(other).custodian, Custodian::courier);
  EXPECT_EQ(province.dossier(offered).custodian, Custodian::courier);
}

TEST_F(CustodyTest, RefusesDossierOfAnotherUnit) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  const Hash sealed = *province.dossier(id).sealed;
  Device& elsewhere = province.enrol(Role::officer, other_unit);
  body::HandoverOffered body{.direction = body::Direction::to_desk,
                             .unit = std::string(other_unit),
                             .receiver = {},
                             .items = {{id, "", "", sealed}}};
  RecordHeader header = next_header(journey.courier, journey.courier->make_id());
  header.refs = {sealed};
  const Record offer = forge(journey.courier, header, body);
  EXPECT_EQ(pushed(journey.courier, offer), is_refused(errc::out_of_scope));

  const Record taken = acceptance(elsewhere, offer, {id});
  EXPECT_EQ(pushed(elsewhere, taken).verdict, Verdict::refused);
  EXPECT_EQ(province.dossier(id).custodian, Custodian::courier);
  // What was refused opens no door: the other unit's feed has nothing of the dossier but its own.
  province.sync(elsewhere);
  EXPECT_TRUE(must(elsewhere->store().dossier(id)).size() <= 1);
}

TEST_F(CustodyTest, RefusesOtherUnitEvenBeforeTheOffersPredecessorsArrive) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  Device& elsewhere = province.enrol(Role::officer, other_unit);
  body::HandoverOffered body{.direction = body::Direction::to_desk,
                             .unit = std::string(other_unit),
                             .receiver = {},
                             .items = {{id, "", "", *province.dossier(id).sealed}}};
  RecordHeader header = next_header(journey.courier, journey.courier->make_id());
  header.seq += 5;
  header.prev = Hash{1};
  const Record offer = forge(journey.courier, header, body);
  ASSERT_EQ(pushed(journey.courier, offer), is_held(errc::predecessor_missing));
  EXPECT_EQ(pushed(elsewhere, acceptance(elsewhere, offer, {id})), is_refused(errc::out_of_scope));
  EXPECT_EQ(province.dossier(id).custodian, Custodian::courier);
}

TEST_F(CustodyTest, NobodyReceivesWhatTheGiverHadNoRightToGive) {
  const Id id = journey.sealed();
  province.sync(journey.courier);
  Device& stranger = province.enrol(Role::courier, "H42");
  const Hash sealed = *province.dossier(id).sealed;
  RecordHeader header = next_header(stranger, stranger->make_id());
  header.refs = {sealed};
  const Record offer =
      forge(stranger, header,
            body::HandoverOffered{
                body::Direction::to_desk, std::string(unit), {}, {{id, "", "", sealed}}});
  EXPECT_EQ(pushed(stranger, offer), is_refused(errc::out_of_scope));
  EXPECT_EQ(pushed(journey.officer, acceptance(journey.officer, offer, {id})),
            is_refused(errc::step_out_of_order));
  EXPECT_EQ(province.dossier(id).custodian, Custodian::courier);
}

TEST_F(CustodyTest, RefusesCountersignatureOverAnotherOffer) {
  const Id a = journey.sealed();
  province.sync(journey.courier);
  const Id b = journey.sealed();
  const Record offer_a = must(journey.as_courier().offer_handover(unit, {a}));
  const Record offer_b = must(journey.as_courier().offer_handover(unit, {b}));
  province.sync(journey.courier);

  body::HandoverAccepted body;
  body.countersignature = must(journey.officer->countersign(offer_a));
  body.taken = {b};
  RecordHeader header = next_header(journey.officer, offer_b.header.subject);
  header.refs = {offer_b.hash};
  const Record mixed = forge(journey.officer, header, body);
  EXPECT_EQ(pushed(journey.officer, mixed), is_refused(errc::countersignature_invalid));
}

TEST_F(CustodyTest, RefusesCountersignatureOfAnotherOfficer) {
  const Id id = journey.sealed();
  const Record offer = must(journey.as_courier().offer_handover(unit, {id}));
  province.sync(journey.courier);
  Device& colleague = province.enrol(Role::officer, unit);
  body::HandoverAccepted body;
  body.countersignature = must(colleague->countersign(offer));
  body.taken = {id};
  RecordHeader header = next_header(journey.officer, offer.header.subject);
  header.refs = {offer.hash};
  EXPECT_EQ(pushed(journey.officer, forge(journey.officer, header, body)),
            is_refused(errc::countersignature_invalid));
}

TEST_F(CustodyTest, CourierCannotAcceptOwnOffer) {
  const Id id = journey.sealed();
  const Record offer = must(journey.as_courier().offer_handover(unit, {id}));
  province.sync(journey.courier);
  EXPECT_EQ(pushed(journey.courier, acceptance(journey.courier, offer, {id})),
            is_refused(errc::role_not_allowed));
}

TEST_F(CustodyTest, SecondOfficerCannotTakeTheSameBag) {
  const Id id = journey.sealed();
  const Record offer = must(journey.as_courier().offer_handover(unit, {id}));
  province.sync(journey.courier);
  Device& colleague = province.enrol(Role::officer, unit);
  EXPECT_EQ(pushed(journey.officer, acceptance(journey.officer, offer, {id})), is_effective);
  EXPECT_EQ(pushed(colleague, acceptance(colleague, offer, {id})),
            is_refused(errc::step_out_of_order));
  EXPECT_EQ(province.dossier(id).handovers, 1u);
}

TEST_F(CustodyTest, AnotherCourierCannotTakeTheResult) {
  const Id id = journey.accepted();
  must(journey.as_officer().finish(id, "xong"));
  const Record offer = must(journey.as_officer().offer_return({id}));
  province.sync(journey.officer);
  Device& stranger = province.enrol(Role::courier, "H42");
  EXPECT_EQ(pushed(stranger, acceptance(stranger, offer, {id})), is_refused(errc::out_of_scope));
  EXPECT_EQ(province.dossier(id).custodian, Custodian::desk);
}

TEST_F(CustodyTest, MissingEnvelopeStaysWithTheCourierAndCanBeOfferedAgain) {
  const Id here = journey.sealed();
  const Id lost = journey.sealed();
  const Record offer = must(journey.as_courier().offer_handover(unit, {here, lost}));
  journey.give(journey.courier, journey.officer, {offer.hash});
  must(journey.as_officer().accept_handover(offer.hash, {lost}));
  province.sync_all();

  EXPECT_EQ(province.dossier(here).custodian, Custodian::desk);
  const Dossier d = province.dossier(lost);
  EXPECT_EQ(d.custodian, Custodian::courier);
  EXPECT_EQ(d.stage, Stage::sealed);
  EXPECT_FALSE(d.offer) << "the offer has been answered";
  EXPECT_EQ(d.handovers, 0u);

  journey.hand_over({lost});
  province.sync_all();
  EXPECT_EQ(province.dossier(lost).custodian, Custodian::desk);
}

TEST_F(CustodyTest, OfficerMayNotNameMissingWhatWasNotOffered) {
  const Id id = journey.sealed();
  const Record offer = must(journey.as_courier().offer_handover(unit, {id}));
  journey.give(journey.courier, journey.officer, {offer.hash});
  EXPECT_EQ(code_of(journey.as_officer().accept_handover(offer.hash, {Id{1}})),
            errc::argument_invalid);
}

TEST_F(CustodyTest, BagIsLimited) {
  EXPECT_EQ(code_of(journey.as_courier().offer_handover(unit, {})), errc::argument_invalid);
  const std::vector<Id> too_many(limits::record_refs_max + 1);
  EXPECT_EQ(code_of(journey.as_courier().offer_handover(unit, too_many)), errc::argument_invalid);
}

TEST_F(CustodyTest, PaperBeforeDataIsANormalStateAndSettles) {
  const Id id = journey.sealed();
  const Record offer = must(journey.as_courier().offer_handover(unit, {id}));
  journey.give(journey.courier, journey.officer, {offer.hash});
  const Record taken = must(journey.as_officer().accept_handover(offer.hash, {}));
  province.sync(journey.officer);
  EXPECT_EQ(province.ruling(offer.hash), is_held(errc::predecessor_missing));
  EXPECT_EQ(province.ruling(taken.hash), is_effective);
  Dossier d = province.dossier(id);
  EXPECT_TRUE(d.paper_before_data());
  EXPECT_EQ(d.custodian, Custodian::desk);
  EXPECT_EQ(d.stage, Stage::handed_over);

  province.sync_all();
  EXPECT_EQ(province.ruling(offer.hash), is_effective);
  d = province.dossier(id);
  EXPECT_FALSE(d.paper_before_data());
  EXPECT_EQ(d.stage, Stage::handed_over);
  EXPECT_EQ(d.custodian, Custodian::desk);
  EXPECT_EQ(d.records.held + d.records.refused, 0u);
  province.upload(journey.courier);
  EXPECT_EQ(must(journey.officer->dossier(id)).stage, Stage::handed_over);
  must(journey.as_officer().accept(id));
  province.sync_all();
  EXPECT_EQ(province.dossier(id).stage, Stage::accepted);
}

TEST_F(CustodyTest, OnlyTheAssignedCourierMayOpenWhatIsAlreadyAtTheDesk) {
  const Id id = journey.sealed();
  journey.hand_over({id});
  province.sync(journey.officer);
  ASSERT_TRUE(province.dossier(id).paper_before_data());
  Device& stranger = province.enrol(Role::courier, "H42");
  body::DossierOpened body;
  body.procedure = birth_procedure;
  body.unit = unit;
  body.channel = body::Channel::postal;
  body.service = body::ServiceKind::both;
  EXPECT_EQ(pushed(stranger, forge(stranger, next_header(stranger, id), body)),
            is_refused(errc::out_of_scope));
  province.sync(journey.courier);
  EXPECT_EQ(province.dossier(id).courier, journey.courier.actor());
  EXPECT_TRUE(province.dossier(id).opened);
}

TEST_F(CustodyTest, ReturnCountsOnlyWithItsOfferAndDeliveryWaitsForBoth) {
  const Id id = journey.accepted();
  // The desk has no network either: result and offer stay on the officer's device for a while.
  const Record result = must(journey.as_officer().finish(id, "Giấy khai sinh"));
  const Record offer = must(journey.as_officer().offer_return({id}));
  journey.give(journey.officer, journey.courier, {result.hash, offer.hash});
  const Record back = must(journey.as_courier().accept_return(offer.hash));
  const Record delivered = must(journey.as_courier().deliver(id, "can_cuoc", photo(7)));
  // The courier synchronises first. What was carried is out of order without the officer's log.
  std::vector<Record> own{back};
  for (const StoredRecord& r : must(journey.courier->store().all())) {
    if (r.origin == Origin::own && r.evidence.record.header.seq > back.header.seq) {
      own.push_back(r.evidence.record);
    }
  }
  province.push(journey.courier, {offer});
  province.push(journey.courier, own);
  EXPECT_EQ(province.ruling(back.hash).verdict, Verdict::held);
  EXPECT_EQ(province.ruling(delivered.hash).verdict, Verdict::held);
  EXPECT_EQ(province.dossier(id).custodian, Custodian::desk);

  province.sync_all();
  const Dossier d = province.dossier(id);
  EXPECT_EQ(province.ruling(back.hash), is_effective);
  EXPECT_EQ(province.ruling(delivered.hash), is_effective);
  EXPECT_EQ(d.custodian, Custodian::citizen);
  EXPECT_EQ(d.stage, Stage::returned);
}

TEST_F(CustodyTest, ResultThatNobodyTookGoesBackToTheDesk) {
  const Id id = journey.on_its_way_back();
  must(journey.as_courier().attempt_delivery(id, "vắng nhà"));
  journey.hand_over({id});
  province.sync_all();
  const Dossier d = province.dossier(id);
  EXPECT_EQ(d.custodian, Custodian::desk);
  EXPECT_EQ(d.stage, Stage::result_ready);
  EXPECT_EQ(d.delivery_attempts, 1u);
  EXPECT_EQ(d.records.held + d.records.refused, 0u);
}

TEST_F(CustodyTest, AssignmentThatCountsNoMoreGivesTheDossierBack) {
  const Id id = journey.assigned();
  Device& other = province.enrol(Role::courier, "H42");
  Device& thief = province.enrol(Role::dispatcher, "H42");
  province.sync(thief);
  const std::uint64_t since = must(province.registry().journal_size());
  must(core::Dispatcher(*thief).assign(id, other.actor()));
  province.sync(thief);
  province.sync(journey.courier);
  ASSERT_TRUE(must(journey.courier->dossiers()).empty());
  province.sync(other);
  ASSERT_EQ(must(other->dossiers()).size(), 1U);
  province.sync(journey.dispatcher);
  must(journey.as_dispatcher().revoke(thief.log_id(), body::RevocationReason::compromised, since));
  province.sync(journey.dispatcher);
  EXPECT_EQ(province.dossier(id).courier, journey.courier.actor());
  province.sync(journey.courier);
  EXPECT_EQ(state_text(must(journey.courier->dossier(id))), state_text(province.dossier(id)));
  province.sync(other);
  EXPECT_TRUE(must(other->dossiers()).empty());
}

TEST_F(CustodyTest, MoreSuggestionsThanARecordCanNameAreAnsweredByTheNextWrites) {
  const Id id = journey.collected();
  province.sync(journey.courier);
  Device& citizen = journey.let_in(id);
  const body::FieldsWritten suggestion{{{"owner_name", "Nguyễn Văn Á"}}};
  for (std::size_t i = 0; i <= limits::record_refs_max; ++i) {
    write_unchecked(citizen, id, {}, suggestion);
  }
  province.sync(citizen);
  province.sync(journey.courier);
  ASSERT_EQ(must(journey.courier->dossier(id)).suggestions.size(), limits::record_refs_max + 1);
  must(journey.as_courier().write_field(id, "owner_name", "Nguyễn Văn Á"));
  EXPECT_FALSE(must(journey.courier->dossier(id)).suggestions.empty());
  must(journey.as_courier().write_field(id, "owner_name", "Nguyễn Văn Á"));
  const Dossier answered = must(journey.courier->dossier(id));
  EXPECT_TRUE(answered.suggestions.empty());
  EXPECT_EQ(answered.fields.at("owner_name").size(), 1U);
}

TEST_F(CustodyTest, RefusedDossierGoesBackToItsOwner) {
  const Id id = journey.at_desk();
  must(journey.as_officer().refuse(id, "không thuộc thẩm quyền"));
  province.sync_all();
  journey.give_back(id);
  must(journey.as_courier().deliver(id, "can_cuoc", photo(8)));
  province.sync_all();
  const Dossier d = province.dossier(id);
  EXPECT_EQ(d.custodian, Custodian::citizen);
  EXPECT_EQ(d.records.held + d.records.refused, 0u);
}

TEST_F(CustodyTest, SupplementMakesTheWayOnceMore) {
  const Id id = journey.at_desk();
  const Record asked =
      must(journey.as_officer().request_supplement(id, {"Giấy chứng sinh"}, "thiếu giấy"));
  EXPECT_EQ(code_of(journey.as_officer().request_supplement(id, {"Thêm"}, "còn thiếu")),
            errc::supplement_already_asked);
  province.sync_all();
  EXPECT_EQ(province.dossier(id).stage, Stage::needs_supplement);

  core::Courier work = journey.as_courier();
  ASSERT_EQ(must(work.round()).size(), 1u);
  must(work.check_document(id, 2, "", 1, 0, 0));
  must(work.seal(id, "SEAL-2"));
  must(work.supplement(id, "đủ"));
  journey.hand_over({id});
  province.sync_all();
  province.upload(journey.courier);
  Dossier d = province.dossier(id);
  EXPECT_EQ(d.records.held + d.records.refused, 0u);
  EXPECT_EQ(d.stage, Stage::supplemented);
  EXPECT_EQ(d.custodian, Custodian::desk);

  body::SupplementRequested again;
  again.replaces = asked.hash;
  again.items = {"Thêm"};
  again.reason = "còn thiếu";
  EXPECT_EQ(
      pushed(journey.officer, forge(journey.officer, next_header(journey.officer, id), again)),
      is_refused(errc::supplement_already_asked));
  EXPECT_EQ(province.dossier(id).supplements_asked, 1u);
}

TEST_F(CustodyTest, WholeJourneyFromRequestToConfirmedDelivery) {
  const Id id = journey.sealed();
  core::Courier courier = journey.as_courier();
  EXPECT_EQ(courier.take_money(id, body::MoneyKind::postage, 30'000, true).error().code,
            errc::dossier_sealed)
      << "the slip is signed";
  EXPECT_EQ(must(courier.dossier(id)).field("owner_name"), "Nguyễn Văn A");
  EXPECT_TRUE(must(courier.uncounted(id)).empty());

  // At the door, without a network: slip to the citizen's phone, confirmation back.
  Device& citizen = journey.let_in(id);
  const Hash sealed = *must(courier.dossier(id)).sealed;
  journey.give(journey.courier, citizen, {sealed});
  const Record confirmation = must(core::Citizen(*citizen).confirm(sealed));
  journey.give(citizen, journey.courier, {confirmation.hash});
  EXPECT_EQ(must(courier.dossier(id)).confirmation, body::Grade::countersigned);

  province.sync(journey.courier);
  province.upload(journey.courier);
  EXPECT_EQ(province.ruling(confirmation.hash), is_effective) << "delivered by the courier";
  EXPECT_EQ(province.dossier(id).stage, Stage::confirmed);

  journey.hand_over({id});
  province.sync_all();
  must(journey.as_officer().accept(id));
  province.sync_all();
  Dossier d = province.dossier(id);
  EXPECT_EQ(d.stage, Stage::accepted);
  EXPECT_EQ(d.dossier_code, "H42.101-260302-0001");
  // Monday the 2nd and five working days: Monday the 9th at 17:00.
  EXPECT_EQ(d.due_ms, FakeHost::start_ms + (7 * 24 + 9) * 3'600'000ULL);
  EXPECT_EQ(must(citizen->dossier(id)).dossier_code, d.dossier_code);

  must(journey.as_officer().forward(id, "Lãnh đạo ký"));
  must(journey.as_officer().finish(id, "Giấy khai sinh"));
  province.sync_all();
  journey.give_back(id);
  const Record delivered = must(courier.deliver(id, "can_cuoc", photo(9)));
  province.sync_all();
  must(core::Citizen(*citizen).confirm_delivery(delivered.hash));
  must(core::Citizen(*citizen).rate(id, 5, "nhanh"));
  province.sync_all();

  d = province.dossier(id);
  EXPECT_EQ(d.stage, Stage::returned);
  EXPECT_EQ(d.custodian, Custodian::citizen);
  EXPECT_TRUE(d.delivery_confirmed);
  EXPECT_EQ(d.handovers, 2u);
  EXPECT_EQ(d.records.held + d.records.refused + d.records.provisional, 0u);
  for (Device* device : {&journey.courier, &journey.officer, &journey.dispatcher, &citizen}) {
    EXPECT_EQ(state_text(must((*device)->dossier(id))), state_text(d));
    EXPECT_EQ(must((*device)->holds()).records, 0u);
    expect_every_receipt_verifies(*device);
  }
}

}  // namespace
}  // namespace tannha::test
