#include "tannha/engine/admission.hpp"

#include <algorithm>
#include <utility>

#include "carried.hpp"
#include "tannha/engine/calendar.hpp"
#include "tannha/engine/log_standing.hpp"
#include "tannha/engine/numbers.hpp"
#include "tannha/protocol/dossier_code.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

constexpr Ruling effective{Verdict::effective, std::nullopt};
Ruling held(errc why) { return {Verdict::held, why}; }

exchange::Answer answer_for(const Hash& record, const Ruling& ruling,
                            std::optional<std::uint64_t> leaf_index) {
  exchange::Answer answer;
  answer.record = record;
  answer.verdict = ruling.verdict;
  if (ruling.reason) answer.reason = static_cast<std::uint16_t>(*ruling.reason);
  answer.leaf_index = leaf_index;
  return answer;
}

std::optional<Id> courier_given_by(const Record& record) {
  if (record.header.type == RecordType::assigned) {
    const auto b = body::decode<body::Assigned>(record.body);
    if (b) return b->courier;
  } else if (record.header.type == RecordType::payout_assigned) {
    const auto b = body::decode<body::PayoutAssigned>(record.body);
    if (b) return b->courier;
  }
  return std::nullopt;
}

/// Whether the dossier's code may be another one when such a record counts no more.
bool moves_code(RecordType type) {
  switch (type) {
    case RecordType::pickup_requested:
    case RecordType::assigned:
    case RecordType::supplement_requested:
    case RecordType::sealed:
    case RecordType::confirmed: return true;
    default: return false;
  }
}

bool waits_for_another(const Ruling& ruling) {
  return ruling.verdict == Verdict::held && (ruling.reason == errc::predecessor_missing ||
                                             ruling.reason == errc::reference_missing);
}

/// A file is evidence like its record: what is held may come to count, and what is refused is kept.
/// A record that does not count changes nothing about a file that others have named or brought.
Result<void> take_in_file(Registry& registry, const Record& record) {
  if (record.header.type != RecordType::attachment_added) return {};
  const auto file = body::decode<body::AttachmentAdded>(record.body);
  if (!file || file->size == 0 || file->size > limits::attachment_bytes_max) return {};
  TN_TRY(const auto& known, registry.attachment(file->hash));
  const bool differs =
      known && (known->present || known->size != file->size || known->media_type != file->media_type);
  if (differs) return {};
  return registry.want_attachment(*file, record.header.subject, record.header.log_id);
}

// The desk signs for the paper in hand, even if the courier's data are not in order yet; anything
// else counts only on top of records that count.
bool paper_first(const Record& record, const Record& parent) {
  if (record.header.type != RecordType::handover_accepted ||
      parent.header.type != RecordType::handover_offered) {
    return false;
  }
  const auto offer = body::decode<body::HandoverOffered>(parent.body);
  return offer && offer->direction == body::Direction::to_desk;
}

}  // namespace

std::string actor_audience(const Id& actor) { return "actor:" + uuid_text(actor); }
std::string citizen_audience(const Id& actor) { return "citizen:" + uuid_text(actor); }

std::string audience_of(const Certificate& certificate) {
  switch (certificate.role) {
    case Role::officer:
    case Role::dispatcher: return "unit:" + certificate.unit;
    case Role::citizen: return citizen_audience(certificate.actor);
    case Role::courier:
    case Role::registry: break;
  }
  return actor_audience(certificate.actor);
}

Authors open_authors(std::span<const LogIntro> logs, std::string_view tenant,
                     const PublicKey& authority) {
  Authors authors;
  for (const LogIntro& intro : logs) {
    auto certificate = open_certificate(intro.certificate, tenant, authority);
    if (certificate) authors.emplace(intro.log_id(), std::move(*certificate));
  }
  return authors;
}

Prepared prepare(exchange::Carried carried, const Authors& authors) {
  Prepared p;
  p.hash = sha256(carried.envelope);
  p.record = decode_carried(carried);
  p.carried = std::move(carried);
  if (!p.record) return p;
  const auto author = authors.find(p.record->header.log_id);
  if (author == authors.end()) return p;
  if (auto checked = verify_record(*p.record, author->second.public_key); !checked) {
    p.record = std::unexpected(checked.error());
  } else {
    p.verified = true;
  }
  return p;
}

/// The registry's answers to what a ruling asks. A failing store cannot be told from "no" here, but
/// its error has been kept and stops the admission.
class Admission::RegistryFacts : public Facts {
 public:
  /// @param judged the record that is ruled on, which may have been here for long
  RegistryFacts(Registry& registry, Error& error, const Seed& secret, const Hash& judged,
                std::uint64_t now_ms)
      : registry_(registry), error_(error), secret_(secret), judged_(judged), now_ms_(now_ms) {}

