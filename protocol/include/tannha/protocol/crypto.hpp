#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/limits.hpp"
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

/// A key pair for sealed boxes (X25519, libsodium's crypto_box_seal): anyone can seal to its public
/// key, and only its owner can open. The secret half is wiped from memory on destruction.
class BoxKeyPair {
 public:
  [[nodiscard]] static BoxKeyPair from_seed(const Seed& seed);
  BoxKeyPair(const BoxKeyPair&) = default;
  BoxKeyPair& operator=(const BoxKeyPair&) = default;
  ~BoxKeyPair();

  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  /// @return nothing when the box was sealed to another key or is not as it was sealed
  [[nodiscard]] std::optional<Bytes> open(BytesView box) const;

 private:
  BoxKeyPair() = default;
  std::array<std::uint8_t, 32> secret_{};
  PublicKey public_key_{};
};

/// Bytes that a sealed box is longer than its message.
inline constexpr std::size_t box_overhead = 48;
/// A sealed box. @param ephemeral 32 secret bytes that are used for this box alone
/// @return nothing when the recipient's key is no usable one
[[nodiscard]] std::optional<Bytes> seal_box(const PublicKey& recipient, BytesView message,
                                            const Seed& ephemeral);

/// A further secret from one that is there already: keyed BLAKE2b-256 of the purpose. Who knows it
/// learns nothing of `key`. @param purpose a text that names the use and is used for no other
[[nodiscard]] Seed derive_seed(const Seed& key, std::string_view purpose);

/// libsodium's rule: rejects small-order keys, non-canonical S and non-canonical points.
[[nodiscard]] bool verify(const PublicKey& key, BytesView message, BytesView signature);

/// HMAC-SHA-512/256 of libsodium: the server's own tokens.
[[nodiscard]] Hash mac(const Seed& key, BytesView message);
/// In constant time.
[[nodiscard]] bool equal_constant_time(BytesView a, BytesView b);

/// 24 bytes, random for each sealing: so many that chance never repeats them under one key.
using Nonce = std::array<std::uint8_t, 24>;
/// What sealing adds: the nonce in front and 16 bytes of tag at the end.
inline constexpr std::size_t seal_overhead_bytes = 24 + 16;

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03).
/// @param associated is not in the result but must be the same at unseal: it binds a value to its
/// place, so that sealed values cannot be swapped.
/// @return nonce || ciphertext || tag
[[nodiscard]] Bytes seal(const Seed& key, const Nonce& nonce, BytesView associated,
                         BytesView plain);
/// @return nothing when key, associated data or a single bit is not what was sealed
[[nodiscard]] std::optional<Bytes> unseal(const Seed& key, BytesView associated, BytesView sealed);

/// How much work Argon2id is: passes from 1, memory from 8 KiB. Both make guessing dearer.
struct Argon2Cost {
  std::uint32_t passes = limits::argon2_passes;
  std::uint64_t memory_bytes = limits::argon2_bytes;
};
inline constexpr Argon2Cost argon2_minimum{1, 8192};
/// Argon2id (RFC 9106), one lane. @return nothing when the memory is not there or the cost is below
/// the minimum. Cost: at the default about 0.1 s on a desktop core.
[[nodiscard]] std::optional<Seed> argon2id(std::string_view password, const Id& salt,
                                           const Argon2Cost& cost);

/// Overwrites secrets with zeros; not optimised away.
void wipe(std::span<std::uint8_t> secret);

}  // namespace tannha
