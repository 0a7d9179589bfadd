#pragma once

#include <functional>

#include "tannha/protocol/crypto.hpp"

/// In programs of this folder libsodium's check of an Ed25519 signature is reached through a memory
/// (the linker's --wrap): each distinct key, message and signature is checked once, never skipped.
/// A world has many readers of one record.
namespace tannha::simulate {

/// Forgets everything: before each seed, so that memory stays small and seeds are alike.
void clear_verify_cache();
[[nodiscard]] std::uint64_t verify_cache_hits();
[[nodiscard]] std::uint64_t verify_cache_misses();

/// libsodium's own answer, whatever a canary does to the wrapped one.
[[nodiscard]] bool really_verifies(const PublicKey& key, BytesView message, BytesView signature);

/// A canary that says yes where libsodium would be asked. Empty: none.
using VerifyCanary = std::function<bool(BytesView message)>;
void set_verify_canary(VerifyCanary canary);

}  // namespace tannha::simulate
