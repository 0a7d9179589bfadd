#include "tannha/core/officer.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "tannha/protocol/heap_sort.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha::core {
namespace {

bool is_at_work(const DossierSummary& d) {
  return d.stage >= Stage::handed_over && d.stage < Stage::returned;
}

// What has become of logs since, which counts beside the reason for which a record is held: as far
// as this device has been told. A log that only went out of use is in order.
std::map<Hash, std::size_t> troubles_of(const std::vector<StoredRecord>& about_logs) {
  std::map<Hash, std::size_t> needed;
  std::map<Hash, Hash> continued;
  std::vector<Hash> revoked;
  for (const StoredRecord& stored : about_logs) {
    const Record& record = stored.evidence.record;
    if (stored.evidence.ruling.verdict != Verdict::effective || !record.has_body()) continue;
    if (record.header.type == RecordType::log_forked) {
      const auto forked = body::decode<body::LogForked>(record.body);
      if (forked) needed[forked->log_id] = officers_needed(errc::log_forked);
    } else if (record.header.type == RecordType::log_revoked) {
      const auto b = body::decode<body::LogRevoked>(record.body);
      if (b && b->reason != body::RevocationReason::retired) revoked.push_back(b->log_id);
    } else if (record.header.type == RecordType::log_continued) {
      const auto b = body::decode<body::LogContinued>(record.body);
      if (b) continued[b->log_id] = b->next_log_id;
    }
  }
  for (std::size_t i = 0; i < revoked.size(); ++i) {
    const Hash log = revoked[i];
    needed[log] = std::max(needed[log], officers_needed(errc::log_revoked));
    const auto next = continued.extract(log);  // Once each: no circle goes on for ever.
    if (next) revoked.push_back(next.mapped());
  }
  return needed;
}

}  // namespace

// Those without a date are the officer's to set: unless told otherwise, they come first.
Result<std::vector<DossierSummary>> Officer::queue(std::uint64_t undated_ms) {
  TN_TRY(std::vector<DossierSummary> all, replica().summaries());
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_at_work(all[i])) order.emplace_back(all[i].due_ms.value_or(undated_ms), i);
  }
  heap_sort(order);
  std::vector<DossierSummary> out;
  out.reserve(order.size());
  for (const auto& [due_ms, i] : order) out.push_back(std::move(all[i]));
  return out;
}

Result<Record> Officer::accept_handover(const Hash& offer, const std::vector<Id>& missing) {
  TN_TRY(const auto& stored, replica().record(offer));
  if (!stored) return fail(errc::store_not_found, "hand-over record");
  const Record& paper = stored->evidence.record;
  TN_TRY(const auto& terms, body::decode<body::HandoverOffered>(paper.body));
  body::HandoverAccepted answer;
  for (const body::HandoverItem& item : terms.items) {
    const bool is_missing = std::ranges::find(missing, item.dossier) != missing.end();
    (is_missing ? answer.missing : answer.taken).push_back(item.dossier);
  }
  if (answer.missing.size() != missing.size()) {
    return fail(errc::argument_invalid, "a dossier named as missing is not in the batch");
  }
  TN_TRY(answer.countersignature, replica().countersign(paper));
  return write(paper.header.subject, {offer}, answer);
}

Result<Record> Officer::accept(const Id& id) {
  TN_TRY(const Dossier& d, dossier(id));
  return write(id, {}, body::Accepted{d.decision, d.capture_heads});
}

Result<Record> Officer::request_supplement(const Id& id, const std::vector<std::string>& items,
                                           std::string_view reason) {
  TN_TRY(const Dossier& d, dossier(id));
  body::SupplementRequested request;
  request.replaces = d.decision;
  for (const std::string& item : items) {
    TN_TRY(request.items.emplace_back(), typed(item));
  }
  if (request.items.empty() || request.items.size() > limits::procedure_documents_max) {
    return fail(errc::argument_invalid, "items");
  }
  TN_TRY(request.reason, typed(reason));
  return write(id, {}, request);
}

Result<Record> Officer::refuse(const Id& id, std::string_view reason) {
  TN_TRY(const Dossier& d, dossier(id));
  TN_TRY(std::string words, typed(reason));
  return write(id, {}, body::Refused{d.decision, std::move(words)});
}

Result<Record> Officer::forward(const Id& id, std::string_view step) {
  TN_TRY(const Dossier& d, dossier(id));
  TN_TRY(std::string words, typed(step));
  return write(id, {}, body::Forwarded{d.decision, std::move(words), {}});
}

Result<Record> Officer::finish(const Id& id, std::string_view result) {
  TN_TRY(const Dossier& d, dossier(id));
  TN_TRY(std::string words, typed(result));
  return write(id, {}, body::ResultReady{d.decision, std::move(words)});
}

Result<Record> Officer::offer_return(const std::vector<Id>& dossiers) {
  if (dossiers.empty() || dossiers.size() > limits::record_refs_max) {
    return fail(errc::argument_invalid, "batch");
  }
  body::HandoverOffered offer;
  offer.direction = body::Direction::to_courier;
  std::vector<Hash> refs;
  for (const Id& id : dossiers) {
    TN_TRY(const Dossier& d, dossier(id));
    if (!d.courier || !d.decision || (offer.receiver && *offer.receiver != *d.courier)) {
      return fail(errc::argument_invalid, "one courier, and a result for each");
    }
    offer.receiver = d.courier;
    offer.unit = d.unit;
    offer.items.push_back({id, d.slip ? d.slip->send_slip_no : "", d.slip ? d.slip->item_id : "",
                           *d.decision, d.last_link});
    refs.push_back(*d.decision);
  }
  return write(replica().make_id(), std::move(refs), offer);
}

Result<std::vector<Officer::WorkItem>> Officer::work_items() {
  TN_TRY(std::vector<StoredRecord> held, replica().store().held());
  std::vector<WorkItem> items;
  if (held.empty()) return items;
  TN_TRY(const std::vector<StoredRecord>& about_logs, replica().store().about_no_dossier());
  const std::map<Hash, std::size_t> troubles = troubles_of(about_logs);
  for (StoredRecord& stored : held) {
    const errc reason = stored.evidence.ruling.reason.value_or(errc{});
    std::size_t needed = officers_needed(reason);
    const auto trouble = troubles.find(stored.evidence.record.header.log_id);
    if (needed > 0 && trouble != troubles.end()) needed = std::max(needed, trouble->second);
    items.push_back({std::move(stored.evidence.record), reason, needed});
  }
  return items;
}

Result<Record> Officer::adjudicate(const Hash& held, body::Outcome outcome,
                                   std::string_view reason) {
  TN_TRY(std::string words, typed(reason));
  TN_TRY(const auto& stored, replica().record(held));
  if (!stored) return fail(errc::not_held);
  return write(stored->evidence.record.header.subject, {held},
               body::Adjudicated{outcome, std::move(words)});
}

Result<Record> Officer::resolve_dispute(const Id& id, const Hash& link, std::string_view reason) {
  TN_TRY(std::string words, typed(reason));
  return write(id, {link}, body::DisputeResolved{link, std::move(words)});
}

}  // namespace tannha::core
