#include "tannha/engine/sync_server.hpp"

#include <algorithm>
#include <set>

#include "tannha/engine/log_standing.hpp"
#include "tannha/protocol/compact.hpp"
#include "tannha/protocol/dossier_code.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {

Result<PreparedExchange> prepare_exchange(BytesView frame, std::string_view tenant,
                                          const PublicKey& authority) {
  if (frame.size() > limits::frame_bytes_max) return fail(errc::frame_too_large);
  PreparedExchange out;
  TN_TRY(out.request, exchange::decode_request(frame));
  if (out.request.tenant != tenant) return fail(errc::tenant_mismatch);
  if (out.request.records.size() > limits::exchange_records_max ||
      out.request.logs.size() > limits::exchange_logs_max ||
      (out.request.forgotten && out.request.forgotten->size() > limits::forgotten_max)) {
    return fail(errc::too_many_records);
  }
  const Authors authors = open_authors(out.request.logs, tenant, authority);
  out.records.reserve(out.request.records.size());
  for (exchange::Carried& carried : out.request.records) {
    out.records.push_back(prepare(std::move(carried), authors));
  }
  out.request.records.clear();
  return out;
}

Result<std::optional<std::uint64_t>> SyncServer::upgrade(std::uint64_t leaf) {
  Admission admission(registry_, actor_, due_, host_, releases_);
  return admission.reconsider_unknown_types(leaf);
}

Result<SyncServer::Released> SyncServer::release_due() {
  Admission admission(registry_, actor_, due_, host_, releases_);
  TN_CHECK(admission.release_due());
  Released released{.changed_audiences = admission.changed_audiences(),
                    .code_messages = admission.code_messages(),
                    .is_any_due = false};
  TN_TRY(released.is_any_due, registry_.is_any_due());
  return released;
}

Result<std::vector<CodeMessage>> SyncServer::wanted_messages(std::uint64_t before_ms,
                                                             std::size_t count_max) {
  std::vector<CodeMessage> messages;
  const std::uint64_t now = host_.now_ms();
  TN_TRY(const std::vector<Hash>& wanted, registry_.wanted_code_messages(before_ms, now, count_max));
  for (const Hash& sent_on : wanted) {
    TN_TRY(std::optional<CodeMessage> message,
           code_message(registry_, actor_.log_key.seed(), sent_on, now));
    if (message) {
      messages.push_back(std::move(*message));
    } else {
      TN_CHECK(registry_.drop_code_message(sent_on));
    }
  }
  return messages;
}

Result<Checkpoint> SyncServer::head() {
  TN_TRY(const std::uint64_t size, registry_.journal_size());
  TN_TRY(const Hash& root, registry_.journal_root(size));
  return Checkpoint{actor_.tenant.origin, size, root};
}

Result<SyncServer::Outcome> SyncServer::exchange(const PreparedExchange& prepared,
                                                 const Hash& sender) {
  const exchange::Request& request = prepared.request;
  TN_TRY(const std::optional<LogEntry>& log, registry_.log(sender));
  if (!log) return fail(errc::certificate_unknown);

  Outcome outcome;
  exchange::Response& response = outcome.response;
  Admission admission(registry_, actor_, due_, host_, releases_);
  for (const Prepared& record : prepared.records) {
    TN_TRY(exchange::Answer answer, admission.admit(record, sender));
    response.answers.push_back(std::move(answer));
  }
  TN_CHECK(admission.release_due());
  // What was pushed may have changed the log's own state.
  TN_TRY(const std::optional<LogEntry>& now, registry_.log(sender));
  if (!now) return fail(errc::store_corrupt, "log");
  if (request.continuation) {
    TN_TRY(auto continued, admission.continue_log(sender, *request.continuation));
    response.continued = std::move(continued.log);
    if (continued.refused != errc{}) {
      response.continuation_refused = static_cast<std::uint16_t>(continued.refused);
    }
  }
  if (now->state.revoked) response.revoked = now->state.revoked->reason;
  // Whoever's certificate has run out or was revoked may still bring what they have, and gets
  // nothing more.
  const bool current = is_current(*now, host_.now_ms());
  // Numbers belong to a log: one that is being left gets none.
  if (current && !request.continuation) TN_CHECK(admission.grant_leases(*now, request));
  TN_CHECK(registry_.note_contact(sender, host_.now_ms(), request.holds));
  if (request.forgotten) {
    for (const Id& dossier : *request.forgotten) {
      TN_CHECK(registry_.note_forgotten(sender, dossier, host_.now_ms()));
    }
    response.forgotten = request.forgotten;
  }
  response.head = exchange::LogHead{sender, now->next_seq, now->head};

  // From here on the journal does not grow any more, so one checkpoint serves every proof.
  TN_TRY(outcome.head, head());
  const std::uint64_t size = outcome.head.size;
  for (exchange::Answer& answer : response.answers) {
    if (answer.leaf_index) {
      TN_TRY(answer.path, registry_.inclusion(*answer.leaf_index, size));
    }
  }
  if (request.journal_size > 0 && request.journal_size <= size) {
    TN_TRY(response.consistency, registry_.consistency(request.journal_size, size));
  }
  response.cursor = request.cursor;
  response.after = request.cursor;
  response.asked = request.snapshot;
  if (request.pull_max > 0 && current) {
    const auto most = static_cast<std::uint32_t>(limits::pull_records_max);
    Pull pull{.sender = *log,
              .admission = admission,
              .response = response,
              .size = size,
              .count_max = std::min(request.pull_max, most),
              .introduced = {},
              .bytes = 0};
    if (request.snapshot) {
      TN_CHECK(read_snapshot(pull, *request.snapshot));
    } else {
      TN_CHECK(read_feed(pull, request.cursor));
    }
  }
  TN_TRY(response.wanted,
         registry_.wanted_attachments(sender, limits::wanted_attachments_max));
  response.server_ms = host_.now_ms();
  response.catalogue = catalogue_;
  if (!actor_.sends_codes) response.no_codes = true;
  outcome.changed_audiences = admission.changed_audiences();
  outcome.code_messages = admission.code_messages();
  TN_TRY(outcome.is_any_due, registry_.is_any_due());
  return outcome;
}

