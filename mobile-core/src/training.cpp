#include "tannha/core/training.hpp"

#include <array>

#include "tannha/core/courier.hpp"
#include "tannha/protocol/cose.hpp"

namespace tannha::core {
namespace {

constexpr std::string_view unit = "H00.101";
constexpr std::string_view birth = "0.000001";
constexpr std::string_view residence = "0.000002";
/// A training store lasts as long as its device; nothing is decided by it.
constexpr std::uint64_t life_ms = 10 * limits::certificate_life_ms;
constexpr std::uint32_t numbers = 500;
/// No registry gives such a one.
constexpr std::string_view ticket = "training";

/// The smallest file that is known as a JPEG: where a photograph of nothing must stand.
constexpr std::array<std::uint8_t, 4> empty_jpeg{0xff, 0xd8, 0xff, 0xd9};

/// Somebody whom this device plays itself.
class Player {
 public:
  Player(Role role, std::string_view label, const KeyPair& authority, Host& host)
      : host_(host), key_(KeyPair::from_seed(random_array<Seed>(host))) {
    const std::uint64_t now = host.now_ms();
    const Certificate certificate{.tenant = std::string(training_tenant),
                                  .actor = new_id(host),
                                  .role = role,
                                  .unit = std::string(unit),
                                  .public_key = key_.public_key(),
                                  .not_before_ms = now,
                                  .not_after_ms = now + life_ms,
                                  .assurance = Assurance::software_key,
                                  .scope = {},
                                  .label = std::string(label)};
    intro_ = {sign_certificate(certificate, authority), random_array<Id>(host)};
  }

  template <class B>
  Result<Hash> write(Replica& replica, const Id& subject, std::vector<Hash> refs, const B& body) {
    RecordHeader header;
    header.tenant = training_tenant;
    header.log_id = intro_.log_id();
    header.seq = seq_++;
    header.prev = prev_;
    header.subject = subject;
    header.type = B::type;
    header.refs = std::move(refs);
    header.claimed_ms = host_.now_ms();
    header.boot_id = host_.boot_id();
    header.monotonic_ms = host_.monotonic_ms();
    const Record record =
        sign_record(std::move(header), body::encode(body, random_array<Id>(host_)), key_);
    prev_ = record.hash;
    TN_CHECK(replica.take_parcel({.logs = {intro_}, .records = {{record.envelope, record.body}}}));
    return record.hash;
  }

  Result<Bytes> countersign(const Record& record) const {
    TN_TRY(const cose::Sign1& message, cose::decode_sign1(record.envelope));
    const cbor::Value header(cbor::Map{{cose::label_alg, cose::alg_ed25519},
                                       {cose::label_kid, intro_.log_id()}});
    return cose::countersign(message, header, key_);
  }

