#pragma once

#include <string_view>

#include "tannha/engine/dossier.hpp"
#include "tannha/protocol/certificate.hpp"
#include "tannha/protocol/record.hpp"
#include "tannha/protocol/verdict.hpp"

namespace tannha {

/// What a ruling must know beyond the dossier itself; the registry answers.
class Facts {
 public:
  virtual ~Facts() = default;
  /// The record's envelope and body, or null when it is not here. Valid until the next call.
  [[nodiscard]] virtual const Record* record(const Hash& hash) = 0;
  /// How many attachments named by the dossier's newest send slip have not arrived.
  [[nodiscard]] virtual std::size_t missing_attachments(const Dossier& dossier) = 0;
  /// Whether the number belongs to a lease of this log.
  [[nodiscard]] virtual bool leased_to(const Hash& log_id, body::NumberKind kind,
                                       std::string_view number) = 0;
  /// Whether another dossier's slip carries the number.
  [[nodiscard]] virtual bool used_elsewhere(const Id& dossier, std::string_view number) = 0;
};

/// Whether `unit` is `within` or stands below it: "H42.101" is within "H42".
[[nodiscard]] bool in_unit(std::string_view unit, std::string_view within);

/// Whether a dossier code can be made from the unit's code. One that has none must not get a
/// dossier: its acceptance could never be registered.
[[nodiscard]] bool can_have_dossiers(std::string_view unit);

/// Rules on a record whose signature and chain are in order: may this author do this, to this
/// dossier, now? For a hand-over, asked once for each dossier of the batch.
/// @param dossier the state before the record
/// @return effective; or held (late_amendment, dossier_sealed, number_not_leased,
/// number_used_twice); or refused (agency_code_malformed, role_not_allowed, out_of_scope, step_out_of_order, decision_superseded, dossier_incomplete,
/// supplement_already_asked, countersignature_invalid, body_malformed)
[[nodiscard]] Ruling rule(const Record& record, const Certificate& author, const Dossier& dossier,
                          Facts& facts);

}  // namespace tannha
