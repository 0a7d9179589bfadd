#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tannha/protocol/body.hpp"
#include "tannha/protocol/certificate.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/receipt.hpp"
#include "tannha/protocol/record.hpp"
#include "tannha/protocol/verdict.hpp"

/// The messages between a device and the registry. Each is one deterministic CBOR map;
/// docs/protocol.md gives the bytes.
namespace tannha::exchange {

inline constexpr std::uint64_t version = 1;

/// A record as it travels.
struct Carried {
  Bytes envelope;
  std::optional<Bytes> body;  ///< none: withheld or erased
  template <class V> static void fields(V& v, auto& s) { v(1, s.envelope); v(2, s.body); }
};

/// What the device still holds, so that the other side can say so.
struct Holds {
  std::uint64_t records{};
  std::uint64_t attachment_bytes{};
  std::optional<std::uint64_t> oldest_claimed_ms;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.records); v(2, s.attachment_bytes); v(3, s.oldest_claimed_ms);
  }
};

/// How far a log's unbroken chain reaches.
struct LogHead {
  Hash log_id{};
  std::uint64_t next_seq{};
  Hash hash{};  ///< of the record before next_seq; the log id where that is 0
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.log_id); v(2, s.next_seq); v(3, s.hash);
  }
};

/// Asks to go on in a new log with a new key. The old key has signed in; the new one signs here.
struct Continuation {
  PublicKey public_key{};
  Id incarnation{};
  Signature proof{};  ///< over continuation_statement(the sender's log id, incarnation)
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.public_key); v(2, s.incarnation); v(3, s.proof);
  }
};
[[nodiscard]] Bytes continuation_statement(const Hash& log_id, const Id& incarnation);

/// Where a first synchronisation stands: dossier by dossier, the newest first, and then what is
/// about no dossier. A device begins with `before` at the greatest 63-bit number.
struct SnapshotPlace {
  std::uint64_t feed_end{};  ///< the feed's end when it began: what follows comes by the feed
  std::uint64_t before{};    ///< dossiers that came to the audience before this are left; 0: none
  std::uint64_t skip{};      ///< what of the next dossier, or of the rest, has been sent
  bool done = false;
  std::uint64_t entries{};   ///< in an answer: of its feed, so that none can be left out unnoticed
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.feed_end); v(2, s.before); v(3, s.skip); v(4, s.done); v(5, s.entries);
  }
};
inline constexpr std::uint64_t snapshot_begin = 0x7fff'ffff'ffff'ffff;

struct Request {
  std::uint64_t version = exchange::version;
  std::string tenant;
  std::vector<LogIntro> logs;    ///< of every carried log that the other side may not have met
  std::vector<Carried> records;  ///< in order of seq within each log
  std::uint64_t cursor{};        ///< position in the actor's feed up to which all is stored here
  std::uint64_t journal_size{};  ///< of the newest checkpoint verified here; 0 for none
  std::uint32_t pull_max{};      ///< records wanted in the answer; 0: push only
  Holds holds;
  std::uint32_t slip_numbers_left{};
  std::uint32_t item_numbers_left{};
  std::optional<Continuation> continuation;
  std::optional<std::vector<Id>> forgotten;  ///< dossiers erased here as the feed asked
  std::optional<SnapshotPlace> snapshot;     ///< none: by the feed
  template <class V> static void fields(V& v, auto& s) {
    v(0, s.version); v(1, s.tenant); v(2, s.logs); v(3, s.records); v(4, s.cursor);
    v(5, s.journal_size); v(6, s.pull_max); v(7, s.holds); v(8, s.slip_numbers_left);
    v(9, s.item_numbers_left); v(10, s.continuation); v(11, s.forgotten); v(12, s.snapshot);
  }
};

/// The answer to one pushed record, in the order of the push.
struct Answer {
  Hash record{};  ///< SHA-256 of the envelope as it came
  Verdict verdict{};
  std::optional<std::uint16_t> reason;  ///< errc
  std::optional<Verdict> standing;      ///< for duplicate: the verdict it has
  std::optional<std::uint64_t> leaf_index;
  std::vector<Hash> path;
  std::optional<ProvedWindow> window;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.record); v(2, s.verdict); v(3, s.reason); v(4, s.standing); v(5, s.leaf_index);
    v(6, s.path); v(7, s.window);
  }
};

