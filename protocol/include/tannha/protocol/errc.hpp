#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tannha {

/// Everything that can go wrong, for every level: one vocabulary. The numbers are stable, in tens
/// by area; they travel on the wire, stand in stores and are the codes of the C ABI.
/// Texts and class of each are in errc.cpp.
enum class errc : std::uint16_t {
  // 10: CBOR
  cbor_truncated = 10,
  cbor_malformed = 11,
  cbor_not_deterministic = 12,
  cbor_duplicate_key = 13,
  cbor_too_deep = 14,
  cbor_trailing_bytes = 15,
  cbor_invalid_utf8 = 16,
  // 20: signatures, receipts
  cose_malformed = 20,
  cose_unknown_algorithm = 21,
  cose_wrong_type = 22,
  signature_invalid = 23,
  key_malformed = 24,
  receipt_invalid = 25,
  checkpoint_malformed = 26,
  checkpoint_inconsistent = 27,
  countersignature_invalid = 28,
  // 30: records and logs
  record_malformed = 30,
  record_version_unknown = 31,
  record_type_unknown = 32,
  record_too_large = 33,
  body_malformed = 34,
  body_mismatch = 35,
  predecessor_missing = 36,
  log_broken = 37,
  log_forked = 38,
  reference_missing = 39,
  // 40: certificates, enrolment, sign-in
  certificate_malformed = 40,
  certificate_unknown = 41,
  certificate_expired = 42,
  certificate_not_yet_valid = 43,
  tenant_mismatch = 44,
  ticket_unknown = 45,
  ticket_used = 46,
  ticket_expired = 47,
  challenge_invalid = 48,
  token_invalid = 49,
  // 50: authority and workflow
  out_of_scope = 50,
  role_not_allowed = 51,
  decision_superseded = 52,
  late_amendment = 53,
  step_out_of_order = 54,
  dossier_incomplete = 55,
  number_not_leased = 56,
  number_used_twice = 57,
  supplement_already_asked = 58,
  // 60: exchange and limits
  frame_too_large = 60,
  frame_malformed = 61,
  frame_version_unknown = 62,
  too_many_records = 63,
  attachment_too_large = 64,
  attachment_mismatch = 65,
  attachment_type_not_allowed = 66,
  attachment_not_wanted = 67,
  overloaded = 68,
  attachment_empty = 69,
  // 70: store
  store_full = 70,
  store_read_only = 71,
  store_io = 72,
  store_corrupt = 73,
  store_busy = 74,
  store_version_unknown = 75,
  store_not_found = 76,
  store_memory = 77,
  store_unsent = 78,
  store_moved = 79,
  // 80: numbers and codes read from people and cards
  personal_number_length = 80,
  personal_number_not_digits = 81,
  phone_number_invalid = 82,
  phone_number_old = 83,
  s10_malformed = 84,
  s10_check_digit = 85,
  card_text_fields = 86,
  card_text_invalid = 87,
  dossier_code_malformed = 88,
  agency_code_malformed = 89,
  // 90: quotas
  too_many_requests = 90,
  // 100: network
  network_unreachable = 100,
  network_timeout = 101,
  network_lost = 102,
  server_refused = 103,
  server_reply_malformed = 104,
  // 110: catalogue and calendar
  catalogue_malformed = 110,
  catalogue_line_unclear = 111,
  calendar_year_unknown = 112,
  time_limit_unknown = 113,
  procedure_unknown = 114,
  procedure_not_by_post = 115,
  // 120: use
  not_enrolled = 120,
  already_enrolled = 121,
  dossier_unknown = 122,
  dossier_sealed = 123,
  numbers_exhausted = 124,
  argument_invalid = 125,
  file_unreadable = 126,
  not_a_jpeg = 127,
  // 130: vault, bundles
  vault_locked = 130,
  pin_wrong = 131,
  pin_too_soon = 132,
  pin_too_weak = 133,
  bundle_malformed = 134,
  bundle_not_for_us = 135,
  bundle_not_supported = 136,
  // 140: logs in trouble, leases
  log_revoked = 140,
  log_continued = 141,
  log_rewound = 142,
  beacon_unknown = 143,
  payout_not_leased = 144,
  paid_twice = 145,
  dispute_unknown = 146,
  not_held = 147,
  // 150: one-time codes
  code_wrong = 150,
  code_expired = 151,
  code_used = 152,
  code_tries_used_up = 153,
};

enum class Language { vietnamese, english };

/// The enumerator's own name, for logs, metrics and tests: "signature_invalid".
[[nodiscard]] std::string_view name(errc code);
/// One plain sentence that says what happened, and one that says what to do now.
[[nodiscard]] std::string_view message(errc code, Language language);
/// True when the same attempt may succeed later without anybody changing anything.
[[nodiscard]] bool is_transient(errc code);
/// Trouble with a store or its disk: whatever was asked, it is not the asker's fault.
[[nodiscard]] bool is_store_error(errc code);
/// True when the number is one of the enumerators: for numbers that come from outside.
[[nodiscard]] bool is_known(std::uint16_t number);
/// All codes, ascending.
[[nodiscard]] std::span<const errc> all_errc();

}  // namespace tannha
