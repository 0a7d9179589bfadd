#pragma once

#include <string>

#include "tannha/core/actor.hpp"

namespace tannha::core {

/// The citizen's side: sees what is handed over, confirms with their own key, keeps the proof.
class Citizen : public Actor {
 public:
  using Actor::Actor;

  /// Countersigns the send slip. @param sealed hash of the courier's record, which must be here
  /// (from the feed or a parcel). Errors: store_not_found, step_out_of_order, out_of_scope.
  [[nodiscard]] Result<Record> confirm(const Hash& sealed);
  /// Countersigns that the result was received.
  [[nodiscard]] Result<Record> confirm_delivery(const Hash& delivered);
  /// @param satisfaction 1 to 5. Errors: argument_invalid.
  [[nodiscard]] Result<Record> rate(const Id& dossier, std::uint8_t satisfaction,
                                    std::string_view text);
};

}  // namespace tannha::core
