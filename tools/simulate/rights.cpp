#include "tools/simulate/rights.hpp"

#include <algorithm>

#include "tannha/protocol/cose.hpp"
#include "tools/simulate/verify_cache.hpp"

namespace tannha::simulate {
namespace {

enum class Right : std::uint8_t {
  registry,            ///< the registry itself
  dispatcher,          ///< of the dossier's unit
  assigned_courier,
  opening_courier,     ///< assigned, or at the door of somebody who did not ask in advance
  officer_in_charge,
  citizen,             ///< whose key is bound to the dossier, with a countersignature that holds
  citizen_or_courier,  ///< a confirmation: by countersignature, code or statement
  giver,               ///< of an offer
  receiver,            ///< of an offer, with a countersignature that holds
  anyone_in_scope,
  itself,              ///< about the author's own device
  paying_log,          ///< the one log that holds the payout
  judge,               ///< an officer above or below the unit that owns the held record
  supervisor,          ///< officer or dispatcher of the unit of the log that is named
};

struct Row {
  RecordType type;
  Right right;
};
constexpr auto table = std::to_array<Row>({
    {RecordType::pickup_requested, Right::dispatcher},
    {RecordType::assigned, Right::dispatcher},
    {RecordType::lease_granted, Right::registry},
    {RecordType::citizen_bound, Right::registry},
    {RecordType::registered, Right::registry},
    {RecordType::log_forked, Right::registry},
    {RecordType::log_continued, Right::registry},
    {RecordType::payout_leased, Right::registry},
    {RecordType::lease_returned, Right::itself},
    {RecordType::erased, Right::itself},
    {RecordType::dossier_opened, Right::opening_courier},
    // Of somebody else it is a suggestion, which changes nothing that is in force.
    {RecordType::fields_written, Right::anyone_in_scope},
    {RecordType::document_checked, Right::assigned_courier},
    {RecordType::attachment_added, Right::assigned_courier},
    {RecordType::fee_taken, Right::assigned_courier},
    {RecordType::sealed, Right::assigned_courier},
    {RecordType::supplemented, Right::assigned_courier},
    {RecordType::delivery_attempted, Right::assigned_courier},
    {RecordType::delivered, Right::assigned_courier},
    {RecordType::confirmed, Right::citizen_or_courier},
    {RecordType::delivery_confirmed, Right::citizen},
    {RecordType::handover_offered, Right::giver},
    {RecordType::handover_accepted, Right::receiver},
    {RecordType::dispute_resolved, Right::officer_in_charge},
    {RecordType::accepted, Right::officer_in_charge},
    {RecordType::supplement_requested, Right::officer_in_charge},
    {RecordType::refused, Right::officer_in_charge},
    {RecordType::result_ready, Right::officer_in_charge},
    {RecordType::forwarded, Right::officer_in_charge},
    {RecordType::note, Right::anyone_in_scope},
    {RecordType::feedback, Right::anyone_in_scope},
    {RecordType::adjudicated, Right::judge},
    {RecordType::log_revoked, Right::supervisor},
    {RecordType::payout_assigned, Right::dispatcher},
    {RecordType::paid, Right::paying_log},
    {RecordType::payout_returned, Right::paying_log},
});

bool stands_below(const std::string& unit, const std::string& above) {
  return !above.empty() && (unit == above || unit.starts_with(above + "."));
}

class Question {
 public:
  Question(const Fact& fact, const Certificate& author, const Id& dossier, const Owners& before,
           const FindFact& find, const FindCertificate& certificate, const FindCode& code)
      : f_(fact),
        a_(author),
        id_(dossier),
        before_(before),
        find_(find),
        certificate_(certificate),
        code_(code) {}

  [[nodiscard]] bool has(Right right) const {
    switch (right) {
      case Right::registry: return a_.role == Role::registry;
      case Right::dispatcher: return dispatcher();
      case Right::assigned_courier: return courier();
      case Right::opening_courier:
        return a_.role == Role::courier && (!before_.courier || before_.courier == a_.actor);
      case Right::officer_in_charge: return officer();
      case Right::citizen: return citizen() && countersigned();
      case Right::citizen_or_courier: return confirmation();
      case Right::giver: return giver();
      case Right::receiver: return receiver() && countersigned();
      case Right::anyone_in_scope:
        return courier() || citizen() || officer() || a_.role == Role::registry ||
               (a_.role == Role::dispatcher && stands_below(before_.unit, a_.unit));
      case Right::itself: return f_.record.header.subject == a_.actor;
      case Right::paying_log:
        return a_.role == Role::courier &&
               std::ranges::count(before_.payout_logs, f_.record.header.log_id) > 0;
      case Right::judge: return judge();
      case Right::supervisor: return supervisor();
    }
    return false;
  }

