#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tannha/protocol/certificate.hpp"
#include "tools/simulate/fact.hpp"

namespace tannha::simulate {

using FindFact = std::function<const Fact*(const Hash& record)>;
using FindCertificate = std::function<const Certificate*(const Hash& log)>;
/// The code that went to the citizen of the dossier on that record; null: none did.
using FindCode = std::function<const std::string*(const Id& dossier, const Hash& sent_on)>;

/// Why this record must not count, or nothing: a small table of who may cause which effect, apart
/// from the engine's rules. It asks for the right, not for every condition of good order.
/// @param before of the dossier without the record @param find and @param certificate: null where
/// the journal has none
[[nodiscard]] std::optional<std::string> objection_to(const Fact& fact, const Certificate& author,
                                                      const Id& dossier, const Owners& before,
                                                      const FindFact& find,
                                                      const FindCertificate& certificate,
                                                      const FindCode& code);

}  // namespace tannha::simulate