/// One entry of a feed: a record, a changed verdict of one that the device wrote itself, or a
/// dossier that has left the audience and is to be erased (then `record` is zero).
struct FeedEntry {
  std::uint64_t position{};
  Hash record{};
  std::optional<Carried> carried;  ///< none when the device has it
  Verdict verdict{};
  std::optional<std::uint16_t> reason;
  std::uint64_t leaf_index{};
  std::vector<Hash> path;
  std::optional<ProvedWindow> window;
  std::optional<Id> forget;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.position); v(2, s.record); v(3, s.carried); v(4, s.verdict); v(5, s.reason);
    v(6, s.leaf_index); v(7, s.path); v(8, s.window); v(9, s.forget);
  }
};

struct Response {
  std::uint64_t version = exchange::version;
  std::vector<Answer> answers;
  std::string checkpoint;         ///< signed note; every path leads to it
  std::vector<Hash> consistency;  ///< from the request's journal_size
  std::vector<LogIntro> logs;     ///< of the authors in `feed`
  std::vector<FeedEntry> feed;
  std::uint64_t cursor{};         ///< after `feed`
  bool more = false;              ///< the feed has further entries
  std::vector<Hash> wanted;       ///< attachments of this device's records that are not here yet
  std::uint64_t server_ms{};
  Hash catalogue{};               ///< version of the procedure catalogue in force
  std::optional<LogHead> head;    ///< of the sender's log
  std::optional<body::RevocationReason> revoked;  ///< the sender's log: bring everything, erase
  std::optional<LogIntro> continued;              ///< the sender goes on in this log
  std::optional<std::uint16_t> continuation_refused;  ///< errc
  std::optional<std::vector<Id>> forgotten;       ///< of the request: noted
  std::optional<SnapshotPlace> snapshot;          ///< where the next block begins
  std::uint64_t after{};                          ///< of the request: where `feed` begins
  std::optional<SnapshotPlace> asked;             ///< of the request: where this block begins
  std::optional<bool> no_codes;                   ///< true: no one-time codes go out
  template <class V> static void fields(V& v, auto& s) {
    v(0, s.version); v(1, s.answers); v(2, s.checkpoint); v(3, s.consistency); v(4, s.logs);
    v(5, s.feed); v(6, s.cursor); v(7, s.more); v(8, s.wanted); v(9, s.server_ms);
    v(10, s.catalogue); v(11, s.head); v(12, s.revoked); v(13, s.continued);
    v(14, s.continuation_refused); v(15, s.forgotten); v(16, s.snapshot);
    v(17, s.after); v(18, s.asked); v(19, s.no_codes);
  }
};

/// A refused request, over HTTP with a status and over WebSocket alike.
struct Refusal {
  std::uint64_t version = exchange::version;
  std::uint16_t code{};  ///< errc
  std::string english;
  std::string vietnamese;
  std::optional<std::uint32_t> retry_after_s;  ///< of what may succeed later
  template <class V> static void fields(V& v, auto& s) {
    v(0, s.version); v(1, s.code); v(2, s.english); v(3, s.vietnamese); v(4, s.retry_after_s);
  }
};
[[nodiscard]] Refusal make_refusal(errc code);

struct EnrolRequest {
  std::uint64_t version = exchange::version;
  std::string ticket;
  PublicKey public_key{};
  Id incarnation{};
  Signature proof{};  ///< over enrol_statement(ticket, incarnation): the sender has the key
  template <class V> static void fields(V& v, auto& s) {
    v(0, s.version); v(1, s.ticket); v(2, s.public_key); v(3, s.incarnation); v(4, s.proof);
  }
};
[[nodiscard]] Bytes enrol_statement(std::string_view ticket, const Id& incarnation);

/// What a device must know of its tenant for ever after.
struct Tenant {
  std::string code;    ///< QĐ 20/2020 code of the province: "H42"
  std::string name;
  std::string origin;  ///< of the journal's checkpoints
  PublicKey authority_key{};
  PublicKey journal_key{};
  std::optional<PublicKey> bundle_key;  ///< X25519; none from a registry that takes no bundles
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.code); v(2, s.name); v(3, s.origin); v(4, s.authority_key); v(5, s.journal_key);
    v(6, s.bundle_key);
  }
  friend bool operator==(const Tenant&, const Tenant&) = default;
};
struct EnrolAnswer {
  std::uint64_t version = exchange::version;
  Bytes certificate;
  Tenant tenant;
  template <class V> static void fields(V& v, auto& s) {
    v(0, s.version); v(1, s.certificate); v(2, s.tenant);
  }
};

