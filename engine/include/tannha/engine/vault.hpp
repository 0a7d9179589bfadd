#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tannha/engine/host.hpp"
#include "tannha/engine/sqlite.hpp"
#include "tannha/protocol/crypto.hpp"

namespace tannha {

/// What opens a vault, or shall open it from now on. With both, both are needed: then neither the
/// file with a guessed PIN nor the keystore without the person is enough. A vault looks only at
/// what it needs, so that a host may always name all it has.
struct Unlock {
  std::optional<std::string> pin;    ///< as typed: limits::pin_digits_min digits or more
  std::optional<Seed> platform_key;  ///< 32 random bytes that the platform's keystore holds
  /// For a lock that is being made; an existing one knows its own.
  Argon2Cost cost{};

  Unlock() = default;
  explicit Unlock(const Seed& key) : platform_key(key) {}
  explicit Unlock(std::string digits, Argon2Cost argon2 = {})
      : pin(std::move(digits)), cost(argon2) {}
  Unlock(const Unlock&) = default;
  Unlock& operator=(const Unlock&) = default;
  ~Unlock();  ///< wipes the secrets

  /// Names neither.
  [[nodiscard]] bool empty() const { return !pin && !platform_key; }
};

/// Errors: pin_too_weak (fewer than limits::pin_digits_min digits or more than pin_digits_max, not
/// digits only, all the same, or counting up or down).
[[nodiscard]] Result<void> check_pin(std::string_view pin);

/// The key under which a device's store seals what is personal or secret: 32 random bytes that are
/// stored only wrapped. What it keeps lies in two tables of its own in the store's database, the
/// wrapped key in both, so that one damaged page does not cost everything.
///
/// Wrong PINs are counted before they are tried, so that cutting the power saves nothing. After
/// limits::vault_free_tries each costs a wait: 30 s, 1 min, 5 min, 15 min, then 1 h each time. It
/// is measured on the monotonic clock of one boot; another boot begins the wait anew. That stops
/// whoever has the device; against guessing at a copy of its file elsewhere stand the work of
/// Argon2id and, where it is used, the platform's key.
///
/// Functions that take a database write by themselves: not inside a transaction. One thread.
class Vault {
 public:
  /// The tables, for the store's schema.
  static const char* const schema;

  /// What its lock asks for; nothing when there is no vault.
  struct Needs {
    bool pin = false;
    bool platform_key = false;
  };
  [[nodiscard]] static Result<std::optional<Needs>> needs(sqlite::Database& db);

  /// Makes a key and its lock where there is none, and is open then.
  /// Errors: vault_locked (`unlock` names neither); pin_too_weak; argument_invalid (the cost);
  /// the store's.
  [[nodiscard]] Result<void> make(sqlite::Database& db, Host& host, const Unlock& unlock);
  /// Errors: store_not_found (no vault); store_corrupt (its lock); vault_locked (`unlock` does not
  /// name what is needed, or the platform's key is another one); pin_too_soon (detail: whole
  /// seconds to wait); pin_wrong (detail: seconds until the next try, 0 for at once); the store's.
  /// Cost: that of argon2id with a PIN.
  [[nodiscard]] Result<void> unlock(sqlite::Database& db, Host& host, const Unlock& unlock);
  /// Puts another lock before the same key: nothing else changes, and the old one opens no more.
  /// Errors: those of unlock for `now`; those of make for `next`. On any error the lock is as
  /// before.
  [[nodiscard]] Result<void> change(sqlite::Database& db, Host& host, const Unlock& now,
                                    const Unlock& next);
  /// Takes the key away for good: what was sealed cannot be opened again, by anybody. In the caller's
  /// transaction, who calls lock() when that is durable: until then the key may still be needed.
  [[nodiscard]] Result<void> destroy(sqlite::Database& db);
  /// For rescuing data from a damaged file that cannot be written: uses whichever copy of the lock
  /// can be read, and counts no tries. Errors: as unlock, without pin_too_soon.
  [[nodiscard]] Result<void> unlock_damaged(sqlite::Database& db, Host& host, const Unlock& unlock);

  [[nodiscard]] bool is_locked() const { return key_ == nullptr; }
  /// Wipes the key from memory. Harmless when locked.
  void lock() { key_.reset(); }
  /// The person is there.
  void touch();
  /// Locks when nobody touched it for limits::vault_idle_ms of the monotonic clock, which the host
  /// must let run while the device sleeps.
  /// @return whether it is locked now
  bool lock_if_idle();

  /// @param place what the value is bound to: sealed values cannot change places
  /// Errors: vault_locked.
  [[nodiscard]] Result<Bytes> seal(BytesView place, BytesView plain);
  /// Errors: vault_locked; store_corrupt (not what was sealed for this place).
  [[nodiscard]] Result<Bytes> unseal(BytesView place, BytesView sealed) const;

 private:
  struct Wiper {
    void operator()(Seed* key) const;
  };
  using Key = std::unique_ptr<Seed, Wiper>;
  [[nodiscard]] Result<void> open_with(sqlite::Database& db, Host& host, const Unlock& unlock,
                                       Key& key);
  [[nodiscard]] static Result<void> store_lock(sqlite::Database& db, Host& host, const Seed& key,
                                               const Unlock& unlock);
  void take(Key key, Host& host);

  Key key_;               ///< on the heap, so that moving a vault leaves no copy behind
  Host* host_ = nullptr;  ///< since the first unlock
  std::uint64_t touched_ms_ = 0;
};

}  // namespace tannha
