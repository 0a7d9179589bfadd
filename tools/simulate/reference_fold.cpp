#include "tools/simulate/reference_fold.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "tools/simulate/reference_steps.hpp"

namespace tannha::simulate {
namespace {

using namespace reference;

/// The same by type alone, for records that say all they have to say without a body.
const Step* last_of(const Steps& steps, std::initializer_list<RecordType> types) {
  for (std::size_t k = steps.size(); k-- > 0;) {
    if (std::ranges::count(types, steps[k].type)) return &steps[k];
  }
  return nullptr;
}
std::uint32_t count_of(const Steps& steps, std::initializer_list<RecordType> types) {
  return static_cast<std::uint32_t>(std::ranges::count_if(
      steps, [&](const Step& s) { return std::ranges::count(types, s.type); }));
}

// --- Who is who ---------------------------------------------------------------------------------

/// Whose dossier it is after the first `end` steps: the last one that was named; without any, the
/// one who opened it first.
std::optional<Id> courier_after(const Steps& steps, std::size_t end) {
  for (std::size_t k = end; k-- > 0;) {
    if (const auto* b = steps[k].as<body::Assigned>()) return b->courier;
    if (const auto* b = steps[k].as<body::PayoutAssigned>()) return b->courier;
  }
  for (std::size_t k = 0; k < end; ++k) {
    if (steps[k].as<body::DossierOpened>()) return steps[k].author;
  }
  return std::nullopt;
}

bool is_own_write(const Steps& steps, std::size_t k) {
  return steps[k].as<body::FieldsWritten>() && courier_after(steps, k) == steps[k].author;
}

void find_citizen(const Steps& steps, Dossier& d) {
  for (const Step& step : steps) {
    const auto* b = step.as<body::CitizenBound>();
    if (b && !d.citizen) d.citizen = b->actor;
    if (b && d.citizen == b->actor) d.citizen_log = b->log_id;
  }
}

// --- Answers to hand-overs ----------------------------------------------------------------------

/// The offer that step k answers, when k is an answer.
const Hash* answered_by(const Step& step) {
  return step.as<body::HandoverAccepted>() && !step.refs.empty() ? &step.refs.front() : nullptr;
}
bool is_answered_before(const Steps& steps, const Hash& offer, std::size_t end) {
  return std::any_of(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](const Step& s) { return answered_by(s) && *answered_by(s) == offer; });
}
/// An offer counts unless it was answered before it came.
bool is_offer(const Steps& steps, std::size_t k) {
  return steps[k].as<body::HandoverOffered>() && !is_answered_before(steps, steps[k].hash, k);
}
bool takes(const Steps& steps, std::size_t k, const Id& id) {
  return answered_by(steps[k]) &&
         std::ranges::count(steps[k].as<body::HandoverAccepted>()->taken, id) > 0;
}
/// The terms on which step k takes the paper; null when its offer is not among what counts.
const body::HandoverOffered* terms_of(const Steps& steps, std::size_t k) {
  for (std::size_t i = 0; i < k; ++i) {
    if (is_offer(steps, i) && steps[i].hash == *answered_by(steps[k])) {
      return steps[i].as<body::HandoverOffered>();
    }
  }
  return nullptr;
}
Custodian taker(const Steps& steps, std::size_t k) {
  const body::HandoverOffered* terms = terms_of(steps, k);
  const bool to_courier = terms ? terms->direction == body::Direction::to_courier
                                : courier_after(steps, k) == steps[k].author;
  return to_courier ? Custodian::courier : Custodian::desk;
}
std::optional<Hash> link_before(const Steps& steps, std::size_t k, const Id& id) {
  const body::HandoverOffered* terms = terms_of(steps, k);
  if (!terms) return std::nullopt;
  for (const body::HandoverItem& item : terms->items) {
    if (item.dossier == id) return item.custody;
  }
  return std::nullopt;
}

/// The agency: the last that was set; while that is empty, the first that an offer names.
std::string unit_of(const Steps& steps) {
  std::string unit;
  std::size_t set_at = 0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const auto* requested = steps[k].as<body::PickupRequested>();
    const auto* opened = steps[k].as<body::DossierOpened>();
    const auto* payout = steps[k].as<body::PayoutAssigned>();
    if (!requested && !opened && !payout) continue;
    unit = requested ? requested->unit : opened ? opened->unit : payout->unit;
    set_at = k;
  }
  for (std::size_t k = set_at; k < steps.size() && unit.empty(); ++k) {
    if (is_offer(steps, k)) unit = steps[k].as<body::HandoverOffered>()->unit;
  }
  return unit;
}

