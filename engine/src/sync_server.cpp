#include "tannha/engine/sync_server.hpp"

#include <algorithm>
#include <set>

#include "tannha/protocol/dossier_code.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {

Result<PreparedExchange> prepare_exchange(BytesView frame, std::string_view tenant,
                                          const PublicKey& authority) {
  if (frame.size() > limits::frame_bytes_max) return fail(errc::frame_too_large);
  PreparedExchange out;
  TN_TRY(out.request, exchange::decode<exchange::Request>(frame));
  if (out.request.tenant != tenant) return fail(errc::tenant_mismatch);
  if (out.request.records.size() > limits::exchange_records_max ||
      out.request.logs.size() > limits::exchange_logs_max) {
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

Result<std::string> SyncServer::checkpoint() {
  TN_TRY(const std::uint64_t size, registry_.journal_size());
  TN_TRY(const Hash root, registry_.journal_root(size));
  return sign_checkpoint({actor_.tenant.origin, size, root}, actor_.journal_key);
}

Result<SyncServer::Outcome> SyncServer::exchange(const PreparedExchange& prepared,
                                                 const Hash& sender) {
  const exchange::Request& request = prepared.request;
  TN_TRY(const std::optional<LogEntry> log, registry_.log(sender));
  if (!log) return fail(errc::certificate_unknown);

  Outcome outcome;
  exchange::Response& response = outcome.response;
  Admission admission(registry_, actor_, due_, host_);
  for (const Prepared& record : prepared.records) {
    TN_TRY(exchange::Answer answer, admission.admit(record, sender));
    response.answers.push_back(std::move(answer));
  }
  // Whoever's certificate has run out may still bring what they have, and gets nothing more.
  const bool is_current = host_.now_ms() <= log->certificate.not_after_ms;
  if (is_current) TN_CHECK(admission.grant_leases(*log, request));
  TN_CHECK(registry_.note_contact(sender, host_.now_ms(), request.holds));

  // From here on the journal does not grow any more, so one checkpoint serves every proof.
  TN_TRY(const std::uint64_t size, registry_.journal_size());
  TN_TRY(response.checkpoint, checkpoint());
  for (exchange::Answer& answer : response.answers) {
    if (answer.leaf_index) {
      TN_TRY(answer.path, registry_.inclusion(*answer.leaf_index, size));
    }
  }
  if (request.journal_size > 0 && request.journal_size <= size) {
    TN_TRY(response.consistency, registry_.consistency(request.journal_size, size));
  }
  response.cursor = request.cursor;
  if (request.pull_max > 0 && is_current) {
    const auto most = static_cast<std::uint32_t>(limits::pull_records_max);
    TN_CHECK(pull(*log, response, size, request.cursor, std::min(request.pull_max, most)));
  }
  TN_TRY(response.wanted,
         registry_.wanted_attachments(sender, limits::wanted_attachments_max));
  response.server_ms = host_.now_ms();
  response.catalogue = catalogue_;
  outcome.changed_audiences = admission.changed_audiences();
  return outcome;
}

Result<void> SyncServer::pull(const LogEntry& sender, exchange::Response& response,
                              std::uint64_t size, std::uint64_t cursor, std::uint32_t count_max) {
  TN_TRY(const std::vector<FeedItem> items,
         registry_.read_feed(audience_of(sender.certificate), cursor, std::size_t{count_max} + 1));
  std::set<Hash> introduced;
  std::size_t bytes = 0;
  for (const FeedItem& item : items) {
    const Record& record = item.evidence.record;
    if (response.feed.size() == count_max || bytes > limits::frame_bytes_max / 2) {
      response.more = true;
      break;
    }
    exchange::FeedEntry entry;
    entry.position = item.position;
    entry.record = record.hash;
    entry.verdict = item.evidence.ruling.verdict;
    if (item.evidence.ruling.reason) {
      entry.reason = static_cast<std::uint16_t>(*item.evidence.ruling.reason);
    }
    entry.leaf_index = item.evidence.leaf_index.value_or(0);
    TN_TRY(entry.path, registry_.inclusion(entry.leaf_index, size));
    if (record.header.log_id != sender.id) {
      entry.carried.emplace();
      entry.carried->envelope = record.envelope;
      if (record.has_body()) entry.carried->body = record.body;
      bytes += record.envelope.size() + record.body.size();
      if (introduced.insert(record.header.log_id).second) {
        TN_TRY(const std::optional<LogEntry> author, registry_.log(record.header.log_id));
        if (author) {
          bytes += author->intro.certificate.size();
          response.logs.push_back(author->intro);
        }
      }
    }
    response.cursor = entry.position;
    response.feed.push_back(std::move(entry));
  }
  return {};
}

Result<SyncServer::Enrolled> SyncServer::enrol(const exchange::EnrolRequest& request) {
  TN_TRY(const std::optional<Ticket> ticket, registry_.ticket(sha256(as_bytes(request.ticket))));
  if (!ticket) return fail(errc::ticket_unknown);
  if (!verify(request.public_key, exchange::enrol_statement(request.ticket, request.incarnation),
              request.proof)) {
    return fail(errc::signature_invalid, "enrolment");
  }
  Enrolled enrolled;
  enrolled.answer.tenant = actor_.tenant;
  if (ticket->used_by) {
    // The answer may have been lost on the way: the same key gets the same certificate again.
    TN_TRY(const std::optional<LogEntry> log, registry_.log(*ticket->used_by));
    if (!log || log->certificate.public_key != request.public_key ||
        log->intro.incarnation != request.incarnation) {
      return fail(errc::ticket_used);
    }
    enrolled.answer.certificate = log->intro.certificate;
    return enrolled;
  }
  if (host_.now_ms() > ticket->expires_ms) return fail(errc::ticket_expired);
  Admission admission(registry_, actor_, due_, host_);
  TN_TRY(enrolled.answer.certificate, admission.enrol(*ticket, request));
  enrolled.changed_audiences = admission.changed_audiences();
  return enrolled;
}

// Staff may let a citizen in to a dossier of their own unit, and nobody else.
Result<void> SyncServer::check_asker(const exchange::TicketRequest& request, const Hash& asker) {
  TN_TRY(const std::optional<LogEntry> log, registry_.log(asker));
  if (!log) return fail(errc::certificate_unknown);
  const Role role = log->certificate.role;
  if (request.role != Role::citizen || (role != Role::dispatcher && role != Role::officer)) {
    return fail(errc::role_not_allowed);
  }
  // A ticket for a known actor would open that actor's feed.
  if (request.actor) return fail(errc::role_not_allowed, "actor");
  TN_TRY(const std::vector<Evidence> evidence, registry_.dossier(*request.scope));
  const Dossier dossier = fold(*request.scope, evidence);
  if (!in_unit(dossier.unit, log->certificate.unit)) return fail(errc::out_of_scope);
  // The citizen has a key: a second link could only be somebody else's.
  if (dossier.citizen_log) return fail(errc::ticket_used, "the dossier's citizen is bound");
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
