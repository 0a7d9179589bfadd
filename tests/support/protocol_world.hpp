#pragma once

#include <string>
#include <vector>

#include "tannha/protocol/body.hpp"
#include "tannha/protocol/bundle.hpp"
#include "tannha/protocol/certificate.hpp"
#include "tannha/protocol/checkpoint.hpp"
#include "tannha/protocol/cose.hpp"
#include "tannha/protocol/exchange.hpp"
#include "tannha/protocol/merkle.hpp"
#include "tannha/protocol/receipt.hpp"
#include "tannha/protocol/record.hpp"
#include "tannha/protocol/s10.hpp"

/// One small province with fixed keys, ids, salts and times, so that every byte that is made from
/// it is the same each time. docs/protocol.md shows these bytes.
namespace tannha::test {

inline KeyPair key_of(std::uint8_t fill) {
  init_crypto();
  Seed seed;
  seed.fill(fill);
  return KeyPair::from_seed(seed);
}

inline BoxKeyPair box_key_of(std::uint8_t fill) {
  init_crypto();
  Seed seed;
  seed.fill(fill);
  return BoxKeyPair::from_seed(seed);
}

/// 21 September 2026, 14:13:20 UTC.
inline constexpr std::uint64_t world_ms = 1'790'000'000'000;

inline Id id_of(std::uint8_t fill) {
  std::array<std::uint8_t, 10> random{};
  random.fill(fill);
  return make_uuid_v7(world_ms, random);
}

inline Id filled(std::uint8_t fill) {
  Id out;
  out.fill(fill);
  return out;
}

class World {
 public:
  static constexpr std::string_view tenant = "H42";
  static constexpr std::string_view origin = "tannha.vn/H42";

  KeyPair authority_key = key_of(1);
  KeyPair journal_key = key_of(2);
  KeyPair courier_key = key_of(3);
  KeyPair citizen_key = key_of(4);
  BoxKeyPair bundle_key = box_key_of(5);
  Id dossier = id_of(0xd0);
  Certificate courier = certificate(Role::courier, courier_key, 0xc0, {}, "Máy 01");
  Certificate citizen = certificate(Role::citizen, citizen_key, 0xb0, dossier, "");
  LogIntro courier_log{sign_certificate(courier, authority_key), filled(0x11)};
  LogIntro citizen_log{sign_certificate(citizen, authority_key), filled(0x22)};

  Record opened = make_opened();
  Record sealed = make_sealed();
  /// The citizen's, over `sealed`.
  Bytes countersignature = make_countersignature();
  Record confirmed = make_confirmed();

  /// The journal holds the three records in this order.
  [[nodiscard]] std::vector<Hash> leaves() const {
    return {merkle::leaf_hash(opened.hash), merkle::leaf_hash(sealed.hash),
            merkle::leaf_hash(confirmed.hash)};
  }
  [[nodiscard]] merkle::NodeReader nodes() const {
    return [all = leaves()](std::uint32_t level, std::uint64_t index) {
      const auto at = static_cast<std::size_t>(index);
      return level == 0 ? all.at(at) : merkle::node_hash(all.at(2 * at), all.at(2 * at + 1));
    };
  }
  [[nodiscard]] Checkpoint checkpoint() const {
    return {std::string(origin), 3, merkle::root(3, nodes())};
  }
  [[nodiscard]] std::string note() const { return sign_checkpoint(checkpoint(), journal_key); }
  [[nodiscard]] Receipt receipt() const {
    return {opened.hash, 0, merkle::inclusion_proof(0, 3, nodes()), note()};
  }

  [[nodiscard]] static exchange::Carried carried(const Record& record) {
    exchange::Carried out{record.envelope, std::nullopt};
    if (record.has_body()) out.body = record.body;
    return out;
  }
  [[nodiscard]] exchange::Request request() const;
  [[nodiscard]] exchange::Response response() const;
  [[nodiscard]] exchange::Parcel parcel() const {
    exchange::Parcel out;
    out.logs = {courier_log};
    out.records = {carried(sealed)};
    return out;
  }
  /// The courier's two records and the photo, and what they are answered.
  [[nodiscard]] Bundle bundle() const {
    Bundle out;
    out.tenant = tenant;
    out.maker = courier_log.log_id();
    out.journal_size = 1;
    out.logs = {courier_log};
    out.records = {carried(opened), carried(sealed)};
    out.attachments = {{blake2b_256(as_bytes("photo")), "image/jpeg", to_bytes(as_bytes("photo"))}};
    return out;
  }
  [[nodiscard]] static Seed ephemeral() {
    Seed out;
    out.fill(0x66);
    return out;
  }
  [[nodiscard]] Bytes bundle_bytes() const {
    return *seal_bundle(bundle(), bundle_key.public_key(), ephemeral());
  }
  [[nodiscard]] BundleReceipts bundle_receipts() const {
    BundleReceipts out;
    out.tenant = tenant;
    out.maker = courier_log.log_id();
    out.journal_size = 1;
    for (std::uint64_t leaf = 0; leaf < 2; ++leaf) {
      exchange::Answer& answer = out.answers.emplace_back();
      answer.record = leaf == 0 ? opened.hash : sealed.hash;
      answer.verdict = Verdict::effective;
      answer.leaf_index = leaf;
      answer.path = merkle::inclusion_proof(leaf, 3, nodes());
    }
    out.checkpoint = note();
    out.consistency = merkle::consistency_proof(1, 3, nodes());
    out.attachments = {blake2b_256(as_bytes("photo"))};
    return out;
  }
  /// A record of any body, at the start of the courier's log.
  template <class B>
  [[nodiscard]] Record record_of(const B& body, std::vector<Hash> refs = {}) const {
    RecordHeader header = header_of(courier_log, B::type);
    header.refs = std::move(refs);
    return sign_record(std::move(header), body::encode(body, filled(0x5a)), courier_key);
  }
  [[nodiscard]] RecordHeader header_of(const LogIntro& log, RecordType type) const {
    RecordHeader header;
    header.tenant = tenant;
    header.log_id = log.log_id();
    header.prev = header.log_id;
    header.subject = dossier;
    header.type = type;
    header.claimed_ms = world_ms + 60'000;
    header.boot_id = filled(0x33);
    header.monotonic_ms = 45'000;
    return header;
  }

