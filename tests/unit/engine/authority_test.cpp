#include "tannha/engine/authority.hpp"
#include "tannha/protocol/limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <type_traits>

#include "tannha/protocol/cose.hpp"
#include "tests/support/province.hpp"

// One ruling at a time: a dossier in a state that is set here, one record, one author.
namespace tannha::test {
namespace {

constexpr Id dossier_id{0xd0};
constexpr Id courier_id{0xc0};
constexpr Hash sealed_hash{0x5e};
constexpr Hash decision_hash{0xde};

class FakeFacts : public Facts {
 public:
  const Record* record(const Hash& hash) override {
    const auto it = records.find(hash);
    return it == records.end() ? nullptr : &it->second;
  }
  std::size_t missing_attachments(const Dossier&) override { return missing; }
  bool leased_to(const Hash&, body::NumberKind kind, std::string_view) override {
    return kind == body::NumberKind::send_slip ? slip_leased : item_leased;
  }
  bool used_elsewhere(const Id&, std::string_view number) override { return number == used; }
  bool may_return(const Hash&, const body::LeaseReturned&) override { return returnable; }
  std::string unit_of_log(const Hash&) override { return log_unit; }
  bool is_revoked(const Hash&) override { return revoked; }
  std::optional<Ruling> standing(const Hash& hash) override {
    const auto it = standings.find(hash);
    return it == standings.end() ? std::nullopt : std::optional<Ruling>(it->second);
  }
  CodeCheck one_time_code(const Id&, const Hash&, std::string_view) override { return code; }

  std::map<Hash, Record> records;
  std::size_t missing = 0;
  bool slip_leased = true;
  bool item_leased = true;
  std::string used = "none";
  bool returnable = true;
  bool revoked = false;
  std::string log_unit = "H42.101";
  std::map<Hash, Ruling> standings;
  CodeCheck code = CodeCheck::right;
};

class AuthorityTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }

  FakeFacts facts;
  Dossier dossier;
  KeyPair key = [] {
    init_crypto();
    return KeyPair::from_seed(Seed{1});
  }();

  AuthorityTest() {
    dossier.id = dossier_id;
    dossier.unit = "H42.101";
    dossier.courier = courier_id;
    dossier.stage = Stage::assigned;
  }

  Certificate someone(Role role, std::string_view unit = "H42.101", const Id& actor = Id{1}) const {
    Certificate c;
    c.tenant = "H42";
    c.actor = role == Role::courier ? courier_id : actor;
    c.role = role;
    c.unit = unit;
    c.public_key = key.public_key();
    if (role == Role::citizen) c.scope = dossier_id;
    return c;
  }
  template <class B>
  Record record_of(const B& body, std::vector<Hash> refs = {}) const {
    RecordHeader header;
    header.tenant = "H42";
    header.log_id = Hash{1};
    header.subject = dossier_id;
    header.type = B::type;
    header.refs = std::move(refs);
    return sign_record(header, body::encode(body, Id{}), key);
  }
  template <class B>
  Ruling ruled(const Certificate& author, const B& body, std::vector<Hash> refs = {}) {
    return rule(record_of(body, std::move(refs)), author, dossier, facts);
  }

  void open_dossier() {
    dossier.opened = Hash{0x0a};
    dossier.stage = Stage::collecting;
  }
  void seal_dossier() {
    open_dossier();
    dossier.sealed = sealed_hash;
    dossier.slip = body::Sealed{"PG-1", "RB-1", "S", {}, {}, 0};
    dossier.stage = Stage::sealed;
    dossier.custodian = Custodian::courier;
  }
  void hand_over_dossier() {
    seal_dossier();
    dossier.stage = Stage::handed_over;
    dossier.custodian = Custodian::desk;
    dossier.handovers = 1;
  }
  void accept_dossier() {
    hand_over_dossier();
    dossier.stage = Stage::accepted;
    dossier.acceptance = dossier.decision = decision_hash;
  }
  static body::DossierOpened opened(std::string_view unit = "H42.101") {
    body::DossierOpened b;
    b.procedure = "1";
    b.unit = unit;
    b.channel = body::Channel::postal;
    b.service = body::ServiceKind::both;
    return b;
  }
};

