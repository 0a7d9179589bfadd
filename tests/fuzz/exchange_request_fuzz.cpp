#include <algorithm>

#include "require.hpp"
#include "tannha/protocol/compact.hpp"
#include "tannha/protocol/limits.hpp"

using namespace tannha;

namespace {

// In either form: what was read can be made compact and is the same again.
void read_either(BytesView input) {
  const auto message = exchange::decode_request(input);
  if (!message) return;
  std::size_t bytes_count = 0;
  for (const exchange::Carried& carried : message->records) {
    bytes_count += carried.envelope.size() + (carried.body ? carried.body->size() : 0);
  }
  fuzz::require(bytes_count <= std::max(input.size(), limits::frame_bytes_max),
                "what is left out does not grow beyond a frame");
  const auto again = exchange::decode_request(exchange::encode_compact(*message));
  fuzz::require(again && fields::encode(*again) == fields::encode(*message),
                "the compact form says the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_either(BytesView(data, size));
  const auto message = exchange::decode<exchange::Request>(BytesView(data, size));
  if (!message) return 0;
  const Bytes bytes = fields::encode(*message);
  const auto again = exchange::decode<exchange::Request>(bytes);
  fuzz::require(again && fields::encode(*again) == bytes, "what was read can be written and read");
  fuzz::require(bytes.size() <= size, "nothing is added to what was read");
  return 0;
}
