#include "tannha/engine/vault.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

using sqlite::arg;
using sqlite::Row;

constexpr std::string_view place_of_key = "tannha vault key";
constexpr std::string_view purpose_of_mix = "tannha vault: PIN and platform";

// From the first wrong PIN after the free ones on; the last for all that follow.
constexpr std::array<std::uint64_t, 5> waits_ms = {30'000, 60'000, 300'000, 900'000, 3'600'000};

std::uint64_t wait_ms_after(std::uint64_t wrong) {
  if (wrong < limits::vault_free_tries) return 0;
  const std::uint64_t last = waits_ms.size() - 1;
  return waits_ms[static_cast<std::size_t>(std::min(wrong - limits::vault_free_tries, last))];
}

std::string in_seconds(std::uint64_t ms) {
  return std::to_string((ms + 999) / 1000);
}

void wipe_text(std::string& text) {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

/// The wrapped key and how it was wrapped.
struct Lock {
  bool pin{};
  bool platform_key{};
  std::uint32_t passes{};
  std::uint64_t memory_bytes{};
  Id salt{};
  Bytes wrapped;
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.pin);
    v(2, s.platform_key);
    v(3, s.passes);
    v(4, s.memory_bytes);
    v(5, s.salt);
    v(6, s.wrapped);
  }
};

bool is_within_limits(const Argon2Cost& cost) {
  return cost.passes >= argon2_minimum.passes && cost.passes <= limits::argon2_passes_max &&
         cost.memory_bytes >= argon2_minimum.memory_bytes &&
         cost.memory_bytes <= limits::argon2_bytes_max;
}

// With its digest behind it: a damaged copy must look like one, not like a wrong PIN.
Bytes encode_lock(const Lock& lock) {
  Bytes bytes = fields::encode(lock);
  const Hash digest = sha256(bytes);
  bytes.insert(bytes.end(), digest.begin(), digest.end());
  return bytes;
}

Result<Lock> decode_lock(BytesView stored) {
  if (stored.size() < sizeof(Hash)) return fail(errc::store_corrupt, "vault");
  const BytesView bytes = stored.first(stored.size() - sizeof(Hash));
  if (!std::ranges::equal(sha256(bytes), stored.last(sizeof(Hash)))) {
    return fail(errc::store_corrupt, "vault");
  }
  TN_TRY(Lock lock, fields::decode<Lock>(bytes, errc::store_corrupt));
  if ((!lock.pin && !lock.platform_key) || !is_within_limits({lock.passes, lock.memory_bytes})) {
    return fail(errc::store_corrupt, "vault");
  }
  return lock;
}

/// A copy of the lock that can be read: the second one is for when the first cannot.
Result<std::optional<Lock>> read_lock(sqlite::Database& db) {
  std::optional<Error> damaged;
  for (const char* sql : {"SELECT lock FROM vault", "SELECT lock FROM vault_copy"}) {
    const auto bytes = db.one(sql, {}, [](Row row) { return to_bytes(row.bytes(0)); });
    if (!bytes) {
      damaged = bytes.error();
      continue;
    }
    if (!*bytes) continue;
    auto lock = decode_lock(**bytes);
    if (lock) return std::optional<Lock>(std::move(*lock));
    damaged = lock.error();
  }
  if (damaged) return std::unexpected(std::move(*damaged));
  return std::optional<Lock>();
}

/// The key that wraps the vault's. Errors: vault_locked (something is not named, or there is not
/// enough memory).
Result<Seed> wrapping_key(const Lock& lock, const Unlock& unlock) {
  if ((lock.pin && !unlock.pin) || (lock.platform_key && !unlock.platform_key)) {
    return lock.pin ? fail(errc::vault_locked, "needs the PIN")
                    : fail(errc::vault_locked, "needs the platform's key");
  }
  if (!lock.pin) return *unlock.platform_key;
  std::optional<Seed> derived = argon2id(*unlock.pin, lock.salt, {lock.passes, lock.memory_bytes});
  if (!derived) return fail(errc::vault_locked, "not enough memory for the PIN");
  Seed key = *derived;
  if (lock.platform_key) {
    // Keyed by one and over the other: without either nothing is known of the result.
    Bytes message = to_bytes(as_bytes(purpose_of_mix));
    message.insert(message.end(), derived->begin(), derived->end());
    key = mac(*unlock.platform_key, message);
    wipe(message);
  }
  wipe(*derived);
  return key;
}

