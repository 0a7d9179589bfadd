#pragma once

#include "tannha/protocol/cose.hpp"
#include "tannha/protocol/record.hpp"

/// Envelopes put together again around a signature that was made before.
namespace tannha {

/// @param header with its body_hash. Whether the signature is good is not looked at.
[[nodiscard]] Bytes encode_envelope(const RecordHeader& header, const Signature& signature);

namespace cose {
/// As sign1(), with this signature.
[[nodiscard]] Bytes sign1_with(const cbor::Value& protected_map, BytesView payload,
                               const Signature& signature);
}  // namespace cose

}  // namespace tannha
