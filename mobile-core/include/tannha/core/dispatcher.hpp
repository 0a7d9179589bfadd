#pragma once

#include "tannha/core/actor.hpp"

namespace tannha::core {

/// Takes pickup requests and gives them to couriers.
class Dispatcher : public Actor {
 public:
  using Actor::Actor;

  /// @return the new dossier's id. Errors: argument_invalid, phone_number_*, out_of_scope.
  [[nodiscard]] Result<Id> request_pickup(body::PickupRequested request);
  [[nodiscard]] Result<Record> assign(const Id& dossier, const Id& courier);
  /// Gives one payment to a courier; one that was given back, to another. @param payout none: new
  /// @return the payout's id. Errors: argument_invalid; number_used_twice (this beneficiary has a
  /// payout for this period).
  [[nodiscard]] Result<Id> assign_payout(const std::optional<Id>& payout,
                                         body::PayoutAssigned assignment);
};

}  // namespace tannha::core
