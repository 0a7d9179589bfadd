#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tannha/engine/dossier.hpp"

/// A second opinion on what records mean: written from docs/protocol.md and the design, slowly and
/// plainly, without the engine's fold, its order or its rules.
namespace tannha::simulate {

/// A record with its body read once.
struct Fact {
  using Body =
      std::variant<std::monostate, body::PickupRequested, body::Assigned, body::LeaseGranted,
                   body::CitizenBound, body::DossierOpened, body::FieldsWritten,
                   body::DocumentChecked, body::AttachmentAdded, body::FeeTaken, body::Sealed,
                   body::Confirmed, body::Supplemented, body::HandoverOffered,
                   body::HandoverAccepted, body::Accepted, body::Registered,
                   body::SupplementRequested, body::Refused, body::ResultReady, body::Forwarded,
                   body::DeliveryAttempted, body::Delivered, body::DeliveryConfirmed, body::Note,
                   body::Feedback, body::LeaseReturned>;
  Record record;
  Body body;  ///< monostate: unknown type, or no readable body
  Id author{};
  Ruling ruling;
  std::optional<std::uint64_t> leaf;

  template <class B>
  [[nodiscard]] const B* as() const {
    return std::get_if<B>(&body);
  }
  [[nodiscard]] RecordType type() const { return record.header.type; }
};
[[nodiscard]] Fact make_fact(const Evidence& evidence);

/// A dossier's state in words of its own.
struct Reference {
  std::string stage = "empty";
  std::string custodian = "citizen";
  std::string procedure;
  std::string unit;
  std::optional<Id> courier;
  std::optional<Hash> citizen_log;
  std::optional<Id> citizen;
  std::optional<Hash> opened;
  std::map<std::string, std::vector<std::pair<Hash, std::string>>> fields;
  std::map<std::uint32_t, body::DocumentCount> documents;
  std::vector<Hash> attachments;
  std::uint64_t money_dong = 0;
  std::optional<Hash> sealed;
  std::optional<body::Sealed> slip;
  std::optional<body::Grade> confirmation;
  std::map<Hash, Hash> heads;  ///< by log
  std::optional<Hash> offer;
  std::vector<Hash> answered;
  std::uint64_t handovers = 0;
  std::optional<Hash> custody;
  std::optional<Hash> last_link;  ///< seal, hand-over or delivery that the next must follow
  std::optional<Hash> decision;
  std::optional<Hash> acceptance;
  std::string code;
  std::optional<std::uint64_t> due_ms;
  std::optional<Hash> supplement;
  std::uint64_t asked = 0;
  std::string refusal;
  std::optional<Hash> result;
  std::uint64_t attempts = 0;
  std::optional<Hash> delivered;
  bool delivery_confirmed = false;
  std::uint64_t notes = 0;
  bool custody_is_clear = true;  ///< the last link's giver is known
  /// What must not be, were the envelope a thing: taken from somebody who did not have it.
  std::vector<std::string> custody_problems;
};

/// @param facts about this dossier, in any order; those that count are applied
[[nodiscard]] Reference reference_of(const Id& dossier, const std::vector<const Fact*>& facts);
/// The whole state by the reference fold, spelled like state_text().
[[nodiscard]] std::string reference_text(const Id& dossier,
                                         const std::vector<const Fact*>& facts);

/// The names of the lines that differ, for a report: "stage courier".
[[nodiscard]] std::string difference(const std::string& a, const std::string& b);

}  // namespace tannha::simulate
