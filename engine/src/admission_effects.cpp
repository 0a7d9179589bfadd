// What follows from records that count: who sees a dossier, which numbers are taken, what the
// registry answers, and what becomes of logs.

#include <algorithm>

#include "tannha/engine/admission.hpp"
#include "tannha/engine/calendar.hpp"
#include "tannha/engine/log_standing.hpp"
#include "tannha/engine/numbers.hpp"
#include "tannha/protocol/dossier_code.hpp"
#include "tannha/protocol/heap_sort.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

constexpr Ruling effective{Verdict::effective, std::nullopt};

bool is_actor_audience(std::string_view audience) { return audience.starts_with("actor:"); }

// The unit's audience and those of the units that it is part of.
void add_units_above(std::vector<std::string>& audiences, std::string_view unit) {
  for (std::size_t end = unit.size(); end != 0 && end != std::string_view::npos;) {
    audiences.push_back("unit:" + std::string(unit.substr(0, end)));
    end = unit.rfind('.', end - 1);
  }
}

// The unit that a record gives its dossier when it counts; empty: none.
std::string unit_given_by(const Record& record) {
  switch (record.header.type) {
    case RecordType::pickup_requested: {
      const auto b = body::decode<body::PickupRequested>(record.body);
      return b ? b->unit : std::string();
    }
    case RecordType::dossier_opened: {
      const auto b = body::decode<body::DossierOpened>(record.body);
      return b ? b->unit : std::string();
    }
    case RecordType::payout_assigned: {
      const auto b = body::decode<body::PayoutAssigned>(record.body);
      return b ? b->unit : std::string();
    }
    default: return {};
  }
}

}  // namespace

