#pragma once

#include <string>
#include <string_view>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha {

/// A tree head in the C2SP tlog-checkpoint form: a signed note (c2sp.org/signed-note) whose text is
/// the origin line, the decimal size, and the root in base64.
struct Checkpoint {
  std::string origin;  ///< names the log: "tannha.vn/H42"
  std::uint64_t size{};
  Hash root{};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The note with one Ed25519 signature line; the key's name is the origin. The key id is the first
/// four bytes of SHA-256(name || 0x0A || 0x01 || public key).
[[nodiscard]] std::string sign_checkpoint(const Checkpoint& checkpoint, const KeyPair& key);

/// Reads a note and checks that `key` signed it under `origin`; other signature lines (witnesses)
/// are skipped. Errors: checkpoint_malformed, signature_invalid.
[[nodiscard]] Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view origin,
                                                 const PublicKey& key);

}  // namespace tannha