  const Record* record(const Hash& hash) override {
    auto found = registry_.record(hash);
    if (!keep(found) || !*found) return nullptr;
    record_ = std::move((*found)->record);
    return &record_;
  }
  std::size_t missing_attachments(const Dossier& dossier) override {
    std::size_t missing = 0;
    if (!dossier.slip) return 0;
    for (const Hash& hash : dossier.slip->attachments) {
      const auto found = registry_.attachment(hash);
      if (!keep(found)) return 1;
      if (!*found || !(*found)->present) ++missing;
    }
    return missing;
  }
  bool leased_to(const Hash& log, body::NumberKind kind, std::string_view text) override {
    const auto number = parse_number(kind, text);
    if (!number) return false;
    const auto found = registry_.is_leased(log, kind, number->prefix, number->number);
    return keep(found) && *found;
  }
  bool used_elsewhere(const Id& dossier, std::string_view number) override {
    const auto user = registry_.number_user(number);
    return keep(user) && *user && **user != dossier;
  }
  bool may_return(const Hash& log, const body::LeaseReturned& rest) override {
    const auto may = registry_.may_return(log, rest);
    return keep(may) && *may;
  }
  std::string unit_of_log(const Hash& log_id) override {
    const auto log = registry_.log(log_id);
    return keep(log) && *log ? (*log)->certificate.unit : std::string();
  }
  bool is_revoked(const Hash& log_id) override {
    const auto log = registry_.log(log_id);
    return keep(log) && *log && (*log)->state.revoked;
  }
  std::optional<Ruling> standing(const Hash& hash) override {
    const auto found = registry_.record(hash);
    if (!keep(found) || !*found) return std::nullopt;
    return (*found)->ruling;
  }
  CodeCheck one_time_code(const Id& dossier, const Hash& sent_on, std::string_view code) override {
    const auto sent = registry_.record(sent_on);
    if (!keep(sent) || !*sent) return CodeCheck::wrong;
    const auto judged = registry_.record(judged_);
    if (!keep(judged)) return CodeCheck::wrong;
    const std::uint64_t came_ms = *judged ? (*judged)->received_ms : now_ms_;
    if (came_ms > (*sent)->received_ms + limits::one_time_code_life_ms) return CodeCheck::expired;
    const auto all = registry_.dossier(dossier);
    if (!keep(all)) return CodeCheck::wrong;
    const auto tries = std::ranges::count_if(*all, [&](const Evidence& e) {
      const auto& refs = e.record.header.refs;
      return e.ruling == Ruling{Verdict::refused, errc::code_wrong} && refs.size() == 2 &&
             refs[1] == sent_on;
    });
    if (std::cmp_greater_equal(tries, limits::one_time_code_tries_max)) {
      return CodeCheck::tries_used_up;
    }
    const std::string right = tannha::one_time_code(secret_, sent_on);
    return equal_constant_time(as_bytes(right), as_bytes(code)) ? CodeCheck::right
                                                                 : CodeCheck::wrong;
  }

 private:
  template <class T>
  bool keep(const Result<T>& result) {
    if (!result) error_ = result.error();
    return result.has_value();
  }
  Registry& registry_;
  Error& error_;
  const Seed secret_;
  const Hash judged_;
  const std::uint64_t now_ms_;
  Record record_;
};

Result<exchange::Answer> Admission::known(const Evidence& evidence) {
  exchange::Answer answer = answer_for(evidence.record.hash, evidence.ruling, evidence.leaf_index);
  answer.standing = evidence.ruling.verdict;
  answer.verdict = Verdict::duplicate;
  TN_TRY(answer.window, window(evidence.record, evidence.received_ms));
  return answer;
}

Result<exchange::Answer> Admission::reject(const Prepared& p, const Hash& sender, errc why) {
  TN_CHECK(registry_.quarantine(sender, p.carried.envelope,
                                p.carried.body ? BytesView(*p.carried.body) : BytesView(), why));
  return answer_for(p.hash, {Verdict::refused, why}, std::nullopt);
}