TEST_F(AuthorityTest, UnitContainsItselfAndWhatStandsBelow) {
  EXPECT_TRUE(in_unit("H42", "H42"));
  EXPECT_TRUE(in_unit("H42.101", "H42"));
  EXPECT_TRUE(in_unit("H42.101.05", "H42.101"));
  EXPECT_FALSE(in_unit("H42", "H42.101"));
  EXPECT_FALSE(in_unit("H421", "H42"));
  EXPECT_FALSE(in_unit("H42.1012", "H42.101"));
  EXPECT_FALSE(in_unit("", "H42"));
  EXPECT_FALSE(in_unit("H42", ""));
  EXPECT_FALSE(in_unit("", ""));
}

TEST_F(AuthorityTest, EveryTypeIsRefusedToEveryRoleThatIsNotItsOwn) {
  hand_over_dossier();
  const auto expect_only = [&](const auto& body, std::vector<Role> allowed) {
    for (const Role role :
         {Role::courier, Role::officer, Role::citizen, Role::dispatcher, Role::registry}) {
      if (std::ranges::find(allowed, role) != allowed.end()) continue;
      EXPECT_EQ(ruled(someone(role), body), is_refused(errc::role_not_allowed))
          << name(std::remove_cvref_t<decltype(body)>::type) << " by " << name(role);
    }
  };
  body::PickupRequested request;
  request.service = body::ServiceKind::both;
  expect_only(request, {Role::dispatcher});
  expect_only(body::Assigned{}, {Role::dispatcher});
  expect_only(body::LeaseGranted{{}, body::NumberKind::item, "RB", 1, 1, {}}, {Role::registry});
  expect_only(body::CitizenBound{}, {Role::registry});
  expect_only(body::Registered{}, {Role::registry});
  expect_only(opened(), {Role::courier});
  expect_only(body::DocumentChecked{}, {Role::courier});
  expect_only(body::FeeTaken{body::MoneyKind::fee, 1, true}, {Role::courier});
  expect_only(body::Sealed{}, {Role::courier});
  expect_only(body::Supplemented{}, {Role::courier});
  expect_only(body::Accepted{}, {Role::officer});
  expect_only(body::SupplementRequested{}, {Role::officer});
  expect_only(body::Refused{}, {Role::officer});
  expect_only(body::ResultReady{}, {Role::officer});
  expect_only(body::Forwarded{}, {Role::officer});
  expect_only(body::DeliveryAttempted{}, {Role::courier});
  expect_only(body::Delivered{}, {Role::courier});
  expect_only(body::DeliveryConfirmed{}, {Role::citizen});
  expect_only(body::HandoverOffered{body::Direction::to_desk, "H42.101", {}, {}}, {Role::courier});
  expect_only(body::HandoverOffered{body::Direction::to_courier, "H42.101", {}, {}},
              {Role::officer});
}

TEST_F(AuthorityTest, UnknownTypeIsHeld) {
  Record record = record_of(body::Note{"x"});
  record.header.type = static_cast<RecordType>(999);
  EXPECT_EQ(rule(record, someone(Role::officer), dossier, facts),
            is_held(errc::record_type_unknown));
}

TEST_F(AuthorityTest, NobodyOutsideTheDossierMayNote) {
  const body::Note note{"x"};
  EXPECT_EQ(ruled(someone(Role::courier), note), is_effective);
  EXPECT_EQ(ruled(someone(Role::officer), note), is_effective);
  EXPECT_EQ(ruled(someone(Role::dispatcher, "H42"), note), is_effective);
  EXPECT_EQ(ruled(someone(Role::citizen), note), is_effective);
  Certificate stranger = someone(Role::courier);
  stranger.actor = Id{9};
  EXPECT_EQ(ruled(stranger, note), is_refused(errc::out_of_scope));
  EXPECT_EQ(ruled(someone(Role::officer, "H42.102"), note), is_refused(errc::out_of_scope));
  Certificate neighbour = someone(Role::citizen);
  neighbour.scope = Id{9};
  EXPECT_EQ(ruled(neighbour, note), is_refused(errc::out_of_scope));
  neighbour.scope.reset();
  EXPECT_EQ(ruled(neighbour, note), is_refused(errc::out_of_scope));
}

