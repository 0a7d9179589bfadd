#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tannha/engine/dossier.hpp"

namespace tannha::test {

/// The dossier that all random evidence is about.
inline constexpr Id random_dossier{0xd0, 0x55};

/// Records about one dossier by two couriers (one with two logs), two officers, a citizen, a
/// dispatcher and the registry: steps that make sense mixed with steps that do not, any verdict,
/// journal or none, forks, gaps, cycles through forged siblings, bodies that cannot be read.
/// Unsigned: `hash` is random and `envelope` empty, which the fold does not mind. Each record is
/// there once.
/// @param seed the same seed and count give the same records
[[nodiscard]] std::vector<Evidence> random_evidence(std::uint64_t seed, std::size_t count);

/// One line a record, for the message of a test that failed.
[[nodiscard]] std::string describe(std::span<const Evidence> evidence);

/// Below `n`, which is not 0. The same on every machine, unlike std::uniform_int_distribution.
[[nodiscard]] std::size_t pick(std::mt19937_64& random, std::size_t n);
[[nodiscard]] bool chance(std::mt19937_64& random, unsigned percent);
[[nodiscard]] Hash random_hash(std::mt19937_64& random);
template <class Items>
void shuffle(Items& items, std::mt19937_64& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[pick(random, i)]);
}

}  // namespace tannha::test
