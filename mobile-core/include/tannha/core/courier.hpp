#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tannha/core/actor.hpp"
#include "tannha/engine/catalogue.hpp"
#include "tannha/protocol/personal_number.hpp"

namespace tannha::core {

/// The postal worker's work: at the door, at the desk, and on the way back. Everything works
/// without a network and is saved when the call returns. Errors of every call besides its own:
/// those of Replica (not_enrolled, store errors) and of the rules (out_of_scope, step_out_of_order,
/// late_amendment, role_not_allowed).
class Courier : public Actor {
 public:
  /// @param catalogue must outlive this
  Courier(Replica& replica, const Catalogue& catalogue) : Actor(replica), catalogue_(catalogue) {}

  /// The dossiers that are this courier's to do something about: not yet handed over, waiting for a
  /// supplement, or to be brought back.
  [[nodiscard]] Result<std::vector<DossierSummary>> round();

  /// Starts capturing. @param id of a pickup request; none: somebody asks at the door
  /// Errors: procedure_unknown, procedure_not_by_post.
  [[nodiscard]] Result<Id> open(const std::optional<Id>& id, std::string_view procedure,
                                body::ServiceKind service,
                                const std::optional<std::string>& procedure_case = {});

  struct Scan {
    Record record;
    std::vector<IdentityWarning> warnings;  ///< what the courier should look at again
  };
  /// Fills the owner's fields from the card's QR text. Errors: those of parse_card_text.
  [[nodiscard]] Result<Scan> scan_card(const Id& dossier, std::string_view text);
  /// Replaces the values this device shows. Errors: argument_invalid; for "owner_phone"
  /// phone_number_invalid, phone_number_old; for "owner_personal_number" personal_number_*.
  [[nodiscard]] Result<Record> write_field(const Id& dossier, std::string_view name,
                                           std::string_view value);
  /// @param line of the catalogue entry; 0 with a name for a paper that is not on the list
  /// Errors: argument_invalid.
  [[nodiscard]] Result<Record> check_document(const Id& dossier, std::uint32_t line,
                                              std::string_view name, std::uint32_t originals,
                                              std::uint32_t certified, std::uint32_t photocopies);
  /// Errors: not_a_jpeg; those of Change::attach.
  [[nodiscard]] Result<Record> add_photo(const Id& dossier, BytesView jpeg,
                                         body::AttachmentRole role, std::uint32_t line);
  [[nodiscard]] Result<Record> take_money(const Id& dossier, body::MoneyKind kind,
                                          std::uint64_t amount_dong, bool cash);

  /// Lines of the checklist to be submitted or presented that nobody has counted.
  /// Errors: procedure_unknown.
  [[nodiscard]] Result<std::vector<DocumentLine>> uncounted(const Id& dossier);
  [[nodiscard]] static std::vector<DocumentLine> uncounted(const Dossier& dossier,
                                                           const Procedure& procedure);
  /// Issues the send slip with numbers from the leases. Errors: dossier_incomplete (nothing was
  /// counted, or the owner has no name), numbers_exhausted.
  [[nodiscard]] Result<Record> seal(const Id& dossier, std::string_view seal_no);
  /// The weakest confirmation: the courier says so, with an image of the drawn signature.
  [[nodiscard]] Result<Record> confirm_by_statement(const Id& dossier, BytesView signature_jpeg);
  /// Whether the citizen's newest code can still confirm a slip, as far as this device knows: the
  /// registry sends codes at all, it is not used up, and by the registry's clock as it is known here
  /// not older than its life and half a day. That clock may be wrong by hours after a restart; a
  /// code that is good must not be refused for it. The registry has the last word.
  [[nodiscard]] Result<bool> has_good_code(const Dossier& dossier);
  /// The citizen read out the code that the registry sent. It is provisional here: only the
  /// registry can compare it. @param code six digits, spaces between them allowed
  /// Errors: argument_invalid (no such digits); code_used; code_expired, where has_good_code() says
  /// no for another reason.
  [[nodiscard]] Result<Record> confirm_by_code(const Id& dossier, std::string_view code);
  /// The papers of the open supplement request are complete.
  [[nodiscard]] Result<Record> supplement(const Id& dossier, std::string_view text);

  /// Signs the hand-over record for a bag. Errors: argument_invalid (empty, or more than fit).
  [[nodiscard]] Result<Record> offer_handover(std::string_view unit, const std::vector<Id>& bag);
  /// Countersigns what the desk gives back. @param offer hash of its hand-over record
  [[nodiscard]] Result<Record> accept_return(const Hash& offer);

  [[nodiscard]] Result<Record> attempt_delivery(const Id& dossier, std::string_view reason);
  /// @param document which paper the recipient showed: "can_cuoc", "ho_chieu"
  [[nodiscard]] Result<Record> deliver(const Id& dossier, std::string_view document,
                                       BytesView signature_jpeg);

  /// What is left of the leased numbers, so that running out is said before the round begins.
  struct Stock {
    std::uint32_t send_slips{};
    std::uint32_t items{};
    std::uint32_t to_seal{};  ///< dossiers of the round that have no slip yet
    /// Fewer numbers than dossiers, or few enough to ask for more.
    [[nodiscard]] bool is_low() const;
  };
  [[nodiscard]] Result<Stock> stock();

  // Payouts at home
  /// Records that the money was given. Errors: payout_not_leased (another device has it: do not
  /// pay), paid_twice, not_a_jpeg.
  [[nodiscard]] Result<Record> pay(const Id& payout, std::string_view document,
                                   BytesView signature_jpeg);
  /// Gives the payout back, so that the office can give it to somebody else.
  [[nodiscard]] Result<Record> return_payout(const Id& payout, std::string_view reason);

 private:
  [[nodiscard]] Result<Hash> attach_signature(Replica::Change& change, const Id& id,
                                              const std::vector<Hash>& refs, BytesView jpeg);

  const Catalogue& catalogue_;
};

}  // namespace tannha::core
