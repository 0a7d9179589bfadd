#include "tannha/protocol/record.hpp"

#include <algorithm>
#include <array>

#include "envelope.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

constexpr std::string_view record_typ = "vnd.tannha.record+cose";
// Labels below -65536 are for private use (RFC 9052 §11.1).
constexpr std::int64_t label_tenant = -70001;
constexpr std::uint64_t record_version = 1;

constexpr auto type_names = std::to_array<std::pair<RecordType, std::string_view>>({
    {RecordType::pickup_requested, "pickup_requested"},
    {RecordType::assigned, "assigned"},
    {RecordType::lease_granted, "lease_granted"},
    {RecordType::citizen_bound, "citizen_bound"},
    {RecordType::lease_returned, "lease_returned"},
    {RecordType::dossier_opened, "dossier_opened"},
    {RecordType::fields_written, "fields_written"},
    {RecordType::document_checked, "document_checked"},
    {RecordType::attachment_added, "attachment_added"},
    {RecordType::fee_taken, "fee_taken"},
    {RecordType::sealed, "sealed"},
    {RecordType::confirmed, "confirmed"},
    {RecordType::supplemented, "supplemented"},
    {RecordType::handover_offered, "handover_offered"},
    {RecordType::handover_accepted, "handover_accepted"},
    {RecordType::dispute_resolved, "dispute_resolved"},
    {RecordType::accepted, "accepted"},
    {RecordType::registered, "registered"},
    {RecordType::supplement_requested, "supplement_requested"},
    {RecordType::refused, "refused"},
    {RecordType::result_ready, "result_ready"},
    {RecordType::forwarded, "forwarded"},
    {RecordType::delivery_attempted, "delivery_attempted"},
    {RecordType::delivered, "delivered"},
    {RecordType::delivery_confirmed, "delivery_confirmed"},
    {RecordType::note, "note"},
    {RecordType::feedback, "feedback"},
    {RecordType::adjudicated, "adjudicated"},
    {RecordType::log_forked, "log_forked"},
    {RecordType::log_revoked, "log_revoked"},
    {RecordType::log_continued, "log_continued"},
    {RecordType::erased, "erased"},
    {RecordType::payout_assigned, "payout_assigned"},
    {RecordType::payout_leased, "payout_leased"},
    {RecordType::paid, "paid"},
    {RecordType::payout_returned, "payout_returned"},
});

constexpr int key_beacon = 6;
constexpr std::size_t beacon_field_count = 2;
struct BeaconFields {
  std::uint64_t size{};
  Hash root{};
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.size);
    v(2, s.root);
  }
};

struct Payload {
  std::uint64_t version = record_version;
  std::uint64_t seq{};
  Hash prev{};
  Id subject{};
  std::uint16_t type{};
  std::vector<Hash> refs;
  std::optional<BeaconFields> beacon;
  std::uint64_t claimed_ms{};
  Id boot_id{};
  std::uint64_t monotonic_ms{};
  Hash body_hash{};

  template <class V>
  static void fields(V& v, auto& s) {
    v(0, s.version);
    v(1, s.seq);
    v(2, s.prev);
    v(3, s.subject);
    v(4, s.type);
    v(5, s.refs);
    v(key_beacon, s.beacon);
    v(7, s.claimed_ms);
    v(8, s.boot_id);
    v(9, s.monotonic_ms);
    v(10, s.body_hash);
  }
};

// Unlike a body, the signed payload is closed: a field that this version does not know would be
// signed without being understood.
Result<Payload> read_payload(BytesView bytes) {
  TN_TRY(const cbor::Value& value, cbor::decode(bytes));
  const cbor::Value* version = value.find(std::int64_t{0});
  if (!version || !version->as_uint()) return fail(errc::record_malformed, "version");
  if (*version->as_uint() != record_version) return fail(errc::record_version_unknown);
  Payload payload;
  fields::Reader reader{value};
  Payload::fields(reader, payload);
  if (!reader.ok) {
    return fail(errc::record_malformed, "field " + std::to_string(reader.failed_key));
  }
  if (reader.seen != value.as_map()->size()) return fail(errc::record_malformed, "unknown field");
  if (const cbor::Value* beacon = value.find(std::int64_t{key_beacon});
      beacon && beacon->as_map()->size() != beacon_field_count) {
    return fail(errc::record_malformed, "unknown field of the beacon");
  }
  if (payload.refs.size() > limits::record_refs_max) return fail(errc::record_malformed, "refs");
  return payload;
}

