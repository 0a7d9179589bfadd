#include "tannha/engine/dossier_summary.hpp"

namespace tannha {
namespace {

// A dossier does not say which of its records have a receipt.
void count(std::span<const Evidence> evidence, DossierSummary& out) {
  for (const Evidence& e : evidence) {
    switch (e.ruling.verdict) {
      case Verdict::effective: ++out.accepted; break;
      case Verdict::held: ++out.held; break;
      case Verdict::refused: ++out.refused; break;
      default: ++(e.leaf_index ? out.received : out.here); break;
    }
    if (e.ruling.verdict != Verdict::effective && e.ruling.reason && !out.why) {
      out.why = static_cast<std::uint16_t>(*e.ruling.reason);
    }
  }
}

// What a request says beside what becomes the dossier's state, and money by kind.
void take_details(std::span<const Evidence> evidence, DossierSummary& out) {
  for (const Evidence& e : evidence) {
    if (e.ruling.verdict == Verdict::refused || e.ruling.verdict == Verdict::held) continue;
    if (e.record.header.type == RecordType::pickup_requested) {
      const auto body = body::decode<body::PickupRequested>(e.record.body);
      if (!body) continue;
      out.visit_from_ms = body->visit_from_ms;
      out.visit_until_ms = body->visit_until_ms;
    } else if (e.record.header.type == RecordType::fee_taken) {
      const auto body = body::decode<body::FeeTaken>(e.record.body);
      if (body && body->cash) out.cash_dong += body->amount_dong;
    }
  }
}

std::string first_of(std::string captured, const std::string& requested) {
  return captured.empty() ? requested : captured;
}

}  // namespace

DossierSummary summarize(const Dossier& d, std::span<const Evidence> evidence) {
  const body::Applicant asked = d.requested_by.value_or(body::Applicant());
  DossierSummary out;
  out.id = d.id;
  out.stage = d.stage;
  out.procedure = d.procedure;
  out.unit = d.unit;
  out.owner = first_of(d.field("owner_name"), asked.name);
  out.phone = first_of(d.field("owner_phone"), asked.phone);
  out.address = first_of(d.field("owner_address"), asked.address);
  out.courier = d.courier;
  out.citizen_bound = d.citizen_log.has_value();
  out.custodian = d.custodian;
  out.sealed = d.sealed.has_value();
  if (d.slip) {
    out.send_slip_no = d.slip->send_slip_no;
    out.item_id = d.slip->item_id;
  }
  out.dossier_code = d.dossier_code;
  out.due_ms = d.due_ms;
  out.money_dong = d.money_dong;
  out.handovers = d.handovers;
  out.delivery_attempts = d.delivery_attempts;
  if (d.offer) {
    out.offer = d.offer->record;
    out.offer_direction = d.offer->direction;
  }
  out.is_payout = d.payout.has_value();
  out.to_pay = d.payout && d.payout->leased_to && !d.payout->paid;
  for (const body::AttachmentAdded& a : d.attachments) out.attachments.push_back(a.hash);
  count(evidence, out);
  take_details(evidence, out);
  return out;
}

}  // namespace tannha
