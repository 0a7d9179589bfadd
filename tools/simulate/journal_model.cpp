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

bool is_final(const Ruling& ruling) {
  return ruling.verdict == Verdict::effective || ruling.verdict == Verdict::refused;
}

}  // namespace

void JournalModel::committed(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    switch (change.kind) {
      case Change::Kind::log:
        logs_[change.log.id].certificate = change.log.certificate;
        break;
      case Change::Kind::head: move_head(change.log_id, change.record); break;
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
  checks_.require(is_final(evidence.ruling) || verdict == Verdict::held, "one_verdict",
                  "a stored record is " + std::string(name(verdict)));
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
  grow_tree(hash);
  // The head was moved to it just before it was stored.
  const auto& chain = logs_[fact.record.header.log_id].chain;
  fact.in_place = !chain.empty() && chain.back() == hash;
  if (fact.in_place) check_chain(fact);
  if (fact.counts()) take_effect(fact);
}

void JournalModel::grow_tree(const Hash& record) {
  Hash node = hash_of(0, record);
  for (std::size_t level = 0;; ++level) {
    if (tree_.size() == level) tree_.emplace_back();
    tree_[level].push_back(node);
    if (tree_[level].size() % 2 != 0) return;
    node = hash_of(1, tree_[level].end()[-2], node);
  }
}

// The record comes next of its log's chain; it is stored already or will be at once.
void JournalModel::move_head(const Hash& log, const Hash& record) {
  logs_[log].chain.push_back(record);
  const auto found = by_hash_.find(record);
  if (found == by_hash_.end()) return;
  facts_[found->second].in_place = true;
  check_chain(facts_[found->second]);
}

void JournalModel::check_chain(const Fact& fact) {
  const RecordHeader& h = fact.record.header;
  const std::vector<Hash>& chain = logs_[h.log_id].chain;
  const Hash& before = chain.size() < 2 ? h.log_id : chain.end()[-2];
  checks_.require(h.seq + 1 == chain.size() && h.prev == before, "chain_continuity",
                  label(fact) + " does not continue its log");
}

void JournalModel::rule(const Hash& record, const Ruling& ruling) {
  const auto found = by_hash_.find(record);
  if (!checks_.require(found != by_hash_.end(), "one_verdict", "a verdict on nothing")) return;
  Fact& fact = facts_[found->second];
  checks_.require(may_change(fact, ruling), "verdict_stands",
                  label(fact) + " was " + std::string(name(fact.ruling.verdict)) +
                      " and became " + std::string(name(ruling.verdict)));
  const bool counted = fact.counts();
  fact.ruling = ruling;
  if (counted) {
    for (auto& [offer, links] : answers_) std::erase(links, record);
  }
  if (fact.counts()) take_effect(fact);
}

// What is held may become anything. What counted may be held again only by the revocation of its
// log, for what came after its key was in bad hands.
bool JournalModel::may_change(const Fact& fact, const Ruling& ruling) const {
  if (!is_final(fact.ruling)) return true;
  if (fact.ruling.verdict != Verdict::effective || ruling.reason != errc::log_revoked) return false;
  return std::ranges::any_of(facts_, [&](const Fact& f) {
    const auto* b = f.as<body::LogRevoked>();
    return b && f.counts() && reaches(b->log_id, fact.record.header.log_id) &&
           b->reason == body::RevocationReason::compromised && b->since_size &&
           fact.leaf.value_or(0) >= *b->since_size;
  });
}

void JournalModel::take_effect(const Fact& fact) {
  const Certificate* author = certificate(fact.record.header.log_id);
  if (!checks_.require(author != nullptr, "authority", label(fact) + ": nobody's log")) return;
  check_right(fact, *author);
  check_single(fact);
  check_code(fact);
  check_beacon(fact);
  checks_.require(fact.in_place || was_voted_for(fact, 2), "chain_continuity",
                  label(fact) + " counts outside its log's chain");
  if (const auto* rest = fact.as<body::LeaseReturned>()) give_back(*rest);
}

void JournalModel::check_right(const Fact& fact, const Certificate& author) {
  const auto lookup = [this](const Hash& hash) { return find(hash); };
  const auto whose = [this](const Hash& log) { return certificate(log); };
  const auto code = [this](const Id& dossier, const Hash& sent_on) {
    return code_sent(dossier, sent_on);
  };
  std::vector<Id> ids = body::dossiers(fact.record);
  if (ids.empty()) ids.push_back(fact.record.header.subject);
  for (const Id& id : ids) {
    std::vector<const Fact*> facts = dossier(id);
    std::erase(facts, &fact);
    const auto objection =
        objection_to(fact, author, id, owners_of(facts), lookup, whose, code);
    if (!objection) continue;
    // Officers may let a held record count.
    checks_.require(was_voted_for(fact, 1), "authority", label(fact) + ": " + *objection);
  }
}

// How many different officers have said in records that count that this one shall count.
bool JournalModel::was_voted_for(const Fact& fact, std::size_t officers) const {
  std::set<Id> voters;
  for (const Fact& f : facts_) {
    const auto* word = f.as<body::Adjudicated>();
    if (word && f.counts() && word->outcome == body::Outcome::counts &&
        f.record.header.refs.front() == fact.record.hash) {
      voters.insert(f.author);
    }
  }
  return voters.size() >= officers;
}

// Whoever names a checkpoint that this journal never had has seen another journal.
void JournalModel::check_beacon(const Fact& fact) {
  const auto& beacon = fact.record.header.beacon;
  if (!beacon) return;
  const bool known = beacon->size <= size() && root(beacon->size) == beacon->root;
  checks_.require(known || was_voted_for(fact, 2), "beacon_known",
                  label(fact) + " counts and names a checkpoint that never was");
}

// One dossier to a number, one payment to a beneficiary and a period, one answer to an offer.
void JournalModel::check_single(const Fact& fact) {
  const Id& subject = fact.record.header.subject;
  std::vector<std::string> names;
  if (const auto* slip = fact.as<body::Sealed>()) {
    names = {slip->send_slip_no, slip->item_id};
  } else if (const auto* payout = fact.as<body::PayoutAssigned>()) {
    names = {payout->beneficiary + " in " + payout->period};
  }
  for (const std::string& number : names) {
    const auto [user, is_new] = numbers_.emplace(number, subject);
    checks_.require(is_new || user->second == subject || was_voted_for(fact, 1),
                    "numbers_are_single", label(fact) + ": its number is on another one too");
  }
  if (fact.as<body::Paid>()) {
    const auto facts = dossier(subject);
    const auto paid = std::ranges::count_if(
        facts, [](const Fact* f) { return f->counts() && f->as<body::Paid>(); });
    checks_.require(paid == 1 || was_voted_for(fact, 2), "paid_once",
                    label(fact) + ": it was paid before");
  }
  if (fact.as<body::HandoverAccepted>()) {
    auto& answers = answers_[fact.record.header.refs.front()];
    answers.push_back(fact.record.hash);
    checks_.require(answers.size() == 1, "one_custodian",
                    label(fact) + " takes over what another has taken over");
  }
}

// A code confirms one slip, whoever types it.
void JournalModel::check_code(const Fact& fact) {
  const auto* b = fact.as<body::Confirmed>();
  if (!b || b->grade != body::Grade::one_time_code) return;
  const Hash& sent_on = fact.record.header.refs.back();
  const auto facts = dossier(fact.record.header.subject);
  const auto times = std::ranges::count_if(facts, [&](const Fact* f) {
    const auto* other = f->as<body::Confirmed>();
    return f->counts() && other && other->grade == body::Grade::one_time_code &&
           f->record.header.refs.back() == sent_on;
  });
  checks_.require(times == 1 || was_voted_for(fact, 1), "code_once",
                  label(fact) + ": its code was used before");
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

void JournalModel::give_back(const body::LeaseReturned& rest) {
  for (body::LeaseGranted& lease : leases_) {
    const bool same = lease.kind == rest.kind && lease.prefix == rest.prefix &&
                      lease.first <= rest.first &&
                      rest.first + rest.count == lease.first + lease.count;
    if (same) lease.count -= rest.count;
  }
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

const std::vector<Hash>& JournalModel::chain(const Hash& log) const {
  static const std::vector<Hash> none;
  const auto found = logs_.find(log);
  return found == logs_.end() ? none : found->second.chain;
}

}  // namespace tannha::simulate
