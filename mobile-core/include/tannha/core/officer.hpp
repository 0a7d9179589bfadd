#pragma once

#include <string>
#include <vector>

#include "tannha/core/actor.hpp"

namespace tannha::core {

/// The officer's work at the one-stop desk. Decisions name the one that they replace: of two that
/// race, the registry keeps the first and shows the second to its author. Errors of every call
/// besides its own: those of Replica and of the rules (out_of_scope, step_out_of_order,
/// decision_superseded, supplement_already_asked, role_not_allowed).
class Officer : public Actor {
 public:
  using Actor::Actor;

  /// Dossiers of the unit that have been handed over and are not finished, by the date by which they
  /// are to be; of one date in the order in which they came.
  /// @param undated_ms the date that counts for those that have none
  [[nodiscard]] Result<std::vector<DossierSummary>> queue(std::uint64_t undated_ms = 0);
  /// Countersigns a bag that was counted. @param offer hash of the courier's record, which must be
  /// here (from the feed or a parcel) @param missing dossiers whose envelope was not in the bag
  /// Errors: store_not_found, argument_invalid.
  [[nodiscard]] Result<Record> accept_handover(const Hash& offer, const std::vector<Id>& missing);

  [[nodiscard]] Result<Record> accept(const Id& dossier);
  /// Once, and completely. @param items what is missing, each in words
  [[nodiscard]] Result<Record> request_supplement(const Id& dossier,
                                                  const std::vector<std::string>& items,
                                                  std::string_view reason);
  [[nodiscard]] Result<Record> refuse(const Id& dossier, std::string_view reason);
  [[nodiscard]] Result<Record> forward(const Id& dossier, std::string_view step);
  [[nodiscard]] Result<Record> finish(const Id& dossier, std::string_view result);
  /// Gives results, or refused dossiers, to their courier. Errors: argument_invalid (empty; two
  /// couriers; nobody assigned).
  [[nodiscard]] Result<Record> offer_return(const std::vector<Id>& dossiers);

  // Work items: what is kept but does not count, until an officer says so
  struct WorkItem {
    Record record;
    errc reason{};
    std::size_t officers_needed{};  ///< 0: it waits for another record
  };
  /// Held records of the unit, in the order in which they came.
  [[nodiscard]] Result<std::vector<WorkItem>> work_items();
  /// @param held hash of a held record. Errors: not_held, step_out_of_order, argument_invalid.
  [[nodiscard]] Result<Record> adjudicate(const Hash& held, body::Outcome outcome,
                                          std::string_view reason);
  /// @param link the hand-over that stands; a second officer must name the same one.
  /// Errors: dispute_unknown.
  [[nodiscard]] Result<Record> resolve_dispute(const Id& dossier, const Hash& link,
                                               std::string_view reason);
};

}  // namespace tannha::core