 private:
  Host& host_;
  KeyPair key_;
  LogIntro intro_;
  std::uint64_t seq_ = 0;
  Hash prev_{};
};

Procedure procedure(std::string_view code, std::string_view name, std::uint64_t fee_dong,
                    std::initializer_list<std::string_view> papers) {
  Procedure out;
  out.code = code;
  out.name = name;
  out.level = "Cấp Xã";
  out.field = "Luyện tập";
  out.postal = {PostalPolicy::Answer::yes, PostalPolicy::Answer::yes, false, "Luyện tập"};
  out.offers.push_back({Channel::postal,
                        {{3, ProcedureTime::Unit::working_day, "3 ngày làm việc"}},
                        {fee_dong, ProcedureFee::Certainty::stated, ""}});
  for (const std::string_view paper : papers) {
    const auto number = static_cast<std::uint32_t>(out.documents.size() + 1);
    out.documents.push_back({number, DocumentLine::Kind::to_submit, "Giấy tờ phải nộp",
                             std::string(paper), number == 1 ? 1U : 0U, number == 1 ? 0U : 1U});
  }
  return out;
}

Result<Catalogue> training_catalogue() {
  std::vector<Procedure> all;
  all.push_back(procedure(birth, "LUYỆN TẬP: đăng ký khai sinh", 8'000,
                          {"Tờ khai (mẫu luyện tập)", "Giấy chứng sinh (mẫu luyện tập)"}));
  all.push_back(procedure(residence, "LUYỆN TẬP: xác nhận cư trú", 0,
                          {"Tờ khai (mẫu luyện tập)"}));
  return Catalogue::make(std::move(all));
}

/// Nobody is called so, no telephone has such a number, and no such place is on a map.
struct Person {
  std::string_view name, phone, address;
};
constexpr std::array people{
    Person{"Người Mẫu Một (luyện tập)", "+84000000001", "Số 1, phố Thử, phường Luyện Tập"},
    Person{"Người Mẫu Hai (luyện tập)", "+84000000002", "Số 2, ngõ Ví Dụ, phường Luyện Tập"},
    Person{"Người Mẫu Ba (luyện tập)", "+84000000003", "Thôn Mẫu, xã Luyện Tập"},
    Person{"Người Mẫu Bốn (luyện tập)", "+84000000004", "Số 4, phố Thử, phường Luyện Tập"},
    Person{"Người Mẫu Năm (luyện tập)", "+84000000005", "Xóm Giả Định, xã Luyện Tập"},
    Person{"Người Mẫu Sáu (luyện tập)", "+84000000006", "Số 6, ngõ Ví Dụ, phường Luyện Tập"},
};

/// The whole round, each dossier as far as it is to be.
class Round {
 public:
  Round(Replica& replica, const Catalogue& catalogue, const KeyPair& authority, Host& host)
      : replica_(replica),
        catalogue_(catalogue),
        dispatcher_(Role::dispatcher, "Điều phối (luyện tập)", authority, host),
        officer_(Role::officer, "Một cửa (luyện tập)", authority, host) {}

  Result<void> make() {
    TN_CHECK(visit(people[0], birth));
    TN_CHECK(visit(people[1], residence));
    TN_CHECK(visit(people[2], birth));
    TN_TRY(const Id begun, visit(people[3], birth));
    TN_CHECK(open(begun, birth, people[3]));
    TN_TRY(const Id wanting, at_desk(people[4]));
    TN_CHECK(officer_.write(replica_, wanting, {},
                            body::SupplementRequested{{},
                                                      {"Giấy chứng sinh (mẫu luyện tập)"},
                                                      "Bản chụp bị mờ (luyện tập)"}));
    TN_TRY(const Id decided, at_desk(people[5]));
    return give_back(decided);
  }

 private:
  Courier courier() { return Courier(replica_, catalogue_); }

