#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/cose.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha {

/// What a record says happened. The numbers travel; an unknown one is kept and held.
enum class RecordType : std::uint16_t {
  // Registry and dispatch
  pickup_requested = 1,  ///< yêu cầu nhận hồ sơ tại nhà
  assigned = 2,          ///< giao cho nhân viên bưu chính
  lease_granted = 3,     ///< cấp dải số phiếu gửi, số hiệu bưu gửi
  citizen_bound = 4,     ///< khóa của người dân được gắn với hồ sơ
  lease_returned = 5,    ///< trả lại dải số chưa dùng
  // Capture, at the door
  dossier_opened = 10,
  fields_written = 11,
  document_checked = 12,
  attachment_added = 13,
  fee_taken = 14,
  sealed = 15,         ///< phiếu gửi hồ sơ: legally a contract
  confirmed = 16,      ///< người dân xác nhận
  supplemented = 17,   ///< đã bổ sung đủ
  // Custody
  handover_offered = 20,   ///< biên bản giao nhận, bên giao ký
  handover_accepted = 21,  ///< biên bản giao nhận, bên nhận ký
  dispute_resolved = 22,   ///< giải quyết tranh chấp về việc đang giữ hồ sơ
  // Decisions of the unit in charge
  accepted = 30,
  registered = 31,            ///< mã hồ sơ và ngày hẹn, by the registry
  supplement_requested = 32,  ///< phiếu yêu cầu bổ sung
  refused = 33,               ///< phiếu từ chối
  result_ready = 34,
  forwarded = 35,
  // Return
  delivery_attempted = 40,
  delivered = 41,
  delivery_confirmed = 42,
  // Anyone in scope
  note = 50,
  feedback = 51,
  // Logs in trouble, and what is decided about held records
  adjudicated = 60,    ///< cán bộ quyết định về một bản ghi đang giữ lại
  log_forked = 61,     ///< bằng chứng hai bản ghi trùng số thứ tự, by the registry
  log_revoked = 62,    ///< thu hồi thiết bị
  log_continued = 63,  ///< thiết bị tiếp tục bằng sổ mới, by the registry
  erased = 64,         ///< biên nhận đã xóa dữ liệu trên thiết bị
  // Payouts at home
  payout_assigned = 70,  ///< giao chi trả cho một kỳ
  payout_leased = 71,    ///< một thiết bị duy nhất được chi trả, by the registry
  paid = 72,             ///< đã chi trả
  payout_returned = 73,  ///< trả lại việc chi trả
};
[[nodiscard]] bool is_known(RecordType type);
/// The enumerator's name; "unknown" for a number that has none.
[[nodiscard]] std::string_view name(RecordType type);

/// The newest checkpoint that the author had verified: the record was not made before it.
struct Beacon {
  std::uint64_t size{};
  Hash root{};
  friend bool operator==(const Beacon&, const Beacon&) = default;
};

/// What is signed. docs/protocol.md gives the bytes.
struct RecordHeader {
  std::string tenant;
  Hash log_id{};
  std::uint64_t seq{};       ///< from 0, no gaps
  Hash prev{};               ///< hash of the log's previous record; the log id where seq is 0
  Id subject{};              ///< dossier, hand-over or actor
  RecordType type{};
  std::vector<Hash> refs;    ///< records this one answers or replaces
  std::optional<Beacon> beacon;
  std::uint64_t claimed_ms{};  ///< the author's clock, Unix milliseconds: shown, never decisive
  Id boot_id{};                ///< of the author's device, new at every start
  std::uint64_t monotonic_ms{};
  Hash body_hash{};            ///< SHA-256 of the body bytes

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

/// One signed record. `hash` = SHA-256 of the envelope is its name everywhere.
struct Record {
  RecordHeader header;
  Hash hash{};
  Bytes envelope;
  Bytes body;  ///< empty when withheld or erased: the envelope stays verifiable

  [[nodiscard]] bool has_body() const { return !body.empty(); }
};

/// @param body the encoded body with its salt; header.body_hash is set from it
/// Precondition: sizes within limits.
[[nodiscard]] Record sign_record(RecordHeader header, Bytes body, const KeyPair& key);

/// Takes an envelope apart and checks the body against it when there is one; does not look at the
/// signature. Errors, in order: record_too_large; those of cose::decode_sign1; cose_wrong_type;
/// cose_unknown_algorithm; record_malformed (a header); those of cbor::decode (the payload);
/// record_version_unknown; record_malformed (a missing, ill-typed or unknown field); body_mismatch.
[[nodiscard]] Result<Record> decode_record(BytesView envelope, BytesView body);

/// Errors: cose_unknown_algorithm, signature_invalid. Cost: one Ed25519 verification (about 49 µs).
[[nodiscard]] Result<void> verify_record(const Record& record, const PublicKey& key);

}  // namespace tannha