// Signs and stores a record of the registry's own.
template <class B>
Result<Record> Admission::write_own(const Id& subject, std::vector<Hash> refs, const B& body) {
  const Hash log_id = actor_.log.log_id();
  TN_TRY(const std::optional<LogEntry>& log, registry_.log(log_id));
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
  const std::vector<Id> dossiers = body::dossiers(record);
  TN_CHECK(registry_.append(evidence, dossiers));
  if (dossiers.empty()) return record;
  TN_CHECK(tell(record, log->certificate, false));
  TN_CHECK(take_effect(record, *log));
  return record;
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

Result<void> Admission::take_effect(const Record& record, const LogEntry& log) {
  const Id& subject = record.header.subject;
  switch (record.header.type) {
    case RecordType::pickup_requested: {
      TN_TRY(const auto& b, body::decode<body::PickupRequested>(record.body));
      return add_unit_audience(subject, b.unit);
    }
    case RecordType::assigned: {
      TN_TRY(const auto& b, body::decode<body::Assigned>(record.body));
      TN_CHECK(assign(subject, b.courier));
      return want_code(subject);
    }
    case RecordType::supplement_requested: return want_code(subject);
    case RecordType::citizen_bound: {
      TN_TRY(const auto& b, body::decode<body::CitizenBound>(record.body));
      return add_audience(subject, citizen_audience(b.actor));
    }
    case RecordType::dossier_opened: {
      TN_TRY(const auto& b, body::decode<body::DossierOpened>(record.body));
      TN_CHECK(add_audience(subject, actor_audience(log.certificate.actor)));
      return add_unit_audience(subject, b.unit);
    }
    case RecordType::attachment_added: {
      TN_TRY(const auto& b, body::decode<body::AttachmentAdded>(record.body));
      return registry_.want_attachment(b, subject, log.id);
    }
    case RecordType::sealed: {
      TN_TRY(const auto& b, body::decode<body::Sealed>(record.body));
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
    case RecordType::payout_assigned: {
      TN_TRY(const auto& b, body::decode<body::PayoutAssigned>(record.body));
      TN_CHECK(registry_.use_number(body::NumberKind::payout, payout_name(b.beneficiary, b.period),
                                    subject, log.id));
      TN_CHECK(add_unit_audience(subject, b.unit));
      return assign(subject, b.courier);
    }
    case RecordType::lease_returned: {
      TN_TRY(const auto& b, body::decode<body::LeaseReturned>(record.body));
      return registry_.return_lease(log.id, b);
    }
    case RecordType::adjudicated: return adjudicate(record, log);
    case RecordType::log_revoked: return revoke(record);
    case RecordType::erased: return tell_about_log(record, log.certificate);
    default: return {};
  }
}

// The dossier knows on which record somebody is to confirm something with a code. Each is sent once:
// a record that comes to count again has not another one.
Result<void> Admission::want_code(const Id& id) {
  if (!actor_.sends_codes) return {};
  TN_TRY(const std::shared_ptr<const Dossier>& dossier, registry_.folded(id));
  if (!dossier->code_sent_on) return {};
  const std::uint64_t now = host_.now_ms();
  TN_TRY(std::optional<CodeMessage> message,
         code_message(registry_, actor_.log_key.seed(), *dossier->code_sent_on, now));
  if (!message) return {};
  TN_TRY(const bool is_first, registry_.want_code_message(message->sent_on, now));
  if (!is_first) return {};
  // One that waited for the same commit is out of date by this one.
  std::erase_if(code_messages_, [&](const CodeMessage& m) { return m.dossier == message->dossier; });
  code_messages_.push_back(std::move(*message));
  return {};
}

// A dossier is in the hands of one courier: whoever had it before is to forget it. That is the
// courier whom the whole dossier names: the assignment that brought us here may have been held
// while a later one took effect, or count no more.
// @param named by that assignment; has the dossier while no assignment counts
Result<void> Admission::assign(const Id& dossier, const Id& named) {
  TN_TRY(const std::shared_ptr<const Dossier>& now, registry_.folded(dossier));
  const auto& payout = now->payout;
  if (payout && !payout->leased_to && !payout->paid && !payout->returned) {
    TN_CHECK(registry_.put_payout(dossier, payout->courier));
  }
  const std::string theirs = actor_audience(now->courier.value_or(named));
  TN_CHECK(add_audience(dossier, theirs));
  TN_TRY(const std::vector<std::string>& audiences, registry_.audiences(dossier));
  for (const std::string& audience : audiences) {
    if (!is_actor_audience(audience) || audience == theirs) continue;
    TN_CHECK(registry_.remove_audience(dossier, audience));
    changed_.push_back(audience);
  }
  return {};
}

Result<void> Admission::register_dossier(const Record& acceptance) {
  const Id& id = acceptance.header.subject;
  TN_TRY(const std::shared_ptr<const Dossier>& dossier, registry_.folded(id));
  if (!dossier->dossier_code.empty()) return {};
  TN_TRY(const std::vector<Evidence>& evidence, registry_.dossier(id));
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
  TN_TRY(const std::uint64_t number, registry_.take_numbers("code:" + dossier->unit + ":" + day, 1));
  TN_TRY(std::string code, format_dossier_code(dossier->unit, today,
                                               static_cast<std::uint32_t>(number)));
  body::Registered registered{.dossier_code = std::move(code),
                              .legally_submitted_ms = submitted_ms,
                              .due_ms = {},
                              .due_errc = {}};
  const auto due = due_(dossier->procedure, dossier->channel.value_or(body::Channel::postal),
                        submitted_ms);
  if (due) {
    registered.due_ms = *due;
  } else {
    registered.due_errc = static_cast<std::uint16_t>(due.error().code);
  }
  TN_CHECK(write_own(id, {acceptance.hash}, registered));
  return {};
}

// One officer may end a record's wait with a no; for a yes it may take two.
Result<void> Admission::adjudicate(const Record& word, const LogEntry& officer) {
  TN_TRY(const auto& b, body::decode<body::Adjudicated>(word.body));
  const Hash& hash = word.header.refs.front();
  TN_TRY(const std::optional<Evidence>& found, registry_.record(hash));
  if (!found || found->ruling.verdict != Verdict::held) return {};
  const errc reason = found->ruling.reason.value_or(errc{});
  TN_TRY(const std::optional<LogEntry>& log, registry_.log(found->record.header.log_id));
  if (!log) return {};
  Ruling ruling{Verdict::refused, reason};
  if (b.outcome == body::Outcome::counts) {
    TN_TRY(const std::uint64_t votes, registry_.vote(hash, officer.certificate.actor));
    // It is ruled on as if nothing but its content could speak against it.
    TN_TRY(ruling, judge_content(found->record, *log));
    // What has come to light since it was held takes no fewer officers than if it were held for it.
    const errc trouble = trouble_of(log->state, found->leaf_index).value_or(errc{});
    std::size_t needed = std::max(officers_needed(reason), officers_needed(trouble));
    if (ruling.verdict == Verdict::held && ruling.reason) {
      needed = std::max(needed, officers_needed(*ruling.reason));
    }
    if (votes < needed) return {};
    if (ruling.verdict == Verdict::held && ruling.reason && officers_needed(*ruling.reason) > 0) {
      ruling = effective;
    }
  }
  TN_CHECK(change(*found, *log, ruling));
  return release(hash);
}

Result<void> Admission::revoke(const Record& revocation) {
  TN_TRY(const auto& b, body::decode<body::LogRevoked>(revocation.body));
  TN_TRY(const std::uint64_t size, registry_.journal_size());
  // Whoever has the device, or had its key, made the logs in which it went on by itself. One that
  // was enrolled anew with a ticket continues nothing: it is not reached.
  for (std::optional<Hash> next = b.log_id; next;) {
    TN_TRY(const std::optional<LogEntry>& log, registry_.log(*next));
    if (!log) return {};
    next = log->state.continued_by;
    LogState state = log->state;
    // A second revocation may say worse of the log, but not move its end, nor say better of it.
    const std::uint64_t end = state.revoked ? state.revoked->at_size : size;
    const bool compromised = b.reason == body::RevocationReason::compromised;
    std::optional<std::uint64_t> since = compromised ? b.since_size : std::nullopt;
    if (since) since = std::min(*since, end);
    if (state.revoked && state.revoked->reason != body::RevocationReason::retired && since) {
      const auto& before = state.revoked->since_size;
      since = before ? std::optional(std::min(*before, *since)) : std::nullopt;
    }
    state.revoked = LogState::Revocation{b.reason, end, since};
    TN_CHECK(registry_.set_log_state(log->id, state));
    if (log->id == b.log_id) TN_CHECK(tell_about_log(revocation, log->certificate));
    if (!compromised || !b.since_size) continue;
    TN_TRY(const std::vector<Hash>& doubtful, registry_.effective_since(log->id, *b.since_size));
    for (const Hash& hash : doubtful) {
      TN_TRY(const std::optional<Evidence>& found, registry_.record(hash));
      if (found) TN_CHECK(change(*found, *log, {Verdict::held, errc::log_revoked}));
    }
  }
  return {};
}

// Both signatures are the log's own, so the two records prove the fork to anybody.
Result<void> Admission::note_fork(const Record& second) {
  const std::uint64_t seq = second.header.seq;
  TN_TRY(const std::optional<LogEntry>& log, registry_.log(second.header.log_id));
  if (!log || (log->state.forked_at && *log->state.forked_at <= seq)) return {};
  TN_TRY(std::vector<Hash> others, registry_.records_at(log->id, seq));
  std::erase(others, second.hash);
  if (others.empty()) return {};
  LogState state = log->state;
  state.forked_at = seq;
  TN_CHECK(registry_.set_log_state(log->id, state));
  TN_TRY(const Record& proof,
         write_own(log->certificate.actor, {others.front(), second.hash},
                   body::LogForked{log->id, seq, others.front(), second.hash}));
  return tell_about_log(proof, log->certificate);
}

// Once to each, however often it is named.
Result<void> Admission::feed(std::vector<std::string> audiences, const Hash& record) {
  heap_sort(audiences);
  const auto repeated = std::ranges::unique(audiences);
  audiences.erase(repeated.begin(), repeated.end());
  for (const std::string& audience : audiences) {
    TN_TRY([[maybe_unused]] const std::uint64_t position, registry_.feed(audience, record));
    changed_.push_back(audience);
  }
  return {};
}

// Gives every audience of the record's dossiers, and its author, an entry in their feed.
// @param work it is or was held: somebody has to see it, even when its dossier is no unit's yet
Result<void> Admission::tell(const Record& record, const Certificate& author, bool work) {
  std::vector<std::string> audiences{audience_of(author)};
  const std::vector<Id> dossiers = body::dossiers(record);
  bool ownerless = dossiers.empty();
  for (const Id& id : dossiers) {
    TN_TRY(std::vector<std::string> more, registry_.audiences(id));
    ownerless |= std::ranges::none_of(
        more, [](std::string_view audience) { return audience.starts_with("unit:"); });
    audiences.insert(audiences.end(), more.begin(), more.end());
  }
  // What follows from the opening of a dossier has not followed while the opening itself is held.
  if (work && ownerless) add_units_above(audiences, author.unit);
  TN_CHECK(feed(std::move(audiences), record.hash));
  // The desk that a held opening names decides about it, and about all that came before or follows.
  // A unit that the author has nothing to do with is not to be opened a dossier by naming it.
  const std::string named = unit_given_by(record);
  if (!work || !ownerless || !in_unit(named, author.unit)) return {};
  return add_unit_audience(record.header.subject, named);
}

// A record about a log is for its owner and for the units above, who have to do something about it.
Result<void> Admission::tell_about_log(const Record& record, const Certificate& owner) {
  std::vector<std::string> audiences{audience_of(owner)};
  add_units_above(audiences, owner.unit);
  return feed(std::move(audiences), record.hash);
}

Result<void> Admission::grant_leases(const LogEntry& log, const exchange::Request& request) {
  const LogState& state = log.state;
  if (log.certificate.role != Role::courier || state.forked_at || state.revoked ||
      state.continued_by) {
    return {};
  }
  TN_CHECK(grant_numbers(log, request, body::NumberKind::send_slip,
                         "PG-" + actor_.tenant.code + "-", request.slip_numbers_left));
  TN_CHECK(grant_numbers(log, request, body::NumberKind::item, "RB", request.item_numbers_left));
  TN_TRY(const std::vector<Id>& payouts,
         registry_.unleased_payouts(log.certificate.actor, limits::push_records_target));
  for (const Id& payout : payouts) {
    TN_CHECK(registry_.payout_leased(payout));
    TN_CHECK(write_own(payout, {}, body::PayoutLeased{log.id}));
  }
  return {};
}

Result<void> Admission::grant_numbers(const LogEntry& log, const exchange::Request& request,
                                      body::NumberKind kind, const std::string& prefix,
                                      std::uint32_t left) {
  if (left >= limits::lease_low_water) return {};
  TN_TRY(const std::uint64_t unused, registry_.unused_numbers(log.id, kind));
  if (unused + limits::lease_count > limits::lease_unused_max) return {};
  // A device that has not read its newest lease yet would be given one at every contact.
  TN_TRY(const std::uint64_t newest, registry_.newest_lease(log.id, kind));
  if (newest > request.cursor) return {};
  body::LeaseGranted lease{.log_id = log.id,
                           .kind = kind,
                           .prefix = prefix,
                           .first = 0,
                           .count = limits::lease_count,
                           .expires_ms = host_.now_ms() + limits::lease_life_ms};
  TN_TRY(const auto& returned, registry_.take_returned(kind, prefix, limits::lease_count));
  if (returned) {
    lease.first = returned->first;
    lease.count = returned->count;
  } else {
    TN_TRY(const std::uint64_t first,
           registry_.take_numbers("lease:" + prefix, limits::lease_count));
    lease.first = static_cast<std::uint32_t>(first);
  }
  TN_TRY(const Record& written, write_own(log.certificate.actor, {}, lease));
  // The subject of a lease is an actor: only that actor's feed shows it.
  const std::string audience = actor_audience(log.certificate.actor);
  TN_TRY(const std::uint64_t position, registry_.feed(audience, written.hash));
  changed_.push_back(audience);
  return registry_.put_lease(lease, position);
}

// Nobody but its device could pay them, and that device writes another log from now on.
Result<void> Admission::move_payouts(const LogEntry& from, const Hash& to) {
  TN_TRY(const std::vector<Id>& payouts, registry_.leased_payouts(from.certificate.actor));
  for (const Id& payout : payouts) {
    TN_TRY(const std::vector<Evidence>& evidence, registry_.dossier(payout));
    const Dossier d = fold(payout, evidence);
    if (!d.payout || d.payout->paid || d.payout->leased_to != from.id) continue;
    TN_CHECK(write_own(payout, {}, body::PayoutLeased{to}));
  }
  return {};
}

Result<Admission::Continued> Admission::continue_log(const Hash& log_id,
                                                     const exchange::Continuation& request) {
  TN_TRY(const std::optional<LogEntry>& log, registry_.log(log_id));
  if (!log) return fail(errc::certificate_unknown);
  const auto refuse = [](errc why) { return Continued{.log = {}, .refused = why}; };
  if (!verify(request.public_key, exchange::continuation_statement(log_id, request.incarnation),
              request.proof)) {
    return refuse(errc::signature_invalid);
  }
  if (log->state.revoked) return refuse(errc::log_revoked);
  if (log->state.continued_by) {
    // The answer may have been lost on the way: the same key gets the same log again. A copy of the
    // device comes with another key.
    TN_TRY(const std::optional<LogEntry>& next, registry_.log(*log->state.continued_by));
    const bool same = next && next->certificate.public_key == request.public_key &&
                      next->intro.incarnation == request.incarnation;
    return same ? Continued{.log = next->intro} : refuse(errc::log_continued);
  }
  const std::uint64_t now = host_.now_ms();
  if (now > log->certificate.not_after_ms) return refuse(errc::certificate_expired);

  Certificate certificate = log->certificate;
  certificate.public_key = request.public_key;
  certificate.not_before_ms = now - limits::certificate_backdate_ms;
  certificate.not_after_ms = now + limits::certificate_life_ms;
  LogEntry next;
  next.intro = {sign_certificate(certificate, actor_.authority_key), request.incarnation};
  next.id = next.intro.log_id();
  next.certificate = certificate;
  next.head = next.id;
  TN_CHECK(registry_.put_log(next));
  TN_TRY(const Record& written,
         write_own(certificate.actor, {}, body::LogContinued{log_id, next.id, log->next_seq}));
  TN_CHECK(tell_about_log(written, certificate));
  LogState state = log->state;
  state.continued_by = next.id;
  TN_TRY(state.continued_at_size, registry_.journal_size());
  TN_CHECK(registry_.set_log_state(log_id, state));
  TN_CHECK(move_payouts(*log, next.id));
  if (certificate.scope) {
    TN_CHECK(write_own(*certificate.scope, {}, body::CitizenBound{certificate.actor, next.id}));
  }
  return Continued{.log = next.intro};
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
