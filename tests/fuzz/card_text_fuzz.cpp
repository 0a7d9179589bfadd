#include "require.hpp"
#include "tannha/protocol/card_text.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/unicode_text.hpp"

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  init_crypto();
  const BytesView input(data, size);
  const auto card = parse_card_text(as_text(input));
  if (!card) return 0;
  fuzz::require(card->personal_number.digits.size() == 12, "a card has a personal number");
  fuzz::require(!card->name.empty() && fuzz::is(nfc(card->name), card->name), "a name is composed");
  fuzz::require(fuzz::is(nfc(card->address), card->address), "an address is composed");
  fuzz::require(card->birth_date.year.ok() && card->issued_on.ok(), "days are days");
  fuzz::require(card->raw_hash == blake2b_256(input), "the hash is of the whole text");
  fuzz::require(fuzz::is(parse_card_text(as_text(input)), *card), "reading twice gives the same");
  return 0;
}
