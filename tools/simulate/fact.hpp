#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "tannha/engine/dossier.hpp"

namespace tannha::simulate {

/// A record of the journal with its body read once.
struct Fact {
  using Body =
      std::variant<std::monostate, body::PickupRequested, body::Assigned, body::LeaseGranted,
                   body::LeaseReturned, body::CitizenBound, body::DossierOpened,
                   body::FieldsWritten, body::DocumentChecked, body::AttachmentAdded,
                   body::FeeTaken, body::Sealed, body::Confirmed, body::Supplemented,
                   body::HandoverOffered, body::HandoverAccepted, body::DisputeResolved,
                   body::Accepted, body::Registered, body::SupplementRequested, body::Refused,
                   body::ResultReady, body::Forwarded, body::DeliveryAttempted, body::Delivered,
                   body::DeliveryConfirmed, body::Note, body::Feedback, body::Adjudicated,
                   body::LogForked, body::LogRevoked, body::LogContinued, body::Erased,
                   body::PayoutAssigned, body::PayoutLeased, body::Paid, body::PayoutReturned>;
  Record record;
  Body body;  ///< monostate: unknown type, or no readable body
  Id author{};
  Ruling ruling;
  std::optional<std::uint64_t> leaf;
  bool in_place = false;  ///< it is part of its log's unbroken chain

  template <class B>
  [[nodiscard]] const B* as() const {
    return std::get_if<B>(&body);
  }
  [[nodiscard]] RecordType type() const { return record.header.type; }
  [[nodiscard]] bool counts() const { return ruling.verdict == Verdict::effective; }
};
[[nodiscard]] Fact make_fact(const Evidence& evidence);
/// As the engine's functions take it.
[[nodiscard]] Evidence evidence_of(const Fact& fact);
[[nodiscard]] std::vector<Evidence> evidence_of(const std::vector<const Fact*>& facts);

/// "sealed 1f2e3d4c (log 5b6a7988 #12)": for stories and reports.
[[nodiscard]] std::string label(const Fact& fact);

/// To whom a dossier belongs, as far as rights go: a look over the records that count, apart from
/// the engine's fold.
struct Owners {
  std::string unit;
  std::optional<Id> courier;
  std::optional<Id> citizen;
  std::optional<Hash> citizen_log;
  std::vector<Hash> payout_logs;  ///< of the one device that may pay
};
[[nodiscard]] Owners owners_of(const std::vector<const Fact*>& facts);

}  // namespace tannha::simulate