Result<exchange::Answer> Admission::admit(const Prepared& p, const Hash& sender) {
  if (!p.record) return reject(p, sender, p.record.error().code);
  const Record& record = *p.record;
  // A record that its log has no number for yet cannot be here: most are not looked for.
  TN_TRY(const std::uint64_t end, registry_.log_end(record.header.log_id));
  if (record.header.seq < end) {
    TN_TRY(const std::optional<Evidence>& here, registry_.record(p.hash));
    if (here) return known(*here);
  }
  if (record.header.tenant != actor_.tenant.code) return reject(p, sender, errc::tenant_mismatch);
  // Enrolment puts logs in: one that is not here was not enrolled here, whatever its certificate.
  TN_TRY(const std::optional<LogEntry>& log, registry_.log(record.header.log_id));
  if (!log) return reject(p, sender, errc::certificate_unknown);
  if (!p.verified && !verify_record(record, log->certificate.public_key)) {
    return reject(p, sender, errc::signature_invalid);
  }
  if (!record.has_body()) return reject(p, sender, errc::body_malformed);

  TN_TRY(const Place& place, this->place(record, *log, std::nullopt));
  Ruling ruling = place.ruling;
  if (ruling == effective) {
    TN_TRY(ruling, judge(record, *log));
  }
  TN_TRY(const bool too_many, is_one_too_many(record, ruling));
  if (too_many) return reject(p, sender, errc::too_many_records);
  if (place.next) {
    TN_CHECK(registry_.move_head(log->id, record.header.seq + 1, record.hash));
  }
  const Evidence evidence{record, ruling, std::nullopt, log->certificate.actor, host_.now_ms()};
  TN_TRY(const std::uint64_t leaf, registry_.append(evidence, body::dossiers(record)));
  TN_CHECK(take_in_file(registry_, record));
  TN_CHECK(wait(record, ruling));
  // In this order: who comes to the dossier through this record gets it with the whole history.
  TN_CHECK(tell(record, log->certificate, ruling.verdict == Verdict::held));
  if (ruling == effective) TN_CHECK(take_effect(record, *log));
  if (place.forks) TN_CHECK(note_fork(record));
  TN_CHECK(release(record.hash));
  exchange::Answer answer = answer_for(record.hash, ruling, leaf);
  TN_TRY(answer.window, window(record, evidence.received_ms));
  return answer;
}

Result<ProvedWindow> Admission::window(const Record& record, std::uint64_t received_ms) {
  ProvedWindow window{.not_before_ms = {}, .not_after_ms = received_ms};
  if (!record.header.beacon || record.header.beacon->size == 0) return window;
  const std::uint64_t size = record.header.beacon->size;
  if (beacon_ms_.first != size) {
    TN_TRY(const auto& ms, registry_.received_ms(size - 1));
    if (!ms) return window;
    beacon_ms_ = {size, *ms};
  }
  window.not_before_ms = beacon_ms_.second;
  return window;
}

// The log's own state comes first: of a log in trouble nothing counts by itself, whatever its place.
Result<Admission::Place> Admission::place(const Record& record, const LogEntry& log,
                                          std::optional<std::uint64_t> leaf) {
  const RecordHeader& h = record.header;
  const LogState& state = log.state;
  const bool revoked = state.revoked && !came_in_good_time(state, leaf);
  // Neither a fork nor a second chain of a revoked log is work that got lost on the way.
  const Ruling astray = revoked ? Ruling{Verdict::refused, errc::log_revoked}
                                : held(errc::log_forked);
  if (h.seq < log.next_seq) return Place{.ruling = astray, .next = false, .forks = true};
  TN_TRY(std::vector<Hash> others, registry_.records_at(log.id, h.seq));
  std::erase(others, record.hash);
  const bool forks = !others.empty();
  if (h.seq > log.next_seq) {
    if (forks) return Place{.ruling = astray, .next = false, .forks = true};
    // On a branch that is held, everything after it is held for the same reason.
    TN_TRY(const std::optional<Evidence>& before, registry_.record(h.prev));
    if (before && (before->ruling == held(errc::log_forked) ||
                   before->ruling == held(errc::log_broken))) {
      return Place{.ruling = before->ruling};
    }
    return Place{.ruling = held(errc::predecessor_missing)};
  }
  if (h.prev != log.head) {
    const Ruling broken = revoked || forks ? astray : held(errc::log_broken);
    return Place{.ruling = broken, .next = false, .forks = forks};
  }
  Place place{.ruling = effective, .next = true, .forks = forks};
  if (revoked) {
    // The receipt for what was erased is the last word of a revoked device.
    if (h.type == RecordType::erased) return place;
    // Whoever had seen a checkpoint with the revocation in it made the record after it.
    const bool after = h.beacon && h.beacon->size > state.revoked->at_size;
    place.ruling = after ? Ruling{Verdict::refused, errc::log_revoked} : held(errc::log_revoked);
  } else if (state.forked_at || forks) {
    place.ruling = held(errc::log_forked);
  } else if (state.continued_by && h.beacon && h.beacon->size > state.continued_at_size) {
    place.ruling = held(errc::log_continued);
  }
  return place;
}

