#include "tannha/engine/admission.hpp"

#include <algorithm>

#include "tannha/engine/calendar.hpp"
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

bool waits_for_another(const Ruling& ruling) {
  return ruling.verdict == Verdict::held && (ruling.reason == errc::predecessor_missing ||
                                             ruling.reason == errc::reference_missing);
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
  p.record = decode_record(carried.envelope, carried.body ? BytesView(*carried.body) : BytesView());
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
  RegistryFacts(Registry& registry, Error& error) : registry_(registry), error_(error) {}

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

 private:
  template <class T>
  bool keep(const Result<T>& result) {
    if (!result) error_ = result.error();
    return result.has_value();
  }
  Registry& registry_;
  Error& error_;
  Record record_;
};

Result<exchange::Answer> Admission::known(const Evidence& evidence) {
  exchange::Answer answer = answer_for(evidence.record.hash, evidence.ruling, evidence.leaf_index);
  answer.standing = evidence.ruling.verdict;
  answer.verdict = Verdict::duplicate;
  return answer;
}

Result<exchange::Answer> Admission::reject(const Prepared& p, const Hash& sender, errc why) {
  TN_CHECK(registry_.quarantine(sender, p.carried.envelope,
                                p.carried.body ? BytesView(*p.carried.body) : BytesView(), why));
  return answer_for(p.hash, {Verdict::refused, why}, std::nullopt);
}

Result<exchange::Answer> Admission::admit(const Prepared& p, const Hash& sender) {
  TN_TRY(const std::optional<Evidence> here, registry_.record(p.hash));
  if (here) return known(*here);
  if (!p.record) return reject(p, sender, p.record.error().code);
  const Record& record = *p.record;
  if (record.header.tenant != actor_.tenant.code) return reject(p, sender, errc::tenant_mismatch);
  // Enrolment puts logs in: one that is not here was not enrolled here, whatever its certificate.
  TN_TRY(const std::optional<LogEntry> log, registry_.log(record.header.log_id));
  if (!log) return reject(p, sender, errc::certificate_unknown);
  if (!p.verified && !verify_record(record, log->certificate.public_key)) {
    return reject(p, sender, errc::signature_invalid);
  }
  if (!record.has_body()) return reject(p, sender, errc::body_malformed);

  TN_TRY(Ruling ruling, place(record, *log));
  const bool in_place = ruling == effective;
  if (in_place) {
    TN_CHECK(registry_.move_head(log->id, record.header.seq + 1, record.hash));
    TN_TRY(ruling, judge(record, *log));
  }
  const Evidence evidence{record, ruling, std::nullopt, log->certificate.actor, host_.now_ms()};
  TN_TRY(const std::uint64_t leaf, registry_.append(evidence, body::dossiers(record)));
  TN_CHECK(wait(record, ruling));
  // In this order: who comes to the dossier through this record gets it with the whole history.
  TN_CHECK(tell(record, log->certificate));
  if (ruling == effective) TN_CHECK(take_effect(record, *log));
  TN_CHECK(release(record.hash));
  return answer_for(record.hash, ruling, leaf);
}

// Chain and certificate. `effective` here means: the record is the next of its log.
Result<Ruling> Admission::place(const Record& record, const LogEntry& log) {
  const RecordHeader& h = record.header;
  if (h.seq < log.next_seq) return held(errc::log_forked);
  if (h.seq > log.next_seq) {
    // On a branch that is held, everything after it is held for the same reason.
    TN_TRY(const std::optional<Evidence> before, registry_.record(h.prev));
    if (before && (before->ruling == held(errc::log_forked) ||
                   before->ruling == held(errc::log_broken))) {
      return before->ruling;
    }
    TN_TRY(const bool taken, registry_.has_record_at(log.id, h.seq));
    return held(taken ? errc::log_forked : errc::predecessor_missing);
  }
  return h.prev == log.head ? effective : held(errc::log_broken);
}

