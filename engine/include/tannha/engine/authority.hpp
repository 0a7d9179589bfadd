#pragma once

#include <string_view>

#include "tannha/engine/dossier.hpp"
#include "tannha/protocol/certificate.hpp"
#include "tannha/protocol/record.hpp"
#include "tannha/protocol/verdict.hpp"

namespace tannha {

/// What the registry finds when it looks at a one-time code. Unknown: not the registry is asked.
enum class CodeCheck : std::uint8_t { unknown, right, wrong, expired, tries_used_up };

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
  /// Whether another dossier carries the number (or is the payout of that name).
  [[nodiscard]] virtual bool used_elsewhere(const Id& dossier, std::string_view number) = 0;
  /// Whether the numbers are the unused end of a lease of this log.
  [[nodiscard]] virtual bool may_return(const Hash& log_id, const body::LeaseReturned& rest) = 0;
  /// The unit of the certificate behind a log; empty when the log is not known here.
  [[nodiscard]] virtual std::string unit_of_log(const Hash& log_id) = 0;
  /// Whether the log was revoked, for whatever reason.
  [[nodiscard]] virtual bool is_revoked(const Hash& log_id) = 0;
  /// How a record stands now; nothing when it is not here.
  [[nodiscard]] virtual std::optional<Ruling> standing(const Hash& hash) = 0;
  /// @param sent_on the record on which the code went out to the citizen of this dossier
  [[nodiscard]] virtual CodeCheck one_time_code(const Id& dossier, const Hash& sent_on,
                                                std::string_view code) = 0;
};

/// What makes a payout one and the same, as the registry's table of used numbers has it.
[[nodiscard]] std::string payout_name(std::string_view beneficiary, std::string_view period);

/// Whether a held record of this reason may be decided by officers, and how many must agree.
/// 0: it waits for something that no officer can replace.
[[nodiscard]] std::size_t officers_needed(errc held_reason);

/// Whether `unit` is `within` or stands below it: "H42.101" is within "H42".
[[nodiscard]] bool in_unit(std::string_view unit, std::string_view within);

/// Whether a dossier code can be made from the unit's code. One that has none must not get a
/// dossier: its acceptance could never be registered.
[[nodiscard]] bool can_have_dossiers(std::string_view unit);

/// Rules on a record whose signature and chain are in order: may this author do this, to this
/// dossier, now? For a hand-over, asked once for each dossier of the batch.
/// @param dossier the state before the record
/// @return effective; or held (late_amendment, dossier_sealed, number_not_leased,
/// number_used_twice, payout_not_leased, paid_twice); or refused (agency_code_malformed,
/// role_not_allowed, out_of_scope, step_out_of_order, decision_superseded, dossier_incomplete,
/// supplement_already_asked, countersignature_invalid, body_malformed, number_not_leased (a return),
/// number_used_twice (a payout that exists), dispute_unknown, not_held, certificate_unknown,
/// code_expired, code_used, code_tries_used_up, code_wrong)
[[nodiscard]] Ruling rule(const Record& record, const Certificate& author, const Dossier& dossier,
                          Facts& facts);

}  // namespace tannha