 private:
  bool dispatcher() const {
    const auto* request = f_.as<body::PickupRequested>();
    const auto* payout = f_.as<body::PayoutAssigned>();
    const std::string& unit = request ? request->unit : payout ? payout->unit : before_.unit;
    return a_.role == Role::dispatcher && stands_below(unit, a_.unit);
  }
  bool courier() const { return a_.role == Role::courier && before_.courier == a_.actor; }
  bool officer() const { return a_.role == Role::officer && stands_below(before_.unit, a_.unit); }
  bool citizen() const {
    return a_.role == Role::citizen && a_.scope == id_ &&
           before_.citizen_log == f_.record.header.log_id;
  }
  bool confirmation() const {
    const auto* b = f_.as<body::Confirmed>();
    if (!b) return false;
    if (b->grade == body::Grade::countersigned) return citizen() && countersigned();
    if (b->grade == body::Grade::one_time_code) return courier() && has_code(*b);
    return b->grade == body::Grade::courier_statement && courier();
  }
  bool has_code(const body::Confirmed& b) const {
    const auto& refs = f_.record.header.refs;
    const std::string* sent = refs.size() == 2 ? code_(id_, refs[1]) : nullptr;
    return sent && b.code == *sent;
  }
  bool giver() const {
    const auto* b = f_.as<body::HandoverOffered>();
    return b && (b->direction == body::Direction::to_desk ? courier() : officer());
  }
  bool receiver() const {
    const Fact* offer = answered();
    const auto* terms = offer ? offer->as<body::HandoverOffered>() : nullptr;
    if (!terms) return false;
    const bool in_bag = std::ranges::any_of(
        terms->items, [&](const body::HandoverItem& item) { return item.dossier == id_; });
    const bool right_person =
        terms->direction == body::Direction::to_desk
            ? a_.role == Role::officer && stands_below(terms->unit, a_.unit)
            : a_.role == Role::courier && terms->receiver == a_.actor;
    return in_bag && right_person;
  }

  bool judge() const {
    const Fact* held = answered();
    if (a_.role != Role::officer || !held) return false;
    if (held->type() == RecordType::adjudicated) return false;
    if (held->record.header.subject != f_.record.header.subject) return false;
    const Certificate* author = certificate_(held->record.header.log_id);
    const std::string& unit =
        before_.unit.empty() && author ? author->unit : before_.unit;
    return stands_below(unit, a_.unit) || stands_below(a_.unit, unit);
  }
  bool supervisor() const {
    const auto* b = f_.as<body::LogRevoked>();
    const Certificate* owner = b ? certificate_(b->log_id) : nullptr;
    return (a_.role == Role::officer || a_.role == Role::dispatcher) && owner &&
           stands_below(owner->unit, a_.unit);
  }

  const Fact* answered() const {
    return f_.record.header.refs.empty() ? nullptr : find_(f_.record.header.refs.front());
  }

  bool countersigned() const {
    const Fact* parent = answered();
    const Bytes* bytes = nullptr;
    if (const auto* b = f_.as<body::Confirmed>()) {
      bytes = b->countersignature ? &*b->countersignature : nullptr;
    } else if (const auto* delivery = f_.as<body::DeliveryConfirmed>()) {
      bytes = &delivery->countersignature;
    } else if (const auto* taken = f_.as<body::HandoverAccepted>()) {
      bytes = &taken->countersignature;
    }
    if (!parent || !bytes) return false;
    const auto message = cose::decode_sign1(parent->record.envelope);
    const auto countersignature = cose::decode_countersignature(*bytes);
    if (!message || !countersignature) return false;
    const Bytes signed_bytes =
        cose::to_be_countersigned(*message, countersignature->protected_bytes, {});
    return really_verifies(a_.public_key, signed_bytes, countersignature->signature);
  }

  const Fact& f_;
  const Certificate& a_;
  const Id& id_;
  const Owners& before_;
  const FindFact& find_;
  const FindCertificate& certificate_;
  const FindCode& code_;
};

}  // namespace

std::optional<std::string> objection_to(const Fact& fact, const Certificate& author,
                                        const Id& dossier, const Owners& before,
                                        const FindFact& find, const FindCertificate& certificate,
                                        const FindCode& code) {
  const auto row = std::ranges::find(table, fact.type(), &Row::type);
  if (row == table.end()) return "no line of the table allows it";
  // An image of the result is the office's; every other file is the courier's.
  const auto* file = fact.as<body::AttachmentAdded>();
  const bool result = file && file->role == body::AttachmentRole::result;
  const Question question(fact, author, dossier, before, find, certificate, code);
  if (question.has(result ? Right::officer_in_charge : row->right)) return std::nullopt;
  return "its author, a " + std::string(name(author.role)) + ", has no right to it";
}

}  // namespace tannha::simulate
