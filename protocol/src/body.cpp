#include "tannha/protocol/body.hpp"

#include <set>

#include "tannha/protocol/limits.hpp"

namespace tannha::body {
namespace {

template <class B>
Result<void> check_as(BytesView bytes) {
  TN_TRY([[maybe_unused]] const B body, decode<B>(bytes));
  return {};
}

Result<void> check_feedback(BytesView bytes) {
  TN_TRY(const Feedback& feedback, decode<Feedback>(bytes));
  if (feedback.satisfaction < 1 || feedback.satisfaction > 5) {
    return fail(errc::body_malformed, "satisfaction");
  }
  return {};
}

/// What is no code at all must not cost one of the tries.
Result<void> check_confirmed(BytesView bytes) {
  TN_TRY(const Confirmed& confirmed, decode<Confirmed>(bytes));
  const bool by_code = confirmed.grade == Grade::one_time_code;
  if (by_code != confirmed.code.has_value()) return fail(errc::body_malformed, "code");
  if (!by_code) return {};
  const std::string& code = *confirmed.code;
  const bool digits = code.find_first_not_of("0123456789") == std::string::npos;
  if (code.size() != limits::one_time_code_digits || !digits) {
    return fail(errc::body_malformed, "code");
  }
  return {};
}

/// A body with an amount of money.
template <class B>
Result<void> check_money(BytesView bytes) {
  TN_TRY(const B& body, decode<B>(bytes));
  if (body.amount_dong > limits::money_dong_max) return fail(errc::body_malformed, "amount_dong");
  return {};
}

/// A dossier keeps every field that it has ever been given.
Result<void> check_fields(BytesView bytes) {
  TN_TRY(const FieldsWritten& written, decode<FieldsWritten>(bytes));
  if (written.items.size() > limits::fields_written_max) return fail(errc::body_malformed, "items");
  for (const Field& field : written.items) {
    if (field.name.empty() || field.name.size() > limits::field_name_bytes_max) {
      return fail(errc::body_malformed, "name");
    }
  }
  return {};
}

/// As many as a checklist may have lines. Lists of hashes need no limit but that of a body.
Result<void> check_lines(std::size_t count, Literal name) {
  if (count > limits::procedure_documents_max) return fail(errc::body_malformed, name);
  return {};
}

bool fits_in_a_handover(std::size_t count) { return count <= limits::handover_dossiers_max; }

/// Each once, in the order in which they are named.
std::vector<Id> without_repeats(std::vector<Id> ids) {
  std::set<Id> seen;
  std::erase_if(ids, [&](const Id& id) { return !seen.insert(id).second; });
  return ids;
}

}  // namespace

Result<void> check(RecordType type, BytesView bytes) {
  switch (type) {
    case RecordType::pickup_requested: return check_as<PickupRequested>(bytes);
    case RecordType::assigned: return check_as<Assigned>(bytes);
    case RecordType::lease_granted: return check_as<LeaseGranted>(bytes);
    case RecordType::citizen_bound: return check_as<CitizenBound>(bytes);
    case RecordType::lease_returned: return check_as<LeaseReturned>(bytes);
    case RecordType::dossier_opened: return check_as<DossierOpened>(bytes);
    case RecordType::fields_written: return check_fields(bytes);
    case RecordType::document_checked: return check_as<DocumentChecked>(bytes);
    case RecordType::attachment_added: return check_as<AttachmentAdded>(bytes);
    case RecordType::fee_taken: return check_money<FeeTaken>(bytes);
    case RecordType::sealed: {
      TN_TRY(const auto& slip, decode<Sealed>(bytes));
      return check_lines(slip.documents.size(), "documents");
    }
    case RecordType::confirmed: return check_confirmed(bytes);
    case RecordType::supplemented: return check_as<Supplemented>(bytes);
    case RecordType::handover_offered: {
      TN_TRY(const auto& offer, decode<HandoverOffered>(bytes));
      if (!fits_in_a_handover(offer.items.size())) return fail(errc::body_malformed, "items");
      return {};
    }
    case RecordType::handover_accepted: {
      TN_TRY(const auto& answer, decode<HandoverAccepted>(bytes));
      if (!fits_in_a_handover(answer.taken.size() + answer.missing.size())) {
        return fail(errc::body_malformed, "items");
      }
      return {};
    }
    case RecordType::dispute_resolved: return check_as<DisputeResolved>(bytes);
    case RecordType::accepted: return check_as<Accepted>(bytes);
    case RecordType::registered: return check_as<Registered>(bytes);
    case RecordType::supplement_requested: {
      TN_TRY(const auto& asked, decode<SupplementRequested>(bytes));
      return check_lines(asked.items.size(), "items");
    }
    case RecordType::refused: return check_as<Refused>(bytes);
    case RecordType::result_ready: return check_as<ResultReady>(bytes);
    case RecordType::forwarded: return check_as<Forwarded>(bytes);
    case RecordType::delivery_attempted: return check_as<DeliveryAttempted>(bytes);
    case RecordType::delivered: return check_as<Delivered>(bytes);
    case RecordType::delivery_confirmed: return check_as<DeliveryConfirmed>(bytes);
    case RecordType::note: return check_as<Note>(bytes);
    case RecordType::feedback: return check_feedback(bytes);
    case RecordType::adjudicated: return check_as<Adjudicated>(bytes);
    case RecordType::log_forked: return check_as<LogForked>(bytes);
    case RecordType::log_revoked: return check_as<LogRevoked>(bytes);
    case RecordType::log_continued: return check_as<LogContinued>(bytes);
    case RecordType::erased: return check_as<Erased>(bytes);
    case RecordType::payout_assigned: return check_money<PayoutAssigned>(bytes);
    case RecordType::payout_leased: return check_as<PayoutLeased>(bytes);
    case RecordType::paid: return check_money<Paid>(bytes);
    case RecordType::payout_returned: return check_as<PayoutReturned>(bytes);
  }
  return fail(errc::record_type_unknown, std::to_string(static_cast<unsigned>(type)));
}

std::vector<Id> dossiers(const Record& record) {
  switch (record.header.type) {
    case RecordType::handover_offered: {
      const auto offer = decode<HandoverOffered>(record.body);
      std::vector<Id> ids;
      if (offer) {
        for (const HandoverItem& item : offer->items) ids.push_back(item.dossier);
      }
      return without_repeats(std::move(ids));
    }
    case RecordType::handover_accepted: {
      const auto answer = decode<HandoverAccepted>(record.body);
      if (!answer) return {};
      std::vector<Id> ids = answer->taken;
      ids.insert(ids.end(), answer->missing.begin(), answer->missing.end());
      return without_repeats(std::move(ids));
    }
    case RecordType::lease_granted:
    case RecordType::lease_returned:
    case RecordType::log_forked:
    case RecordType::log_revoked:
    case RecordType::log_continued:
    case RecordType::erased: return {};
    default: return {record.header.subject};
  }
}

}  // namespace tannha::body
