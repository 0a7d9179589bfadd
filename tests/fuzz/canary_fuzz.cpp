// A target with a planted mistake. A replay that does not find it would find nothing else either.

#include <cstdint>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bool planted = size >= 3 && data[0] == 'T' && data[1] == 'N' && data[2] == '2';
  tannha::fuzz::require(!planted, "the canary");
  return 0;
}
