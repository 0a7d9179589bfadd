#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tannha/protocol/certificate.hpp"
#include "tools/simulate/reference.hpp"

namespace tannha::simulate {

/// Why this record must not count, or nothing: a small table of who may cause which effect, apart
/// from the engine's rules. It asks for the right, not for every condition of good order.
/// @param before the dossier without the record @param find a record of the journal, or null
[[nodiscard]] std::optional<std::string> objection_to(
    const Fact& fact, const Certificate& author, const Id& dossier, const Reference& before,
    const std::function<const Fact*(const Hash&)>& find);

}  // namespace tannha::simulate
