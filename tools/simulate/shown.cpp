#include "tools/simulate/shown.hpp"

#include <algorithm>

namespace tannha::simulate {
namespace {

// The bug: whoever says that it was later is later.
Dossier ordered_by_claimed_time(const Id& id, std::span<const Evidence> evidence) {
  std::vector<Evidence> sorted(evidence.begin(), evidence.end());
  std::ranges::stable_sort(sorted, {}, [](const Evidence& e) { return e.record.header.claimed_ms; });
  std::uint64_t place = 0;
  for (Evidence& e : sorted) {
    e.record.header.refs.clear();
    e.record.header.seq = 0;
    e.leaf_index = place++;
  }
  return fold(id, sorted);
}

// The bug: one value is as good as two.
Dossier with_single_values(Dossier dossier) {
  for (auto& [name, values] : dossier.fields) {
    if (values.size() > 1) values.erase(values.begin(), values.end() - 1);
  }
  return dossier;
}

}  // namespace

Dossier show(const Id& id, std::span<const Evidence> evidence, const World& world) {
  if (world.has(Canary::trust_phone_clock)) return ordered_by_claimed_time(id, evidence);
  Dossier dossier = fold(id, evidence);
  if (world.has(Canary::last_write_wins)) return with_single_values(std::move(dossier));
  return dossier;
}

}  // namespace tannha::simulate