/// Errors: pin_wrong without a detail; vault_locked.
Result<Bytes> unwrap(const Lock& lock, const Unlock& unlock) {
  TN_TRY(Seed wrapping, wrapping_key(lock, unlock));
  auto key = unseal(wrapping, as_bytes(place_of_key), lock.wrapped);
  wipe(wrapping);
  if (key && key->size() == std::tuple_size_v<Seed>) return std::move(*key);
  return lock.pin ? fail(errc::pin_wrong) : fail(errc::vault_locked, "another platform key");
}

struct Tries {
  std::uint64_t wrong{};
  Id boot_id{};
  std::uint64_t since_ms{};
};

Result<void> save(sqlite::Database& db, const Tries& tries) {
  return db.run("UPDATE vault SET wrong=?, boot_id=?, since_ms=?",
                {arg(tries.wrong), arg(BytesView(tries.boot_id)), arg(tries.since_ms)});
}

/// Lets a try begin and counts it as a wrong one, which success takes back. @return the count
/// before
Result<std::uint64_t> begin_try(sqlite::Database& db, Host& host) {
  TN_TRY(const auto& found, db.one("SELECT wrong, boot_id, since_ms FROM vault", {}, [](Row row) {
    return Tries{row.number(0), row.array<Id>(1), row.number(2)};
  }));
  const Tries tries = found.value_or(Tries{});
  const std::uint64_t now_ms = host.monotonic_ms();
  const std::uint64_t wait_ms = wait_ms_after(tries.wrong);
  if (wait_ms > 0) {
    if (tries.boot_id != host.boot_id()) {
      // How long the device was off nobody knows but its clock, which anybody can set.
      TN_CHECK(save(db, {tries.wrong, host.boot_id(), now_ms}));
      return fail(errc::pin_too_soon, in_seconds(wait_ms));
    }
    const std::uint64_t waited_ms = now_ms > tries.since_ms ? now_ms - tries.since_ms : 0;
    if (waited_ms < wait_ms) return fail(errc::pin_too_soon, in_seconds(wait_ms - waited_ms));
  }
  TN_CHECK(save(db, {tries.wrong + 1, host.boot_id(), now_ms}));
  return tries.wrong;
}

}  // namespace

const char* const Vault::schema = R"sql(
CREATE TABLE vault(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  lock BLOB NOT NULL,
  wrong INTEGER NOT NULL DEFAULT 0,
  boot_id BLOB,
  since_ms INTEGER NOT NULL DEFAULT 0);
CREATE TABLE vault_copy(id INTEGER PRIMARY KEY CHECK(id = 1), lock BLOB NOT NULL);
)sql";

Unlock::~Unlock() {
  if (pin) wipe_text(*pin);
  if (platform_key) wipe(*platform_key);
}

Result<void> check_pin(std::string_view pin) {
  if (pin.size() < limits::pin_digits_min || pin.size() > limits::pin_digits_max) {
    return fail(errc::pin_too_weak, "length");
  }
  if (!std::ranges::all_of(pin, [](char c) { return c >= '0' && c <= '9'; })) {
    return fail(errc::pin_too_weak, "digits only");
  }
  // From digit to digit the same step of 0, 1 or 9: 000000, 456789, 789012, 987654.
  const auto step = [&](std::size_t i) { return (10 + pin[i + 1] - pin[i]) % 10; };
  const int first = step(0);
  bool is_run = first == 0 || first == 1 || first == 9;
  for (std::size_t i = 1; i + 1 < pin.size(); ++i) is_run = is_run && step(i) == first;
  if (is_run) return fail(errc::pin_too_weak, "run");
  return {};
}

void Vault::Wiper::operator()(Seed* key) const {
  wipe(*key);
  delete key;
}

Result<std::optional<Vault::Needs>> Vault::needs(sqlite::Database& db) {
  TN_TRY(const auto& lock, read_lock(db));
  if (!lock) return std::optional<Needs>();
  return std::optional<Needs>(Needs{lock->pin, lock->platform_key});
}

