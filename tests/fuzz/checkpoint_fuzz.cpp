#include "../support/protocol_world.hpp"
#include "require.hpp"

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::World world;
  const auto checkpoint = open_checkpoint(as_text(BytesView(data, size)), test::World::origin,
                                          world.journal_key.public_key());
  fuzz::require(!checkpoint || *checkpoint == world.checkpoint(), "nobody forges a checkpoint");
  return 0;
}
