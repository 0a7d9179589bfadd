#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tannha/protocol/certificate.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/record.hpp"

/// The content of each type of record. A body is a CBOR map with a 16-byte salt under key 0 and the
/// fields below under their numbers; unknown fields are ignored by readers and kept in the bytes.
/// Money is whole đồng. Times are Unix milliseconds.
namespace tannha::body {

/// KenhThucHien of the case registry; never null.
enum class Channel : std::uint8_t { direct = 1, online = 2, postal = 3 };
constexpr bool is_valid(Channel c) { return c >= Channel::direct && c <= Channel::postal; }

/// The three services of QĐ 45/2016 Đ5.
enum class ServiceKind : std::uint8_t { send = 1, receive_result = 2, both = 3 };
constexpr bool is_valid(ServiceKind k) { return k >= ServiceKind::send && k <= ServiceKind::both; }

struct Applicant {
  std::string name;
  std::string phone;    ///< E.164
  std::string address;
  std::optional<std::string> personal_number;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.name); v(2, s.phone); v(3, s.address); v(4, s.personal_number);
  }
};

struct PickupRequested {
  static constexpr RecordType type = RecordType::pickup_requested;
  std::string procedure;  ///< code, "1.001193"
  std::string unit;       ///< agency in charge
  ServiceKind service{};
  Applicant applicant;
  std::optional<std::uint64_t> visit_from_ms;
  std::optional<std::uint64_t> visit_until_ms;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.procedure); v(2, s.unit); v(3, s.service); v(4, s.applicant);
    v(5, s.visit_from_ms); v(6, s.visit_until_ms);
  }
};

struct Assigned {
  static constexpr RecordType type = RecordType::assigned;
  Id courier{};
  template <class V> static void fields(V& v, auto& s) { v(1, s.courier); }
};

/// Payouts are kept among the used numbers; they are never leased as numbers.
enum class NumberKind : std::uint8_t { send_slip = 1, item = 2, payout = 3 };
constexpr bool is_valid(NumberKind k) { return k >= NumberKind::send_slip && k <= NumberKind::item; }

/// Numbers first … first + count - 1 belong to one log. The subject is the actor.
struct LeaseGranted {
  static constexpr RecordType type = RecordType::lease_granted;
  Hash log_id{};
  NumberKind kind{};
  std::string prefix;  ///< send slip: "PG-H42-"; item: the S10 service letters
  std::uint32_t first{};
  std::uint32_t count{};
  std::optional<std::uint64_t> expires_ms;  ///< by the registry's clock; none: never
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.log_id); v(2, s.kind); v(3, s.prefix); v(4, s.first); v(5, s.count);
    v(6, s.expires_ms);
  }
};

/// The holder of a lease gives back its unused rest: numbers first … first + count - 1, up to the
/// lease's end. They may be leased to another log. The subject is the actor.
struct LeaseReturned {
  static constexpr RecordType type = RecordType::lease_returned;
  NumberKind kind{};
  std::string prefix;
  std::uint32_t first{};
  std::uint32_t count{};
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.kind); v(2, s.prefix); v(3, s.first); v(4, s.count);
  }
};

/// Written when a citizen's link is first used: from then on this log speaks for the citizen.
struct CitizenBound {
  static constexpr RecordType type = RecordType::citizen_bound;
  Id actor{};
  Hash log_id{};
  template <class V> static void fields(V& v, auto& s) { v(1, s.actor); v(2, s.log_id); }
};

struct DossierOpened {
  static constexpr RecordType type = RecordType::dossier_opened;
  std::string procedure;
  std::string unit;
  Channel channel{};
  ServiceKind service{};
  Hash catalogue_version{};
  std::optional<std::string> procedure_case;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.procedure); v(2, s.unit); v(3, s.channel); v(4, s.service);
    v(5, s.catalogue_version); v(6, s.procedure_case);
  }
};

/// One captured value. Names are the project's: "owner_name", "owner_personal_number", …
struct Field {
  std::string name;
  std::string value;
  template <class V> static void fields(V& v, auto& s) { v(1, s.name); v(2, s.value); }
};
/// A write replaces exactly the values whose records it names in refs.
struct FieldsWritten {
  static constexpr RecordType type = RecordType::fields_written;
  std::vector<Field> items;
  template <class V> static void fields(V& v, auto& s) { v(1, s.items); }
};