// --- Stages and slips ---------------------------------------------------------------------------

/// The stage that a step sets whatever it was before.
std::optional<Stage> stage_set_by(const Step& step) {
  switch (step.type) {
    case RecordType::accepted:
      return Stage::accepted;
    case RecordType::supplemented:
      return Stage::supplemented;
    case RecordType::refused:
      return Stage::refused;
    case RecordType::result_ready:
      return Stage::result_ready;
    case RecordType::forwarded:
      return Stage::processing;
    case RecordType::delivered:
      return Stage::returned;
    case RecordType::supplement_requested:
      if (step.as<body::SupplementRequested>()) return Stage::needs_supplement;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

/// A confirmation is of the slip that it names, and of no other.
bool confirms(const Steps& steps, std::size_t k) {
  const Step* slip = last<body::Sealed>(steps, k);
  return steps[k].as<body::Confirmed>() && slip && !steps[k].refs.empty() &&
         steps[k].refs.front() == slip->hash;
}

/// The stage that a step reaches unless a later one was reached before.
Stage stage_reached_by(const Steps& steps, std::size_t k, const Id& id) {
  const Step& step = steps[k];
  if (step.as<body::PickupRequested>()) return Stage::requested;
  if (step.as<body::Assigned>()) return Stage::assigned;
  if (step.as<body::DossierOpened>()) return Stage::collecting;
  if (step.as<body::Sealed>()) return Stage::sealed;
  if (confirms(steps, k)) return Stage::confirmed;
  if (takes(steps, k, id) && taker(steps, k) == Custodian::desk) return Stage::handed_over;
  return Stage::empty;
}

Stage stage_after(const Steps& steps, std::size_t end, const Id& id) {
  Stage highest = Stage::empty;
  for (std::size_t k = end; k-- > 0;) {
    if (const auto set = stage_set_by(steps[k])) return std::max(*set, highest);
    highest = std::max(highest, stage_reached_by(steps, k, id));
  }
  return highest;
}

std::optional<body::Grade> best_confirmation(const Steps& steps) {
  std::optional<body::Grade> best;
  const Step* slip = last<body::Sealed>(steps);
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (!confirms(steps, k) || steps[k].refs.front() != slip->hash) continue;
    const body::Grade grade = steps[k].as<body::Confirmed>()->grade;
    if (grade == body::Grade::one_time_code && steps[k].provisional) continue;
    if (!best || grade < *best) best = grade;
  }
  return best;
}

/// The newest record on which a code went out, and what became of that code.
void find_code(const Steps& steps, Dossier& d) {
  std::size_t sent = 0;
  bool has_phone = false;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (const auto* b = steps[k].as<body::PickupRequested>()) has_phone = !b->applicant.phone.empty();
    const Stage stage = stage_after(steps, k, d.id);
    const bool to_confirm = stage < Stage::sealed || stage == Stage::needs_supplement;
    const bool assigns = steps[k].as<body::Assigned>() && to_confirm;
    if (!has_phone || !(assigns || steps[k].as<body::SupplementRequested>())) continue;
    d.code_sent_on = steps[k].hash;
    sent = k;
  }
  const Step* slip = last<body::Sealed>(steps);
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const auto* b = steps[k].as<body::Confirmed>();
    if (!b || b->grade != body::Grade::one_time_code) continue;
    const std::vector<Hash>& refs = steps[k].refs;
    if (steps[k].provisional) {
      d.code_claimed |= confirms(steps, k) && refs.front() == slip->hash;
    } else if (k > sent && refs.size() == 2 && refs.back() == d.code_sent_on) {
      // One code, one confirmation: of this slip, of an older one, or of one that counts no more.
      d.code_used = true;
    }
  }
}

// --- Captured values ----------------------------------------------------------------------------

struct Written {
  std::size_t at;
  Dossier::ListedValue listed;
  bool own;
  std::optional<std::pair<std::size_t, std::size_t>> replaced_by;  ///< step, and item in it
};

