#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/protocol/exchange.hpp"
#include "tannha/protocol/limits.hpp"

/// Everything unsent of a device as a file, or as texts for QR codes, that any other enrolled actor
/// may deliver. Who carries it cannot read it; a change on the way is noticed: of the seal by its
/// authentication, of a record by its signature, of an attachment by its hash. docs/protocol.md
/// gives the bytes.
namespace tannha {

struct BundleAttachment {
  Hash hash{};  ///< BLAKE2b-256 of `bytes`, as a signed record names it
  std::string media_type;
  Bytes bytes;
  template <class V> static void fields(V& v, auto& s) {
    v(1, s.hash); v(2, s.media_type); v(3, s.bytes);
  }
};

/// What is under the seal.
struct Bundle {
  std::uint64_t version = exchange::version;
  std::string tenant;             ///< as in front of the seal, where it could be changed
  Hash maker{};                   ///< the log whose device made it; whom the receipts are for
  std::uint64_t journal_size{};   ///< of the newest checkpoint verified there; 0 for none
  std::vector<LogIntro> logs;     ///< of every carried log
  std::vector<exchange::Carried> records;  ///< in order of seq within each log
  std::vector<BundleAttachment> attachments;
  template <class V> static void fields(V& v, auto& s) {
    v(0, s.version); v(1, s.tenant); v(2, s.maker); v(3, s.journal_size); v(4, s.logs);
    v(5, s.records); v(6, s.attachments);
  }
};

/// @param key the tenant's bundle key @param ephemeral 32 secret bytes that are used once
/// Errors: frame_too_large; key_malformed.
[[nodiscard]] Result<Bytes> seal_bundle(const Bundle& bundle, const PublicKey& key,
                                        const Seed& ephemeral);
/// How many bytes seal_bundle() adds to the encoded content.
[[nodiscard]] std::size_t bundle_overhead(std::string_view tenant);

/// Opens and reads a bundle; its records and attachments are not looked at.
/// Errors, in order: frame_too_large; bundle_malformed (no bundle, or its header is cut off);
/// frame_version_unknown; bundle_not_for_us (another tenant's); bundle_malformed (size, seal or
/// content), or frame_version_unknown of the content; too_many_records.
[[nodiscard]] Result<Bundle> open_bundle(BytesView bytes, std::string_view tenant,
                                         const BoxKeyPair& key);

/// What the registry answers to a bundle, to be carried back. It names hashes, verdicts and
/// reasons, and nothing of a record's content. Signed by the journal's key, since it travels
/// without a connection that would vouch for verdicts.
struct BundleReceipts {
  std::uint64_t version = exchange::version;
  std::string tenant;
  Hash maker{};
  std::uint64_t journal_size{};   ///< the bundle's: where `consistency` begins
  std::vector<exchange::Answer> answers;  ///< one for each record, in order
  std::string checkpoint;         ///< signed note; every path leads to it
  std::vector<Hash> consistency;  ///< from journal_size; empty where that was 0
  std::vector<Hash> attachments;  ///< of the bundle, that the registry has now
  template <class V> static void fields(V& v, auto& s) {
    v(0, s.version); v(1, s.tenant); v(2, s.maker); v(3, s.journal_size); v(4, s.answers);
    v(5, s.checkpoint); v(6, s.consistency); v(7, s.attachments);
  }
};

[[nodiscard]] Bytes sign_bundle_receipts(const BundleReceipts& receipts, const KeyPair& journal);
/// Errors, in order: frame_too_large; those of cose::decode_sign1; cose_wrong_type; cose_malformed
/// (an unprotected header); cose_unknown_algorithm; signature_invalid; those of exchange::decode();
/// tenant_mismatch.
[[nodiscard]] Result<BundleReceipts> open_bundle_receipts(BytesView bytes, std::string_view tenant,
                                                          const PublicKey& journal);

/// Bytes as texts for a series of QR codes: "TNB1/<i>/<n>/<8 hex of SHA-256>/<base64url>", i from
/// 1 to n.
/// @param part_chars_max of one text, from 64 to limits::bundle_part_chars_max
/// Errors: argument_invalid; frame_too_large (more than limits::bundle_parts_max parts).
[[nodiscard]] Result<std::vector<std::string>> bundle_parts(
    BytesView bytes, std::size_t part_chars_max = limits::bundle_part_chars_target);
/// Whether a text claims to be one of a series.
[[nodiscard]] bool is_bundle_part(std::string_view text);

/// Puts series together again, from texts in any order, repeated, and of several series mixed.
/// Holds at most limits::bundle_joins_max series: the one that got nothing for longest goes first.
class BundleJoiner {
 public:
  struct Progress {
    std::size_t have{};  ///< parts, each counted once
    std::size_t of{};
    std::optional<Bytes> complete;  ///< the whole, given once, with the last missing part
  };
  /// Reads over line ends and spaces behind the text.
  /// Errors: frame_too_large (text, or number of parts); frame_malformed (no part; a part that
  /// contradicts one that is here; parts that do not make the whole, which are then forgotten).
  [[nodiscard]] Result<Progress> add(std::string_view text);
  /// Series of which parts are missing.
  [[nodiscard]] std::size_t unfinished_count() const;

 private:
  struct Series {
    std::string name;  ///< number of parts and hash
    std::vector<std::optional<Bytes>> parts;
    std::size_t have = 0;
    bool given = false;
  };
  Series& series_of(std::string name, std::size_t count);
  Result<Progress> finish(Series& series, std::string_view hash);

  std::vector<Series> series_;  ///< the one that was added to last stands last
};

}  // namespace tannha
