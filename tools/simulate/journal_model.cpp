#include "tools/simulate/journal_model.hpp"

#include <algorithm>
#include <set>

#include "tools/simulate/rights.hpp"
#include "tools/simulate/trace.hpp"

namespace tannha::simulate {
namespace {

Hash hash_of(std::uint8_t prefix, BytesView a, BytesView b = {}) {
  Bytes bytes{prefix};
  bytes.insert(bytes.end(), a.begin(), a.end());
  bytes.insert(bytes.end(), b.begin(), b.end());
  return sha256(bytes);
}

std::string label(const Fact& f) {
  return std::string(name(f.type())) + " " + brief(f.record.hash) + " (log " +
         brief(f.record.header.log_id) + " #" + std::to_string(f.record.header.seq) + ")";
}

bool is_final(const Ruling& ruling) {
  return ruling.verdict == Verdict::effective || ruling.verdict == Verdict::refused;
}

}  // namespace

bool is_in_place(const Ruling& ruling) {
  return !(ruling.verdict == Verdict::held && (ruling.reason == errc::predecessor_missing ||
                                               ruling.reason == errc::log_forked ||
                                               ruling.reason == errc::log_broken));
}

void JournalModel::committed(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    switch (change.kind) {
      case Change::Kind::log:
        logs_[change.log.id].certificate = change.log.certificate;
        break;
      case Change::Kind::append: add(change.evidence); break;
      case Change::Kind::ruling: rule(change.record, change.ruling); break;
      case Change::Kind::lease: grant(change.lease); break;
    }
  }
}

void JournalModel::add(const Evidence& evidence) {
  const Hash& hash = evidence.record.hash;
  if (!checks_.require(evidence.leaf_index == facts_.size(), "journal_order",
                       "a record got another leaf than the next") ||
      !checks_.require(!by_hash_.contains(hash), "one_verdict", "a record was stored twice")) {
    return;
  }
  const Verdict verdict = evidence.ruling.verdict;
  checks_.require(verdict == Verdict::effective || verdict == Verdict::held ||
                      verdict == Verdict::refused,
                  "one_verdict", "a stored record is " + std::string(name(verdict)));
  checks_.require((verdict == Verdict::effective) == !evidence.ruling.reason, "one_verdict",
                  "a verdict and its reason do not fit");
  Fact& fact = facts_.emplace_back(make_fact(evidence));
  by_hash_.emplace(hash, facts_.size() - 1);
  for (const Id& id : body::dossiers(fact.record)) {
    auto& list = by_dossier_[id];
    if (list.empty()) dossiers_.push_back(id);
    // A batch that names a dossier twice is still one record about it.
    if (list.empty() || list.back() != facts_.size() - 1) list.push_back(facts_.size() - 1);
  }
  Hash node = hash_of(0, hash);
  for (std::size_t level = 0;; ++level) {
    if (tree_.size() == level) tree_.emplace_back();
    tree_[level].push_back(node);
    if (tree_[level].size() % 2 != 0) break;
    node = hash_of(1, tree_[level].end()[-2], node);
  }
  if (is_in_place(fact.ruling)) {
    take_place(fact);
  } else if (fact.ruling.reason != errc::predecessor_missing) {
    logs_[fact.record.header.log_id].forked = true;
  }
  if (fact.ruling.verdict == Verdict::effective) take_effect(fact);
}

void JournalModel::rule(const Hash& record, const Ruling& ruling) {
  const auto found = by_hash_.find(record);
  if (!checks_.require(found != by_hash_.end(), "one_verdict", "a verdict on nothing")) return;
  Fact& fact = facts_[found->second];
  checks_.require(!is_final(fact.ruling), "verdict_stands",
                  label(fact) + " was " + std::string(name(fact.ruling.verdict)) + " and became " +
                      std::string(name(ruling.verdict)));
  const bool was_in_place = is_in_place(fact.ruling);
  fact.ruling = ruling;
  if (!was_in_place && is_in_place(ruling)) take_place(fact);
  if (ruling.verdict == Verdict::effective) take_effect(fact);
}

void JournalModel::take_place(Fact& fact) {
  const RecordHeader& h = fact.record.header;
  Log& log = logs_[h.log_id];
  const Hash& head = log.chain.empty() ? h.log_id : log.chain.back();
  if (checks_.require(h.seq == log.chain.size() && h.prev == head, "chain_continuity",
                      label(fact) + " does not continue its log, and is " +
                          std::string(name(fact.ruling.verdict)))) {
    log.chain.push_back(fact.record.hash);
  }
}