/// The first own write after the value that names its record and writes the same field.
std::optional<std::pair<std::size_t, std::size_t>> replacer(const Steps& steps, std::size_t at,
                                                            const std::string& name) {
  for (std::size_t k = at + 1; k < steps.size(); ++k) {
    if (!is_own_write(steps, k) || !steps[k].refers_to(steps[at].hash)) continue;
    const auto& items = steps[k].as<body::FieldsWritten>()->items;
    const auto item = std::ranges::find(items, name, &body::Field::name);
    if (item != items.end()) {
      return std::pair(k, static_cast<std::size_t>(item - items.begin()));
    }
  }
  return std::nullopt;
}

void find_values(const Steps& steps, Dossier& d) {
  std::vector<Written> all;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const auto* b = steps[k].as<body::FieldsWritten>();
    if (!b) continue;
    for (const body::Field& item : b->items) {
      all.push_back({k,
                     {item.name, {steps[k].hash, item.value}},
                     is_own_write(steps, k),
                     replacer(steps, k, item.name)});
    }
  }
  std::vector<Written> gone;
  for (const Written& w : all) {
    if (w.replaced_by) {
      gone.push_back(w);
    } else if (w.own) {
      d.fields[w.listed.name].push_back(w.listed.value);
    } else {
      d.suggestions.push_back(w.listed);
    }
  }
  // In the order of replacement; what one item replaced: values before suggestions, in their order.
  std::ranges::stable_sort(gone, {},
                           [](const Written& w) { return std::pair(*w.replaced_by, !w.own); });
  for (const Written& w : gone) d.superseded.push_back(w.listed);
}

void find_papers(const Steps& steps, Dossier& d) {
  for (const Step& step : steps) {
    if (const auto* b = step.as<body::DocumentChecked>()) {
      d.documents.insert_or_assign(b->count.line, b->count);
    }
    if (const auto* b = step.as<body::FeeTaken>()) {
      const std::uint64_t sum = d.money_dong + b->amount_dong;
      d.money_dong = sum < d.money_dong ? UINT64_MAX : sum;
    }
  }
  std::set<Hash> seen;
  for (const Step& step : steps) {
    const auto* b = step.as<body::AttachmentAdded>();
    if (b && seen.insert(b->hash).second) d.attachments.push_back(*b);
  }
}

void find_heads(const Steps& steps, Dossier& d) {
  std::set<Hash> logs;
  for (const Step& step : steps) logs.insert(step.log);
  for (const Hash& log : logs) {
    for (std::size_t k = steps.size(); k-- > 0;) {
      const Step& step = steps[k];
      if (step.log != log) continue;
      const bool capture =
          step.type == RecordType::dossier_opened || step.type == RecordType::document_checked ||
          step.type == RecordType::attachment_added || step.type == RecordType::fee_taken ||
          step.type == RecordType::sealed ||
          (step.type == RecordType::fields_written && courier_after(steps, k) == step.author);
      if (!capture) continue;
      d.capture_heads.push_back(step.hash);
      break;
    }
  }
  std::ranges::sort(d.capture_heads);
}

// --- Custody ------------------------------------------------------------------------------------

/// What one step means for the paper.
struct Move {
  std::optional<Dossier::Link> link;        ///< it moved the paper, or claims to have
  bool disputes = false;                    ///< the link is one of an open dispute
  bool holds_still = false;                 ///< in a dispute, not a hand-over: it moves nothing
  std::optional<Dossier::Resolution> word;  ///< an officer's word about the open dispute
  std::optional<Dossier::Link> ends_dispute;  ///< the link that stands by two officers' word
};
using Moves = std::vector<Move>;