TEST_F(AuthorityTest, DossierIsOpenedOnceByItsCourierInItsUnit) {
  EXPECT_EQ(ruled(someone(Role::courier, "H42"), opened()), is_effective);
  Certificate stranger = someone(Role::courier, "H42");
  stranger.actor = Id{9};
  EXPECT_EQ(ruled(stranger, opened()), is_refused(errc::out_of_scope));
  EXPECT_EQ(ruled(someone(Role::courier, "H42"), opened("H42.102")),
            is_refused(errc::out_of_scope));
  EXPECT_EQ(ruled(someone(Role::courier, "H42.102"), opened()), is_refused(errc::out_of_scope));
  open_dossier();
  EXPECT_EQ(ruled(someone(Role::courier, "H42"), opened()), is_refused(errc::step_out_of_order));
}

TEST_F(AuthorityTest, UnitMustBeAnAgencyCode) {
  // The dossier code is made of it: a text that is none would stop the registry at the acceptance.
  dossier.unit.clear();
  dossier.stage = Stage::empty;
  body::PickupRequested request;
  request.service = body::ServiceKind::both;
  for (const char* text : {"", "H42.", "H42.một", "H42 .101", "H42.101.01.01.01.01"}) {
    request.unit = text;
    EXPECT_EQ(ruled(someone(Role::dispatcher, "H42"), request), is_refused(errc::agency_code_malformed));
    EXPECT_EQ(ruled(someone(Role::courier, "H42"), opened(text)),
              is_refused(errc::agency_code_malformed));
  }
  request.unit = "H42.101";
  EXPECT_EQ(ruled(someone(Role::dispatcher, "H42"), request), is_effective);
}

TEST_F(AuthorityTest, WalkUpBelongsToWhoeverOpensIt) {
  Dossier fresh;
  fresh.id = dossier_id;
  dossier = fresh;
  EXPECT_EQ(ruled(someone(Role::courier, "H42"), opened()), is_effective);
  // The envelope is at the desk already, and nobody had been assigned.
  dossier.stage = Stage::handed_over;
  dossier.custodian = Custodian::desk;
  EXPECT_EQ(ruled(someone(Role::courier, "H42"), opened()), is_effective);
  // Requested, and not assigned yet: for nobody to take.
  dossier = fresh;
  dossier.stage = Stage::requested;
  dossier.unit = "H42.101";
  EXPECT_EQ(ruled(someone(Role::courier, "H42"), opened()), is_refused(errc::out_of_scope));
}

TEST_F(AuthorityTest, CaptureNeedsAnOpenDossierAndEndsWithTheDecision) {
  const Certificate courier = someone(Role::courier);
  const body::FeeTaken fee{body::MoneyKind::fee, 1, true};
  EXPECT_EQ(ruled(courier, fee), is_refused(errc::step_out_of_order));
  open_dossier();
  EXPECT_EQ(ruled(courier, fee), is_effective);
  accept_dossier();
  EXPECT_EQ(ruled(courier, fee), is_held(errc::late_amendment));
  dossier.stage = Stage::needs_supplement;
  EXPECT_EQ(ruled(courier, fee), is_effective);
  hand_over_dossier();
  dossier.stage = Stage::refused;
  EXPECT_EQ(ruled(courier, fee), is_held(errc::late_amendment));
}

TEST_F(AuthorityTest, SlipNeedsLeasedNumbersThatNobodyElseUsed) {
  const Certificate courier = someone(Role::courier);
  const body::Sealed slip{"PG-1", "RB-1", "S", {}, {}, 0};
  open_dossier();
  EXPECT_EQ(ruled(courier, slip), is_effective);
  facts.slip_leased = false;
  EXPECT_EQ(ruled(courier, slip), is_held(errc::number_not_leased));
  facts.slip_leased = true;
  facts.item_leased = false;
  EXPECT_EQ(ruled(courier, slip), is_held(errc::number_not_leased));
  facts.item_leased = true;
  for (const char* used : {"PG-1", "RB-1"}) {
    facts.used = used;
    EXPECT_EQ(ruled(courier, slip), is_held(errc::number_used_twice));
  }
  facts.used = "";
  seal_dossier();
  EXPECT_EQ(ruled(courier, slip), is_refused(errc::step_out_of_order));
}