Result<std::optional<Ruling>> Admission::check_references(const Record& record) {
  for (const Hash& ref : record.header.refs) {
    TN_TRY(const std::optional<Evidence> found, registry_.record(ref));
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
  if (!is_known(record.header.type)) return held(errc::record_type_unknown);
  if (!body::check(record.header.type, record.body)) {
    return Ruling{Verdict::refused, errc::body_malformed};
  }
  TN_TRY(const std::optional<Ruling> references, check_references(record));
  if (references) return *references;

  Error error{};
  RegistryFacts facts(registry_, error);
  Ruling ruling = effective;
  std::vector<Id> ids = body::dossiers(record);
  // A record about no dossier is ruled on too: it is not allowed because nothing speaks against it.
  if (ids.empty()) ruling = rule(record, log.certificate, Dossier{}, facts);
  if (error.code != errc{}) return std::unexpected(error);
  for (const Id& id : ids) {
    TN_TRY(const std::vector<Evidence> evidence, registry_.dossier(id));
    if (evidence.size() > limits::dossier_records_max) {
      return Ruling{Verdict::refused, errc::too_many_records};
    }
    const Dossier dossier = fold(id, evidence);
    const Ruling one = rule(record, log.certificate, dossier, facts);
    if (error.code != errc{}) return std::unexpected(error);
    // A batch is one paper with one signature: the worst ruling is the whole paper's.
    if (one.verdict > ruling.verdict) ruling = one;
  }
  return ruling;
}

Result<void> Admission::add_audience(const Id& dossier, const std::string& audience) {
  changed_.push_back(audience);
  return registry_.add_audience(dossier, audience);
}

Result<void> Admission::add_unit_audience(const Id& dossier, std::string_view unit) {
  for (std::size_t end = unit.size(); end != 0 && end != std::string_view::npos;) {
    TN_CHECK(add_audience(dossier, "unit:" + std::string(unit.substr(0, end))));
    end = unit.rfind('.', end - 1);
  }
  return {};
}

// What follows from a record by itself: who sees the dossier, which numbers are taken, which files
// are wanted, and the registry's own answer to an acceptance.
Result<void> Admission::take_effect(const Record& record, const LogEntry& log) {
  const Id& subject = record.header.subject;
  switch (record.header.type) {
    case RecordType::pickup_requested: {
      TN_TRY(const auto b, body::decode<body::PickupRequested>(record.body));
      return add_unit_audience(subject, b.unit);
    }
    case RecordType::assigned: {
      TN_TRY(const auto b, body::decode<body::Assigned>(record.body));
      return add_audience(subject, actor_audience(b.courier));
    }
    case RecordType::citizen_bound: {
      TN_TRY(const auto b, body::decode<body::CitizenBound>(record.body));
      return add_audience(subject, citizen_audience(b.actor));
    }
    case RecordType::dossier_opened: {
      TN_TRY(const auto b, body::decode<body::DossierOpened>(record.body));
      TN_CHECK(add_audience(subject, actor_audience(log.certificate.actor)));
      return add_unit_audience(subject, b.unit);
    }
    case RecordType::attachment_added: {
      TN_TRY(const auto b, body::decode<body::AttachmentAdded>(record.body));
      return registry_.want_attachment(b, subject, log.id);
    }
    case RecordType::sealed: {
      TN_TRY(const auto b, body::decode<body::Sealed>(record.body));
      TN_CHECK(registry_.use_number(body::NumberKind::send_slip, b.send_slip_no, subject, log.id));
      return registry_.use_number(body::NumberKind::item, b.item_id, subject, log.id);
    }
    case RecordType::handover_accepted: {
      for (const Id& id : body::dossiers(record)) {
        TN_CHECK(add_unit_audience(id, log.certificate.unit));
      }
      return {};
    }
    case RecordType::accepted: return register_dossier(record);
    default: return {};
  }
}

Result<void> Admission::register_dossier(const Record& acceptance) {
  const Id& id = acceptance.header.subject;
  TN_TRY(const std::vector<Evidence> evidence, registry_.dossier(id));
  const Dossier dossier = fold(id, evidence);
  if (!dossier.dossier_code.empty()) return {};
  // The legal submission is the signing of the hand-over record; the registry's clock is the one
  // that nobody at the door can set.
  std::uint64_t submitted_ms = 0;
  for (const Evidence& e : evidence) {
    if (e.record.header.type == RecordType::handover_accepted && e.ruling == effective) {
      submitted_ms = std::max(submitted_ms, e.received_ms);
    }
  }
  const std::uint64_t now = host_.now_ms();
  if (submitted_ms == 0) submitted_ms = now;
  const Date today = local_date(now);
  const std::string day = std::to_string(static_cast<int>(today.year())) + "-" +
                          std::to_string(static_cast<unsigned>(today.month())) + "-" +
                          std::to_string(static_cast<unsigned>(today.day()));
  TN_TRY(const std::uint64_t number, registry_.take_numbers("code:" + dossier.unit + ":" + day, 1));
  TN_TRY(std::string code, format_dossier_code(dossier.unit, today,
                                               static_cast<std::uint32_t>(number)));
  body::Registered registered{.dossier_code = std::move(code),
                              .legally_submitted_ms = submitted_ms,
                              .due_ms = {},
                              .due_errc = {}};
  const auto due = due_(dossier.procedure, dossier.channel.value_or(body::Channel::postal),
                        submitted_ms);
  if (due) {
    registered.due_ms = *due;
  } else {
    registered.due_errc = static_cast<std::uint16_t>(due.error().code);
  }
  TN_CHECK(write_own(id, {acceptance.hash}, registered));
  return {};
}

// Gives every audience of the record's dossiers, and its author, an entry in their feed.
Result<void> Admission::tell(const Record& record, const Certificate& author) {
  std::vector<std::string> audiences{audience_of(author)};
  for (const Id& id : body::dossiers(record)) {
    TN_TRY(std::vector<std::string> more, registry_.audiences(id));
    audiences.insert(audiences.end(), more.begin(), more.end());
  }
  std::ranges::sort(audiences);
  const auto repeated = std::ranges::unique(audiences);
  audiences.erase(repeated.begin(), repeated.end());
  for (const std::string& audience : audiences) {
    TN_TRY([[maybe_unused]] const std::uint64_t position, registry_.feed(audience, record.hash));
    changed_.push_back(audience);
  }
  return {};
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
  std::vector<Hash> queue{arrived};
  while (!queue.empty()) {
    const Hash hash = queue.back();
    queue.pop_back();
    TN_TRY(const std::vector<Hash> waiting, registry_.take_waiting(hash));
    for (const Hash& next : waiting) {
      TN_TRY(const bool changed, reconsider(next));
      // What still waits as before moves nobody. Going on from it all the same would visit every
      // path of references, and their number doubles with each record.
      if (changed) queue.push_back(next);
    }
  }
  return {};
}

Result<bool> Admission::reconsider(const Hash& hash) {
  TN_TRY(std::optional<Evidence> found, registry_.record(hash));
  if (!found || !waits_for_another(found->ruling)) return false;
  const Record& record = found->record;
  TN_TRY(std::optional<LogEntry> log, registry_.log(record.header.log_id));
  if (!log) return false;

  Ruling ruling = effective;
  if (found->ruling.reason == errc::predecessor_missing) {
    TN_TRY(ruling, place(record, *log));
    // It is itself the record that has_record_at() finds at its place.
    if (record.header.seq > log->next_seq) ruling = held(errc::predecessor_missing);
    if (ruling == effective) {
      TN_CHECK(registry_.move_head(log->id, record.header.seq + 1, record.hash));
    }
  }
  if (ruling == effective) {
    TN_TRY(ruling, judge(record, *log));
  }
  TN_CHECK(wait(record, ruling));
  if (ruling == found->ruling) return false;
  TN_CHECK(registry_.set_ruling(hash, ruling));
  TN_CHECK(tell(record, log->certificate));
  if (ruling == effective) TN_CHECK(take_effect(record, *log));
  return true;
}

template <class B>
Result<std::pair<Record, std::uint64_t>> Admission::write_own(const Id& subject,
                                                              std::vector<Hash> refs,
                                                              const B& body) {
  const Hash log_id = actor_.log.log_id();
  TN_TRY(const std::optional<LogEntry> log, registry_.log(log_id));
  if (!log) return fail(errc::store_corrupt, "the registry's own log is missing");
  RecordHeader header;
  header.tenant = actor_.tenant.code;
  header.log_id = log_id;
  header.seq = log->next_seq;
  header.prev = log->head;
  header.subject = subject;
  header.type = B::type;
  header.refs = std::move(refs);
  header.claimed_ms = host_.now_ms();
  header.boot_id = host_.boot_id();
  header.monotonic_ms = host_.monotonic_ms();
  Record record = sign_record(std::move(header), body::encode(body, random_array<Id>(host_)),
                              actor_.log_key);
  TN_CHECK(registry_.move_head(log_id, record.header.seq + 1, record.hash));
  const Evidence evidence{record, effective, std::nullopt, log->certificate.actor, host_.now_ms()};
  TN_CHECK(registry_.append(evidence, body::dossiers(record)));
  std::uint64_t position = 0;
  if constexpr (std::same_as<B, body::LeaseGranted>) {
    // The subject of a lease is an actor: only that actor's feed shows it.
    TN_TRY(position, registry_.feed(actor_audience(subject), record.hash));
    changed_.push_back(actor_audience(subject));
  } else {
    TN_CHECK(tell(record, log->certificate));
    TN_CHECK(take_effect(record, *log));
  }
  return std::pair(std::move(record), position);
}

Result<void> Admission::grant_leases(const LogEntry& log, const exchange::Request& request) {
  if (log.certificate.role != Role::courier) return {};
  const auto grant = [&](body::NumberKind kind, std::string prefix,
                         std::uint32_t left) -> Result<void> {
    if (left >= limits::lease_low_water) return {};
    TN_TRY(const std::uint64_t unused, registry_.unused_numbers(log.id, kind));
    if (unused + limits::lease_count > limits::lease_unused_max) return {};
    // A device that has not read its newest lease yet would be given one at every contact.
    TN_TRY(const std::uint64_t newest, registry_.newest_lease(log.id, kind));
    if (newest > request.cursor) return {};
    TN_TRY(const std::uint64_t first,
           registry_.take_numbers("lease:" + prefix, limits::lease_count));
    const body::LeaseGranted lease{.log_id = log.id,
                                   .kind = kind,
                                   .prefix = std::move(prefix),
                                   .first = static_cast<std::uint32_t>(first),
                                   .count = limits::lease_count};
    TN_TRY(const auto written, write_own(log.certificate.actor, {}, lease));
    return registry_.put_lease(lease, written.second);
  };
  TN_CHECK(grant(body::NumberKind::send_slip, "PG-" + actor_.tenant.code + "-",
                 request.slip_numbers_left));
  return grant(body::NumberKind::item, "RB", request.item_numbers_left);
}

Result<Bytes> Admission::enrol(const Ticket& ticket, const exchange::EnrolRequest& request) {
  const std::uint64_t now = host_.now_ms();
  const Certificate certificate{.tenant = actor_.tenant.code,
                                .actor = ticket.actor,
                                .role = ticket.grant.role,
                                .unit = ticket.grant.unit,
                                .public_key = request.public_key,
                                .not_before_ms = now - limits::certificate_backdate_ms,
                                .not_after_ms = now + limits::certificate_life_ms,
                                .assurance = Assurance::software_key,
                                .scope = ticket.grant.scope,
                                .label = ticket.grant.label};
  LogEntry log;
  log.intro = {sign_certificate(certificate, actor_.authority_key), request.incarnation};
  log.id = log.intro.log_id();
  log.certificate = certificate;
  log.head = log.id;
  TN_CHECK(registry_.put_log(log));
  TN_CHECK(registry_.use_ticket(ticket.token_hash, log.id));
  if (ticket.grant.scope) {
    TN_CHECK(write_own(*ticket.grant.scope, {}, body::CitizenBound{ticket.actor, log.id}));
  }
  return std::move(log.intro.certificate);
}

}  // namespace tannha
