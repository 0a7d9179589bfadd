#include "require.hpp"
#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/s10.hpp"

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto item = parse_s10(as_text(BytesView(data, size)));
  if (!item) return 0;
  const std::string text = format(*item);
  fuzz::require(text.size() == 13, "an item has 13 characters");
  fuzz::require(fuzz::is(parse_s10(text), *item), "what is written can be read");
  return 0;
}
