#pragma once

#include <optional>

#include "tools/simulate/phone.hpp"

namespace tannha::simulate {

/// What a registry that means ill does to one answer, with its own keys. A phone must refuse it
/// with the right error or come to no harm.
/// @param seen the phone's newest checkpoint @param older an answer of an earlier time, or empty
/// @return the answer to send and what is expected, or nothing when there is nothing to spoil
struct Spoiled {
  Bytes message;
  Tampering tampering;
};
[[nodiscard]] std::optional<Spoiled> spoil(const Bytes& message, const Beacon& seen,
                                           const Bytes& older, const RegistryActor& actor,
                                           World& world, Rng& rng);

}  // namespace tannha::simulate
