#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tannha/engine/dossier.hpp"

namespace tannha::simulate {

/// The state of a dossier by definition, slowly: every part of the state by a look of its own over
/// the records that count, in causal order. Written from docs/merge.md and the engine's header, and
/// sharing nothing with the engine's fold but the decoding of bodies, so that the two do not err
/// alike. For equal evidence state_text(fold(id, e)) == state_text(reference_fold(id, e)).
/// @param evidence each record once, in any order. Cost: n³ at worst; 200 records take
/// milliseconds.
[[nodiscard]] Dossier reference_fold(const Id& id, std::span<const Evidence> evidence);

/// Causal order by definition (L1): again and again, of the records whose predecessors are all
/// taken, the one with the smallest (journal index or infinity, hash). Predecessors: what it refers
/// to, and every record of its log with a lower number. Records that no such step reaches, because
/// they follow from a cycle, come last, by the same key.
/// @return indices into `evidence`
[[nodiscard]] std::vector<std::size_t> reference_order(std::span<const Evidence> evidence);

}  // namespace tannha::simulate
