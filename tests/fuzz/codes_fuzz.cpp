#include "require.hpp"
#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/dossier_code.hpp"
#include "tannha/protocol/limits.hpp"

using namespace tannha;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(BytesView(data, size));
  if (const auto code = parse_dossier_code(text)) {
    fuzz::require(format(*code) == text, "a dossier code is kept as it was written");
    fuzz::require(code->date.ok(), "its date is a day");
  }
  if (const auto agency = parse_agency_code(text)) {
    fuzz::require(agency->text == text && text.size() <= limits::agency_code_chars_max,
                  "an agency code is kept as it was written");
    if (const auto old = agency_code_to_qcvn102(text)) {
      fuzz::require(fuzz::is(agency_code_from_qcvn102(*old), text), "there and back");
    }
  }
  if (const auto agency = agency_code_from_qcvn102(text)) {
    fuzz::require(parse_agency_code(*agency).has_value(), "an old code becomes a code");
  }
  return 0;
}
