#pragma once

#include <optional>

#include "tannha/protocol/crypto.hpp"

namespace tannha {

/// The key of a seed that was read, of which nothing stays behind. Nothing: it is no seed.
[[nodiscard]] inline std::optional<KeyPair> key_of(Bytes stored) {
  auto seed = to_array<Seed>(stored);
  wipe(stored);
  if (!seed) return std::nullopt;
  const KeyPair key = KeyPair::from_seed(*seed);
  wipe(*seed);
  return key;
}

}  // namespace tannha
