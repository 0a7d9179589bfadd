#include "tools/simulate/fact.hpp"

#include <algorithm>
#include <limits>

#include "tools/simulate/trace.hpp"

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

bool says_whose(const Fact& f) {
  switch (f.type()) {
    case RecordType::pickup_requested:
    case RecordType::assigned:
    case RecordType::citizen_bound:
    case RecordType::dossier_opened:
    case RecordType::handover_offered:
    case RecordType::payout_assigned:
    case RecordType::payout_leased:
    case RecordType::payout_returned: return f.counts();
    default: return false;
  }
}

// A log's own order first; the rest as the journal has it.
std::vector<const Fact*> in_order(std::vector<const Fact*> left) {
  std::vector<const Fact*> order;
  const auto must_wait = [&](const Fact* f) {
    return std::ranges::any_of(left, [&](const Fact* other) {
      return other->record.header.log_id == f->record.header.log_id &&
             other->record.header.seq < f->record.header.seq;
    });
  };
  std::ranges::sort(left, {}, [](const Fact* f) {
    return f->leaf.value_or(std::numeric_limits<std::uint64_t>::max());
  });
  while (!left.empty()) {
    const auto next = std::ranges::find_if_not(left, must_wait);
    order.push_back(*next);
    left.erase(next);
  }
  return order;
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

Evidence evidence_of(const Fact& fact) {
  return {fact.record, fact.ruling, fact.leaf, fact.author, 0};
}

std::vector<Evidence> evidence_of(const std::vector<const Fact*>& facts) {
  std::vector<Evidence> out;
  out.reserve(facts.size());
  for (const Fact* f : facts) out.push_back(evidence_of(*f));
  return out;
}

std::string label(const Fact& f) {
  return std::string(name(f.type())) + " " + brief(f.record.hash) + " (log " +
         brief(f.record.header.log_id) + " #" + std::to_string(f.record.header.seq) + ")";
}

Owners owners_of(const std::vector<const Fact*>& facts) {
  std::vector<const Fact*> telling;
  for (const Fact* f : facts) {
    if (says_whose(*f)) telling.push_back(f);
  }
  Owners o;
  for (const Fact* f : in_order(std::move(telling))) {
    if (const auto* requested = f->as<body::PickupRequested>()) {
      o.unit = requested->unit;
    } else if (const auto* assigned = f->as<body::Assigned>()) {
      o.courier = assigned->courier;
    } else if (const auto* bound = f->as<body::CitizenBound>()) {
      // The first person stands; the same one may go on with another key.
      if (o.citizen && o.citizen != bound->actor) continue;
      o.citizen = bound->actor;
      o.citizen_log = bound->log_id;
    } else if (const auto* opened = f->as<body::DossierOpened>()) {
      o.unit = opened->unit;
      if (!o.courier) o.courier = f->author;
    } else if (const auto* offered = f->as<body::HandoverOffered>()) {
      if (o.unit.empty()) o.unit = offered->unit;
    } else if (const auto* payout = f->as<body::PayoutAssigned>()) {
      o.unit = payout->unit;
      o.courier = payout->courier;
      o.payout_logs.clear();
    } else if (const auto* leased = f->as<body::PayoutLeased>()) {
      o.payout_logs.push_back(leased->log_id);
    } else {
      o.payout_logs.clear();
    }
  }
  return o;
}

}  // namespace tannha::simulate
