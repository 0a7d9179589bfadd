#pragma once

#include <algorithm>
#include <span>
#include <variant>
#include <vector>

#include "tannha/engine/dossier.hpp"

/// What the parts of the reference fold look at: the records that count, their bodies read once.
namespace tannha::simulate::reference {

/// The bodies that the state depends on; empty for one that cannot be read or does not matter.
using AnyBody =
    std::variant<std::monostate, body::PickupRequested, body::Assigned, body::CitizenBound,
                 body::DossierOpened, body::FieldsWritten, body::DocumentChecked,
                 body::AttachmentAdded, body::FeeTaken, body::Sealed, body::Confirmed,
                 body::HandoverOffered, body::HandoverAccepted, body::DisputeResolved,
                 body::Registered, body::SupplementRequested, body::Refused, body::PayoutAssigned,
                 body::PayoutLeased>;

/// One record that counts, at its place in causal order.
struct Step {
  RecordType type{};
  Hash hash{};
  Hash log{};
  Id author{};
  std::vector<Hash> refs;
  AnyBody body;
  bool provisional = false;  ///< the registry has not spoken yet

  template <class B>
  [[nodiscard]] const B* as() const {
    return std::get_if<B>(&body);
  }
  [[nodiscard]] bool refers_to(const Hash& other) const {
    return std::ranges::count(refs, other) > 0;
  }
};
using Steps = std::vector<Step>;

/// The effective and provisional records of the set, in causal order.
[[nodiscard]] Steps steps_of(std::span<const Evidence> evidence);

/// The last of the first `end` steps that has such a body; null when there is none.
template <class B>
const Step* last(const Steps& steps, std::size_t end) {
  for (std::size_t k = end; k-- > 0;) {
    if (steps[k].as<B>()) return &steps[k];
  }
  return nullptr;
}
template <class B>
const B* last_body(const Steps& steps) {
  const Step* step = last<B>(steps, steps.size());
  return step ? step->as<B>() : nullptr;
}
template <class B>
const Step* last(const Steps& steps) {
  return last<B>(steps, steps.size());
}
}  // namespace tannha::simulate::reference
