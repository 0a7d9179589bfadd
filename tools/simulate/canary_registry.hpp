#pragma once

#include <memory>

#include "tools/simulate/world.hpp"

namespace tannha::simulate {

/// Stands between the registry's logic and its store, with the bug of the world's canary if that
/// is one of the registry's; otherwise it only passes on. @param to must outlive it
[[nodiscard]] std::unique_ptr<Registry> make_canary_registry(Registry& to, World& world);

}  // namespace tannha::simulate