std::size_t last_end(const Moves& moves) {
  std::size_t begin = 0;
  for (std::size_t k = 0; k < moves.size(); ++k) {
    if (moves[k].ends_dispute) begin = k + 1;
  }
  return begin;
}
std::optional<Dossier::Link> last_standing(const Moves& moves) {
  for (std::size_t k = moves.size(); k-- > 0;) {
    const Move& m = moves[k];
    if (m.ends_dispute) return m.ends_dispute;
    if (m.link && !m.disputes && !m.holds_still) return m.link;
  }
  return std::nullopt;
}
/// The links of the open dispute: the one that stood when it began, and all that came since.
std::vector<Dossier::Link> open_dispute(const Moves& moves) {
  std::vector<Dossier::Link> links;
  for (std::size_t k = last_end(moves); k < moves.size(); ++k) {
    if (!moves[k].disputes) continue;
    if (links.empty()) {
      const Moves before(moves.begin(), moves.begin() + static_cast<std::ptrdiff_t>(k));
      links.push_back(last_standing(before).value());
    }
    links.push_back(*moves[k].link);
  }
  return links;
}
std::optional<Dossier::Resolution> standing_word(const Moves& moves) {
  for (std::size_t k = moves.size(); k-- > last_end(moves);) {
    if (moves[k].word) return moves[k].word;
  }
  return std::nullopt;
}
/// Whether an officer other than this one has named the link as the last that they named.
bool another_says(const Moves& moves, const Id& officer, const Hash& link) {
  std::set<Id> heard{officer};
  for (std::size_t k = moves.size(); k-- > last_end(moves);) {
    if (!moves[k].word || !heard.insert(moves[k].word->officer).second) continue;
    if (moves[k].word->link == link) return true;
  }
  return false;
}
Custodian custodian_after(const Moves& moves) {
  if (!open_dispute(moves).empty()) return Custodian::disputed;
  for (std::size_t k = moves.size(); k-- > 0;) {
    if (moves[k].ends_dispute) return moves[k].ends_dispute->to;
    if (moves[k].link) return moves[k].link->to;
  }
  return Custodian::citizen;
}

Move move_of(const Steps& steps, std::size_t k, const Moves& before, const Id& id) {
  const Step& step = steps[k];
  const std::vector<Dossier::Link> dispute = open_dispute(before);
  Move move;
  if (step.as<body::Sealed>()) {
    const bool again = stage_after(steps, k, id) == Stage::needs_supplement;
    if (again || custodian_after(before) == Custodian::citizen) {
      move.link = Dossier::Link{step.hash, std::nullopt, Custodian::courier};
      move.holds_still = !dispute.empty();
    }
  } else if (takes(steps, k, id)) {
    const std::optional<Hash> follows = link_before(steps, k, id);
    const std::optional<Dossier::Link> standing = last_standing(before);
    move.link = Dossier::Link{step.hash, follows, taker(steps, k)};
    move.disputes = !dispute.empty() || (follows && standing && *follows != standing->record);
  } else if (const auto* b = step.as<body::DisputeResolved>()) {
    const auto named = std::ranges::find(dispute, b->link, &Dossier::Link::record);
    if (named == dispute.end()) return move;
    if (another_says(before, step.author, b->link)) {
      move.ends_dispute = *named;
    } else {
      move.word = Dossier::Resolution{b->link, step.author};
    }
  } else if (step.type == RecordType::delivered) {
    const std::optional<Dossier::Link> standing = last_standing(before);
    move.link = Dossier::Link{step.hash, std::nullopt, Custodian::citizen};
    if (standing) move.link->follows = standing->record;
    move.holds_still = !dispute.empty();
  }
  return move;
}

void find_custody(const Steps& steps, Dossier& d) {
  Moves moves;
  for (std::size_t k = 0; k < steps.size(); ++k) moves.push_back(move_of(steps, k, moves, d.id));
  d.custodian = custodian_after(moves);
  d.resolution = standing_word(moves);
  if (const auto standing = last_standing(moves)) d.last_link = standing->record;
  for (const Dossier::Link& link : open_dispute(moves)) d.disputed.push_back(link.record);
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (moves[k].link) d.links.push_back(*moves[k].link);
    if (answered_by(steps[k])) d.answered_offers.push_back(*answered_by(steps[k]));
    if (takes(steps, k, d.id)) ++d.handovers;
    if (takes(steps, k, d.id) && !moves[k].disputes) d.custody = steps[k].hash;
    if (moves[k].ends_dispute) d.custody = moves[k].ends_dispute->record;
  }
  for (std::size_t k = steps.size(); k-- > 0;) {
    // What came after an offer closed it: the answer to it, or the paper's going another way.
    if (moves[k].ends_dispute || (takes(steps, k, d.id) && !moves[k].disputes)) return;
    if (!is_offer(steps, k)) continue;
    if (is_answered_before(steps, steps[k].hash, steps.size())) return;
    const auto* b = steps[k].as<body::HandoverOffered>();
    d.offer = Dossier::Offer{steps[k].hash, b->direction, b->receiver};
    return;
  }
}

// --- Decisions and payouts ----------------------------------------------------------------------

std::optional<Hash> hash_of(const Step* step) {
  return step ? std::optional(step->hash) : std::nullopt;
}

