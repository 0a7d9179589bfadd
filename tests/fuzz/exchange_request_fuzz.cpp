#include "require.hpp"
#include "tannha/protocol/exchange.hpp"

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = exchange::decode<exchange::Request>(BytesView(data, size));
  if (!message) return 0;
  const Bytes bytes = fields::encode(*message);
  const auto again = exchange::decode<exchange::Request>(bytes);
  fuzz::require(again && fields::encode(*again) == bytes, "what was read can be written and read");
  fuzz::require(bytes.size() <= size, "nothing is added to what was read");
  return 0;
}