/// Counts of one line of the checklist, made together with the citizen.
struct DocumentCount {
  std::uint32_t line{};  ///< of the catalogue entry; 0 for a paper that is not on the list
  std::string name;
  std::uint32_t originals{};
  std::uint32_t certified_copies{};
  std::uint32_t photocopies{};
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.line); v(2, s.name); v(3, s.originals); v(4, s.certified_copies); v(5, s.photocopies);
  }
  friend bool operator==(const DocumentCount&, const DocumentCount&) = default;
};
struct DocumentChecked {
  static constexpr RecordType type = RecordType::document_checked;
  DocumentCount count;
  template <class V> static void fields(V& v, auto& s) { v(1, s.count); }
};

enum class AttachmentRole : std::uint8_t { page = 1, card = 2, parcel = 3, signature_image = 4, result = 5 };
constexpr bool is_valid(AttachmentRole r) {
  return r >= AttachmentRole::page && r <= AttachmentRole::result;
}
struct AttachmentAdded {
  static constexpr RecordType type = RecordType::attachment_added;
  Hash hash{};  ///< BLAKE2b-256 of the file
  std::uint64_t size{};
  std::string media_type;  ///< "image/jpeg"
  AttachmentRole role{};
  std::uint32_t line{};    ///< checklist line it shows; 0 for none
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.hash); v(2, s.size); v(3, s.media_type); v(4, s.role); v(5, s.line);
  }
};

/// The law has two words: phí and lệ phí. Postage (cước) is apart from both.
enum class MoneyKind : std::uint8_t { fee = 1, charge = 2, postage = 3 };
constexpr bool is_valid(MoneyKind k) { return k >= MoneyKind::fee && k <= MoneyKind::postage; }
struct FeeTaken {
  static constexpr RecordType type = RecordType::fee_taken;
  MoneyKind kind{};
  std::uint64_t amount_dong{};
  bool cash = true;
  template <class V> static void fields(V& v, auto& s) { v(1, s.kind); v(2, s.amount_dong); v(3, s.cash); }
};

/// Phiếu gửi hồ sơ: what both sides put their names to at the door.
struct Sealed {
  static constexpr RecordType type = RecordType::sealed;
  std::string send_slip_no;
  std::string item_id;  ///< S10
  std::string seal_no;
  std::vector<DocumentCount> documents;
  std::vector<Hash> attachments;
  std::uint64_t money_dong{};
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.send_slip_no); v(2, s.item_id); v(3, s.seal_no); v(4, s.documents);
    v(5, s.attachments); v(6, s.money_dong);
  }
};

/// How a confirmation was given; never raised by software.
enum class Grade : std::uint8_t {
  countersigned = 1,      ///< A: by the citizen's own key
  one_time_code = 2,      ///< B: a code that the citizen received and the registry checked
  courier_statement = 3,  ///< C: the courier says so, with a photo of the signature
};
constexpr bool is_valid(Grade g) { return g >= Grade::countersigned && g <= Grade::courier_statement; }
/// Answers the sealed record named in refs[0]. Grade B: refs[1] is the record on which the code
/// went out, an assignment or the request for a supplement.
struct Confirmed {
  static constexpr RecordType type = RecordType::confirmed;
  Grade grade{};
  std::optional<Bytes> countersignature;  ///< grade A: RFC 9338 v2 over the sealed record
  std::optional<Hash> signature_image;
  std::optional<std::string> code{};      ///< grade B: as the courier typed it
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.grade); v(2, s.countersignature); v(3, s.signature_image); v(4, s.code);
  }
};

/// The papers asked for in refs[0] are all there.
struct Supplemented {
  static constexpr RecordType type = RecordType::supplemented;
  std::string text;
  template <class V> static void fields(V& v, auto& s) { v(1, s.text); }
};

/// Where the bag goes: to the one-stop desk with dossiers, or back to the courier with results.
enum class Direction : std::uint8_t { to_desk = 1, to_courier = 2 };
constexpr bool is_valid(Direction d) { return d == Direction::to_desk || d == Direction::to_courier; }
struct HandoverItem {
  Id dossier{};
  std::string send_slip_no;
  std::string item_id;
  Hash paper{};  ///< the sealed record, or the result_ready record on the way back
  std::optional<Hash> custody;  ///< the link of the custody chain that this one follows
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.dossier); v(2, s.send_slip_no); v(3, s.item_id); v(4, s.paper); v(5, s.custody);
  }
};
/// Biên bản giao nhận, signed by the giver. The subject is the hand-over's own id.
struct HandoverOffered {
  static constexpr RecordType type = RecordType::handover_offered;
  Direction direction{};
  std::string unit;
  std::optional<Id> receiver;  ///< the courier, on the way back
  std::vector<HandoverItem> items;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.direction); v(2, s.unit); v(3, s.receiver); v(4, s.items);
  }
};
/// The receiver counted: taken items change custody; the others stay with the giver. refs[0] is the
/// offer. The countersignature is what makes the paper co-signed.
struct HandoverAccepted {
  static constexpr RecordType type = RecordType::handover_accepted;
  Bytes countersignature;
  std::vector<Id> taken;
  std::vector<Id> missing;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.countersignature); v(2, s.taken); v(3, s.missing);
  }
};

