#include "tannha/engine/authority.hpp"

#include <algorithm>

#include "tannha/protocol/cose.hpp"
#include "tannha/protocol/dossier_code.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

using body::decode;

constexpr Ruling effective{Verdict::effective, std::nullopt};
Ruling refused(errc why) { return {Verdict::refused, why}; }
Ruling held(errc why) { return {Verdict::held, why}; }

/// One question per role or step; each returns the first reason against, or nothing.
class Judge {
 public:
  Judge(const Record& record, const Certificate& author, const Dossier& dossier, Facts& facts)
      : r_(record), a_(author), d_(dossier), facts_(facts) {}

  Ruling rule() {
    switch (r_.header.type) {
      case RecordType::pickup_requested: return pickup_requested();
      case RecordType::assigned: return assigned();
      case RecordType::lease_granted:
      case RecordType::citizen_bound:
      case RecordType::registered:
      case RecordType::log_forked:
      case RecordType::log_continued:
      case RecordType::payout_leased: return only(a_.role == Role::registry);
      case RecordType::lease_returned: return lease_returned();
      case RecordType::dossier_opened: return opened();
      case RecordType::fields_written: return fields_written();
      case RecordType::document_checked:
      case RecordType::fee_taken: return captured();
      case RecordType::attachment_added: return attachment_added();
      case RecordType::sealed: return sealed();
      case RecordType::confirmed: return confirmed();
      case RecordType::supplemented: return supplemented();
      case RecordType::handover_offered: return offered();
      case RecordType::handover_accepted: return handed_over();
      case RecordType::dispute_resolved: return dispute_resolved();
      case RecordType::accepted: return accepted();
      case RecordType::supplement_requested: return supplement_requested();
      case RecordType::refused: return refusal();
      case RecordType::result_ready: return result_ready();
      case RecordType::forwarded: return forwarded();
      case RecordType::delivery_attempted:
      case RecordType::delivered: return delivery();
      case RecordType::delivery_confirmed: return delivery_confirmed();
      case RecordType::note:
      case RecordType::feedback: return only(in_scope(), errc::out_of_scope);
      case RecordType::adjudicated: return adjudicated();
      case RecordType::log_revoked: return log_revoked();
      case RecordType::erased: return only(r_.header.subject == a_.actor, errc::out_of_scope);
      case RecordType::payout_assigned: return payout_assigned();
      case RecordType::paid: return paid();
      case RecordType::payout_returned: return payout_returned();
    }
    return held(errc::record_type_unknown);
  }

 private:
  static Ruling only(bool allowed, errc otherwise = errc::role_not_allowed) {
    return allowed ? effective : refused(otherwise);
  }
  bool is_officer_in_charge() const {
    return a_.role == Role::officer && in_unit(d_.unit, a_.unit);
  }
  bool is_assigned_courier() const { return a_.role == Role::courier && d_.courier == a_.actor; }
  bool is_citizen() const {
    return a_.role == Role::citizen && a_.scope == d_.id &&
           (!d_.citizen_log || *d_.citizen_log == r_.header.log_id);
  }
  bool in_scope() const {
    return is_assigned_courier() || is_citizen() || a_.role == Role::registry ||
           ((a_.role == Role::officer || a_.role == Role::dispatcher) && in_unit(d_.unit, a_.unit));
  }
  bool to_be_returned() const { return d_.result || d_.stage == Stage::refused; }
  bool answers(const std::optional<Hash>& what) const {
    return what && !r_.header.refs.empty() && r_.header.refs.front() == *what;
  }

  /// The author's countersignature over refs[0].
  bool countersigned(const Bytes& bytes) const {
    if (r_.header.refs.empty()) return false;
    const Record* parent = facts_.record(r_.header.refs.front());
    if (!parent) return false;
    const auto message = cose::decode_sign1(parent->envelope);
    const auto countersignature = cose::decode_countersignature(bytes);
    return message && countersignature &&
           cose::verify_countersignature(*countersignature, *message, a_.public_key).has_value();
  }