void JournalModel::take_effect(const Fact& fact) {
  const Certificate* author = certificate(fact.record.header.log_id);
  if (!checks_.require(author != nullptr, "authority", label(fact) + ": nobody's log")) return;
  const auto without_it = [&](const Id& id) {
    std::vector<const Fact*> facts = dossier(id);
    std::erase(facts, &fact);
    return reference_of(id, facts);
  };
  const auto lookup = [this](const Hash& hash) { return find(hash); };
  std::vector<Id> ids = body::dossiers(fact.record);
  if (ids.empty()) ids.push_back(fact.record.header.subject);
  for (const Id& id : ids) {
    const auto objection = objection_to(fact, *author, id, without_it(id), lookup);
    if (objection) checks_.broken("authority", label(fact) + ": " + *objection);
    const Reference now = reference_of(id, dossier(id));
    if (!now.custody_problems.empty()) {
      checks_.broken("one_custodian", label(fact) + ": " + now.custody_problems.front());
    }
  }
  check_number(fact);
  if (const auto* rest = fact.as<body::LeaseReturned>()) take_back(*rest);
}

// What was given back may be granted again.
void JournalModel::take_back(const body::LeaseReturned& rest) {
  for (body::LeaseGranted& lease : leases_) {
    const bool has_it = lease.kind == rest.kind && lease.prefix == rest.prefix &&
                        lease.first <= rest.first &&
                        lease.first + lease.count == rest.first + rest.count;
    if (has_it) {
      lease.count = rest.first - lease.first;
      return;
    }
  }
  checks_.broken("numbers_are_single", "numbers were given back that nobody had");
}

void JournalModel::check_number(const Fact& fact) {
  const auto* slip = fact.as<body::Sealed>();
  if (!slip) return;
  const Id& dossier = fact.record.header.subject;
  for (const std::string& number : {slip->send_slip_no, slip->item_id}) {
    const auto [user, is_new] = numbers_.emplace(number, dossier);
    checks_.require(is_new || user->second == dossier, "numbers_are_single",
                    label(fact) + ": its number is on another dossier too");
  }
}

void JournalModel::grant(const body::LeaseGranted& lease) {
  for (const body::LeaseGranted& other : leases_) {
    const bool apart = other.kind != lease.kind || other.prefix != lease.prefix ||
                       other.first + other.count <= lease.first ||
                       lease.first + lease.count <= other.first;
    checks_.require(apart, "numbers_are_single", "two leases have numbers in common");
  }
  leases_.push_back(lease);
}

Hash JournalModel::root(std::uint64_t size) const {
  if (size == 0) return sha256({});
  // From the right: what is left over at each level is joined to the next complete subtree.
  std::optional<Hash> right;
  for (std::size_t level = 0; (size >> level) != 0; ++level) {
    if (((size >> level) & 1) == 0) continue;
    const Hash& left = tree_[level][(size >> level) - 1];
    right = right ? hash_of(1, left, *right) : left;
  }
  return *right;
}

const Fact* JournalModel::find(const Hash& record) const {
  const auto found = by_hash_.find(record);
  return found == by_hash_.end() ? nullptr : &facts_[found->second];
}

const Certificate* JournalModel::certificate(const Hash& log) const {
  const auto found = logs_.find(log);
  return found == logs_.end() ? nullptr : &found->second.certificate;
}

std::vector<const Fact*> JournalModel::dossier(const Id& id) const {
  std::vector<const Fact*> out;
  const auto found = by_dossier_.find(id);
  if (found == by_dossier_.end()) return out;
  for (const std::size_t i : found->second) out.push_back(&facts_[i]);
  return out;
}

std::vector<Id> JournalModel::dossiers() const { return dossiers_; }

const std::vector<Hash>& JournalModel::chain(const Hash& log) const {
  static const std::vector<Hash> none;
  const auto found = logs_.find(log);
  return found == logs_.end() ? none : found->second.chain;
}

bool JournalModel::is_forked(const Hash& log) const {
  const auto found = logs_.find(log);
  return found != logs_.end() && found->second.forked;
}

void JournalModel::check_nothing_waits_in_vain() const {
  for (const Fact& fact : facts_) {
    if (fact.ruling.reason == errc::predecessor_missing) {
      const Fact* before = find(fact.record.header.prev);
      // One that names an earlier record than the one before it waits for nothing.
      const bool follows =
          before && before->record.header.seq + 1 == fact.record.header.seq &&
          before->record.header.log_id == fact.record.header.log_id;
      checks_.require(!follows || !is_in_place(before->ruling), "held_is_released",
                      label(fact) + " waits for a record that is here");
    } else if (fact.ruling.reason == errc::reference_missing) {
      const bool in_vain = std::ranges::all_of(fact.record.header.refs, [&](const Hash& ref) {
        const Fact* named = find(ref);
        return named && named->ruling.verdict != Verdict::held;
      });
      checks_.require(!in_vain, "held_is_released", label(fact) + " waits for what is here");
    }
  }
}

}  // namespace tannha::simulate