TEST_F(AuthorityTest, WhoeverIsInScopeMaySuggestAValue) {
  const body::FieldsWritten written{{{"owner_name", "Nguyễn Văn Á"}}};
  EXPECT_EQ(ruled(someone(Role::officer), written), is_refused(errc::step_out_of_order));
  open_dossier();
  EXPECT_EQ(ruled(someone(Role::officer), written), is_effective);
  EXPECT_EQ(ruled(someone(Role::officer, "H42.102"), written), is_refused(errc::out_of_scope));
  seal_dossier();
  EXPECT_EQ(ruled(someone(Role::officer), written), is_effective) << "a suggestion changes nothing";
}

TEST_F(AuthorityTest, AWordAboutAHeldRecordIsForOfficersOfItsUnit) {
  const Hash held{0x11};
  facts.records[held].header.type = RecordType::note;
  facts.records[held].header.subject = dossier_id;
  facts.standings[held] = is_held(errc::log_forked);
  const body::Adjudicated word{body::Outcome::counts, "đã kiểm tra"};
  EXPECT_EQ(ruled(someone(Role::officer), word, {held}), is_effective);
  EXPECT_EQ(ruled(someone(Role::courier), word, {held}), is_refused(errc::role_not_allowed));
  EXPECT_EQ(ruled(someone(Role::officer, "H42.102"), word, {held}),
            is_refused(errc::out_of_scope));
  facts.standings[held] = is_held(errc::reference_missing);
  EXPECT_EQ(ruled(someone(Role::officer), word, {held}), is_refused(errc::step_out_of_order));
  facts.standings[held] = is_effective;
  EXPECT_EQ(ruled(someone(Role::officer), word, {held}), is_refused(errc::not_held));
  EXPECT_EQ(ruled(someone(Role::officer), word, {Hash{0x12}}), is_refused(errc::not_held));
  facts.standings[held] = is_held(errc::log_forked);
  facts.records[held].header.subject = Id{0x77};
  EXPECT_EQ(ruled(someone(Role::officer), word, {held}), is_refused(errc::out_of_scope));
  facts.records[held].header = {};
  facts.records[held].header.type = RecordType::adjudicated;
  facts.records[held].header.subject = dossier_id;
  EXPECT_EQ(ruled(someone(Role::officer), word, {held}), is_refused(errc::step_out_of_order));
}

TEST_F(AuthorityTest, LogsAreRevokedByTheirUnit) {
  const body::LogRevoked word{Hash{1}, body::RevocationReason::lost, {}};
  EXPECT_EQ(ruled(someone(Role::dispatcher, "H42"), word), is_effective);
  EXPECT_EQ(ruled(someone(Role::officer), word), is_effective);
  EXPECT_EQ(ruled(someone(Role::officer, "H42.102"), word), is_refused(errc::out_of_scope));
  EXPECT_EQ(ruled(someone(Role::courier), word), is_refused(errc::role_not_allowed));
  facts.log_unit.clear();
  EXPECT_EQ(ruled(someone(Role::officer), word), is_refused(errc::certificate_unknown));
}