  Ruling pickup_requested() const {
    const auto b = decode<body::PickupRequested>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (a_.role != Role::dispatcher) return refused(errc::role_not_allowed);
    if (!can_have_dossiers(b->unit)) return refused(errc::agency_code_malformed);
    if (!in_unit(b->unit, a_.unit)) return refused(errc::out_of_scope);
    return only(d_.stage == Stage::empty && !d_.payout, errc::step_out_of_order);
  }

  Ruling assigned() const {
    if (a_.role != Role::dispatcher) return refused(errc::role_not_allowed);
    if (d_.unit.empty()) return refused(errc::step_out_of_order);
    if (!in_unit(d_.unit, a_.unit)) return refused(errc::out_of_scope);
    return only(d_.custodian == Custodian::citizen || d_.stage >= Stage::accepted,
                errc::step_out_of_order);
  }

  Ruling opened() const {
    const auto b = decode<body::DossierOpened>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (a_.role != Role::courier) return refused(errc::role_not_allowed);
    if (!can_have_dossiers(b->unit)) return refused(errc::agency_code_malformed);
    if (d_.opened) return refused(errc::step_out_of_order);
    // A dossier that nobody asked for in advance belongs to the courier at the door.
    const bool walk_up = !d_.courier && (d_.stage == Stage::empty || d_.paper_before_data());
    if (!walk_up && d_.courier != a_.actor) return refused(errc::out_of_scope);
    if (!in_unit(b->unit, a_.unit)) return refused(errc::out_of_scope);
    return only(d_.unit.empty() || d_.unit == b->unit, errc::out_of_scope);
  }

  Ruling captured() const {
    if (a_.role != Role::courier) return refused(errc::role_not_allowed);
    if (!is_assigned_courier()) return refused(errc::out_of_scope);
    if (!d_.opened) return refused(errc::step_out_of_order);
    const bool decided = d_.acceptance || d_.stage == Stage::refused;
    if (d_.stage == Stage::needs_supplement) return effective;
    if (decided) return held(errc::late_amendment);
    // What both sides put their names to at the door does not change behind the citizen's back.
    return d_.sealed ? held(errc::dossier_sealed) : effective;
  }

  /// What somebody else in scope writes is a suggestion, until the courier answers it.
  Ruling fields_written() const {
    if (is_assigned_courier() || a_.role == Role::courier) return captured();
    if (!in_scope()) return refused(errc::out_of_scope);
    if (!d_.opened) return refused(errc::step_out_of_order);
    const bool decided = d_.acceptance || d_.stage == Stage::refused;
    return decided ? held(errc::late_amendment) : effective;
  }

  Ruling attachment_added() const {
    if (d_.payout) {
      const auto image = decode<body::AttachmentAdded>(r_.body);
      if (!image) return refused(errc::body_malformed);
      if (image->role != body::AttachmentRole::signature_image) {
        return refused(errc::step_out_of_order);
      }
      return only(is_assigned_courier(), errc::out_of_scope);
    }
    const auto b = decode<body::AttachmentAdded>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (b->role == body::AttachmentRole::result) return only(is_officer_in_charge());
    if (b->size == 0 || b->size > limits::attachment_bytes_max) {
      return refused(errc::attachment_too_large);
    }
    // The image of a signature comes after the seal, and again at delivery.
    const bool signing = d_.sealed && (!d_.acceptance || to_be_returned());
    if (b->role == body::AttachmentRole::signature_image && signing) {
      return only(is_assigned_courier(), errc::out_of_scope);
    }
    return captured();
  }