/// Two hand-overs follow the same link of the custody chain: the officer says which one stands.
/// Closed by two officers who name the same one.
struct DisputeResolved {
  static constexpr RecordType type = RecordType::dispute_resolved;
  Hash link{};  ///< the handover_accepted record that stands
  std::string reason;
  template <class V> static void fields(V& v, auto& s) { v(1, s.link); v(2, s.reason); }
};

/// Decisions name the one they replace: compare-and-set.
struct Accepted {
  static constexpr RecordType type = RecordType::accepted;
  std::optional<Hash> replaces;
  std::vector<Hash> heads;  ///< the captured state that the officer saw
  template <class V> static void fields(V& v, auto& s) { v(1, s.replaces); v(2, s.heads); }
};
struct Registered {
  static constexpr RecordType type = RecordType::registered;
  std::string dossier_code;
  std::uint64_t legally_submitted_ms{};
  std::optional<std::uint64_t> due_ms;     ///< none: the officer sets it
  std::optional<std::uint16_t> due_errc;   ///< why there is none
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.dossier_code); v(2, s.legally_submitted_ms); v(3, s.due_ms); v(4, s.due_errc);
  }
};
struct SupplementRequested {
  static constexpr RecordType type = RecordType::supplement_requested;
  std::optional<Hash> replaces;
  std::vector<std::string> items;
  std::string reason;
  template <class V> static void fields(V& v, auto& s) { v(1, s.replaces); v(2, s.items); v(3, s.reason); }
};
struct Refused {
  static constexpr RecordType type = RecordType::refused;
  std::optional<Hash> replaces;
  std::string reason;
  template <class V> static void fields(V& v, auto& s) { v(1, s.replaces); v(2, s.reason); }
};
struct ResultReady {
  static constexpr RecordType type = RecordType::result_ready;
  std::optional<Hash> replaces;
  std::string result;
  template <class V> static void fields(V& v, auto& s) { v(1, s.replaces); v(2, s.result); }
};
struct Forwarded {
  static constexpr RecordType type = RecordType::forwarded;
  std::optional<Hash> replaces;
  std::string step;
  std::optional<std::uint64_t> deadline_ms;
  template <class V> static void fields(V& v, auto& s) { v(1, s.replaces); v(2, s.step); v(3, s.deadline_ms); }
};

struct DeliveryAttempted {
  static constexpr RecordType type = RecordType::delivery_attempted;
  std::string reason;
  template <class V> static void fields(V& v, auto& s) { v(1, s.reason); }
};
/// The courier's side; refs[0] is the result_ready record.
struct Delivered {
  static constexpr RecordType type = RecordType::delivered;
  std::string recipient_document;  ///< which paper was shown: "can_cuoc", "ho_chieu", …
  std::optional<Hash> signature_image;
  template <class V> static void fields(V& v, auto& s) { v(1, s.recipient_document); v(2, s.signature_image); }
};
/// The recipient's side, by their own key; refs[0] is the delivered record.
struct DeliveryConfirmed {
  static constexpr RecordType type = RecordType::delivery_confirmed;
  Bytes countersignature;
  template <class V> static void fields(V& v, auto& s) { v(1, s.countersignature); }
};

struct Note {
  static constexpr RecordType type = RecordType::note;
  std::string text;
  template <class V> static void fields(V& v, auto& s) { v(1, s.text); }
};
struct Feedback {
  static constexpr RecordType type = RecordType::feedback;
  std::uint8_t satisfaction{};  ///< 1 to 5
  std::string text;
  template <class V> static void fields(V& v, auto& s) { v(1, s.satisfaction); v(2, s.text); }
};

enum class Outcome : std::uint8_t { counts = 1, does_not_count = 2 };
constexpr bool is_valid(Outcome o) { return o == Outcome::counts || o == Outcome::does_not_count; }
/// An officer's word about the held record in refs[0]. The subject is that record's.
struct Adjudicated {
  static constexpr RecordType type = RecordType::adjudicated;
  Outcome outcome{};
  std::string reason;
  template <class V> static void fields(V& v, auto& s) { v(1, s.outcome); v(2, s.reason); }
};