Result<bool> Admission::knows(const Beacon& beacon) {
  if (known_beacon_ == beacon) return true;
  TN_TRY(const std::uint64_t size, registry_.journal_size());
  if (beacon.size > size) return false;
  TN_TRY(const Hash& root, registry_.journal_root(beacon.size));
  if (root == beacon.root) known_beacon_ = beacon;
  return root == beacon.root;
}

// Everybody who reads a dossier reads what does not count about it too.
Result<bool> Admission::is_one_too_many(const Record& record, const Ruling& ruling) {
  // A try at a one-time code that is not stored would not be counted, and whoever has filled the
  // dossier could try them all: then the right one comes too late as well.
  const bool is_code_try =
      record.header.type == RecordType::confirmed && record.header.refs.size() == 2;
  if (ruling == effective && !is_code_try) return false;
  for (const Id& id : body::dossiers(record)) {
    TN_TRY(const std::uint64_t count, registry_.not_counting(id, record.header.log_id,
                                                             limits::not_counting_records_max));
    if (count >= limits::not_counting_records_max) return true;
  }
  return false;
}

Result<std::optional<Ruling>> Admission::check_references(const Record& record) {
  // An officer's word is about a held record: that is what it is for.
  if (record.header.type == RecordType::adjudicated) return std::optional<Ruling>();
  for (const Hash& ref : record.header.refs) {
    TN_TRY(const std::optional<Evidence>& found, registry_.record(ref));
    // A final no must not rest on something that is itself undecided.
    const bool undecided = !found || found->ruling.verdict == Verdict::held;
    if (undecided && !(found && paper_first(record, found->record))) {
      return std::optional<Ruling>(held(errc::reference_missing));
    }
    // Nobody receives what the giver had no right to give.
    if (record.header.type == RecordType::handover_accepted &&
        found->ruling.verdict == Verdict::refused) {
      return std::optional<Ruling>(Ruling{Verdict::refused, errc::step_out_of_order});
    }
  }
  return std::optional<Ruling>();
}

Result<Ruling> Admission::judge(const Record& record, const LogEntry& log) {
  const std::uint64_t now = host_.now_ms();
  if (now > log.certificate.not_after_ms) return held(errc::certificate_expired);
  if (now < log.certificate.not_before_ms) return held(errc::certificate_not_yet_valid);
  if (record.header.beacon) {
    TN_TRY(const bool known, knows(*record.header.beacon));
    // The registry itself may have been set back: held, so that nothing of it is lost.
    if (!known) return held(errc::beacon_unknown);
  }
  return judge_content(record, log);
}

Result<Ruling> Admission::judge_content(const Record& record, const LogEntry& log) {
  if (!is_known(record.header.type)) return held(errc::record_type_unknown);
  if (!body::check(record.header.type, record.body)) {
    return Ruling{Verdict::refused, errc::body_malformed};
  }
  TN_TRY(const std::optional<Ruling>& references, check_references(record));
  if (references) return *references;

  Error error{};
  RegistryFacts facts(registry_, error, actor_.log_key.seed(), record.hash, host_.now_ms());
  Ruling ruling = effective;
  std::vector<Id> ids = body::dossiers(record);
  // A record about no dossier is ruled on too: it is not allowed because nothing speaks against it.
  if (ids.empty()) ruling = rule(record, log.certificate, Dossier{}, facts);
  if (error.code != errc{}) return std::unexpected(error);
  for (const Id& id : ids) {
    TN_TRY(const std::shared_ptr<const Dossier>& dossier, registry_.folded(id));
    Ruling one = rule(record, log.certificate, *dossier, facts);
    if (error.code != errc{}) return std::unexpected(error);
    // Anybody can add to what does not count, so only what counts makes a dossier full; and an
    // officer's word has to be possible about what a full one keeps waiting.
    const bool full = dossier->records.effective > limits::dossier_records_max;
    if (full && one == effective && record.header.type != RecordType::adjudicated) {
      one = held(errc::too_many_records);
    }
    // A batch is one paper with one signature: the worst ruling is the whole paper's.
    if (one.verdict > ruling.verdict) ruling = one;
  }
  return ruling;
}

