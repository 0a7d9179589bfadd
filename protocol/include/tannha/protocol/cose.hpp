#pragma once

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/cbor.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/result.hpp"

/// COSE_Sign1 (RFC 9052 §4.2) with Ed25519 (RFC 9864, alg -19), and the full
/// countersignature version 2 (RFC 9338, label 11).
namespace tannha::cose {

inline constexpr std::int64_t label_alg = 1;
inline constexpr std::int64_t label_kid = 4;
inline constexpr std::int64_t label_countersignature_v2 = 11;  // RFC 9338 §3.1, full form
inline constexpr std::int64_t label_typ = 16;                  // RFC 9596
inline constexpr std::int64_t alg_ed25519 = -19;

/// A decoded message. Byte strings are the message's own.
struct Sign1 {
  Bytes protected_bytes;     ///< the encoded protected header, as it was signed
  cbor::Value protected_map; ///< decoded from it
  cbor::Value unprotected;   ///< a map
  Bytes payload;
  Bytes signature;           ///< 64 bytes for Ed25519; others only in vectors
};

/// Sig_structure of RFC 9052 §4.4: what is signed. An encoded empty map (0xa0) counts as no bytes.
[[nodiscard]] Bytes to_be_signed(BytesView protected_bytes, BytesView external_aad,
                                 BytesView payload);

/// Countersign_structure of RFC 9338 §3.3 with context "CounterSignatureV2": covers the parent's
/// protected header, payload and signature.
[[nodiscard]] Bytes to_be_countersigned(const Sign1& parent, BytesView sign_protected_bytes,
                                        BytesView external_aad);

/// The tagged (18) message with an empty unprotected header. @param protected_map must hold
/// label_alg = alg_ed25519. @param key signs it
[[nodiscard]] Bytes sign1(const cbor::Value& protected_map, BytesView payload, const KeyPair& key);

/// Takes a message apart without looking at its signature. Strict: tag 18, four members, a
/// protected header that is empty or an encoded map, labels that are integers or texts, none in
/// both headers, no "crit" (label 2), a payload that is there. An empty protected header names no
/// algorithm, so verify_sign1() refuses it.
/// Errors: those of cbor::decode; cose_malformed.
[[nodiscard]] Result<Sign1> decode_sign1(BytesView bytes);

/// Errors: cose_unknown_algorithm when alg is not -19; signature_invalid.
[[nodiscard]] Result<void> verify_sign1(const Sign1& message, const PublicKey& key,
                                        BytesView external_aad = {});

/// A COSE_Countersignature (RFC 9338 §3.1): [protected, unprotected, signature] over `parent`.
/// @param protected_map holds alg and the signer's kid (log id)
[[nodiscard]] Bytes countersign(const Sign1& parent, const cbor::Value& protected_map,
                                const KeyPair& key);

struct Countersignature {
  Bytes protected_bytes;
  cbor::Value protected_map;
  Bytes signature;
};
/// Errors: those of cbor::decode; cose_malformed.
[[nodiscard]] Result<Countersignature> decode_countersignature(BytesView bytes);
/// Errors: cose_unknown_algorithm; countersignature_invalid.
[[nodiscard]] Result<void> verify_countersignature(const Countersignature& countersignature,
                                                   const Sign1& parent, const PublicKey& key);

/// The same message with the countersignature under label 11 of its unprotected header: the form
/// in which a co-signed paper leaves the system. The signature stays valid. One that is there
/// already is kept, both then in an array. Precondition: decode_countersignature() takes the bytes.
[[nodiscard]] Bytes attach_countersignature(const Sign1& parent, BytesView countersignature);

}  // namespace tannha::cose