  Ruling sealed() const {
    if (d_.sealed && is_assigned_courier() && d_.stage < Stage::accepted) {
      return refused(errc::step_out_of_order);
    }
    const Ruling capture = captured();
    if (capture != effective) return capture;
    const auto b = decode<body::Sealed>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (!facts_.leased_to(r_.header.log_id, body::NumberKind::send_slip, b->send_slip_no) ||
        !facts_.leased_to(r_.header.log_id, body::NumberKind::item, b->item_id)) {
      return held(errc::number_not_leased);
    }
    if (facts_.used_elsewhere(d_.id, b->send_slip_no) || facts_.used_elsewhere(d_.id, b->item_id)) {
      return held(errc::number_used_twice);
    }
    return effective;
  }

  Ruling confirmed() const {
    const auto b = decode<body::Confirmed>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (!answers(d_.sealed)) return refused(errc::step_out_of_order);
    switch (b->grade) {
      case body::Grade::countersigned:
        // Nobody can confirm for the citizen: the key must be the one bound to this dossier.
        if (a_.role != Role::citizen) return refused(errc::role_not_allowed);
        if (!is_citizen()) return refused(errc::out_of_scope);
        return only(b->countersignature && countersigned(*b->countersignature),
                    errc::countersignature_invalid);
      case body::Grade::one_time_code: return confirmed_by_code(*b);
      case body::Grade::courier_statement:
        if (a_.role != Role::courier) return refused(errc::role_not_allowed);
        if (!is_assigned_courier()) return refused(errc::out_of_scope);
        return only(has_signature_image(b->signature_image), errc::dossier_incomplete);
    }
    return refused(errc::body_malformed);
  }

  /// A code is the citizen's word only where the registry, which alone knows it, has compared it.
  Ruling confirmed_by_code(const body::Confirmed& b) const {
    if (a_.role != Role::courier) return refused(errc::role_not_allowed);
    if (!is_assigned_courier()) return refused(errc::out_of_scope);
    if (!b.code || r_.header.refs.size() != 2) return refused(errc::body_malformed);
    const Hash& sent_on = r_.header.refs[1];
    // Another dossier's code, or one that a newer code has replaced.
    if (d_.code_sent_on != sent_on) return refused(errc::code_expired);
    if (d_.code_used) return refused(errc::code_used);
    switch (facts_.one_time_code(d_.id, sent_on, *b.code)) {
      case CodeCheck::unknown:
      case CodeCheck::right: return effective;
      case CodeCheck::wrong: return refused(errc::code_wrong);
      case CodeCheck::expired: return refused(errc::code_expired);
      case CodeCheck::tries_used_up: return refused(errc::code_tries_used_up);
    }
    return refused(errc::code_wrong);
  }

  bool has_signature_image(const std::optional<Hash>& image) const {
    return image && std::ranges::any_of(d_.attachments, [&](const body::AttachmentAdded& a) {
             return a.hash == *image && a.role == body::AttachmentRole::signature_image;
           });
  }

  Ruling supplemented() const {
    if (a_.role != Role::courier) return refused(errc::role_not_allowed);
    if (!is_assigned_courier()) return refused(errc::out_of_scope);
    return only(answers(d_.supplement), errc::step_out_of_order);
  }

  Ruling offered() const {
    const auto b = decode<body::HandoverOffered>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (!can_have_dossiers(b->unit)) return refused(errc::agency_code_malformed);
    if (b->direction == body::Direction::to_desk) {
      if (a_.role != Role::courier) return refused(errc::role_not_allowed);
      if (!is_assigned_courier() || !in_unit(d_.unit, b->unit)) return refused(errc::out_of_scope);
      // The paper may have been counted at the desk before these data arrived.
      const bool answered =
          std::ranges::find(d_.answered_offers, r_.hash) != d_.answered_offers.end();
      if (d_.sealed && answered) return effective;
      if (!d_.sealed || !lists_slip(*b)) return refused(errc::step_out_of_order);
      return only(gives_what_it_had(*b, Custodian::courier), errc::step_out_of_order);
    }
    if (a_.role != Role::officer) return refused(errc::role_not_allowed);
    if (!is_officer_in_charge()) return refused(errc::out_of_scope);
    return only(to_be_returned() && gives_what_it_had(*b, Custodian::desk),
                errc::step_out_of_order);
  }