struct Protected {
  std::string tenant;
  Hash log_id{};
};

Result<Protected> read_protected(const cbor::Value& map) {
  const cbor::Value* typ = map.find(cose::label_typ);
  if (!typ || !typ->as_text() || *typ->as_text() != record_typ) {
    return fail(errc::cose_wrong_type, "record");
  }
  const cbor::Value* alg = map.find(cose::label_alg);
  if (!alg || alg->as_int() != cose::alg_ed25519) return fail(errc::cose_unknown_algorithm);
  const cbor::Value* tenant = map.find(label_tenant);
  const cbor::Value* kid = map.find(cose::label_kid);
  const auto log_id = kid ? kid->as_array_of_bytes<Hash>() : std::nullopt;
  if (!tenant || !tenant->as_text() || !log_id || map.as_map()->size() != 4) {
    return fail(errc::record_malformed, "protected header");
  }
  return Protected{*tenant->as_text(), *log_id};
}

}  // namespace

std::string_view name(RecordType type) {
  const auto it = std::ranges::find(type_names, type, [](const auto& p) { return p.first; });
  return it == type_names.end() ? "unknown" : it->second;
}

bool is_known(RecordType type) { return name(type) != "unknown"; }

namespace {

cbor::Value protected_of(const RecordHeader& header) {
  return cbor::Value(cbor::Map{{cose::label_alg, cose::alg_ed25519},
                               {cose::label_kid, header.log_id},
                               {cose::label_typ, record_typ},
                               {label_tenant, header.tenant}});
}

Bytes payload_of(const RecordHeader& header) {
  Payload payload;
  payload.seq = header.seq;
  payload.prev = header.prev;
  payload.subject = header.subject;
  payload.type = static_cast<std::uint16_t>(header.type);
  payload.refs = header.refs;
  if (header.beacon) payload.beacon = BeaconFields{header.beacon->size, header.beacon->root};
  payload.claimed_ms = header.claimed_ms;
  payload.boot_id = header.boot_id;
  payload.monotonic_ms = header.monotonic_ms;
  payload.body_hash = header.body_hash;
  return fields::encode(payload);
}

}  // namespace

Bytes encode_envelope(const RecordHeader& header, const Signature& signature) {
  return cose::sign1_with(protected_of(header), payload_of(header), signature);
}

Record sign_record(RecordHeader header, Bytes body, const KeyPair& key) {
  header.body_hash = sha256(body);
  Record record;
  record.envelope = cose::sign1(protected_of(header), payload_of(header), key);
  record.header = std::move(header);
  record.hash = sha256(record.envelope);
  record.body = std::move(body);
  return record;
}

Result<Record> decode_record(BytesView envelope, BytesView body) {
  if (envelope.size() > limits::envelope_bytes_max || body.size() > limits::body_bytes_max) {
    return fail(errc::record_too_large);
  }
  TN_TRY(const cose::Sign1& message, cose::decode_sign1(envelope));
  TN_TRY(Protected head, read_protected(message.protected_map));
  // The hash names the record, so nothing may stand outside the signature that could change it.
  if (message.unprotected.as_map()->size() != 0) {
    return fail(errc::record_malformed, "unprotected header");
  }
  TN_TRY(Payload payload, read_payload(message.payload));

  Record record;
  record.header = RecordHeader{
      .tenant = std::move(head.tenant),
      .log_id = head.log_id,
      .seq = payload.seq,
      .prev = payload.prev,
      .subject = payload.subject,
      .type = static_cast<RecordType>(payload.type),
      .refs = std::move(payload.refs),
      .beacon = payload.beacon
                    ? std::optional<Beacon>(Beacon{payload.beacon->size, payload.beacon->root})
                    : std::nullopt,
      .claimed_ms = payload.claimed_ms,
      .boot_id = payload.boot_id,
      .monotonic_ms = payload.monotonic_ms,
      .body_hash = payload.body_hash,
  };
  if (!body.empty() && sha256(body) != record.header.body_hash) return fail(errc::body_mismatch);
  record.hash = sha256(envelope);
  record.envelope = to_bytes(envelope);
  record.body = to_bytes(body);
  return record;
}

Result<void> verify_record(const Record& record, const PublicKey& key) {
  TN_TRY(const cose::Sign1& message, cose::decode_sign1(record.envelope));
  return cose::verify_sign1(message, key);
}

}  // namespace tannha
