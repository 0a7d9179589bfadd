#pragma once

#include "tannha/engine/catalogue.hpp"
#include "tannha/engine/replica.hpp"

namespace tannha::core {

/// The agency code of no province: what is recorded under it is an exercise. No registry has it, so
/// that none takes such a record, whoever brings it; SyncSession sends nothing of it anyway.
inline constexpr std::string_view training_tenant = "H00";
[[nodiscard]] bool is_training(const Replica& replica);

/// Enrols a new store in a world of its own, which exists on this device alone: an authority made
/// for it, which is forgotten at once, numbers, two procedures, and a round of made-up people's
/// dossiers: three to be visited, one begun, one whose supplement is asked for, one whose result is
/// to be delivered. Names, numbers and addresses are of nobody.
/// Errors: vault_locked; already_enrolled, also while an enrolment is under way, whose key is in
/// the store; the store's.
[[nodiscard]] Result<Catalogue> make_training(Replica& replica, Host& host);

}  // namespace tannha::core