  /// The giver has the paper now, or had it by the link that is named: then two offers follow the
  /// same link, and what becomes of them is a dispute to be seen, not an entry to be turned away.
  bool gives_what_it_had(const body::HandoverOffered& offer, Custodian giver) const {
    const auto item = std::ranges::find(offer.items, d_.id, &body::HandoverItem::dossier);
    const std::optional<Hash> follows =
        item == offer.items.end() ? std::nullopt : item->custody;
    if (!follows || follows == d_.last_link) return d_.custodian == giver;
    return std::ranges::any_of(d_.links, [&](const Dossier::Link& link) {
      return link.record == *follows && link.to == giver;
    });
  }

  Ruling dispute_resolved() const {
    const auto b = decode<body::DisputeResolved>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (a_.role != Role::officer) return refused(errc::role_not_allowed);
    if (!is_officer_in_charge()) return refused(errc::out_of_scope);
    if (std::ranges::find(d_.disputed, b->link) == d_.disputed.end()) {
      return refused(errc::dispute_unknown);
    }
    // The same officer twice is still one officer.
    const bool again = d_.resolution && d_.resolution->link == b->link &&
                       d_.resolution->officer == a_.actor;
    return only(!again, errc::step_out_of_order);
  }

  Ruling lease_returned() const {
    const auto b = decode<body::LeaseReturned>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (r_.header.subject != a_.actor) return refused(errc::out_of_scope);
    return only(facts_.may_return(r_.header.log_id, *b), errc::number_not_leased);
  }

  Ruling adjudicated() const {
    if (a_.role != Role::officer) return refused(errc::role_not_allowed);
    if (r_.header.refs.size() != 1) return refused(errc::body_malformed);
    const Hash& hash = r_.header.refs.front();
    const std::optional<Ruling> now = facts_.standing(hash);
    if (!now || now->verdict != Verdict::held) return refused(errc::not_held);
    if (officers_needed(now->reason.value_or(errc{})) == 0) {
      return refused(errc::step_out_of_order);
    }
    const Record* target = facts_.record(hash);
    if (!target) return refused(errc::not_held);
    // A word about a word could be held itself, and so on without end: the officer says it again.
    if (target->header.type == RecordType::adjudicated) return refused(errc::step_out_of_order);
    if (target->header.subject != r_.header.subject) return refused(errc::out_of_scope);
    // Whose work item it is: the unit of the dossier; that of the author for what has none yet, and
    // for what names a dossier as its subject and is not about it.
    const std::vector<Id> ids = body::dossiers(*target);
    const bool is_about = std::ranges::find(ids, d_.id) != ids.end();
    const std::string unit = d_.unit.empty() || !is_about
                                 ? facts_.unit_of_log(target->header.log_id)
                                 : d_.unit;
    return only(in_unit(unit, a_.unit) || in_unit(a_.unit, unit), errc::out_of_scope);
  }

  Ruling log_revoked() const {
    const auto b = decode<body::LogRevoked>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (a_.role != Role::officer && a_.role != Role::dispatcher) {
      return refused(errc::role_not_allowed);
    }
    const std::string unit = facts_.unit_of_log(b->log_id);
    if (unit.empty()) return refused(errc::certificate_unknown);
    return only(in_unit(unit, a_.unit), errc::out_of_scope);
  }

  Ruling payout_assigned() const {
    const auto b = decode<body::PayoutAssigned>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (a_.role != Role::dispatcher) return refused(errc::role_not_allowed);
    if (!in_unit(b->unit, a_.unit)) return refused(errc::out_of_scope);
    if (facts_.used_elsewhere(d_.id, payout_name(b->beneficiary, b->period))) {
      return refused(errc::number_used_twice);
    }
    if (!d_.payout) return only(d_.stage == Stage::empty, errc::step_out_of_order);
    // Given to somebody else once it has been given back, or its phone will never say anything that
    // counts by itself; it stays the same payment.
    const bool same = d_.payout->beneficiary == b->beneficiary && d_.payout->period == b->period;
    const bool is_free = d_.payout->returned ||
                         (d_.payout->leased_to && facts_.is_revoked(*d_.payout->leased_to));
    return only(same && is_free && !d_.payout->paid, errc::step_out_of_order);
  }