bool SyncServer::is_full(const Pull& pull) {
  return pull.response.feed.size() >= pull.count_max || pull.bytes > limits::frame_bytes_max / 2;
}

// @param with_bytes false: the device wrote it and has it
Result<void> SyncServer::add(Pull& pull, const Evidence& evidence, std::uint64_t position,
                             bool with_bytes) {
  const Record& record = evidence.record;
  exchange::FeedEntry entry;
  entry.position = position;
  entry.record = record.hash;
  entry.verdict = evidence.ruling.verdict;
  if (evidence.ruling.reason) entry.reason = static_cast<std::uint16_t>(*evidence.ruling.reason);
  entry.leaf_index = evidence.leaf_index.value_or(0);
  TN_TRY(entry.path, registry_.inclusion(entry.leaf_index, pull.size));
  TN_TRY(entry.window, pull.admission.window(record, evidence.received_ms));
  if (with_bytes) {
    entry.carried.emplace();
    entry.carried->envelope = record.envelope;
    if (record.has_body()) entry.carried->body = record.body;
    pull.bytes += record.envelope.size() + record.body.size();
    if (pull.introduced.insert(record.header.log_id).second) {
      TN_TRY(const std::optional<LogEntry>& author, registry_.log(record.header.log_id));
      if (author) {
        pull.bytes += author->intro.certificate.size();
        pull.response.logs.push_back(author->intro);
      }
    }
  }
  pull.response.feed.push_back(std::move(entry));
  return {};
}

void SyncServer::add_forget(Pull& pull, const Id& dossier, std::uint64_t position) {
  exchange::FeedEntry entry;
  entry.position = position;
  entry.forget = dossier;
  pull.response.feed.push_back(std::move(entry));
}

Result<void> SyncServer::read_feed(Pull& pull, std::uint64_t cursor) {
  TN_TRY(const std::vector<FeedItem>& items,
         registry_.read_feed(audience_of(pull.sender.certificate), cursor,
                             std::size_t{pull.count_max} + 1));
  for (const FeedItem& item : items) {
    if (is_full(pull)) {
      pull.response.more = true;
      break;
    }
    if (item.forget) {
      add_forget(pull, *item.forget, item.position);
    } else {
      const bool own = item.evidence.record.header.log_id == pull.sender.id;
      TN_CHECK(add(pull, item.evidence, item.position, !own || item.history));
    }
    pull.response.cursor = item.position;
  }
  return {};
}

// The newest dossiers first and each of them whole, so that the first block is enough to work with.
Result<void> SyncServer::read_snapshot(Pull& pull, exchange::SnapshotPlace place) {
  const std::string audience = audience_of(pull.sender.certificate);
  if (place.before == exchange::snapshot_begin) {
    TN_TRY(place.feed_end, registry_.feed_end(audience));
  }
  while (place.before > 0 && !is_full(pull)) {
    TN_TRY(const std::vector<AudienceItem>& next,
           registry_.audience_before(audience, place.before, 1));
    if (next.empty()) {
      place.before = 0;
      place.skip = 0;
      break;
    }
    // What has been sent is of the dossier just before that place, while it is in the audience.
    if (place.before != next.front().place + 1) place.skip = 0;
    place.before = next.front().place + 1;
    TN_TRY(const std::vector<Evidence>& records, registry_.dossier(next.front().dossier));
    for (; place.skip < records.size() && !is_full(pull); ++place.skip) {
      TN_CHECK(add(pull, records[static_cast<std::size_t>(place.skip)], place.feed_end, true));
    }
    if (place.skip < records.size()) break;
    place.before = next.front().place;
    place.skip = 0;
  }
  if (place.before == 0 && !is_full(pull)) {
    TN_TRY(const std::vector<FeedItem>& rest,
           registry_.read_feed_rest(audience, place.skip, place.feed_end,
                                    std::size_t{pull.count_max} + 1));
    place.done = true;
    for (const FeedItem& item : rest) {
      if (is_full(pull)) {
        place.done = false;
        break;
      }
      if (item.forget) {
        add_forget(pull, *item.forget, place.feed_end);
      } else {
        TN_CHECK(add(pull, item.evidence, place.feed_end, true));
      }
      place.skip = item.position;
    }
  }
  TN_TRY(const std::uint64_t end, registry_.feed_end(audience));
  pull.response.more = !place.done || end > place.feed_end;
  place.entries = pull.response.feed.size();
  pull.response.snapshot = place;
  return {};
}

