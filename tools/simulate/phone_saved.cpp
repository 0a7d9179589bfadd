// What a phone called saved, and the checks that it still has it.

#include <algorithm>

#include "tannha/protocol/receipt.hpp"
#include "tools/simulate/phone.hpp"
#include "tools/simulate/shown.hpp"

namespace tannha::simulate {

using sqlite::arg;

std::optional<std::vector<Hash>> Phone::own_log_from(std::uint64_t seq) {
  std::vector<Hash> log;
  const auto read = replica_->store().database().each(
      "SELECT hash FROM record WHERE log=? AND seq>=? ORDER BY seq",
      {arg(BytesView(log_id_)), arg(seq)}, [&](sqlite::Row row) {
        log.push_back(row.array<Hash>(0));
        return true;
      });
  if (!read) return std::nullopt;
  return log;
}

// The device went on in a new log. What was promised in the old one stays promised.
void Phone::follow_log() {
  const Identity* me = replica_->identity();
  if (!me || me->log_id == log_id_) return;
  if (log_id_ != Hash{}) {
    world_.say(machine_, [] { return std::string("goes on in a new log"); });
    for (std::size_t seq = 0; seq < saved_.own.size(); ++seq) {
      if (saved_.promised[seq]) saved_.carried.insert(saved_.own[seq]);
    }
  }
  log_id_ = me->log_id;
  certificate_ = me->certificate;
  saved_.own.clear();
  saved_.promised.clear();
}

// After a call: what it wrote is promised from now on if it said that it succeeded. One that failed
// may have written all the same, which promises nothing.
void Phone::note_saved(bool promised) {
  follow_log();
  if (disk_lies_ || !replica_->identity()) return;
  const auto head = replica_->store().head(log_id_);
  if (!head || !*head) return;
  const std::uint64_t known = saved_.own.size();
  if ((*head)->next_seq > known) {
    const auto fresh = own_log_from(known);
    if (!fresh) return;
    world_.checks.require(fresh->size() == (*head)->next_seq - known, "chain_continuity",
                          machine_ + ": its own log has a gap or a fork");
    saved_.own.insert(saved_.own.end(), fresh->begin(), fresh->end());
    saved_.promised.resize(saved_.own.size(), promised);
    records_saved_ += fresh->size();
    world_.trace.bytes(saved_.own.back());
  } else {
    world_.checks.require((*head)->next_seq == known && (*head)->hash == saved_.own.back(),
                          "conservation", machine_ + ": its newest record is not what it was");
  }
  const auto kept = replica_->store().database().one(
      "SELECT count(*) FROM record WHERE log=?", {arg(BytesView(log_id_))},
      [](sqlite::Row row) { return row.number(0); });
  if (!kept) return;
  world_.checks.require(kept->value_or(0) >= saved_.own.size(), "conservation",
                        machine_ + ": a record that was saved is gone");
}

// After a start: what was promised is there record by record. What was not promised may have come
// or gone with the crash.
void Phone::check_saved() {
  follow_log();
  if (disk_lies_ || !replica_->identity()) return;
  const auto log = own_log_from(0);
  if (!log) return;
  for (std::size_t seq = 0; seq < saved_.own.size(); ++seq) {
    if (!saved_.promised[seq]) continue;
    world_.checks.require(seq < log->size() && (*log)[seq] == saved_.own[seq], "conservation",
                          machine_ + ": after a start its record #" + std::to_string(seq) +
                              " of " + std::to_string(saved_.own.size()) + " is gone");
  }
  saved_.own = *log;
  saved_.promised.resize(log->size(), false);
  for (const Hash& hash : saved_.carried) {
    const auto here = replica_->store().record(hash);
    world_.checks.require(!here || *here, "conservation",
                          machine_ + ": after a start a carried record is gone");
  }
}

void Phone::check_everything() {
  if (!is_open() || disk_lies_ || !replica_->identity()) return;
  const auto all = replica_->store().all();
  if (!all) return;
  check_saved();
  if (!world_.checks.good()) return;
  const exchange::Tenant& tenant = replica_->identity()->tenant;
  std::vector<Fact> facts;
  std::map<Id, std::vector<Evidence>> dossiers;
  for (const StoredRecord& stored : *all) {
    const Record& r = stored.evidence.record;
    const std::string what = machine_ + ": " + std::string(name(r.header.type)) + " " +
                             brief(r.hash);
    if (stored.receipt) {
      const auto proved = verify_receipt(*stored.receipt, tenant.origin, tenant.journal_key);
      const Fact* there = world_.journal.find(r.hash);
      world_.checks.require(proved && there && there->leaf == stored.receipt->leaf_index &&
                                proved->size <= world_.journal.size() &&
                                proved->root == world_.journal.root(proved->size),
                            "receipts_in_journal", what + " has a receipt of another journal");
    }
    if (r.header.log_id == log_id_ && !rewound_ && stored.origin == Origin::own) {
      const std::uint64_t seq = r.header.seq;
      const bool follows = seq < saved_.own.size() && saved_.own[seq] == r.hash &&
                           r.header.prev == (seq == 0 ? log_id_ : saved_.own[seq - 1]);
      // The newest may come from a call that did not say that it succeeded.
      world_.checks.require(follows || seq >= saved_.own.size(), "chain_continuity",
                            what + " does not continue the log");
    }
    for (const Id& id : body::dossiers(r)) {
      auto& list = dossiers[id];
      if (list.empty() || list.back().record.hash != r.hash) list.push_back(stored.evidence);
    }
  }
  for (const auto& [id, evidence] : dossiers) {
    std::vector<Fact> own;
    own.reserve(evidence.size());
    for (const Evidence& e : evidence) own.push_back(make_fact(e));
    std::vector<const Fact*> pointers;
    for (const Fact& fact : own) pointers.push_back(&fact);
    const std::string state = state_text(show(id, evidence, world_));
    const std::string reference = reference_text(id, pointers);
    if (state != reference) {
      world_.say(machine_, [&] { return "shows " + brief(id) + ":\n" + state; });
      world_.say("reference", [&] { return "has " + brief(id) + ":\n" + reference; });
    }
    world_.checks.require(state == reference, "phone_state",
                          machine_ + ": dossier " + brief(id) + " is shown differently: " +
                              difference(state, reference));
  }
}

void Phone::check_converged() {
  if (given_up_ || disk_lies_ || !is_open() || !replica_->identity()) return;
  const auto holds = replica_->holds();
  if (!holds) return;
  world_.checks.require(holds->records == 0, "liveness",
                        machine_ + ": " + std::to_string(holds->records) +
                            " records were never received");
  const auto all = replica_->store().all();
  if (!all) return;
  for (const StoredRecord& stored : *all) {
    const Evidence& e = stored.evidence;
    const Fact* there = world_.journal.find(e.record.hash);
    const std::string what = machine_ + ": " + std::string(name(e.record.header.type)) + " " +
                             brief(e.record.hash);
    if (!world_.checks.require(there != nullptr, "conservation", what + " is not at the registry")) {
      return;
    }
    world_.checks.require(there->ruling == e.ruling, "convergence",
                          what + " is " + std::string(name(e.ruling.verdict)) +
                              " here and " + std::string(name(there->ruling.verdict)) +
                              " at the registry");
    const auto* file = there->as<body::AttachmentAdded>();
    if (file && stored.origin == Origin::own && e.ruling.verdict == Verdict::effective) {
      world_.checks.require(server_.has_file(file->hash), "attachments_arrive",
                            what + ": its file is not at the registry");
    }
  }
  // A phone that was set back, and its copy, do not get back what they wrote themselves.
  if (rewound_ || world_.journal.is_forked(log_id_)) return;
  const auto ids = replica_->store().dossiers();
  if (!ids) return;
  for (const Id& id : *ids) {
    const auto facts = world_.journal.dossier(id);
    const auto evidence = replica_->store().dossier(id);
    if (!evidence || facts.empty()) continue;
    if (evidence->size() != facts.size() && !sees(id)) continue;
    const std::string here = state_text(show(id, *evidence, world_));
    const std::string there = reference_text(id, facts);
    if (here != there) {
      world_.say(machine_, [&] { return "shows " + brief(id) + ":\n" + here; });
      world_.say("registry", [&] { return "has " + brief(id) + ":\n" + there; });
    }
    world_.checks.require(here == there, "convergence",
                          machine_ + ": dossier " + brief(id) + " differs from the registry: " +
                              difference(here, there));
  }
}

// Whether the dossier is in this phone's feed, so that all of it has to be here. What came with a
// parcel alone need not be whole.
bool Phone::sees(const Id& id) const {
  const Reference r = reference_of(id, world_.journal.dossier(id));
  const auto below = [](const std::string& unit, const std::string& above) {
    return unit == above || unit.starts_with(above + ".");
  };
  switch (role()) {
    case Role::courier: return r.courier == actor();
    case Role::officer:
    case Role::dispatcher: return below(r.unit, unit());
    case Role::citizen: return r.citizen_log == log_id_;
    case Role::registry: break;
  }
  return false;
}

}  // namespace tannha::simulate
