#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tannha/protocol/checkpoint.hpp"
#include "tools/net/http_client.hpp"

namespace tannha::tools {

/// Gets an address of the server ("/log/checkpoint"); every status is an answer.
using HttpGet = std::function<Result<HttpAnswer>(const std::string& path)>;

/// What an auditor keeps from one audit to the next.
struct RememberedCheckpoint {
  std::string origin;
  PublicKey key{};   ///< of the journal
  std::string note;  ///< signed; empty: only the key is known

  /// The key in the form of c2sp.org/signed-note, a line feed, the note.
  [[nodiscard]] std::string text() const;
  /// Errors: checkpoint_malformed.
  [[nodiscard]] static Result<RememberedCheckpoint> parse(const std::string& text);
};

/// The verifier key of c2sp.org/signed-note: "name+key id+base64".
[[nodiscard]] std::string verifier_key(std::string_view origin, const PublicKey& key);

struct HttpAudit {
  Checkpoint checkpoint;             ///< that was verified
  std::optional<Checkpoint> before;  ///< that it continues
  std::uint64_t tiles = 0;           ///< fetched, bundles of entries included
  std::uint64_t bytes = 0;
  RememberedCheckpoint remember;     ///< for the next time
};

/// Checks a registry from outside, with nothing but its public addresses (c2sp.org/tlog-tiles): the
/// signature, the root from all entries, every tile, and that it continues what was seen before.
/// About 17 kB for 256 records; a few tiles of each level in memory.
/// @param before nothing: the key is the one that the server names, and is worth no more than that
/// Errors: those of `get`; checkpoint_malformed, signature_invalid; checkpoint_inconsistent (rolled
/// back, or another past); store_not_found (a tile is missing); store_corrupt (tiles, entries and
/// signed root are not of one tree); server_reply_malformed; server_refused (another status).
[[nodiscard]] Result<HttpAudit> audit_over_http(const HttpGet& get,
                                                const std::optional<RememberedCheckpoint>& before);

}  // namespace tannha::tools