/// Sign-in: POST /v1/challenge (empty) gives a challenge; its signature gives a token.
struct Challenge {
  Bytes challenge;
  template <class V> static void fields(V& v, auto& s) { v(1, s.challenge); }
};
struct TokenRequest {
  std::uint64_t version = exchange::version;
  LogIntro log;
  Bytes challenge;
  Signature signature{};  ///< over token_statement(challenge, tenant)
  template <class V> static void fields(V& v, auto& s) {
    v(0, s.version); v(1, s.log); v(2, s.challenge); v(3, s.signature);
  }
};
[[nodiscard]] Bytes token_statement(BytesView challenge, std::string_view tenant);
struct TokenAnswer {
  std::string token;
  std::uint64_t expires_ms{};
  template <class V> static void fields(V& v, auto& s) { v(1, s.token); v(2, s.expires_ms); }
};

/// Asks for an enrolment ticket, by an operator (with the admin secret) or, for a citizen of a
/// dossier in their own unit, by a dispatcher or officer.
struct TicketRequest {
  Role role{};
  std::string unit;
  std::optional<Id> actor;  ///< a further device of the same person
  std::optional<Id> scope;  ///< the citizen's dossier
  std::string label;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.role); v(2, s.unit); v(3, s.actor); v(4, s.scope); v(5, s.label);
  }
};
struct TicketAnswer {
  std::string ticket;  ///< base64url of 32 random bytes
  Id actor{};
  std::uint64_t expires_ms{};
  template <class V> static void fields(V& v, auto& s) { v(1, s.ticket); v(2, s.actor); v(3, s.expires_ms); }
};

/// WebSocket messages: a kind, the sender's number for matching answers, and the content.
enum class LiveKind : std::uint8_t {
  hello = 1,     ///< device → server, content: the token as text
  welcome = 2,   ///< server → device
  request = 3,   ///< content: encoded Request
  response = 4,  ///< content: encoded Response
  refusal = 5,   ///< content: encoded Refusal
  changed = 6,   ///< server → device: the feed has something new
};
constexpr bool is_valid(LiveKind k) { return k >= LiveKind::hello && k <= LiveKind::changed; }
struct LiveMessage {
  LiveKind kind{};
  std::uint64_t number{};
  Bytes content;
  template <class V> static void fields(V& v, auto& s) { v(1, s.kind); v(2, s.number); v(3, s.content); }
};

/// What travels between two phones, or a phone and the desk, without a network: records and the
/// logs that wrote them. As text it is "TN1." and base64url, fit for a QR code.
struct Parcel {
  std::uint64_t version = exchange::version;
  std::vector<LogIntro> logs;
  std::vector<Carried> records;
  template <class V> static void fields(V& v, auto& s) { v(0, s.version); v(1, s.logs); v(2, s.records); }
};
[[nodiscard]] std::string parcel_text(const Parcel& parcel);
/// Reads over line ends and spaces behind the text. Errors, in order: frame_malformed (the prefix);
/// frame_too_large; frame_malformed (not base64url); those of decode().
[[nodiscard]] Result<Parcel> parcel_from_text(std::string_view text);

/// Reads a versioned message. Errors, in order: frame_too_large (more items than
/// limits::message_items_max); those of cbor::decode; frame_version_unknown; frame_malformed.
template <class M>
[[nodiscard]] Result<M> decode(BytesView bytes) {
  if (!cbor::has_at_most(bytes, limits::message_items_max)) {
    return fail(errc::frame_too_large, "items");
  }
  TN_TRY(const cbor::Value& value, cbor::decode(bytes));
  const cbor::Value* v = value.find(std::int64_t{0});
  if (!v || !v->as_uint()) return fail(errc::frame_malformed, "version");
  if (*v->as_uint() != version) return fail(errc::frame_version_unknown);
  M message;
  if (!fields::from_value(value, message)) return fail(errc::frame_malformed, "field");
  return message;
}

}  // namespace tannha::exchange
