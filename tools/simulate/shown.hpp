#pragma once

#include <span>

#include "tools/simulate/world.hpp"

namespace tannha::simulate {

/// What a phone's screen shows of a dossier: the engine's fold, or what a canary makes of it.
[[nodiscard]] Dossier show(const Id& id, std::span<const Evidence> evidence, const World& world);

}  // namespace tannha::simulate
