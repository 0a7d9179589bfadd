#include "require.hpp"
#include "tannha/protocol/exchange.hpp"

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parcel = exchange::parcel_from_text(as_text(BytesView(data, size)));
  if (!parcel) return 0;
  const std::string text = exchange::parcel_text(*parcel);
  const auto again = exchange::parcel_from_text(text);
  fuzz::require(again && exchange::parcel_text(*again) == text, "a parcel has one text");
  return 0;
}
