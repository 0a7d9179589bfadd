// What a phone called saved, and the checks that it still has it.

#include <algorithm>

#include "tannha/protocol/receipt.hpp"
#include "tools/simulate/difference.hpp"
#include "tools/simulate/phone.hpp"
#include "tools/simulate/reference_fold.hpp"
#include "tools/simulate/shown.hpp"

namespace tannha::simulate {

using sqlite::arg;

// By seq, up to the last one that this phone wrote. What a restored phone had lost of its log comes
// back by the feed, and it may write on behind it.
std::optional<std::vector<Hash>> Phone::log_from(const Hash& log, std::uint64_t seq) {
  std::vector<Hash> records;
  const auto read = replica_->store().database().each(
      "SELECT hash, min(origin) FROM record WHERE log=? AND seq>=? AND seq<="
      "(SELECT ifnull(max(seq),-1) FROM record WHERE log=? AND origin=0) GROUP BY seq ORDER BY seq",
      {arg(BytesView(log)), arg(seq), arg(BytesView(log))}, [&](sqlite::Row row) {
        records.push_back(row.array<Hash>(0));
        return true;
      });
  if (!read) return std::nullopt;
  return records;
}

// After a call: what it wrote is promised from now on if it said that it succeeded. One that failed
// may have written all the same, which promises nothing.
void Phone::note_saved(const Hash& log, bool promised) {
  if (disk_lies_ || log == Hash{}) return;
  // Not the store's head: that may be a record of a copy, which the registry sent along.
  const auto head = replica_->store().database().one(
      "SELECT seq, hash FROM record WHERE log=? AND origin=0 ORDER BY seq DESC LIMIT 1",
      {arg(BytesView(log))},
      [](sqlite::Row row) { return Store::Head{row.number(0) + 1, row.array<Hash>(1)}; });
  if (!head || !*head) return;
  Saved& saved = saved_[log];
  const std::uint64_t known = saved.records.size();
  if ((*head)->next_seq > known) {
    const auto fresh = log_from(log, known);
    if (!fresh) return;
    const auto doubles = replica_->store().database().one(
        "SELECT count(*)-count(DISTINCT seq) FROM record WHERE log=? AND origin=0",
        {arg(BytesView(log))}, [](sqlite::Row row) { return row.number(0); });
    if (!doubles) return;
    // A stranded phone reads what its copy wrote in the log that was theirs, as far as it may see it,
    // and writes on behind that: places in the log say nothing any more.
    const auto now = replica_->condition();
    if (!now || (now->stranded && fresh->size() < (*head)->next_seq - known)) return;
    world_.checks.require(fresh->size() == (*head)->next_seq - known && doubles->value_or(0) == 0,
                          "chain_continuity", machine_ + ": its own log has a gap or a fork");
    saved.records.insert(saved.records.end(), fresh->begin(), fresh->end());
    saved.promised.resize(saved.records.size(), promised);
    records_saved_ += fresh->size();
    world_.trace.bytes(saved.records.back());
  } else {
    world_.checks.require((*head)->next_seq == known && (*head)->hash == saved.records.back(),
                          "conservation", machine_ + ": its newest record is not what it was");
  }
  const auto kept = replica_->store().database().one(
      "SELECT count(DISTINCT seq) FROM record WHERE log=?", {arg(BytesView(log))},
      [](sqlite::Row row) { return row.number(0); });
  if (!kept) return;
  world_.checks.require(kept->value_or(0) >= saved.records.size(), "conservation",
                        machine_ + ": a record that was saved is gone");
}

// A file stays until the registry has it, whatever became of the record that names it.
void Phone::note_files(bool promised) {
  if (disk_lies_) return;
  const auto pending = replica_->store().pending_attachments();
  if (!pending) return;
  std::set<Hash> now;
  for (const auto& file : *pending) now.insert(file.hash);
  for (const Hash& hash : unsent_files_) {
    world_.checks.require(now.contains(hash) || server_.has_file(hash), "unsent_file_is_kept",
                          machine_ + ": file " + brief(hash) + " is gone and was never sent");
  }
  std::erase_if(unsent_files_, [&](const Hash& hash) { return !now.contains(hash); });
  if (promised) unsent_files_ = std::move(now);
}

// After a start: what was promised is there record by record. What was not promised may have come
// or gone with the crash.
void Phone::check_saved() {
  if (disk_lies_ || log_id_ == Hash{}) return;
  saved_.try_emplace(log_id_);
  for (auto& [log, saved] : saved_) {
    check_saved(log, saved);
    if (adopts_) saved.promised.assign(saved.records.size(), true);
  }
  adopts_ = false;
  note_files(false);
  for (const Hash& hash : carried_) {
    const auto here = replica_->store().record(hash);
    world_.checks.require(!here || *here, "conservation",
                          machine_ + ": after a start a carried record is gone");
  }
}

void Phone::check_saved(const Hash& log, Saved& saved) {
  const auto here = log_from(log, 0);
  if (!here) return;
  for (std::size_t seq = 0; seq < saved.records.size(); ++seq) {
    if (!saved.promised[seq]) continue;
    world_.checks.require(seq < here->size() && (*here)[seq] == saved.records[seq], "conservation",
                          machine_ + ": after a start its record #" + std::to_string(seq) + " of " +
                              std::to_string(saved.records.size()) + " is gone");
  }
  saved.records = *here;
  saved.promised.resize(here->size(), false);
}

void Phone::check_everything() {
  if (!is_open() || disk_lies_ || log_id_ == Hash{}) return;
  if (replica_->is_locked()) (void)replica_->unlock(unlock_).has_value();
  const auto all = replica_->store().all();
  if (!all) return;
  check_saved();
  std::map<Id, std::vector<Evidence>> dossiers;
  for (const StoredRecord& stored : *all) {
    check_record(stored);
    for (const Id& id : body::dossiers(stored.evidence.record)) {
      auto& list = dossiers[id];
      if (list.empty() || list.back().record.hash != stored.evidence.record.hash) {
        list.push_back(stored.evidence);
      }
    }
  }
  for (const auto& [id, evidence] : dossiers) check_shown(id, evidence);
  const auto list = replica_->summaries(1);
  if (list) {
    for (const DossierSummary& line : *list) check_listed(line, dossiers[line.id]);
  }
  check_files();
}

void Phone::check_record(const StoredRecord& stored) {
  const Record& r = stored.evidence.record;
  const std::string what = machine_ + ": " + std::string(name(r.header.type)) + " " + brief(r.hash);
  world_.checks.require(r.has_body() || stored.receipt || stored.origin == Origin::feed,
                        "conservation", what + " was erased before it was received");
  if (stored.receipt) {
    const exchange::Tenant& tenant = server_.actor().tenant;
    const auto proved = verify_receipt(*stored.receipt, tenant.origin, tenant.journal_key);
    const Fact* there = world_.journal.find(r.hash);
    world_.checks.require(proved && there && there->leaf == stored.receipt->leaf_index &&
                              proved->size <= world_.journal.size() &&
                              proved->root == world_.journal.root(proved->size),
                          "receipts_in_journal", what + " has a receipt of another journal");
  }
  const auto log = saved_.find(r.header.log_id);
  if (log == saved_.end() || stored.origin != Origin::own) return;
  // As in note_saved(): of a stranded phone's log not everything that its copy wrote may be here.
  const auto now = replica_->condition();
  if (!now || now->stranded) return;
  const std::vector<Hash>& records = log->second.records;
  const std::uint64_t seq = r.header.seq;
  const bool follows = seq < records.size() && records[seq] == r.hash &&
                       r.header.prev == (seq == 0 ? r.header.log_id : records[seq - 1]);
  world_.checks.require(follows, "chain_continuity", what + " does not continue the log");
}

void Phone::check_shown(const Id& id, const std::vector<Evidence>& evidence) {
  const std::string shown = state_text(show(id, evidence, world_));
  const std::string reference = state_text(reference_fold(id, evidence));
  world_.checks.require(shown == reference, "phone_state",
                        machine_ + ": dossier " + brief(id) +
                            " is shown differently: " + difference(shown, reference));
}

// What is kept of a dossier for lists is what its records say now.
void Phone::check_listed(const DossierSummary& line, const std::vector<Evidence>& evidence) {
  const DossierSummary now = summarize(fold(line.id, evidence), evidence);
  world_.checks.require(disk_lies_ || line == now, "list_is_current",
                        machine_ + ": the list shows dossier " + brief(line.id) + " as it was");
}

// Nothing personal and no key lies open in a phone's files.
void Phone::check_files() {
  for (const std::string& file : world_.disk.files(machine_)) {
    check_sealed(as_text(world_.disk.bytes(file)), file);
  }
}

void Phone::check_sealed(std::string_view content, const std::string& where) {
  // Long enough not to come about by chance in what is sealed.
  using namespace std::string_view_literals;
  static constexpr std::string_view needles[] = {
      "Người Th"sv, "Thôn "sv, "+8491"sv, "001090"sv, "ghi chú"sv,
      "\xff\xd8\xff\xe0\x00\x10JF"sv};
  std::vector<std::string_view> open(std::begin(needles), std::end(needles));
  Seed seed{};
  if (const Identity* identity = replica_->identity()) {
    seed = identity->key.seed();
    open.push_back(as_text(seed));
  }
  for (const std::string_view needle : open) {
    world_.checks.require(content.find(needle) == std::string_view::npos, "sealed_at_rest",
                          machine_ + ": something personal lies open in " + where);
  }
}

void Phone::check_converged() {
  if (given_up_ || disk_lies_ || !is_open() || log_id_ == Hash{}) return;
  if (replica_->is_locked()) (void)replica_->unlock(unlock_).has_value();
  const auto holds = replica_->holds();
  const auto all = replica_->store().all();
  const auto condition = replica_->condition();
  if (!holds || !all || !condition) return;
  world_.checks.require(
      holds->records == 0, "liveness",
      machine_ + ": " + std::to_string(holds->records) + " records were never received");
  // One that needs another ticket, or was revoked, has brought everything and gets nothing more.
  const bool is_told = !condition->stranded && !condition->revoked;
  for (const StoredRecord& stored : *all) {
    const Evidence& e = stored.evidence;
    const Fact* there = world_.journal.find(e.record.hash);
    const std::string what =
        machine_ + ": " + std::string(name(e.record.header.type)) + " " + brief(e.record.hash);
    if (!world_.checks.require(there != nullptr, "conservation",
                               what + " is not at the registry")) {
      return;
    }
    const auto* file = there->as<body::AttachmentAdded>();
    if (file && stored.origin == Origin::own) {
      world_.checks.require(server_.has_file(file->hash), "attachments_arrive",
                            what + ": its file is not at the registry");
    }
  }
  if (!is_told) return;
  check_forgotten();
  for (const Id& id : world_.journal.dossiers()) {
    if (sees(id)) check_agrees(id);
  }
}

// What left the round is erased and reported.
void Phone::check_forgotten() {
  const auto wanted = replica_->store().forgets();
  const auto unreported = replica_->store().forgotten();
  if (!wanted || !unreported) return;
  world_.checks.require(unreported->empty(), "forgotten_is_erased",
                        machine_ + ": the registry was not told what it erased");
  for (const Id& id : *wanted) {
    world_.checks.broken("forgotten_is_erased", machine_ + ": dossier " + brief(id) +
                                                    " left its round and is still there");
  }
}

void Phone::check_agrees(const Id& id) {
  const auto facts = world_.journal.dossier(id);
  const auto evidence = replica_->store().dossier(id);
  if (!evidence) return;
  const std::string here = state_text(show(id, *evidence, world_));
  const std::string there = state_text(reference_fold(id, evidence_of(facts)));
  if (here == there) return;
  world_.say(machine_, [&] { return "shows " + brief(id) + ":\n" + here; });
  world_.say("registry", [&] { return "has " + brief(id) + ":\n" + there; });
  tell_rulings(id, *evidence);
  world_.checks.broken("convergence", machine_ + ": dossier " + brief(id) +
                                          " differs from the registry: " + difference(here, there));
}

void Phone::tell_rulings(const Id& id, const std::vector<Evidence>& evidence) {
  for (const Fact* there : world_.journal.dossier(id)) {
    if (std::ranges::any_of(
            evidence, [&](const Evidence& e) { return e.record.hash == there->record.hash; })) {
      continue;
    }
    world_.say(machine_, [&] { return label(*there) + " is not here"; });
  }
  for (const Evidence& e : evidence) {
    const Fact* there = world_.journal.find(e.record.hash);
    if (there && there->ruling == e.ruling) continue;
    world_.say(machine_, [&] {
      return brief(e.record.hash) + " is " + std::string(name(e.ruling.verdict)) + " here" +
             (there ? ", and " + std::string(name(there->ruling.verdict)) : "");
    });
  }
}

// Whether the dossier is in this phone's feed, so that all of it has to be here. What came with a
// parcel alone need not be whole.
bool Phone::sees(const Id& id) const {
  const Owners o = owners_of(world_.journal.dossier(id));
  const auto below = [](const std::string& unit, const std::string& above) {
    return unit == above || unit.starts_with(above + ".");
  };
  switch (role()) {
    case Role::courier:
      return o.courier == actor();
    case Role::officer:
    case Role::dispatcher:
      return !o.unit.empty() && below(o.unit, unit());
    case Role::citizen:
      return o.citizen == actor();
    case Role::registry:
      break;
  }
  return false;
}

}  // namespace tannha::simulate
