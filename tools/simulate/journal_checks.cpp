// What must be true of the whole journal, beyond one commit.

#include <algorithm>
#include <set>

#include "tools/simulate/journal_model.hpp"
#include "tools/simulate/trace.hpp"

namespace tannha::simulate {

bool JournalModel::is_revoked(const Hash& log) const {
  return std::ranges::any_of(facts_, [&](const Fact& f) {
    const auto* b = f.as<body::LogRevoked>();
    return b && f.counts() && reaches(b->log_id, log);
  });
}

bool JournalModel::reaches(Hash revoked, const Hash& log) const {
  // The journal has each log's continuation after that of the log before it.
  for (const Fact& f : facts_) {
    if (revoked == log) return true;
    const auto* b = f.as<body::LogContinued>();
    if (b && f.counts() && b->log_id == revoked) revoked = b->next_log_id;
  }
  return revoked == log;
}

void JournalModel::check_everything() const {
  for (const Fact& fact : facts_) check_waiting(fact);
  check_forks();
  for (const Id& id : dossiers_) check_custody(id);
}

void JournalModel::check_waiting(const Fact& fact) const {
  if (fact.ruling.reason == errc::predecessor_missing) {
    const Fact* before = find(fact.record.header.prev);
    // One that names an earlier record than the one before it waits for nothing.
    const bool follows = before && before->in_place &&
                         before->record.header.seq + 1 == fact.record.header.seq &&
                         before->record.header.log_id == fact.record.header.log_id;
    checks_.require(!follows || fact.ruling.verdict == Verdict::refused, "held_is_released",
                    label(fact) + " waits for a record that is here");
  } else if (fact.ruling == Ruling{Verdict::held, errc::reference_missing}) {
    const bool in_vain = std::ranges::all_of(fact.record.header.refs, [&](const Hash& ref) {
      const Fact* named = find(ref);
      return named && named->ruling.verdict != Verdict::held;
    });
    checks_.require(!in_vain, "held_is_released", label(fact) + " waits for what is here");
  }
}

// Two records of a log with one number: the registry has said so, and named the lowest.
void JournalModel::check_forks() const {
  std::map<Hash, std::map<std::uint64_t, std::size_t>> counts;
  std::map<Hash, std::uint64_t> proved;
  for (const Fact& f : facts_) {
    ++counts[f.record.header.log_id][f.record.header.seq];
    const auto* proof = f.as<body::LogForked>();
    if (!proof || !f.counts()) continue;
    const auto [known, is_new] = proved.emplace(proof->log_id, proof->seq);
    if (!is_new) known->second = std::min(known->second, proof->seq);
  }
  for (const auto& [log, by_seq] : counts) {
    const auto fork = std::ranges::find_if(by_seq, [](const auto& e) { return e.second > 1; });
    if (fork == by_seq.end()) continue;
    const auto proof = proved.find(log);
    checks_.require(proof != proved.end() && proof->second == fork->first, "fork_is_proved",
                    "log " + brief(log) + " forks at #" + std::to_string(fork->first));
  }
}

// Two hand-overs that follow the same link: nobody has the paper until two officers say who. They
// may name either of the two, what came of one of them, or whoever had it before.
void JournalModel::check_custody(const Id& id) const {
  const auto facts = dossier(id);
  std::map<Hash, std::vector<std::size_t>> followers;  // by link: places of those who took over
  std::map<Hash, std::set<Id>> words;
  std::size_t decided_at = 0;  // place of the last word on which two agree
  std::optional<Hash> decided;
  for (std::size_t at = 0; at < facts.size(); ++at) {
    const Fact* f = facts[at];
    if (!f->counts()) continue;
    if (const auto* word = f->as<body::DisputeResolved>()) {
      std::set<Id>& agree = words[word->link];
      agree.insert(f->author);
      if (agree.size() >= 2) {
        decided_at = at;
        decided = word->link;
      }
    }
    const auto* taken = f->as<body::HandoverAccepted>();
    if (!taken || std::ranges::find(taken->taken, id) == taken->taken.end()) continue;
    const Fact* offer = find(f->record.header.refs.front());
    const auto* terms = offer && offer->counts() ? offer->as<body::HandoverOffered>() : nullptr;
    if (!terms) continue;
    const auto item = std::ranges::find(terms->items, id, &body::HandoverItem::dossier);
    if (item == terms->items.end() || !item->custody) continue;
    followers[*item->custody].push_back(at);
  }
  for (auto& [link, rivals] : followers) {
    // Who had it before has it again, and gives it once more.
    if (link == decided) std::erase_if(rivals, [&](std::size_t at) { return at < decided_at; });
    if (rivals.size() < 2 || decided_at > rivals[1]) continue;
    const Dossier d = fold(id, evidence_of(facts));
    checks_.require(d.custodian == Custodian::disputed, "one_custodian",
                    "dossier " + brief(id) + ": two took it over from one, and the " +
                        std::string(name(d.custodian)) + " has it");
  }
}

}  // namespace tannha::simulate
