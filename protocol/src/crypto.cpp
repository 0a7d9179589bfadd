#include "tannha/protocol/crypto.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace tannha {
namespace {

using BlakeState = crypto_generichash_blake2b_state;

static_assert(std::tuple_size_v<Hash> == crypto_hash_sha256_BYTES);
static_assert(std::tuple_size_v<Hash> == crypto_auth_hmacsha512256_BYTES);
static_assert(std::tuple_size_v<PublicKey> == crypto_sign_ed25519_PUBLICKEYBYTES);
static_assert(std::tuple_size_v<Signature> == crypto_sign_ed25519_BYTES);
static_assert(std::tuple_size_v<Seed> == crypto_sign_ed25519_SEEDBYTES);
static_assert(std::tuple_size_v<Seed> == crypto_auth_hmacsha512256_KEYBYTES);
static_assert(std::tuple_size_v<Seed> == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(std::tuple_size_v<Nonce> == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(seal_overhead_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
                                         crypto_aead_xchacha20poly1305_ietf_ABYTES);

BlakeState* blake_state(std::array<std::uint8_t, 384>& bytes) {
  static_assert(sizeof(BlakeState) <= sizeof(bytes) && alignof(BlakeState) <= 64);
  return std::launder(reinterpret_cast<BlakeState*>(bytes.data()));
}

}  // namespace

void init_crypto() {
  // Without its random source libsodium must not be used at all; this is before any data exist.
  if (sodium_init() < 0) std::abort();
}

Hash sha256(BytesView bytes) {
  Hash out;
  crypto_hash_sha256(out.data(), bytes.data(), bytes.size());
  return out;
}

Hash blake2b_256(BytesView bytes) {
  Hash out;
  crypto_generichash_blake2b(out.data(), out.size(), bytes.data(), bytes.size(), nullptr, 0);
  return out;
}

Blake2bStream::Blake2bStream() : state_{} {
  ::new (static_cast<void*>(state_.data())) BlakeState;
  crypto_generichash_blake2b_init(blake_state(state_), nullptr, 0, std::tuple_size_v<Hash>);
}

void Blake2bStream::update(BytesView bytes) {
  crypto_generichash_blake2b_update(blake_state(state_), bytes.data(), bytes.size());
}

Hash Blake2bStream::finish() {
  Hash out;
  crypto_generichash_blake2b_final(blake_state(state_), out.data(), out.size());
  return out;
}

KeyPair KeyPair::from_seed(const Seed& seed) {
  KeyPair pair;
  static_assert(sizeof pair.secret_ == crypto_sign_ed25519_SECRETKEYBYTES);
  crypto_sign_ed25519_seed_keypair(pair.public_key_.data(), pair.secret_.data(), seed.data());
  return pair;
}

KeyPair::~KeyPair() {
  sodium_memzero(secret_.data(), secret_.size());
}

Seed KeyPair::seed() const {
  Seed out;
  crypto_sign_ed25519_sk_to_seed(out.data(), secret_.data());
  return out;
}

Signature KeyPair::sign(BytesView message) const {
  Signature out;
  crypto_sign_ed25519_detached(out.data(), nullptr, message.data(), message.size(), secret_.data());
  return out;
}

BoxKeyPair BoxKeyPair::from_seed(const Seed& seed) {
  BoxKeyPair pair;
  static_assert(sizeof pair.secret_ == crypto_box_SECRETKEYBYTES);
  static_assert(sizeof pair.public_key_ == crypto_box_PUBLICKEYBYTES);
  static_assert(sizeof seed == crypto_box_SEEDBYTES);
  crypto_box_seed_keypair(pair.public_key_.data(), pair.secret_.data(), seed.data());
  return pair;
}

BoxKeyPair::~BoxKeyPair() {
  sodium_memzero(secret_.data(), secret_.size());
}

std::optional<Bytes> BoxKeyPair::open(BytesView box) const {
  if (box.size() < box_overhead) return std::nullopt;
  Bytes message(box.size() - box_overhead);
  if (crypto_box_seal_open(message.data(), box.data(), box.size(), public_key_.data(),
                           secret_.data()) != 0) {
    return std::nullopt;
  }
  return message;
}

// The bytes are crypto_box_seal's. Only its ephemeral key comes from the host, as all randomness
// does, so that a seed gives the same bytes again.
std::optional<Bytes> seal_box(const PublicKey& recipient, BytesView message,
                              const Seed& ephemeral) {
  static_assert(box_overhead == crypto_box_SEALBYTES);
  std::array<std::uint8_t, crypto_box_PUBLICKEYBYTES> key{};
  std::array<std::uint8_t, crypto_box_SECRETKEYBYTES> secret{};
  crypto_box_seed_keypair(key.data(), secret.data(), ephemeral.data());
  std::array<std::uint8_t, 2 * crypto_box_PUBLICKEYBYTES> keys{};
  std::copy(key.begin(), key.end(), keys.begin());
  std::copy(recipient.begin(), recipient.end(), keys.begin() + crypto_box_PUBLICKEYBYTES);
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce{};
  crypto_generichash(nonce.data(), nonce.size(), keys.data(), keys.size(), nullptr, 0);
  Bytes box(message.size() + box_overhead);
  std::copy(key.begin(), key.end(), box.begin());
  const bool sealed =
      crypto_box_easy(box.data() + key.size(), message.data(), message.size(), nonce.data(),
                      recipient.data(), secret.data()) == 0;
  sodium_memzero(secret.data(), secret.size());
  if (!sealed) return std::nullopt;
  return box;
}

Seed derive_seed(const Seed& key, std::string_view purpose) {
  Seed out;
  const BytesView text = as_bytes(purpose);
  crypto_generichash_blake2b(out.data(), out.size(), text.data(), text.size(), key.data(),
                             key.size());
  return out;
}

bool verify(const PublicKey& key, BytesView message, BytesView signature) {
  if (signature.size() != crypto_sign_ed25519_BYTES) return false;
  return crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(),
                                             key.data()) == 0;
}

Hash mac(const Seed& key, BytesView message) {
  Hash out;
  crypto_auth_hmacsha512256(out.data(), message.data(), message.size(), key.data());
  return out;
}

bool equal_constant_time(BytesView a, BytesView b) {
  // A length is no secret.
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes seal(const Seed& key, const Nonce& nonce, BytesView associated, BytesView plain) {
  Bytes out(nonce.begin(), nonce.end());
  out.resize(seal_overhead_bytes + plain.size());
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + nonce.size(), nullptr, plain.data(),
                                             plain.size(), associated.data(), associated.size(),
                                             nullptr, nonce.data(), key.data());
  return out;
}

std::optional<Bytes> unseal(const Seed& key, BytesView associated, BytesView sealed) {
  if (sealed.size() < seal_overhead_bytes) return std::nullopt;
  constexpr std::size_t nonce_size = std::tuple_size_v<Nonce>;
  Bytes out(sealed.size() - seal_overhead_bytes);
  const int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(
      out.data(), nullptr, nullptr, sealed.data() + nonce_size, sealed.size() - nonce_size,
      associated.data(), associated.size(), sealed.data(), key.data());
  if (rc != 0) return std::nullopt;
  return out;
}

std::optional<Seed> argon2id(std::string_view password, const Id& salt, const Argon2Cost& cost) {
  static_assert(std::tuple_size_v<Id> == crypto_pwhash_argon2id_SALTBYTES);
  static_assert(argon2_minimum.passes == crypto_pwhash_argon2id_OPSLIMIT_MIN &&
                argon2_minimum.memory_bytes == crypto_pwhash_argon2id_MEMLIMIT_MIN);
  Seed out;
  if (crypto_pwhash_argon2id(out.data(), out.size(), password.data(), password.size(), salt.data(),
                             cost.passes, static_cast<std::size_t>(cost.memory_bytes),
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return std::nullopt;
  }
  return out;
}

void wipe(std::span<std::uint8_t> secret) { sodium_memzero(secret.data(), secret.size()); }

}  // namespace tannha
