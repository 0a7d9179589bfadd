#include "tannha/protocol/compact.hpp"

#include <algorithm>
#include <map>

#include "envelope.hpp"

namespace tannha::exchange {
namespace {

constexpr int key_compact = 13;
constexpr std::size_t signature_bytes = std::tuple_size_v<Signature>;
constexpr std::size_t salt_bytes = std::tuple_size_v<Id>;
// How a body begins: a map of fewer than 24 fields, then key 0 and the head of 16 bytes.
constexpr std::uint8_t map_major = 5;
constexpr std::uint8_t short_count_max = 23;
constexpr std::uint8_t salt_key = 0x00;
constexpr std::uint8_t salt_head = 0x50;
constexpr std::size_t salt_at = 3;

/// What the message has said so far.
struct Before {
  struct Head {
    std::uint64_t next_seq{};
    Hash hash{};
  };
  RecordHeader header;
  std::map<Hash, Head> heads;

  [[nodiscard]] Head head(const Hash& log_id) const {
    const auto it = heads.find(log_id);
    return it == heads.end() ? Head{0, log_id} : it->second;
  }
  void note(const RecordHeader& now, const Hash& hash) {
    heads[now.log_id] = Head{now.seq + 1, hash};
    header = now;
  }
};

template <class T>
std::optional<T> if_other(const T& now, const T& before) {
  return now == before ? std::nullopt : std::optional<T>(now);
}

/// Wraps, so that every difference can be said.
std::int64_t difference(std::uint64_t now, std::uint64_t before) {
  return static_cast<std::int64_t>(now - before);
}

bool has_cuttable_salt(BytesView body) {
  return body.size() >= salt_at + salt_bytes && body[0] >> 5 == map_major &&
         (body[0] & 0x1f) <= short_count_max && body[1] == salt_key && body[2] == salt_head;
}

CompactRecord compact_of(const RecordHeader& h, const Before& before, BytesView body) {
  const Before::Head head = before.head(h.log_id);
  CompactRecord out;
  out.log_id = if_other(h.log_id, before.header.log_id);
  out.seq = if_other(h.seq, head.next_seq);
  out.prev = if_other(h.prev, head.hash);
  out.subject = if_other(h.subject, before.header.subject);
  out.type = if_other(static_cast<std::uint16_t>(h.type),
                      static_cast<std::uint16_t>(before.header.type));
  if (!h.refs.empty()) out.refs = h.refs;
  if (h.beacon && h.beacon != before.header.beacon) {
    out.beacon = CompactBeacon{h.beacon->size, h.beacon->root};
  }
  out.claimed_ms = difference(h.claimed_ms, before.header.claimed_ms);
  out.boot_id = if_other(h.boot_id, before.header.boot_id);
  out.monotonic_ms = difference(h.monotonic_ms, before.header.monotonic_ms);
  out.body.push_back(body[0]);
  const BytesView rest = body.subspan(salt_at + salt_bytes);
  out.body.insert(out.body.end(), rest.begin(), rest.end());
  return out;
}

Bytes body_with(BytesView salt, BytesView cut) {
  Bytes out{cut[0], salt_key, salt_head};
  out.insert(out.end(), salt.begin(), salt.end());
  out.insert(out.end(), cut.begin() + 1, cut.end());
  return out;
}

Carried whole_of(const CompactRecord& record, const Signature& signature, BytesView salt,
                 std::string_view tenant, Before& before) {
  RecordHeader h;
  h.tenant = tenant;
  h.log_id = record.log_id.value_or(before.header.log_id);
  const Before::Head head = before.head(h.log_id);
  h.seq = record.seq.value_or(head.next_seq);
  h.prev = record.prev.value_or(head.hash);
  h.subject = record.subject.value_or(before.header.subject);
  h.type = record.type ? static_cast<RecordType>(*record.type) : before.header.type;
  if (record.refs) h.refs = *record.refs;
  h.beacon = before.header.beacon;
  if (record.beacon) h.beacon = Beacon{record.beacon->size, record.beacon->root};
  h.claimed_ms = before.header.claimed_ms + static_cast<std::uint64_t>(record.claimed_ms);
  h.boot_id = record.boot_id.value_or(before.header.boot_id);
  h.monotonic_ms = before.header.monotonic_ms + static_cast<std::uint64_t>(record.monotonic_ms);
  Bytes body = body_with(salt, record.body);
  h.body_hash = sha256(body);
  Bytes envelope = encode_envelope(h, signature);
  before.note(h, sha256(envelope));
  return {std::move(envelope), std::move(body)};
}

/// None: not every record can be said in this form.
std::optional<Compact> pack(const Request& request) {
  Compact out;
  Before before;
  for (const Carried& carried : request.records) {
    if (!carried.body || !has_cuttable_salt(*carried.body)) return std::nullopt;
    const auto record = decode_record(carried.envelope, *carried.body);
    if (!record || record->header.tenant != request.tenant) return std::nullopt;
    const auto message = cose::decode_sign1(carried.envelope);
    if (!message || message->signature.size() != signature_bytes) return std::nullopt;
    out.records.push_back(compact_of(record->header, before, *carried.body));
    out.signatures.insert(out.signatures.end(), message->signature.begin(),
                          message->signature.end());
    const BytesView salt = BytesView(*carried.body).subspan(salt_at, salt_bytes);
    out.salts.insert(out.salts.end(), salt.begin(), salt.end());
    before.note(record->header, record->hash);
  }
  return out;
}

Result<std::vector<Carried>> unpack(const Compact& compact, std::string_view tenant) {
  const std::size_t count = compact.records.size();
  if (count > limits::exchange_records_max) return fail(errc::too_many_records);
  if (compact.signatures.size() != count * signature_bytes ||
      compact.salts.size() != count * salt_bytes) {
    return fail(errc::frame_malformed, "signatures or salts");
  }
  // The tenant and what is as before stand in every record again: no message may become larger by
  // that than one could have been sent.
  if (tenant.size() > limits::agency_code_chars_max) return fail(errc::tenant_mismatch);
  std::size_t bytes_count = 0;
  std::vector<Carried> out;
  out.reserve(count);
  Before before;
  for (std::size_t i = 0; i < count; ++i) {
    const CompactRecord& record = compact.records[i];
    if (record.body.empty()) return fail(errc::frame_malformed, "body");
    Signature signature;
    std::ranges::copy(BytesView(compact.signatures).subspan(i * signature_bytes, signature_bytes),
                      signature.begin());
    const BytesView salt = BytesView(compact.salts).subspan(i * salt_bytes, salt_bytes);
    out.push_back(whole_of(record, signature, salt, tenant, before));
    bytes_count += out.back().envelope.size() + out.back().body->size();
    if (bytes_count > limits::frame_bytes_max) return fail(errc::frame_too_large, "unpacked");
  }
  return out;
}

bool are_same(const std::vector<Carried>& a, const std::vector<Carried>& b) {
  return std::ranges::equal(a, b, [](const Carried& x, const Carried& y) {
    return x.envelope == y.envelope && x.body == y.body;
  });
}

}  // namespace

Bytes encode_compact(const Request& request) {
  if (request.records.empty()) return fields::encode(request);
  const auto compact = pack(request);
  if (!compact) return fields::encode(request);
  const auto again = unpack(*compact, request.tenant);
  if (!again || !are_same(*again, request.records)) return fields::encode(request);
  Request rest = request;
  rest.version = compact_version;
  rest.records.clear();
  fields::Writer writer;
  Request::fields(writer, rest);
  writer(key_compact, *compact);
  return cbor::encode(cbor::Value(std::move(writer.map)));
}

Result<Request> decode_request(BytesView bytes) {
  if (!cbor::has_at_most(bytes, limits::message_items_max)) {
    return fail(errc::frame_too_large, "items");
  }
  TN_TRY(const cbor::Value& value, cbor::decode(bytes));
  const cbor::Value* v = value.find(std::int64_t{0});
  if (!v || !v->as_uint()) return fail(errc::frame_malformed, "version");
  const std::uint64_t its_version = *v->as_uint();
  if (its_version != version && its_version != compact_version) {
    return fail(errc::frame_version_unknown);
  }
  Request request;
  if (!fields::from_value(value, request)) return fail(errc::frame_malformed, "field");
  if (its_version == version) return request;
  Compact compact;
  const cbor::Value* packed = value.find(std::int64_t{key_compact});
  if (!packed || !fields::from_value(*packed, compact) || !request.records.empty()) {
    return fail(errc::frame_malformed, "compact records");
  }
  TN_TRY(request.records, unpack(compact, request.tenant));
  request.version = version;
  return request;
}

}  // namespace tannha::exchange