void find_decisions(const Steps& steps, Dossier& d) {
  using enum RecordType;
  d.decision =
      hash_of(last_of(steps, {accepted, supplement_requested, refused, result_ready, forwarded}));
  d.acceptance = hash_of(last_of(steps, {accepted}));
  d.result = hash_of(last_of(steps, {result_ready}));
  d.delivered = hash_of(last_of(steps, {delivered}));
  d.delivery_confirmed = last_of(steps, {delivery_confirmed}) != nullptr;
  d.delivery_attempts = count_of(steps, {delivery_attempted});
  d.notes = count_of(steps, {note, feedback});
  if (const auto* b = last_body<body::Registered>(steps)) {
    d.dossier_code = b->dossier_code;
    d.due_ms = b->due_ms;
  }
  if (const auto* b = last_body<body::Refused>(steps)) d.refusal_reason = b->reason;
  if (const auto* b = last_body<body::SupplementRequested>(steps)) d.supplement_items = b->items;
  for (const Step& step : steps) {
    if (step.as<body::SupplementRequested>()) {
      d.supplement = step.hash;
      ++d.supplements_asked;
    }
    if (step.type == supplemented) d.supplement.reset();
  }
}

void find_payout(const Steps& steps, Dossier& d) {
  std::optional<std::size_t> first;
  std::size_t newest = 0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (!steps[k].as<body::PayoutAssigned>()) continue;
    if (!first) first = k;
    newest = k;
  }
  if (!first) return;
  const auto* b = steps[newest].as<body::PayoutAssigned>();
  d.payout = Dossier::Payout{b->unit,    b->beneficiary, b->period,    b->amount_dong,
                             b->courier, std::nullopt,   std::nullopt, false,
                             {}};
  // It stays one payment, whoever it is given to: the first time it was paid out counts.
  for (std::size_t k = steps.size(); k-- > *first;) {
    if (steps[k].type == RecordType::paid) d.payout->paid = steps[k].hash;
  }
  for (std::size_t k = newest; k < steps.size(); ++k) {
    if (const auto* lease = steps[k].as<body::PayoutLeased>()) {
      if (d.payout->leased_to) d.payout->leased_before.push_back(*d.payout->leased_to);
      d.payout->leased_to = lease->log_id;
    }
    if (steps[k].type != RecordType::payout_returned) continue;
    d.payout->leased_to.reset();
    d.payout->leased_before.clear();
    d.payout->returned = true;
  }
}

void find_request(const Steps& steps, Dossier& d) {
  d.unit = unit_of(steps);
  if (const auto* b = last_body<body::PickupRequested>(steps)) d.requested_by = b->applicant;
  for (const Step& step : steps) {
    if (const auto* b = step.as<body::PickupRequested>()) {
      d.procedure = b->procedure;
      d.service = b->service;
    }
    if (const auto* b = step.as<body::DossierOpened>()) {
      d.procedure = b->procedure;
      d.service = b->service;
    }
  }
  d.opened = hash_of(last<body::DossierOpened>(steps));
  if (const auto* b = last_body<body::DossierOpened>(steps)) {
    d.channel = b->channel;
    d.catalogue_version = b->catalogue_version;
  }
}

Dossier::Counts count_verdicts(std::span<const Evidence> evidence) {
  const auto with = [&](Verdict v) {
    return static_cast<std::uint32_t>(
        std::ranges::count_if(evidence, [&](const Evidence& e) { return e.ruling.verdict == v; }));
  };
  Dossier::Counts counts{with(Verdict::effective), with(Verdict::provisional), with(Verdict::held),
                         0};
  counts.refused = static_cast<std::uint32_t>(evidence.size()) - counts.effective -
                   counts.provisional - counts.held;
  return counts;
}

}  // namespace

Dossier reference_fold(const Id& id, std::span<const Evidence> evidence) {
  const Steps steps = steps_of(evidence);
  Dossier d;
  d.id = id;
  d.records = count_verdicts(evidence);
  d.stage = stage_after(steps, steps.size(), id);
  d.courier = courier_after(steps, steps.size());
  find_request(steps, d);
  find_citizen(steps, d);
  find_values(steps, d);
  find_papers(steps, d);
  find_heads(steps, d);
  d.sealed = hash_of(last<body::Sealed>(steps));
  if (const auto* b = last_body<body::Sealed>(steps)) d.slip = *b;
  d.confirmation = best_confirmation(steps);
  find_code(steps, d);
  find_custody(steps, d);
  find_decisions(steps, d);
  find_payout(steps, d);
  return d;
}

}  // namespace tannha::simulate