Result<void> Vault::store_lock(sqlite::Database& db, Host& host, const Seed& key,
                               const Unlock& unlock) {
  if (unlock.empty()) return fail(errc::vault_locked, "needs a PIN or the platform's key");
  if (unlock.pin) {
    TN_CHECK(check_pin(*unlock.pin));
  }
  if (!is_within_limits(unlock.cost)) return fail(errc::argument_invalid, "cost of Argon2id");
  Lock lock{unlock.pin.has_value(),   unlock.platform_key.has_value(), unlock.cost.passes,
            unlock.cost.memory_bytes, random_array<Id>(host),          {}};
  TN_TRY(Seed wrapping, wrapping_key(lock, unlock));
  lock.wrapped = tannha::seal(wrapping, random_array<Nonce>(host), as_bytes(place_of_key), key);
  wipe(wrapping);
  const Bytes bytes = encode_lock(lock);
  TN_TRY(auto transaction, sqlite::Transaction::begin(db));
  TN_CHECK(db.run("INSERT OR REPLACE INTO vault(id,lock) VALUES(1,?)", {arg(BytesView(bytes))}));
  TN_CHECK(
      db.run("INSERT OR REPLACE INTO vault_copy(id,lock) VALUES(1,?)", {arg(BytesView(bytes))}));
  // An old lock with a PIN that somebody knows must not be found in the log of changes.
  db.clear_wal_at_commit();
  return transaction.commit();
}

Result<void> Vault::make(sqlite::Database& db, Host& host, const Unlock& unlock) {
  Key key(new Seed(random_array<Seed>(host)));
  TN_CHECK(store_lock(db, host, *key, unlock));
  take(std::move(key), host);
  return {};
}

Result<void> Vault::open_with(sqlite::Database& db, Host& host, const Unlock& unlock, Key& key) {
  TN_TRY(const auto& lock, read_lock(db));
  if (!lock) return fail(errc::store_not_found, "vault");
  std::uint64_t wrong = 0;
  if (lock->pin && unlock.pin) {
    TN_TRY(wrong, begin_try(db, host));
  }
  auto opened = unwrap(*lock, unlock);
  if (!opened && opened.error().code == errc::pin_wrong) {
    return fail(errc::pin_wrong, in_seconds(wait_ms_after(wrong + 1)));
  }
  // Success takes all wrong tries back, and a try that could not be made takes back itself.
  if (lock->pin && unlock.pin) {
    TN_CHECK(save(db, {opened ? 0 : wrong, host.boot_id(), host.monotonic_ms()}));
  }
  if (!opened) return std::unexpected(std::move(opened).error());
  key.reset(new Seed{});
  std::ranges::copy(*opened, key->begin());
  wipe(*opened);
  return {};
}

Result<void> Vault::unlock(sqlite::Database& db, Host& host, const Unlock& unlock) {
  Key key;
  TN_CHECK(open_with(db, host, unlock, key));
  take(std::move(key), host);
  return {};
}

Result<void> Vault::change(sqlite::Database& db, Host& host, const Unlock& now,
                           const Unlock& next) {
  Key key;
  TN_CHECK(open_with(db, host, now, key));
  return store_lock(db, host, *key, next);
}

Result<void> Vault::destroy(sqlite::Database& db) {
  TN_CHECK(db.run("DELETE FROM vault"));
  return db.run("DELETE FROM vault_copy");
}

Result<void> Vault::unlock_damaged(sqlite::Database& db, Host& host, const Unlock& unlock) {
  TN_TRY(const auto& lock, read_lock(db));
  if (!lock) return fail(errc::store_not_found, "vault");
  TN_TRY(Bytes opened, unwrap(*lock, unlock));
  Key key(new Seed{});
  std::ranges::copy(opened, key->begin());
  wipe(opened);
  take(std::move(key), host);
  return {};
}

void Vault::take(Key key, Host& host) {
  key_ = std::move(key);
  host_ = &host;
  touch();
}

void Vault::touch() {
  if (host_) touched_ms_ = host_->monotonic_ms();
}

bool Vault::lock_if_idle() {
  if (is_locked()) return true;
  const std::uint64_t now_ms = host_->monotonic_ms();
  if (now_ms >= touched_ms_ && now_ms - touched_ms_ >= limits::vault_idle_ms) lock();
  return is_locked();
}

Result<Bytes> Vault::seal(BytesView place, BytesView plain) {
  if (is_locked()) return fail(errc::vault_locked);
  return tannha::seal(*key_, random_array<Nonce>(*host_), place, plain);
}

Result<Bytes> Vault::unseal(BytesView place, BytesView sealed) const {
  if (is_locked()) return fail(errc::vault_locked);
  auto plain = tannha::unseal(*key_, place, sealed);
  if (!plain) return fail(errc::store_corrupt, "sealed value");
  return std::move(*plain);
}

}  // namespace tannha
