#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tannha/engine/dossier.hpp"

namespace tannha {

/// What a list says of a dossier, and what lists are chosen and ordered by: a part of the folded
/// state, and what is counted over all records. Like the state a pure function of the records, but
/// for the order in which this device got them.
///
/// A store keeps its encoding beside the records (Store::keep_summary), so that a list does not
/// read them all. Only lists are made of it: whatever decides something folds.
struct DossierSummary {
  Id id{};  ///< not encoded: what is kept is kept under it
  Stage stage = Stage::empty;
  std::string procedure;
  std::string unit;
  std::string owner;  ///< captured at the door; before that, as requested
  std::string phone;
  std::string address;
  std::optional<std::uint64_t> visit_from_ms;
  std::optional<std::uint64_t> visit_until_ms;
  std::optional<Id> courier;
  bool citizen_bound = false;
  Custodian custodian = Custodian::citizen;
  bool sealed = false;
  std::string send_slip_no;
  std::string item_id;
  std::string dossier_code;
  std::optional<std::uint64_t> due_ms;
  std::uint64_t money_dong{};
  std::uint64_t cash_dong{};
  std::uint32_t handovers{};
  std::uint32_t delivery_attempts{};
  std::optional<Hash> offer;
  std::optional<body::Direction> offer_direction;
  bool is_payout = false;
  bool to_pay = false;  ///< leased, and not paid

  // Records: where they are
  std::uint32_t here{};      ///< on this device only
  std::uint32_t received{};  ///< by the registry, which has not ruled
  std::uint32_t accepted{};
  std::uint32_t held{};
  std::uint32_t refused{};
  std::optional<std::uint16_t> why;  ///< errc: the first reason why one does not count

  std::vector<Hash> attachments;

  friend bool operator==(const DossierSummary&, const DossierSummary&) = default;
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.stage), v(2, s.procedure), v(3, s.unit), v(4, s.owner), v(5, s.phone), v(6, s.address);
    v(7, s.visit_from_ms), v(8, s.visit_until_ms), v(9, s.courier), v(10, s.citizen_bound);
    v(11, s.custodian), v(12, s.sealed), v(13, s.send_slip_no), v(14, s.item_id);
    v(15, s.dossier_code), v(16, s.due_ms), v(17, s.money_dong), v(18, s.cash_dong);
    v(19, s.handovers), v(20, s.delivery_attempts), v(21, s.offer), v(22, s.offer_direction);
    v(23, s.is_payout), v(24, s.to_pay), v(25, s.here), v(26, s.received), v(27, s.accepted);
    v(28, s.held), v(29, s.refused), v(30, s.why), v(31, s.attachments);
  }
};

/// Of what fold(), summarize() and the encoding make of records. A kept summary of another version
/// is made anew, so this is raised with every change of what they give: a test knows what each
/// version gave.
inline constexpr std::uint64_t summary_version = 1;

/// @param dossier the fold of the evidence
[[nodiscard]] DossierSummary summarize(const Dossier& dossier, std::span<const Evidence> evidence);

}  // namespace tannha