 private:
  static Certificate certificate(Role role, const KeyPair& key, std::uint8_t actor,
                                 std::optional<Id> scope, std::string label) {
    Certificate out;
    out.tenant = tenant;
    out.actor = id_of(actor);
    out.role = role;
    out.unit = "H42.101";
    out.public_key = key.public_key();
    out.not_before_ms = world_ms;
    out.not_after_ms = world_ms + 31'536'000'000;
    out.scope = scope;
    out.label = std::move(label);
    return out;
  }
  [[nodiscard]] Record make_opened() const {
    body::DossierOpened body;
    body.procedure = "1.001193";
    body.unit = "H42.101";
    body.channel = body::Channel::postal;
    body.service = body::ServiceKind::both;
    body.catalogue_version = sha256(as_bytes("catalogue"));
    return record_of(body);
  }
  [[nodiscard]] Record make_sealed() const {
    body::Sealed body;
    body.send_slip_no = "PG-H42-00000001";
    body.item_id = format(S10{{'R', 'B'}, 1, {'V', 'N'}});
    body.seal_no = "7";
    body.documents = {{1, "Tờ khai", 1, 0, 0}};
    body.attachments = {blake2b_256(as_bytes("photo"))};
    body.money_dong = 30'000;
    RecordHeader header = header_of(courier_log, RecordType::sealed);
    header.seq = 1;
    header.prev = opened.hash;
    header.beacon = Beacon{1, merkle::leaf_hash(opened.hash)};
    return sign_record(std::move(header), body::encode(body, filled(0x5b)), courier_key);
  }
  [[nodiscard]] Bytes make_countersignature() const {
    const cbor::Value header(
        cbor::Map{{cose::label_alg, cose::alg_ed25519}, {cose::label_kid, citizen_log.log_id()}});
    return cose::countersign(*cose::decode_sign1(sealed.envelope), header, citizen_key);
  }
  [[nodiscard]] Record make_confirmed() const {
    body::Confirmed body;
    body.grade = body::Grade::countersigned;
    body.countersignature = countersignature;
    RecordHeader header = header_of(citizen_log, RecordType::confirmed);
    header.refs = {sealed.hash};
    return sign_record(std::move(header), body::encode(body, filled(0x5c)), citizen_key);
  }
};

inline exchange::Request World::request() const {
  exchange::Request out;
  out.tenant = tenant;
  out.logs = {courier_log};
  out.records = {carried(opened)};
  out.cursor = 7;
  out.pull_max = 200;
  out.holds = {1, 5, world_ms};
  out.slip_numbers_left = 49;
  out.item_numbers_left = 49;
  return out;
}

inline exchange::Response World::response() const {
  exchange::Response out;
  exchange::Answer answer;
  answer.record = opened.hash;
  answer.verdict = Verdict::effective;
  answer.leaf_index = 0;
  answer.path = merkle::inclusion_proof(0, 3, nodes());
  out.answers = {answer};
  out.checkpoint = note();
  out.logs = {citizen_log};
  exchange::FeedEntry entry;
  entry.position = 8;
  entry.record = confirmed.hash;
  entry.carried = carried(confirmed);
  entry.verdict = Verdict::held;
  entry.reason = static_cast<std::uint16_t>(errc::reference_missing);
  entry.leaf_index = 2;
  entry.path = merkle::inclusion_proof(2, 3, nodes());
  out.feed = {entry};
  out.cursor = 8;
  out.wanted = {blake2b_256(as_bytes("photo"))};
  out.server_ms = world_ms + 120'000;
  out.catalogue = sha256(as_bytes("catalogue"));
  return out;
}

}  // namespace tannha::test