  Result<Id> visit(const Person& person, std::string_view code) {
    const Id id = replica_.make_id();
    const body::Applicant applicant{std::string(person.name), std::string(person.phone),
                                    std::string(person.address), {}};
    TN_CHECK(dispatcher_.write(replica_, id, {},
                               body::PickupRequested{std::string(code), std::string(unit),
                                                     body::ServiceKind::both, applicant, {}, {}}));
    TN_CHECK(dispatcher_.write(replica_, id, {},
                               body::Assigned{replica_.identity()->certificate.actor}));
    return id;
  }
  Result<void> open(const Id& id, std::string_view code, const Person& person) {
    TN_CHECK(courier().open(id, code, body::ServiceKind::both));
    TN_CHECK(courier().write_field(id, "owner_name", person.name));
    return {};
  }
  /// Sealed, confirmed, handed over and taken.
  Result<Id> at_desk(const Person& person) {
    TN_TRY(const Id id, visit(person, birth));
    TN_CHECK(open(id, birth, person));
    TN_CHECK(courier().check_document(id, 1, "", 1, 0, 0));
    TN_CHECK(courier().check_document(id, 2, "", 0, 0, 1));
    TN_CHECK(courier().take_money(id, body::MoneyKind::charge, 8'000, true));
    TN_CHECK(courier().seal(id, "LUYEN-TAP"));
    TN_CHECK(courier().confirm_by_statement(id, empty_jpeg));
    TN_TRY(const Record& offer, courier().offer_handover(unit, {id}));
    TN_TRY(Bytes countersignature, officer_.countersign(offer));
    TN_CHECK(officer_.write(replica_, offer.header.subject, {offer.hash},
                            body::HandoverAccepted{std::move(countersignature), {id}, {}}));
    return id;
  }
  /// Decided, and back in the courier's hands.
  Result<void> give_back(const Id& id) {
    TN_TRY(const Hash& accepted, officer_.write(replica_, id, {}, body::Accepted{{}, {}}));
    TN_TRY(const Hash& ready, officer_.write(replica_, id, {accepted},
                                            body::ResultReady{accepted, "Kết quả (luyện tập)"}));
    TN_TRY(const Dossier& d, replica_.dossier(id));
    if (!d.slip) return fail(errc::step_out_of_order);
    const body::HandoverOffered offer{
        body::Direction::to_courier,
        std::string(unit),
        replica_.identity()->certificate.actor,
        {{id, d.slip->send_slip_no, d.slip->item_id, ready, d.last_link}}};
    TN_TRY(const Hash& offered, officer_.write(replica_, replica_.make_id(), {ready}, offer));
    TN_CHECK(courier().accept_return(offered));
    return {};
  }

  Replica& replica_;
  const Catalogue& catalogue_;
  Player dispatcher_;
  Player officer_;
};

Result<void> enrol(Replica& replica, const KeyPair& authority, Host& host) {
  TN_TRY(const auto& request, replica.begin_enrolment(ticket));
  const std::uint64_t now = host.now_ms();
  const Certificate certificate{.tenant = std::string(training_tenant),
                                .actor = new_id(host),
                                .role = Role::courier,
                                .unit = std::string(unit),
                                .public_key = request.public_key,
                                .not_before_ms = now,
                                .not_after_ms = now + life_ms,
                                .assurance = Assurance::software_key,
                                .scope = {},
                                .label = "Bưu tá (luyện tập)"};
  exchange::EnrolAnswer answer;
  answer.certificate = sign_certificate(certificate, authority);
  answer.tenant = {.code = std::string(training_tenant),
                   .name = "LUYỆN TẬP",
                   .origin = "training.invalid",
                   .authority_key = authority.public_key(),
                   .journal_key = authority.public_key(),
                   .bundle_key = {}};
  TN_CHECK(replica.finish_enrolment(answer));
  const Hash& log = replica.identity()->log_id;
  TN_CHECK(replica.store().put_lease(
      {log, body::NumberKind::send_slip, "LUYEN-TAP-", 1, numbers, {}}, 0));
  return replica.store().put_lease({log, body::NumberKind::item, "ZZ", 1, numbers, {}}, 0);
}

}  // namespace

bool is_training(const Replica& replica) {
  return replica.identity() && replica.identity()->tenant.code == training_tenant;
}

Result<Catalogue> make_training(Replica& replica, Host& host) {
  if (replica.is_locked()) return fail(errc::vault_locked);
  if (replica.identity()) return fail(errc::already_enrolled);
  TN_TRY(const std::string& begun, replica.begun_ticket());
  if (!begun.empty() && begun != ticket) return fail(errc::already_enrolled);
  TN_TRY(Catalogue catalogue, training_catalogue());
  // Wiped at the end of this: nobody can certify anybody else in this world afterwards.
  const KeyPair authority = KeyPair::from_seed(random_array<Seed>(host));
  TN_CHECK(enrol(replica, authority, host));
  TN_CHECK(Round(replica, catalogue, authority, host).make());
  return catalogue;
}

}  // namespace tannha::core