TEST_F(AuthorityTest, SealedDossierChangesOnlyForASupplement) {
  const Certificate courier = someone(Role::courier);
  const body::FieldsWritten written{{{"owner_name", "Người khác"}}};
  open_dossier();
  EXPECT_EQ(ruled(courier, written), is_effective);
  seal_dossier();
  EXPECT_EQ(ruled(courier, written), is_held(errc::dossier_sealed));
  EXPECT_EQ(ruled(courier, body::FeeTaken{body::MoneyKind::fee, 900'000, true}),
            is_held(errc::dossier_sealed));
  hand_over_dossier();
  EXPECT_EQ(ruled(courier, written), is_held(errc::dossier_sealed));
  dossier.stage = Stage::needs_supplement;
  EXPECT_EQ(ruled(courier, written), is_effective);
}

TEST_F(AuthorityTest, StatementNeedsAnImageOfTheSignature) {
  seal_dossier();
  const Certificate courier = someone(Role::courier);
  EXPECT_EQ(ruled(courier, body::Confirmed{body::Grade::courier_statement, {}, {}}, {sealed_hash}),
            is_refused(errc::dossier_incomplete));
  EXPECT_EQ(
      ruled(courier, body::Confirmed{body::Grade::courier_statement, {}, Hash{7}}, {sealed_hash}),
      is_refused(errc::dossier_incomplete));
}

TEST_F(AuthorityTest, CodeIsTheRegistrysToCompare) {
  seal_dossier();
  const Certificate courier = someone(Role::courier);
  const body::Confirmed by_code{body::Grade::one_time_code, {}, {}, "123456"};
  const Hash sent_on{0x0c};
  EXPECT_EQ(ruled(courier, by_code, {sealed_hash, sent_on}), is_refused(errc::code_expired))
      << "no code was sent";
  dossier.code_sent_on = sent_on;
  EXPECT_EQ(ruled(courier, by_code, {sealed_hash}), is_refused(errc::body_malformed));
  EXPECT_EQ(ruled(courier, body::Confirmed{body::Grade::one_time_code, {}, {}},
                  {sealed_hash, sent_on}),
            is_refused(errc::body_malformed));
  for (const Role role : {Role::officer, Role::dispatcher, Role::citizen, Role::registry}) {
    EXPECT_EQ(ruled(someone(role), by_code, {sealed_hash, sent_on}),
              is_refused(errc::role_not_allowed));
  }
  const std::pair<CodeCheck, Ruling> found[] = {
      {CodeCheck::unknown, is_effective},
      {CodeCheck::right, is_effective},
      {CodeCheck::wrong, is_refused(errc::code_wrong)},
      {CodeCheck::expired, is_refused(errc::code_expired)},
      {CodeCheck::tries_used_up, is_refused(errc::code_tries_used_up)},
  };
  for (const auto& [check, ruling] : found) {
    facts.code = check;
    EXPECT_EQ(ruled(courier, by_code, {sealed_hash, sent_on}), ruling);
  }
  facts.code = CodeCheck::right;
  dossier.code_used = true;
  EXPECT_EQ(ruled(courier, by_code, {sealed_hash, sent_on}), is_refused(errc::code_used));
}

TEST_F(AuthorityTest, NothingIsDeliveredBeforeAResult) {
  hand_over_dossier();
  dossier.custodian = Custodian::courier;
  dossier.stage = Stage::needs_supplement;
  dossier.decision = Hash{9};
  EXPECT_EQ(ruled(someone(Role::courier), body::Delivered{"can_cuoc", {}}, {Hash{9}}),
            is_refused(errc::step_out_of_order));
}

TEST_F(AuthorityTest, AttachmentThatNoServerTakesIsRefused) {
  open_dossier();
  body::AttachmentAdded photo;
  photo.role = body::AttachmentRole::page;
  for (const std::uint64_t size : {std::uint64_t{0}, limits::attachment_bytes_max + 1}) {
    photo.size = size;
    EXPECT_EQ(ruled(someone(Role::courier), photo), is_refused(errc::attachment_too_large));
  }
  photo.size = limits::attachment_bytes_max;
  EXPECT_EQ(ruled(someone(Role::courier), photo), is_effective);
}

TEST_F(AuthorityTest, ConfirmationAnswersTheSlipInForce) {
  const Certificate courier = someone(Role::courier);
  body::AttachmentAdded image;
  image.hash = Hash{7};
  image.role = body::AttachmentRole::signature_image;
  dossier.attachments.push_back(image);
  const body::Confirmed statement{body::Grade::courier_statement, {}, Hash{7}};
  EXPECT_EQ(ruled(courier, statement, {sealed_hash}), is_refused(errc::step_out_of_order));
  seal_dossier();
  EXPECT_EQ(ruled(courier, statement), is_refused(errc::step_out_of_order));
  EXPECT_EQ(ruled(courier, statement, {Hash{1}, sealed_hash}), is_refused(errc::step_out_of_order));
  EXPECT_EQ(ruled(courier, statement, {sealed_hash}), is_effective);
  EXPECT_EQ(ruled(someone(Role::officer), statement, {sealed_hash}),
            is_refused(errc::role_not_allowed));
}

TEST_F(AuthorityTest, NobodyConfirmsForTheCitizen) {
  seal_dossier();
  const Record slip = record_of(body::Sealed{});
  dossier.sealed = slip.hash;
  facts.records.emplace(slip.hash, slip);
  const auto parent = must(cose::decode_sign1(slip.envelope));
  const cbor::Value header(cbor::Map{{cose::label_alg, cose::alg_ed25519}});
  const body::Confirmed good{
      body::Grade::countersigned, cose::countersign(parent, header, key), {}};
  for (const Role role : {Role::courier, Role::officer, Role::dispatcher, Role::registry}) {
    EXPECT_EQ(ruled(someone(role), good, {slip.hash}), is_refused(errc::role_not_allowed));
  }
  Certificate citizen = someone(Role::citizen);
  EXPECT_EQ(ruled(citizen, good, {slip.hash}), is_effective);
  EXPECT_EQ(ruled(citizen, body::Confirmed{body::Grade::countersigned, {}, {}}, {slip.hash}),
            is_refused(errc::countersignature_invalid));
  EXPECT_EQ(
      ruled(citizen, body::Confirmed{body::Grade::countersigned, Bytes{1, 2}, {}}, {slip.hash}),
      is_refused(errc::countersignature_invalid));
  // Another key than the one that is bound to the dossier.
  dossier.citizen_log = Hash{0x77};
  EXPECT_EQ(ruled(citizen, good, {slip.hash}), is_refused(errc::out_of_scope));
  dossier.citizen_log = Hash{1};
  EXPECT_EQ(ruled(citizen, good, {slip.hash}), is_effective);
  citizen.public_key = KeyPair::from_seed(Seed{2}).public_key();
  EXPECT_EQ(ruled(citizen, good, {slip.hash}), is_refused(errc::countersignature_invalid));
}

TEST_F(AuthorityTest, DecisionNamesTheOneItReplaces) {
  hand_over_dossier();
  const Certificate officer = someone(Role::officer);
  EXPECT_EQ(ruled(officer, body::Accepted{}), is_effective);
  EXPECT_EQ(ruled(officer, body::Accepted{Hash{1}, {}}), is_refused(errc::decision_superseded));
  EXPECT_EQ(ruled(someone(Role::officer, "H42.102"), body::Accepted{}),
            is_refused(errc::out_of_scope));
  accept_dossier();
  EXPECT_EQ(ruled(officer, body::Refused{{}, "x"}), is_refused(errc::decision_superseded));
  EXPECT_EQ(ruled(officer, body::Accepted{decision_hash, {}}), is_refused(errc::step_out_of_order));
  EXPECT_EQ(ruled(officer, body::ResultReady{decision_hash, "x"}), is_effective);
}

TEST_F(AuthorityTest, AcceptanceNeedsEverythingAndNamesWhatWasSeen) {
  hand_over_dossier();
  const Certificate officer = someone(Role::officer);
  dossier.capture_heads = {Hash{1}};
  EXPECT_EQ(ruled(officer, body::Accepted{{}, {}}), is_refused(errc::decision_superseded));
  EXPECT_EQ(ruled(officer, body::Accepted{{}, {Hash{1}}}), is_effective);
  facts.missing = 1;
  EXPECT_EQ(ruled(officer, body::Accepted{{}, {Hash{1}}}), is_refused(errc::dossier_incomplete));
  facts.missing = 0;
  dossier.sealed.reset();
  EXPECT_EQ(ruled(officer, body::Accepted{{}, {Hash{1}}}), is_refused(errc::dossier_incomplete));
  dossier.custodian = Custodian::courier;
  EXPECT_EQ(ruled(officer, body::Accepted{{}, {Hash{1}}}), is_refused(errc::step_out_of_order));
}

TEST_F(AuthorityTest, SupplementIsAskedForOnce) {
  hand_over_dossier();
  const Certificate officer = someone(Role::officer);
  EXPECT_EQ(ruled(officer, body::SupplementRequested{}), is_effective);
  dossier.supplements_asked = 1;
  EXPECT_EQ(ruled(officer, body::SupplementRequested{}),
            is_refused(errc::supplement_already_asked));
}

TEST_F(AuthorityTest, OfferGoesToADeskOfTheDossiersUnit) {
  seal_dossier();
  const Certificate courier = someone(Role::courier);
  const auto offer = [](std::string desk) {
    return body::HandoverOffered{
        body::Direction::to_desk, std::move(desk), {}, {{dossier_id, "PG-1", "RB-1", sealed_hash}}};
  };
  body::HandoverOffered other_paper = offer("H42.101");
  other_paper.items.front().send_slip_no = "PG-2";
  EXPECT_EQ(ruled(courier, other_paper), is_refused(errc::step_out_of_order));
  other_paper = offer("H42.101");
  other_paper.items.front().paper = Hash{};
  EXPECT_EQ(ruled(courier, other_paper), is_refused(errc::step_out_of_order));
  EXPECT_EQ(ruled(courier, offer("H42.101")), is_effective);
  EXPECT_EQ(ruled(courier, offer("H42")), is_effective);
  EXPECT_EQ(ruled(courier, offer("H42.102")), is_refused(errc::out_of_scope));
  hand_over_dossier();
  EXPECT_EQ(ruled(courier, offer("H42.101")), is_refused(errc::step_out_of_order));
}

TEST_F(AuthorityTest, OnlyAHandoverRecordCanBeAccepted) {
  seal_dossier();
  // A record of another type whose body reads like an offer.
  Record parent = record_of(
      body::HandoverOffered{body::Direction::to_desk, "H42.101", {}, {{dossier_id, "", "", {}}}});
  RecordHeader header = parent.header;
  header.type = RecordType::note;
  const Record false_offer = sign_record(header, parent.body, key);
  for (const auto& [offer, expected] :
       {std::pair(parent, is_effective),
        std::pair(false_offer, is_refused(errc::step_out_of_order))}) {
    facts.records.emplace(offer.hash, offer);
    const auto message = must(cose::decode_sign1(offer.envelope));
    const cbor::Value head(cbor::Map{{cose::label_alg, cose::alg_ed25519}});
    const body::HandoverAccepted taken{cose::countersign(message, head, key), {dossier_id}, {}};
    EXPECT_EQ(ruled(someone(Role::officer), taken, {offer.hash}), expected);
  }
}

TEST_F(AuthorityTest, DeliveryNeedsTheResultInTheCouriersHands) {
  accept_dossier();
  const Certificate courier = someone(Role::courier);
  dossier.result = dossier.decision = Hash{0x4e};
  EXPECT_EQ(ruled(courier, body::Delivered{}, {Hash{0x4e}}), is_refused(errc::step_out_of_order));
  dossier.custodian = Custodian::courier;
  EXPECT_EQ(ruled(courier, body::Delivered{}, {Hash{0x4e}}), is_effective);
  EXPECT_EQ(ruled(courier, body::Delivered{}, {Hash{1}}), is_refused(errc::step_out_of_order));
  EXPECT_EQ(ruled(courier, body::DeliveryAttempted{"vắng"}), is_effective);
}

TEST_F(AuthorityTest, SignatureImageOfAReturnIsNoLateAmendment) {
  accept_dossier();
  const Certificate courier = someone(Role::courier);
  const body::AttachmentAdded image{Hash{1}, 1, "image/jpeg", body::AttachmentRole::signature_image,
                                    0};
  EXPECT_EQ(ruled(courier, image), is_held(errc::late_amendment));
  dossier.result = Hash{0x4e};
  EXPECT_EQ(ruled(courier, image), is_effective);
  dossier.result.reset();
  dossier.stage = Stage::refused;
  EXPECT_EQ(ruled(courier, image), is_effective);
}

TEST_F(AuthorityTest, AssignmentMovesOnlyWhileNobodyHoldsThePaper) {
  const Certificate dispatcher = someone(Role::dispatcher, "H42");
  EXPECT_EQ(ruled(dispatcher, body::Assigned{}), is_effective);
  seal_dossier();
  EXPECT_EQ(ruled(dispatcher, body::Assigned{}), is_refused(errc::step_out_of_order));
  EXPECT_EQ(ruled(someone(Role::dispatcher, "H42.102"), body::Assigned{}),
            is_refused(errc::out_of_scope));
  dossier.unit.clear();
  EXPECT_EQ(ruled(dispatcher, body::Assigned{}), is_refused(errc::step_out_of_order));
}

}  // namespace
}  // namespace tannha::test
