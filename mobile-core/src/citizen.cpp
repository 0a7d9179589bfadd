#include "tannha/core/citizen.hpp"

namespace tannha::core {

Result<Record> Citizen::confirm(const Hash& sealed) {
  TN_TRY(const auto& stored, replica().record(sealed));
  if (!stored) return fail(errc::store_not_found, "sealed record");
  const Record& slip = stored->evidence.record;
  TN_TRY(Bytes countersignature, replica().countersign(slip));
  return write(slip.header.subject, {sealed},
               body::Confirmed{.grade = body::Grade::countersigned,
                               .countersignature = std::move(countersignature),
                               .signature_image = {}});
}

Result<Record> Citizen::confirm_delivery(const Hash& delivered) {
  TN_TRY(const auto& stored, replica().record(delivered));
  if (!stored) return fail(errc::store_not_found, "delivered record");
  const Record& delivery = stored->evidence.record;
  TN_TRY(Bytes countersignature, replica().countersign(delivery));
  return write(delivery.header.subject, {delivered},
               body::DeliveryConfirmed{std::move(countersignature)});
}

Result<Record> Citizen::rate(const Id& id, std::uint8_t satisfaction, std::string_view text) {
  if (satisfaction < 1 || satisfaction > 5) return fail(errc::argument_invalid, "satisfaction");
  std::string words;
  if (!text.empty()) {
    TN_TRY(words, typed(text));
  }
  return write(id, {}, body::Feedback{satisfaction, std::move(words)});
}

}  // namespace tannha::core