  /// Also of a log that its device has left since: what it wrote before is as good as ever.
  bool has_lease() const {
    const Dossier::Payout& p = *d_.payout;
    return p.leased_to == r_.header.log_id ||
           std::ranges::find(p.leased_before, r_.header.log_id) != p.leased_before.end();
  }
  Ruling holds_payout(errc otherwise) const {
    if (a_.role != Role::courier) return refused(errc::role_not_allowed);
    if (!d_.payout) return refused(errc::step_out_of_order);
    // Money may have changed hands: what cannot be right is held, never turned away.
    return has_lease() ? effective : held(otherwise);
  }
  Ruling paid() const {
    const auto b = decode<body::Paid>(r_.body);
    if (!b) return refused(errc::body_malformed);
    const Ruling holds = holds_payout(errc::payout_not_leased);
    if (holds.verdict == Verdict::refused) return holds;
    if (d_.payout->paid) return held(errc::paid_twice);
    if (holds != effective) return holds;
    return only(b->amount_dong == d_.payout->amount_dong, errc::body_malformed);
  }
  Ruling payout_returned() const {
    if (a_.role != Role::courier) return refused(errc::role_not_allowed);
    const bool holds = d_.payout && !d_.payout->paid && has_lease();
    return only(holds, errc::step_out_of_order);
  }

  /// The hand-over record names this dossier's slip as it was sealed.
  bool lists_slip(const body::HandoverOffered& offer) const {
    return std::ranges::any_of(offer.items, [&](const body::HandoverItem& item) {
      return item.dossier == d_.id && d_.sealed && d_.slip && item.paper == *d_.sealed &&
             item.send_slip_no == d_.slip->send_slip_no && item.item_id == d_.slip->item_id;
    });
  }

  Ruling handed_over() const {
    const auto b = decode<body::HandoverAccepted>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (!countersigned(b->countersignature)) return refused(errc::countersignature_invalid);
    const Hash& answered = r_.header.refs.front();
    const Record* parent = facts_.record(answered);
    if (!parent || parent->header.type != RecordType::handover_offered) {
      return refused(errc::step_out_of_order);
    }
    const auto offer = decode<body::HandoverOffered>(parent->body);
    if (!offer) return refused(errc::step_out_of_order);
    const bool to_desk = offer->direction == body::Direction::to_desk;
    if (a_.role != (to_desk ? Role::officer : Role::courier)) {
      return refused(errc::role_not_allowed);
    }
    // Nobody takes what the giver did not put into the bag.
    if (std::ranges::find(offer->items, d_.id, &body::HandoverItem::dossier) ==
        offer->items.end()) {
      return refused(errc::out_of_scope);
    }
    // The envelope is in the officer's hands, whether or not its data have arrived; but where they
    // have, they say whose it is.
    const bool own_desk =
        in_unit(offer->unit, a_.unit) && (d_.unit.empty() || in_unit(d_.unit, a_.unit));
    if (to_desk ? !own_desk : offer->receiver != a_.actor) return refused(errc::out_of_scope);
    const bool is_first =
        std::ranges::find(d_.answered_offers, answered) == d_.answered_offers.end();
    return only(is_first, errc::step_out_of_order);
  }

  template <class B>
  Ruling decision(bool step) const {
    if (a_.role != Role::officer) return refused(errc::role_not_allowed);
    const auto b = decode<B>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (!is_officer_in_charge()) return refused(errc::out_of_scope);
    if (b->replaces != d_.decision) return refused(errc::decision_superseded);
    return only(step, errc::step_out_of_order);
  }

