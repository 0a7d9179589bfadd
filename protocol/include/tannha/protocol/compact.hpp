#pragma once

#include "tannha/protocol/exchange.hpp"

/// A request in which the records leave out what the receiver can work out: the hash of the record
/// before, the hash of the body beside, whatever is as in the record before. The receiver makes the
/// envelopes again, byte by byte, before it looks at anything; what is signed, hashed and receipted
/// is the whole envelope. docs/protocol.md §9 gives the bytes.
namespace tannha::exchange {

inline constexpr std::uint64_t compact_version = 2;

struct CompactBeacon {
  std::uint64_t size{};
  Hash root{};
  template <class V> static void fields(V& v, auto& s) { v(1, s.size); v(2, s.root); }
};

/// One record; "before" is the one before it in the message. Its tenant is the request's.
struct CompactRecord {
  std::optional<Hash> log_id;        ///< none: as before
  std::optional<std::uint64_t> seq;  ///< none: the next of this log in the message; the first is 0
  std::optional<Hash> prev;  ///< none: the log's record before in the message; the first: the log id
  std::optional<Id> subject;               ///< none: as before
  std::optional<std::uint16_t> type;       ///< none: as before
  std::optional<std::vector<Hash>> refs;   ///< none: no references
  std::optional<CompactBeacon> beacon;     ///< none: as before
  std::int64_t claimed_ms{};               ///< added to the one before
  std::optional<Id> boot_id;               ///< none: as before
  std::int64_t monotonic_ms{};             ///< added to the one before
  Bytes body;                              ///< without key 0, the salt
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.log_id); v(2, s.seq); v(3, s.prev); v(4, s.subject); v(5, s.type); v(6, s.refs);
    v(7, s.beacon); v(8, s.claimed_ms); v(9, s.boot_id); v(10, s.monotonic_ms); v(11, s.body);
  }
};

/// Random bytes stand apart from the others, which then compress better.
struct Compact {
  std::vector<CompactRecord> records;
  Bytes signatures;  ///< 64 bytes a record
  Bytes salts;       ///< 16 bytes a record
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.records); v(2, s.signatures); v(3, s.salts);
  }
};

/// The request with version 2 and its records in the compact form, if that gives exactly the same
/// records again; otherwise, and without records, as it is.
[[nodiscard]] Bytes encode_compact(const Request& request);

/// Reads a request of either version. @return its records whole
/// Errors, in order: those of decode(), for either version; frame_malformed (records beside the
/// compact ones); before any record is made too_many_records, frame_malformed (not as many
/// signatures or salts) and tenant_mismatch (no code is so long); frame_malformed (an empty body);
/// frame_too_large (whole, they would be more than frame_bytes_max).
[[nodiscard]] Result<Request> decode_request(BytesView bytes);

}  // namespace tannha::exchange
