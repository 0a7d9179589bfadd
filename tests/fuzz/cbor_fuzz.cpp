#include "require.hpp"
#include "tannha/protocol/cbor.hpp"

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(data, size);
  const auto value = cbor::decode(input);
  if (!value) return 0;
  fuzz::require(cbor::encode(*value) == to_bytes(input), "a value has one encoding");
  fuzz::require(is_utf8(cbor::diagnostic(*value)), "diagnostic notation is text");
  return 0;
}