Result<SyncServer::Enrolled> SyncServer::enrol(const exchange::EnrolRequest& request) {
  TN_TRY(std::optional<Ticket> ticket, registry_.ticket(sha256(as_bytes(request.ticket))));
  if (!ticket) return fail(errc::ticket_unknown);
  if (!verify(request.public_key, exchange::enrol_statement(request.ticket, request.incarnation),
              request.proof)) {
    return fail(errc::signature_invalid, "enrolment");
  }
  Enrolled enrolled;
  enrolled.answer.tenant = actor_.tenant;
  if (ticket->used_by) {
    // The answer may have been lost on the way: the same key gets the same certificate again.
    TN_TRY(const std::optional<LogEntry>& log, registry_.log(*ticket->used_by));
    if (!log || log->certificate.public_key != request.public_key ||
        log->intro.incarnation != request.incarnation) {
      return fail(errc::ticket_used);
    }
    enrolled.answer.certificate = log->intro.certificate;
    return enrolled;
  }
  if (host_.now_ms() > ticket->expires_ms) return fail(errc::ticket_expired);
  if (ticket->grant.scope) {
    TN_TRY(const std::shared_ptr<const Dossier>& dossier, registry_.folded(*ticket->grant.scope));
    // Another link was used in the meantime: this one must not open the dossier to somebody else.
    if (dossier->citizen && *dossier->citizen != ticket->actor) return fail(errc::ticket_used);
    // The unit that answers for the dossier can revoke the key, and is told when its log forks.
    if (!dossier->unit.empty()) ticket->grant.unit = dossier->unit;
  }
  Admission admission(registry_, actor_, due_, host_);
  TN_TRY(enrolled.answer.certificate, admission.enrol(*ticket, request));
  enrolled.changed_audiences = admission.changed_audiences();
  return enrolled;
}

// Staff may let a citizen in to a dossier of their own unit, and nobody else.
Result<void> SyncServer::check_asker(const exchange::TicketRequest& request, const Hash& asker) {
  TN_TRY(const std::optional<LogEntry>& log, registry_.log(asker));
  if (!log) return fail(errc::certificate_unknown);
  if (log->state.revoked) return fail(errc::log_revoked);
  if (!is_current(*log, host_.now_ms())) return fail(errc::certificate_expired);
  // Of such a log nothing counts by itself, so it lets nobody in either.
  if (log->state.forked_at) return fail(errc::log_forked);
  if (log->state.continued_by) return fail(errc::log_continued);
  const Role role = log->certificate.role;
  if (request.role != Role::citizen || (role != Role::dispatcher && role != Role::officer)) {
    return fail(errc::role_not_allowed);
  }
  // A ticket for a known actor would open that actor's feed.
  if (request.actor) return fail(errc::role_not_allowed, "actor");
  TN_TRY(const std::shared_ptr<const Dossier>& dossier, registry_.folded(*request.scope));
  if (!in_unit(dossier->unit, log->certificate.unit)) return fail(errc::out_of_scope);
  // The citizen has a key: a second link could only be somebody else's.
  if (dossier->citizen_log) return fail(errc::ticket_used, "the dossier's citizen is bound");
  return {};
}

Result<exchange::TicketAnswer> SyncServer::make_ticket(const exchange::TicketRequest& request,
                                                       const std::optional<Hash>& asker) {
  // A citizen is let in to one dossier, staff to a unit; the registry's role is not for hire.
  if (request.role == Role::registry ||
      (request.role == Role::citizen) != request.scope.has_value()) {
    return fail(errc::role_not_allowed);
  }
  if (request.label.size() > limits::label_bytes_max ||
      request.unit.size() > limits::agency_code_chars_max) {
    return fail(errc::argument_invalid, "label or unit too long");
  }
  if (request.role != Role::citizen) TN_CHECK(parse_agency_code(request.unit));
  if (asker) TN_CHECK(check_asker(request, *asker));
  const std::string token = to_base64url(random_array<Hash>(host_));
  const Ticket ticket{.token_hash = sha256(as_bytes(token)),
                      .grant = request,
                      .actor = request.actor.value_or(new_id(host_)),
                      .expires_ms = host_.now_ms() + limits::ticket_life_ms,
                      .used_by = {}};
  TN_CHECK(registry_.put_ticket(ticket));
  return exchange::TicketAnswer{token, ticket.actor, ticket.expires_ms};
}

}  // namespace tannha
