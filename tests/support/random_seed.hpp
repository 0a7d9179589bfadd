#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace tannha::test {

/// The seed of a random test: TANNHA_TEST_SEED when it is set, otherwise a new one. The test
/// prints it with SCOPED_TRACE(seed_text(seed)).
inline std::uint64_t random_seed() {
  if (const char* text = std::getenv("TANNHA_TEST_SEED")) return std::strtoull(text, nullptr, 10);
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

inline std::string seed_text(std::uint64_t seed) {
  return "TANNHA_TEST_SEED=" + std::to_string(seed);
}

}  // namespace tannha::test