/// Two records of one log with the same number, both signed by it: the log cannot be followed any
/// further. The subject is the log's actor.
struct LogForked {
  static constexpr RecordType type = RecordType::log_forked;
  Hash log_id{};
  std::uint64_t seq{};  ///< the lowest number that is known to be there twice
  Hash first{};
  Hash second{};
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.log_id); v(2, s.seq); v(3, s.first); v(4, s.second);
  }
};

enum class RevocationReason : std::uint8_t { retired = 1, lost = 2, compromised = 3 };
constexpr bool is_valid(RevocationReason r) {
  return r >= RevocationReason::retired && r <= RevocationReason::compromised;
}
/// From here on a log's records do not count by themselves. The subject is the log's actor.
struct LogRevoked {
  static constexpr RecordType type = RecordType::log_revoked;
  Hash log_id{};
  RevocationReason reason{};
  /// Compromised only: size of the newest checkpoint before which the key was still in good hands;
  /// what came into the journal after it is held too.
  std::optional<std::uint64_t> since_size;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.log_id); v(2, s.reason); v(3, s.since_size);
  }
};

/// A device goes on in a new log with a new key: after a fork or a restored backup, when its key is
/// changed, or before its certificate ends. The subject is the actor.
struct LogContinued {
  static constexpr RecordType type = RecordType::log_continued;
  Hash log_id{};      ///< the old one
  Hash next_log_id{};
  std::uint64_t next_seq{};  ///< how far the old one's chain had come
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.log_id); v(2, s.next_log_id); v(3, s.next_seq);
  }
};

/// Signed when everything but the key has been erased from a revoked device.
struct Erased {
  static constexpr RecordType type = RecordType::erased;
  std::uint64_t records{};      ///< whose bodies were erased
  std::uint64_t attachments{};
  template <class V> static void fields(V& v, auto& s) { v(1, s.records); v(2, s.attachments); }
};

/// One payment to one beneficiary for one period, given to a courier. The subject is the payout.
struct PayoutAssigned {
  static constexpr RecordType type = RecordType::payout_assigned;
  std::string unit;
  std::string beneficiary;  ///< the pension file's number: digits and letters
  std::string period;       ///< "2026-11"
  std::uint64_t amount_dong{};
  Id courier{};
  Applicant recipient;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.unit); v(2, s.beneficiary); v(3, s.period); v(4, s.amount_dong); v(5, s.courier);
    v(6, s.recipient);
  }
};
/// This log, and no other, may pay it out.
struct PayoutLeased {
  static constexpr RecordType type = RecordType::payout_leased;
  Hash log_id{};
  template <class V> static void fields(V& v, auto& s) { v(1, s.log_id); }
};
struct Paid {
  static constexpr RecordType type = RecordType::paid;
  std::uint64_t amount_dong{};
  std::string recipient_document;
  std::optional<Hash> signature_image;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.amount_dong); v(2, s.recipient_document); v(3, s.signature_image);
  }
};
struct PayoutReturned {
  static constexpr RecordType type = RecordType::payout_returned;
  std::string reason;
  template <class V> static void fields(V& v, auto& s) { v(1, s.reason); }
};

/// The bytes that a record's body_hash covers. @param salt 16 random bytes, so that a short body
/// cannot be guessed from its hash
template <class B>
[[nodiscard]] Bytes encode(const B& body, const Id& salt) {
  fields::Writer writer;
  writer(0, salt);
  B::fields(writer, body);
  return cbor::encode(cbor::Value(std::move(writer.map)));
}

/// Errors: those of cbor::decode; body_malformed.
template <class B>
[[nodiscard]] Result<B> decode(BytesView bytes) {
  return fields::decode<B>(bytes, errc::body_malformed);
}

/// Whether the body of a record of a known type can be read. Errors: as decode;
/// record_type_unknown; body_malformed for a satisfaction that is not 1 to 5, an amount, a list or
/// a field's name beyond its limit.
[[nodiscard]] Result<void> check(RecordType type, BytesView body);

/// The dossiers that a record is about: its subject, or for a hand-over the dossiers of the batch.
/// Empty when the body is withheld and the type is a hand-over, and for a record about a log or a
/// lease, whose subject is an actor.
[[nodiscard]] std::vector<Id> dossiers(const Record& record);

}  // namespace tannha::body