  Ruling accepted() const {
    const Ruling ruling = decision<body::Accepted>(
        !d_.acceptance && d_.custodian == Custodian::desk && d_.stage != Stage::refused);
    if (ruling != effective) return ruling;
    const auto b = decode<body::Accepted>(r_.body);
    if (!d_.opened || !d_.sealed || facts_.missing_attachments(d_) != 0) {
      return refused(errc::dossier_incomplete);
    }
    // What the officer did not see was not accepted.
    return only(b->heads == d_.capture_heads, errc::decision_superseded);
  }

  Ruling supplement_requested() const {
    const Ruling ruling = decision<body::SupplementRequested>(d_.stage >= Stage::handed_over &&
                                                              d_.stage < Stage::refused);
    if (ruling != effective) return ruling;
    return only(d_.supplements_asked == 0, errc::supplement_already_asked);
  }

  Ruling refusal() const {
    return decision<body::Refused>(d_.stage >= Stage::handed_over && d_.stage < Stage::refused);
  }

  Ruling result_ready() const {
    return decision<body::ResultReady>(d_.acceptance && !d_.result && d_.stage < Stage::refused &&
                                       d_.stage != Stage::needs_supplement);
  }

  Ruling forwarded() const {
    return decision<body::Forwarded>(d_.acceptance && d_.stage < Stage::refused);
  }

  Ruling delivery() const {
    if (a_.role != Role::courier) return refused(errc::role_not_allowed);
    if (!is_assigned_courier()) return refused(errc::out_of_scope);
    if (d_.custodian != Custodian::courier || !d_.handovers || !to_be_returned()) {
      return refused(errc::step_out_of_order);
    }
    if (r_.header.type == RecordType::delivery_attempted) return effective;
    return only(answers(d_.result) || answers(d_.decision), errc::step_out_of_order);
  }

  Ruling delivery_confirmed() const {
    const auto b = decode<body::DeliveryConfirmed>(r_.body);
    if (!b) return refused(errc::body_malformed);
    if (a_.role != Role::citizen) return refused(errc::role_not_allowed);
    if (!is_citizen()) return refused(errc::out_of_scope);
    if (!answers(d_.delivered)) return refused(errc::step_out_of_order);
    return only(countersigned(b->countersignature), errc::countersignature_invalid);
  }

  const Record& r_;
  const Certificate& a_;
  const Dossier& d_;
  Facts& facts_;
};

}  // namespace

bool can_have_dossiers(std::string_view unit) {
  using namespace std::chrono;
  return parse_agency_code(unit) && format_dossier_code(unit, year{2026} / January / 1, 1);
}

bool in_unit(std::string_view unit, std::string_view within) {
  if (unit.empty() || within.empty() || !unit.starts_with(within)) return false;
  return unit.size() == within.size() || unit[within.size()] == '.';
}

std::string payout_name(std::string_view beneficiary, std::string_view period) {
  return "payout:" + std::string(beneficiary) + ":" + std::string(period);
}

std::size_t officers_needed(errc held_reason) {
  switch (held_reason) {
    case errc::late_amendment:
    case errc::dossier_sealed:
    case errc::number_not_leased:
    case errc::number_used_twice:
    case errc::certificate_expired:
    case errc::certificate_not_yet_valid:
    case errc::too_many_records: return 1;
    // Here a key or a copy of the log may be in other hands, or money may have been paid twice.
    case errc::log_forked:
    case errc::log_broken:
    case errc::log_revoked:
    case errc::log_continued:
    case errc::predecessor_missing:
    case errc::beacon_unknown:
    case errc::payout_not_leased:
    case errc::paid_twice: return limits::officers_for_exceptions;
    default: return 0;
  }
}

Ruling rule(const Record& record, const Certificate& author, const Dossier& dossier, Facts& facts) {
  return Judge(record, author, dossier, facts).rule();
}

}  // namespace tannha
