#include "tools/simulate/reference.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <sstream>

#include "tannha/protocol/fields.hpp"
#include "tools/simulate/reference_fold.hpp"

namespace tannha::simulate {
namespace {

template <class B>
bool read_as(const Record& record, Fact::Body& out) {
  if (record.header.type != B::type) return false;
  auto body = body::decode<B>(record.body);
  if (body) out = std::move(*body);
  return true;
}

template <class... B>
void read_body(const Record& record, std::variant<std::monostate, B...>& out) {
  (void)(read_as<B>(record, out) || ...);
}

bool counts(const Fact& f) {
  return f.ruling.verdict == Verdict::effective || f.ruling.verdict == Verdict::provisional;
}

// A record comes after the one before it in its log and after those it names; among those that may
// come next, the journal's first, and what is not in the journal last, by hash.
std::vector<const Fact*> in_order(std::vector<const Fact*> left) {
  std::vector<const Fact*> order;
  const auto may_come = [&](const Fact* f) {
    return std::ranges::none_of(left, [&](const Fact* other) {
      if (other == f) return false;
      const bool earlier_in_log = other->record.header.log_id == f->record.header.log_id &&
                                  other->record.header.seq < f->record.header.seq;
      return earlier_in_log || std::ranges::find(f->record.header.refs, other->record.hash) !=
                                   f->record.header.refs.end();
    });
  };
  const auto place = [](const Fact* f) {
    return std::pair(f->leaf.value_or(std::numeric_limits<std::uint64_t>::max()), f->record.hash);
  };
  std::ranges::sort(left, {}, place);
  while (!left.empty()) {
    auto next = std::ranges::find_if(left, may_come);
    // Records that name each other in a circle follow as the journal has them.
    if (next == left.end()) next = left.begin();
    order.push_back(*next);
    left.erase(next);
  }
  return order;
}

int rank(const std::string& stage) {
  static const std::vector<std::string> stages{
      "empty",       "requested", "assigned",         "collecting",   "sealed",
      "confirmed",   "handed_over", "accepted",       "needs_supplement", "supplemented",
      "processing",  "refused",   "result_ready",     "returned"};
  return static_cast<int>(std::ranges::find(stages, stage) - stages.begin());
}

void at_least(Reference& r, const std::string& stage) {
  if (rank(r.stage) < rank(stage)) r.stage = stage;
}

void apply_capture(Reference& r, const Fact& f) {
  const Hash& hash = f.record.hash;
  if (const auto* b = f.as<body::DossierOpened>()) {
    r.opened = hash;
    r.procedure = b->procedure;
    r.unit = b->unit;
    if (!r.courier) r.courier = f.author;
    at_least(r, "collecting");
  } else if (const auto* written = f.as<body::FieldsWritten>()) {
    const std::set<Hash> replaced(f.record.header.refs.begin(), f.record.header.refs.end());
    for (const body::Field& item : written->items) {
      auto& values = r.fields[item.name];
      std::erase_if(values, [&](const auto& v) { return replaced.contains(v.first); });
      values.emplace_back(hash, item.value);
    }
  } else if (const auto* checked = f.as<body::DocumentChecked>()) {
    r.documents.insert_or_assign(checked->count.line, checked->count);
  } else if (const auto* added = f.as<body::AttachmentAdded>()) {
    if (std::ranges::find(r.attachments, added->hash) == r.attachments.end()) {
      r.attachments.push_back(added->hash);
    }
  } else if (const auto* fee = f.as<body::FeeTaken>()) {
    r.money_dong += fee->amount_dong;
  } else if (const auto* slip = f.as<body::Sealed>()) {
    const bool again = r.stage == "needs_supplement";
    r.sealed = hash;
    r.slip = *slip;
    r.confirmation.reset();
    if (!again) at_least(r, "sealed");
    if ((again || r.custodian == "citizen") && r.custodian != "disputed") {
      r.custodian = "courier";
      r.last_link = hash;
    }
  }
}

/// What an offer said of this dossier.
struct Terms {
  bool to_courier = false;
  std::optional<Hash> follows;
};

void apply_taken(Reference& r, const Fact& f, const Terms* terms) {
  // The desk may sign for an envelope before the courier's records are in order: then nobody knows
  // yet how it came there, but who signs tells which way it went.
  const bool to_courier = terms ? terms->to_courier : f.author == r.courier;
  ++r.handovers;
  if (!to_courier) at_least(r, "handed_over");
  const bool second = terms && terms->follows && r.last_link && terms->follows != r.last_link;
  if (second || r.custodian == "disputed") {
    r.custodian = "disputed";
    r.custody_is_clear = false;
    return;
  }
  const std::string giver = to_courier ? "desk" : "courier";
  if (r.custodian != giver && terms && r.custody_is_clear) {
    r.custody_problems.push_back("taken from the " + giver + " while the " + r.custodian +
                                 " has it");
  }
  r.custody_is_clear = terms != nullptr;
  r.custodian = to_courier ? "courier" : "desk";
  r.custody = f.record.hash;
  r.last_link = f.record.hash;
  r.offer.reset();
}

void apply_custody(Reference& r, const Id& dossier, const Fact& f,
                   std::map<Hash, Terms>& offers) {
  if (const auto* offered = f.as<body::HandoverOffered>()) {
    if (std::ranges::find(r.answered, f.record.hash) != r.answered.end()) return;
    Terms& terms = offers[f.record.hash];
    terms.to_courier = offered->direction == body::Direction::to_courier;
    for (const body::HandoverItem& item : offered->items) {
      if (item.dossier != dossier) continue;
      terms.follows = item.custody;
      break;
    }
    r.offer = f.record.hash;
    if (r.unit.empty()) r.unit = offered->unit;
  } else if (const auto* answer = f.as<body::HandoverAccepted>()) {
    if (f.record.header.refs.empty()) return;
    const Hash& offer = f.record.header.refs.front();
    if (std::ranges::find(r.answered, offer) != r.answered.end()) {
      r.custody_problems.emplace_back("one offer answered twice");
    }
    r.answered.push_back(offer);
    const bool taken = std::ranges::find(answer->taken, dossier) != answer->taken.end();
    if (taken) {
      if (r.offer == offer) r.offer.reset();
      const auto terms = offers.find(offer);
      apply_taken(r, f, terms == offers.end() ? nullptr : &terms->second);
    } else if (r.offer == offer) {
      r.offer.reset();
    }
  } else if (f.type() == RecordType::delivered) {
    if (r.custodian != "courier" && r.custodian != "disputed") {
      r.custody_problems.push_back("delivered while the " + r.custodian + " has it");
    }
    r.delivered = f.record.hash;
    if (r.custodian != "disputed") {
      r.custodian = "citizen";
      r.last_link = f.record.hash;
    }
    r.stage = "returned";
  }
}

void apply_decision(Reference& r, const Fact& f) {
  if (f.as<body::Accepted>()) {
    r.acceptance = f.record.hash;
    r.stage = "accepted";
  } else if (f.as<body::SupplementRequested>()) {
    r.supplement = f.record.hash;
    ++r.asked;
    r.stage = "needs_supplement";
  } else if (const auto* refused = f.as<body::Refused>()) {
    r.refusal = refused->reason;
    r.stage = "refused";
  } else if (f.as<body::ResultReady>()) {
    r.result = f.record.hash;
    r.stage = "result_ready";
  } else if (f.as<body::Forwarded>()) {
    r.stage = "processing";
  } else {
    return;
  }
  r.decision = f.record.hash;
}

void apply_rest(Reference& r, const Fact& f) {
  if (const auto* requested = f.as<body::PickupRequested>()) {
    r.procedure = requested->procedure;
    r.unit = requested->unit;
    at_least(r, "requested");
  } else if (const auto* assigned = f.as<body::Assigned>()) {
    r.courier = assigned->courier;
    at_least(r, "assigned");
  } else if (const auto* bound = f.as<body::CitizenBound>()) {
    if (!r.citizen || *r.citizen == bound->actor) {
      r.citizen = bound->actor;
      r.citizen_log = bound->log_id;
    }
  } else if (const auto* confirmed = f.as<body::Confirmed>()) {
    r.confirmation = std::min(r.confirmation.value_or(confirmed->grade), confirmed->grade);
    at_least(r, "confirmed");
  } else if (f.as<body::Supplemented>()) {
    r.supplement.reset();
    r.stage = "supplemented";
  } else if (const auto* registered = f.as<body::Registered>()) {
    r.code = registered->dossier_code;
    r.due_ms = registered->due_ms;
  } else if (f.as<body::DeliveryAttempted>()) {
    ++r.attempts;
  } else if (f.as<body::DeliveryConfirmed>()) {
    r.delivery_confirmed = true;
  } else if (f.as<body::Note>() || f.as<body::Feedback>()) {
    ++r.notes;
  }
}

}  // namespace

Fact make_fact(const Evidence& evidence) {
  Fact fact;
  fact.record = evidence.record;
  read_body(fact.record, fact.body);
  fact.author = evidence.author;
  fact.ruling = evidence.ruling;
  fact.leaf = evidence.leaf_index;
  return fact;
}

Reference reference_of(const Id& dossier, const std::vector<const Fact*>& facts) {
  std::vector<const Fact*> applied;
  for (const Fact* f : facts) {
    if (counts(*f)) applied.push_back(f);
  }
  Reference r;
  std::map<Hash, Terms> offers;
  for (const Fact* f : in_order(std::move(applied))) {
    apply_rest(r, *f);
    apply_capture(r, *f);
    apply_custody(r, dossier, *f, offers);
    apply_decision(r, *f);
    const auto type = static_cast<std::uint16_t>(f->type());
    const bool is_capture = type >= 10 && type <= 15;
    if (is_capture) r.heads[f->record.header.log_id] = f->record.hash;
  }
  return r;
}

std::string reference_text(const Id& dossier, const std::vector<const Fact*>& facts) {
  std::vector<Evidence> evidence;
  evidence.reserve(facts.size());
  for (const Fact* f : facts) evidence.push_back({f->record, f->ruling, f->leaf, f->author, 0});
  return state_text(reference_fold(dossier, evidence));
}

std::string difference(const std::string& a, const std::string& b) {
  std::istringstream one(a);
  std::istringstream two(b);
  std::set<std::string> lines;
  for (std::string line; std::getline(one, line);) lines.insert(line);
  std::set<std::string> names;
  for (std::string line; std::getline(two, line);) {
    if (lines.erase(line) == 0) names.insert(line.substr(0, line.find(' ')));
  }
  for (const std::string& line : lines) names.insert(line.substr(0, line.find(' ')));
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

}  // namespace tannha::simulate