// Gives a stored record another ruling, and tells everybody who sees it.
Result<void> Admission::change(const Evidence& evidence, const LogEntry& log,
                               const Ruling& ruling) {
  const Record& record = evidence.record;
  TN_CHECK(registry_.set_ruling(record.hash, ruling));
  TN_CHECK(wait(record, ruling));
  TN_CHECK(tell(record, log.certificate, evidence.ruling.verdict == Verdict::held));
  if (ruling == effective) return take_effect(record, log);
  const std::optional<Id> courier = courier_given_by(record);
  if (evidence.ruling != effective) return {};
  // An assignment that counts no more gives the dossier back to whoever had it before.
  if (courier) TN_CHECK(assign(record.header.subject, *courier));
  // With it, or with a slip, the code of an earlier record may be the one that is asked for.
  return moves_code(record.header.type) ? want_code(record.header.subject) : Result<void>();
}

Result<void> Admission::wait(const Record& record, const Ruling& ruling) {
  if (ruling == held(errc::predecessor_missing)) {
    return registry_.wait_for(record.header.prev, record.hash);
  }
  if (ruling == held(errc::reference_missing)) {
    for (const Hash& ref : record.header.refs) TN_CHECK(registry_.wait_for(ref, record.hash));
  }
  return {};
}

Result<void> Admission::release(const Hash& arrived) {
  TN_CHECK(registry_.make_due(arrived));
  // What follows from a record that is being looked at again comes after it, not inside it.
  if (releasing_) return {};
  return release_due();
}

Result<void> Admission::release_due() {
  releasing_ = true;
  while (releases_left_ > 0) {
    TN_TRY(const std::vector<Hash>& due, registry_.take_due(releases_left_));
    if (due.empty()) break;
    releases_left_ -= std::min(releases_left_, due.size());
    for (const Hash& hash : due) {
      TN_TRY(const bool changed, reconsider(hash));
      // What still waits as before moves nobody. Going on from it all the same would visit every
      // path of references, and their number doubles with each record.
      if (changed) TN_CHECK(registry_.make_due(hash));
    }
  }
  releasing_ = false;
  return {};
}

Result<bool> Admission::reconsider(const Hash& hash) {
  TN_TRY(std::optional<Evidence> found, registry_.record(hash));
  if (!found) return false;
  const Record& record = found->record;
  TN_TRY(std::optional<LogEntry> log, registry_.log(record.header.log_id));
  if (!log) return false;

  const bool waits = waits_for_another(found->ruling);
  Ruling ruling = effective;
  if (!waits || found->ruling.reason == errc::predecessor_missing) {
    TN_TRY(const Place& place, this->place(record, *log, found->leaf_index));
    ruling = place.ruling;
    if (place.next) {
      TN_CHECK(registry_.move_head(log->id, record.header.seq + 1, record.hash));
    }
    // Officers let it count although something before it was missing, which has now come.
    if (!waits) return place.next;
    if (place.forks) TN_CHECK(note_fork(record));
  }
  // While it waited, the log may have come into trouble: then it counts no more by itself.
  if (const auto trouble = trouble_of(log->state, found->leaf_index);
      ruling == effective && trouble) {
    ruling = held(*trouble);
  }
  if (ruling == effective) {
    TN_TRY(ruling, judge(record, *log));
  }
  if (ruling == found->ruling) {
    TN_CHECK(wait(record, ruling));
    return false;
  }
  TN_CHECK(change(*found, *log, ruling));
  return true;
}

Result<std::optional<std::uint64_t>> Admission::reconsider_unknown_types(std::uint64_t leaf) {
  // By leaf, not always from the first: those that stay unknown must not stand before others.
  TN_TRY(const std::vector<Hash>& unknown,
         registry_.held_for(errc::record_type_unknown, leaf, releases_max));
  for (const Hash& hash : unknown) {
    TN_TRY(const std::optional<Evidence>& found, registry_.record(hash));
    if (!found) return fail(errc::store_corrupt, "held record");
    leaf = found->leaf_index.value_or(leaf) + 1;
    if (!is_known(found->record.header.type)) continue;
    TN_TRY(const std::optional<LogEntry>& log, registry_.log(found->record.header.log_id));
    if (!log) continue;
    Ruling ruling = effective;
    if (const auto trouble = trouble_of(log->state, found->leaf_index)) {
      ruling = held(*trouble);
    } else {
      TN_TRY(ruling, judge(found->record, *log));
    }
    TN_CHECK(change(*found, *log, ruling));
    TN_CHECK(release(hash));
  }
  return unknown.size() < releases_max ? std::nullopt : std::optional<std::uint64_t>(leaf);
}

}  // namespace tannha
