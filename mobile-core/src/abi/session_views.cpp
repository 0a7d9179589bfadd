// What a Session shows: dossiers, procedures, work.

#include <algorithm>

#include "session.hpp"

namespace tannha::core {
namespace {

api::DocumentLineView line_view(const DocumentLine& line) {
  return {line.number, line.kind, line.case_text, line.name, line.originals, line.copies};
}

api::ProcedureLine procedure_line(const Procedure& procedure) {
  return {procedure.code, procedure.name, procedure.field, procedure.postal.submit};
}

api::DocumentCountView count_view(const body::DocumentCount& count) {
  return {count.line, count.name, count.originals, count.certified_copies, count.photocopies};
}

api::SlipView slip_view(const body::Sealed& slip) {
  api::SlipView out{slip.send_slip_no, slip.item_id, slip.seal_no, {}, slip.attachments,
                    slip.money_dong};
  for (const body::DocumentCount& count : slip.documents) out.documents.push_back(count_view(count));
  return out;
}

std::optional<api::ErrorInfo> why(const Ruling& ruling) {
  if (!ruling.reason) return std::nullopt;
  return Session::info({*ruling.reason, {}});
}

api::Where where(const DossierSummary& d) {
  api::Where out{d.here, d.received, d.accepted, d.held, d.refused, 0, std::nullopt};
  if (d.why) out.why = Session::info({static_cast<errc>(*d.why), {}});
  return out;
}

std::vector<api::TakingView> takings_of(const std::vector<Evidence>& evidence) {
  std::vector<api::TakingView> out;
  for (const Evidence& e : evidence) {
    if (e.ruling.verdict == Verdict::refused || e.ruling.verdict == Verdict::held) continue;
    if (e.record.header.type != RecordType::fee_taken) continue;
    const auto body = body::decode<body::FeeTaken>(e.record.body);
    if (body) out.push_back({e.record.hash, body->kind, body->amount_dong, body->cash});
  }
  return out;
}

}  // namespace

Result<std::set<Hash>> Session::files_here() {
  TN_TRY(const auto& files, replica_->store().pending_attachments());
  std::set<Hash> out;
  for (const auto& file : files) out.insert(file.hash);
  return out;
}

api::DossierLine Session::line(const DossierSummary& d, const Catalogue& entries,
                               const std::set<Hash>& files_here) {
  const Procedure* const procedure = entries.find(d.procedure);
  api::DossierLine out;
  out.id = d.id;
  out.stage = d.stage;
  out.procedure = d.procedure;
  out.procedure_name = procedure ? procedure->name : d.procedure;
  out.unit = d.unit;
  out.owner = d.owner;
  out.phone = d.phone;
  out.address = d.address;
  out.visit_from_ms = d.visit_from_ms;
  out.visit_until_ms = d.visit_until_ms;
  out.custodian = d.custodian;
  out.send_slip_no = d.send_slip_no;
  out.item_id = d.item_id;
  out.dossier_code = d.dossier_code;
  out.due_ms = d.due_ms;
  out.money_dong = d.money_dong;
  out.cash_dong = d.cash_dong;
  out.handovers = d.handovers;
  out.delivery_attempts = d.delivery_attempts;
  out.offer = d.offer;
  out.offer_direction = d.offer_direction;
  out.citizen_bound = d.citizen_bound;
  out.where = where(d);
  for (const Hash& a : d.attachments) out.where.files_here += files_here.contains(a) ? 1U : 0U;
  return out;
}

Result<api::DossierList> Session::lines(const std::vector<DossierSummary>& dossiers) {
  TN_TRY(const Catalogue* const entries, catalogue());
  TN_TRY(const std::set<Hash>& files, files_here());
  api::DossierList out;
  out.dossiers.reserve(dossiers.size());
  for (const DossierSummary& d : dossiers) out.dossiers.push_back(line(d, *entries, files));
  return out;
}

Result<api::DossierList> Session::answer(const api::dossiers&) {
  TN_TRY(Replica * const replica, this->replica());
  TN_TRY(const auto& all, replica->summaries());
  return lines(all);
}

Result<api::DossierList> Session::answer(const api::round&) {
  TN_TRY(Courier courier, this->courier());
  TN_TRY(const auto& all, courier.round());
  return lines(all);
}

Result<api::DossierList> Session::answer(const api::queue&) {
  TN_TRY(Replica * const replica, this->replica());
  // Those without a date last.
  TN_TRY(const auto& all, Officer(*replica).queue(json::number_max));
  return lines(all);
}

Result<api::DossierView> Session::answer(const api::dossier& request) {
  TN_TRY(Replica * const replica, this->replica());
  TN_TRY(const Catalogue* const entries, catalogue());
  TN_TRY(const std::vector<StoredRecord>& records, replica->records(request.id));
  std::vector<Evidence> evidence;
  for (const StoredRecord& stored : records) evidence.push_back(stored.evidence);
  const Dossier d = fold(request.id, evidence);
  TN_TRY(const std::set<Hash>& files, files_here());
  api::DossierView out;
  out.line = line(summarize(d, evidence), *entries, files);
  out.service = d.service;
  for (const auto& [field, values] : d.fields) {
    api::FieldView& shown = out.values.emplace_back(api::FieldView{field, {}});
    for (const auto& value : values) shown.values.push_back(value.value);
  }
  for (const auto& [number, count] : d.documents) {
    out.documents.push_back(count_view(count));
  }
  // A procedure that this catalogue does not have has no checklist here; the rest can be shown.
  if (const Procedure* const procedure = entries->find(d.procedure)) {
    for (const DocumentLine& line : Courier::uncounted(d, *procedure)) {
      out.uncounted.push_back(line_view(line));
    }
  }
  for (const auto& a : d.attachments) {
    TN_TRY(const bool is_here, replica->store().has_attachment(a.hash));
    out.attachments.push_back({a.hash, a.size, a.media_type, a.role, a.line, is_here});
  }
  out.takings = takings_of(evidence);
  out.sealed = d.sealed;
  if (d.slip) {
    out.seal_no = d.slip->seal_no;
    out.slip = slip_view(*d.slip);
  }
  out.confirmation = d.confirmation;
  TN_TRY(out.code_sent, Courier(*replica, *entries).has_good_code(d));
  out.code_claimed = d.code_claimed;
  out.delivered = d.delivered;
  out.delivery_confirmed = d.delivery_confirmed;
  out.supplement_items = d.supplement_items;
  out.refusal_reason = d.refusal_reason;
  out.disputed = d.disputed;
  Signers signers;
  for (const std::size_t at : causal_order(evidence)) {
    TN_TRY(out.records.emplace_back(), view(records[at], signers));
  }
  return out;
}

Result<std::optional<api::Signer>> Session::signer(const Hash& log_id, Signers& known) {
  const auto found = known.find(log_id);
  if (found != known.end()) return found->second;
  std::optional<api::Signer> signer;
  TN_TRY(const auto& log, replica_->store().log(log_id));
  if (log) {
    TN_TRY(const Certificate& c, read_certificate(log->certificate));
    signer = api::Signer{c.role, c.unit, c.label};
  }
  return known.emplace(log_id, std::move(signer)).first->second;
}

Result<api::RecordView> Session::view(const Hash& hash) {
  TN_TRY(const auto& stored, replica_->record(hash));
  if (!stored) return fail(errc::store_not_found);
  Signers signers;
  return view(*stored, signers);
}

Result<api::RecordView> Session::view(const StoredRecord& stored, Signers& signers) {
  const Evidence& e = stored.evidence;
  api::RecordView out{e.record.hash,
                      std::string(name(e.record.header.type)),
                      e.ruling.verdict,
                      why(e.ruling),
                      stored.receipt.has_value() || stored.origin == Origin::feed,
                      stored.origin == Origin::own,
                      e.record.header.claimed_ms,
                      std::nullopt,
                      std::nullopt};
  if (stored.receipt && stored.receipt->window) {
    out.received_ms = stored.receipt->window->not_after_ms;
  }
  TN_TRY(out.signer, signer(e.record.header.log_id, signers));
  return out;
}

Result<api::WorkItems> Session::answer(const api::workItems&) {
  TN_TRY(Replica * const replica, this->replica());
  TN_TRY(const auto& items, Officer(*replica).work_items());
  api::WorkItems out;
  for (const Officer::WorkItem& item : items) {
    TN_TRY(auto shown, view(item.record.hash));
    shown.why = info({item.reason, {}});
    out.items.push_back({item.record.header.subject, std::move(shown), item.officers_needed});
  }
  return out;
}

// Procedures

Result<api::ProcedureList> Session::answer(const api::procedures& request) {
  constexpr std::uint32_t limit_max = 200;
  TN_TRY(const Catalogue* const entries, catalogue());
  api::ProcedureList out;
  for (const Procedure* found :
       entries->search(request.text, std::min(request.limit, limit_max))) {
    out.procedures.push_back(procedure_line(*found));
  }
  return out;
}

Result<api::ProcedureView> Session::answer(const api::procedure& request) {
  TN_TRY(const Catalogue* const entries, catalogue());
  const Procedure* const found = entries->find(request.code);
  if (!found) return fail(errc::procedure_unknown);
  api::ProcedureView out;
  out.line = procedure_line(*found);
  out.result_by_post = found->postal.return_result;
  out.presence_required = found->postal.presence_required;
  out.result = found->result;
  out.decision = found->decision;
  if (const ProcedureOffer* offer = found->offer(Channel::postal)) {
    for (const ProcedureTime& time : offer->times) {
      out.times.push_back({time.count, time.unit, time.text});
    }
    out.fee = api::FeeView{offer->fee.amount_dong, offer->fee.certainty, offer->fee.text};
  }
  for (const DocumentLine& line : found->documents) out.documents.push_back(line_view(line));
  return out;
}

}  // namespace tannha::core
