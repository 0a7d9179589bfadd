#pragma once

#include <array>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

/// The primitives, all libsodium's, so that phone and server agree on every edge case: verifiers of
/// Ed25519 differ. Nothing here makes randomness: seeds and nonces are handed in.
namespace tannha {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;
using Seed = std::array<std::uint8_t, 32>;

/// Must be called once before anything else here; safe to repeat and from several threads.
void init_crypto();

[[nodiscard]] Hash sha256(BytesView bytes);
[[nodiscard]] Hash blake2b_256(BytesView bytes);

/// BLAKE2b-256 of bytes that come in pieces: attachments.
class Blake2bStream {
 public:
  Blake2bStream();
  void update(BytesView bytes);
  [[nodiscard]] Hash finish();

 private:
  alignas(64) std::array<std::uint8_t, 384> state_;
};

/// An Ed25519 key pair. The secret half is wiped from memory on destruction.
class KeyPair {
 public:
  /// @param seed the 32 secret bytes of RFC 8032 §5.1.5
  [[nodiscard]] static KeyPair from_seed(const Seed& seed);
  KeyPair(const KeyPair&) = default;
  KeyPair& operator=(const KeyPair&) = default;
  ~KeyPair();

  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] Seed seed() const;
  [[nodiscard]] Signature sign(BytesView message) const;

 private:
  KeyPair() = default;
  std::array<std::uint8_t, 64> secret_{};
  PublicKey public_key_{};
};

/// libsodium's rule: rejects small-order keys, non-canonical S and non-canonical points.
[[nodiscard]] bool verify(const PublicKey& key, BytesView message, BytesView signature);

/// HMAC-SHA-512/256 of libsodium: the server's own tokens.
[[nodiscard]] Hash mac(const Seed& key, BytesView message);
/// In constant time.
[[nodiscard]] bool equal_constant_time(BytesView a, BytesView b);

}  // namespace tannha
