#include "require.hpp"
#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/phone_number.hpp"

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(BytesView(data, size));
  if (const auto number = parse_phone_number(text)) {
    fuzz::require(number->e164.starts_with("+84"), "a number is Vietnamese");
    fuzz::require(fuzz::is(parse_phone_number(number->e164), *number), "E.164 can be read");
    fuzz::require(fuzz::is(parse_phone_number(national_format(*number)), *number),
                  "the national form can be read");
  }
  if (const auto suggested = suggest_new_number(text)) {
    fuzz::require(!parse_phone_number(text), "a number that is good needs no suggestion");
    fuzz::require(fuzz::is(parse_phone_number(suggested->e164), *suggested),
                  "what is suggested is good");
  }
  return 0;
}
