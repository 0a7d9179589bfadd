#include "tannha/protocol/cose.hpp"

#include "tannha/protocol/limits.hpp"

#include "cbor_writer.hpp"

namespace tannha::cose {
namespace {

constexpr std::uint64_t tag_sign1 = 18;
constexpr std::int64_t label_crit = 2;

/// The empty map has two forms on the wire, and only the empty string in what is signed
/// (RFC 9052 §3 and §4.4).
BytesView as_signed(BytesView protected_bytes) {
  constexpr std::uint8_t empty_map = 0xa0;
  if (protected_bytes.size() == 1 && protected_bytes[0] == empty_map) return {};
  return protected_bytes;
}

/// The map as it stands in a message: the empty one as an empty string.
Bytes protected_bytes_of(const cbor::Value& protected_map) {
  Bytes out = cbor::encode(protected_map);
  if (as_signed(out).empty()) out.clear();
  return out;
}

Result<cbor::Value> decode_protected(BytesView bytes) {
  if (bytes.empty()) return cbor::Value(cbor::Map{});
  TN_TRY(cbor::Value map, cbor::decode(bytes));
  if (map.as_map() == nullptr) return fail(errc::cose_malformed, "protected header is no map");
  return map;
}

/// The rules on both headers together: RFC 9052 §1.5, §3 and §3.1.
Result<void> check_headers(const cbor::Map& protected_map, const cbor::Map& unprotected) {
  for (const cbor::Map* map : {&protected_map, &unprotected}) {
    // Before any signature is looked at, so bounded: the comparison below is quadratic.
    if (map->size() > limits::cose_labels_max) return fail(errc::cose_malformed, "labels");
    for (const auto& [label, value] : *map) {
      if (!label.as_int() && label.as_text() == nullptr) {
        return fail(errc::cose_malformed, "label is neither integer nor text");
      }
      // A sender that lists what must be understood means labels that are not known here.
      if (label.as_int() == label_crit) return fail(errc::cose_malformed, "crit");
    }
  }
  for (const auto& [label, value] : unprotected) {
    for (const auto& [protected_label, protected_value] : protected_map) {
      if (label == protected_label) return fail(errc::cose_malformed, "label in both headers");
    }
  }
  return {};
}

/// What messages and countersignatures have in common.
struct Headers {
  Bytes protected_bytes;
  cbor::Value protected_map;
};
Result<Headers> take_headers(const cbor::Value& protected_bytes, const cbor::Value& unprotected) {
  const Bytes* bytes = protected_bytes.as_bytes();
  if (bytes == nullptr) return fail(errc::cose_malformed, "protected header is no byte string");
  if (unprotected.as_map() == nullptr) {
    return fail(errc::cose_malformed, "unprotected header is no map");
  }
  TN_TRY(cbor::Value map, decode_protected(*bytes));
  TN_CHECK(check_headers(*map.as_map(), *unprotected.as_map()));
  return Headers{*bytes, std::move(map)};
}

bool is_ed25519(const cbor::Value& protected_map) {
  const cbor::Value* alg = protected_map.find(label_alg);
  return alg != nullptr && alg->as_int() == alg_ed25519;
}

Bytes message_of(BytesView protected_bytes, const cbor::Value& unprotected, BytesView payload,
                 BytesView signature) {
  Bytes out;
  out.reserve(protected_bytes.size() + payload.size() + signature.size() + 16);
  cbor::put_head(out, cbor::Major::tag, tag_sign1);
  cbor::put_head(out, cbor::Major::array, 4);
  cbor::put_byte_string(out, protected_bytes);
  const Bytes header = cbor::encode(unprotected);
  out.insert(out.end(), header.begin(), header.end());
  cbor::put_byte_string(out, payload);
  cbor::put_byte_string(out, signature);
  return out;
}

/// Label 11 with one more countersignature: a single one stands alone, several in an array
/// (RFC 9338 §3.1).
cbor::Value with_another(const cbor::Value* present, cbor::Value added) {
  if (present == nullptr) return added;
  cbor::Array all;
  const cbor::Array* array = present->as_array();
  const bool is_list = array != nullptr && !array->empty() && array->front().as_array() != nullptr;
  if (is_list) {
    all = *array;
  } else {
    all.push_back(*present);
  }
  all.push_back(std::move(added));
  return all;
}

}  // namespace

Bytes to_be_signed(BytesView protected_bytes, BytesView external_aad, BytesView payload) {
  Bytes out;
  out.reserve(protected_bytes.size() + external_aad.size() + payload.size() + 32);
  cbor::put_head(out, cbor::Major::array, 4);
  cbor::put_text_string(out, "Signature1");
  cbor::put_byte_string(out, as_signed(protected_bytes));
  cbor::put_byte_string(out, external_aad);
  cbor::put_byte_string(out, payload);
  return out;
}

Bytes to_be_countersigned(const Sign1& parent, BytesView sign_protected_bytes,
                          BytesView external_aad) {
  Bytes out;
  out.reserve(parent.protected_bytes.size() + sign_protected_bytes.size() + external_aad.size() +
              parent.payload.size() + parent.signature.size() + 64);
  cbor::put_head(out, cbor::Major::array, 6);
  cbor::put_text_string(out, "CounterSignatureV2");
  cbor::put_byte_string(out, as_signed(parent.protected_bytes));
  cbor::put_byte_string(out, as_signed(sign_protected_bytes));
  cbor::put_byte_string(out, external_aad);
  cbor::put_byte_string(out, parent.payload);
  // other_fields: for a COSE_Sign1 its signature alone.
  cbor::put_head(out, cbor::Major::array, 1);
  cbor::put_byte_string(out, parent.signature);
  return out;
}

Bytes sign1(const cbor::Value& protected_map, BytesView payload, const KeyPair& key) {
  const Bytes protected_bytes = protected_bytes_of(protected_map);
  const Signature signature = key.sign(to_be_signed(protected_bytes, {}, payload));
  return message_of(protected_bytes, cbor::Map{}, payload, signature);
}

Bytes sign1_with(const cbor::Value& protected_map, BytesView payload, const Signature& signature) {
  return message_of(protected_bytes_of(protected_map), cbor::Map{}, payload, signature);
}

Result<Sign1> decode_sign1(BytesView bytes) {
  TN_TRY(const cbor::Value& value, cbor::decode(bytes));
  const cbor::Tagged* tagged = value.as_tagged();
  if (tagged == nullptr || tagged->tag != tag_sign1) {
    return fail(errc::cose_malformed, "tag is not 18");
  }
  const cbor::Array* members = tagged->content.as_array();
  if (members == nullptr || members->size() != 4) {
    return fail(errc::cose_malformed, "message has not four members");
  }
  TN_TRY(Headers headers, take_headers((*members)[0], (*members)[1]));
  const Bytes* payload = (*members)[2].as_bytes();
  if (payload == nullptr) return fail(errc::cose_malformed, "payload is no byte string");
  const Bytes* signature = (*members)[3].as_bytes();
  if (signature == nullptr) return fail(errc::cose_malformed, "signature is no byte string");
  return Sign1{std::move(headers.protected_bytes), std::move(headers.protected_map), (*members)[1],
               *payload, *signature};
}

Result<void> verify_sign1(const Sign1& message, const PublicKey& key, BytesView external_aad) {
  if (!is_ed25519(message.protected_map)) return fail(errc::cose_unknown_algorithm);
  const Bytes covered = to_be_signed(message.protected_bytes, external_aad, message.payload);
  if (!verify(key, covered, message.signature)) return fail(errc::signature_invalid);
  return {};
}

Bytes countersign(const Sign1& parent, const cbor::Value& protected_map, const KeyPair& key) {
  const Bytes protected_bytes = protected_bytes_of(protected_map);
  const Signature signature = key.sign(to_be_countersigned(parent, protected_bytes, {}));
  Bytes out;
  cbor::put_head(out, cbor::Major::array, 3);
  cbor::put_byte_string(out, protected_bytes);
  cbor::put_head(out, cbor::Major::map, 0);
  cbor::put_byte_string(out, signature);
  return out;
}

Result<Countersignature> decode_countersignature(BytesView bytes) {
  TN_TRY(const cbor::Value& value, cbor::decode(bytes));
  const cbor::Array* members = value.as_array();
  if (members == nullptr || members->size() != 3) {
    return fail(errc::cose_malformed, "countersignature has not three members");
  }
  TN_TRY(Headers headers, take_headers((*members)[0], (*members)[1]));
  const Bytes* signature = (*members)[2].as_bytes();
  if (signature == nullptr) return fail(errc::cose_malformed, "signature is no byte string");
  return Countersignature{std::move(headers.protected_bytes), std::move(headers.protected_map),
                          *signature};
}

Result<void> verify_countersignature(const Countersignature& countersignature, const Sign1& parent,
                                     const PublicKey& key) {
  if (!is_ed25519(countersignature.protected_map)) return fail(errc::cose_unknown_algorithm);
  const Bytes covered = to_be_countersigned(parent, countersignature.protected_bytes, {});
  if (!verify(key, covered, countersignature.signature)) {
    return fail(errc::countersignature_invalid);
  }
  return {};
}

Bytes attach_countersignature(const Sign1& parent, BytesView countersignature) {
  Result<cbor::Value> added = cbor::decode(countersignature);
  cbor::Value unprotected = cbor::Map{};
  for (const auto& [label, value] : *parent.unprotected.as_map()) {
    if (label.as_int() != label_countersignature_v2) unprotected.set(label, value);
  }
  unprotected.set(
      label_countersignature_v2,
      with_another(parent.unprotected.find(label_countersignature_v2), std::move(*added)));
  return message_of(parent.protected_bytes, unprotected, parent.payload, parent.signature);
}

}  // namespace tannha::cose
