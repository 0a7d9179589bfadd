#include "tannha/engine/vault.hpp"

#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"
#include "tests/support/province.hpp"

namespace tannha::test {
namespace {

constexpr std::string_view pin = "482915";
constexpr std::string_view other_pin = "730164";
constexpr std::string_view wrong_pin = "111222";

Unlock with(std::string_view digits) {
  return Unlock(std::string(digits), argon2_minimum);
}
Unlock with(std::string_view digits, const Seed& key) {
  Unlock both = with(digits);
  both.platform_key = key;
  return both;
}

class VaultTest : public testing::Test {
 protected:
  VaultTest() { init_crypto(); }

  TempDir folder;
  FakeHost host{1};
  sqlite::Database db = must(sqlite::Database::open((folder.path() / "vault.db").string(),
                                                    sqlite::Mode::exclusive, Vault::schema, 1));
  Vault vault;
  const Bytes place{1, 2};
  const Bytes plain{7, 7, 7};

  Bytes make(const Unlock& unlock) {
    must(vault.make(db, host, unlock));
    return must(vault.seal(place, plain));
  }
  errc unlock_code(const Unlock& unlock) { return code_of(vault.unlock(db, host, unlock)); }
  /// What it says in the detail, or nothing when it opens.
  std::string wait_told(const Unlock& unlock) {
    const auto result = vault.unlock(db, host, unlock);
    return result ? "" : std::string(name(result.error().code)) + " " + result.error().detail;
  }
  /// As the person would: the wait that is told, then a wrong PIN. @return the wait after it
  std::string be_wrong() { return wait_told(with(wrong_pin)); }
};

TEST_F(VaultTest, RefusesEverythingWhileLocked) {
  const Bytes sealed = make(with(pin));
  vault.lock();
  EXPECT_TRUE(vault.is_locked());
  EXPECT_TRUE(vault.lock_if_idle());
  vault.lock();
  EXPECT_EQ(code_of(vault.seal(place, plain)), errc::vault_locked);
  EXPECT_EQ(code_of(vault.unseal(place, sealed)), errc::vault_locked);
  EXPECT_EQ(code_of(Vault().seal(place, plain)), errc::vault_locked);
}

TEST_F(VaultTest, RefusesToOpenWhereThereIsNone) {
  EXPECT_EQ(unlock_code(with(pin)), errc::store_not_found);
  EXPECT_FALSE(must(Vault::needs(db)));
}

TEST_F(VaultTest, RefusesALockWithoutAnyKey) {
  EXPECT_EQ(code_of(vault.make(db, host, Unlock())), errc::vault_locked);
  EXPECT_FALSE(must(Vault::needs(db)));
  EXPECT_TRUE(vault.is_locked());
}

TEST_F(VaultTest, RefusesPinsThatAreEasyToGuess) {
  for (const std::string_view weak :
       {"", "1", "48291", "000000", "999999", "123456", "456789", "789012", "654321", "210987",
        "12345678", "48291a", "４８２９", "48 915", "-48291"}) {
    EXPECT_EQ(code_of(check_pin(weak)), errc::pin_too_weak) << weak;
    EXPECT_EQ(code_of(vault.make(db, host, with(weak))), errc::pin_too_weak) << weak;
  }
  EXPECT_FALSE(must(Vault::needs(db)));
  for (const std::string_view good : {"482915", "123457", "000001", "112233", "135790"}) {
    EXPECT_TRUE(check_pin(good)) << good;
  }
}

TEST_F(VaultTest, PinLengthIsLimited) {
  std::string digits = "73";
  while (digits.size() < limits::pin_digits_max) digits += '1';
  EXPECT_TRUE(check_pin(digits));
  EXPECT_EQ(code_of(check_pin(digits + "1")), errc::pin_too_weak);
  EXPECT_TRUE(check_pin(digits.substr(0, limits::pin_digits_min)));
  EXPECT_EQ(code_of(check_pin(digits.substr(0, limits::pin_digits_min - 1))), errc::pin_too_weak);
}

TEST_F(VaultTest, CostIsLimited) {
  const auto make_code = [&](Argon2Cost cost) {
    return code_of(vault.make(db, host, Unlock(std::string(pin), cost)));
  };
  EXPECT_EQ(make_code({0, 8192}), errc::argument_invalid);
  EXPECT_EQ(make_code({1, 8191}), errc::argument_invalid);
  EXPECT_EQ(make_code({limits::argon2_passes_max + 1, 8192}), errc::argument_invalid);
  EXPECT_EQ(make_code({1, limits::argon2_bytes_max + 1}), errc::argument_invalid);
  EXPECT_EQ(make_code({limits::argon2_passes_max, 8192}), errc{});
}

TEST_F(VaultTest, RefusesAnotherPlatformKeyOrNone) {
  const Bytes sealed = make(Unlock(Seed{1}));
  vault.lock();
  EXPECT_EQ(unlock_code(Unlock(Seed{2})), errc::vault_locked);
  EXPECT_EQ(unlock_code(with(pin)), errc::vault_locked);
  EXPECT_EQ(unlock_code(Unlock()), errc::vault_locked);
  EXPECT_TRUE(vault.is_locked());
  // More than it needs does no harm.
  EXPECT_EQ(unlock_code(with(wrong_pin, Seed{1})), errc{});
  EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
}

TEST_F(VaultTest, WithBothNeitherIsEnough) {
  const Bytes sealed = make(with(pin, Seed{1}));
  vault.lock();
  EXPECT_EQ(unlock_code(with(pin)), errc::vault_locked);
  EXPECT_EQ(unlock_code(Unlock(Seed{1})), errc::vault_locked);
  EXPECT_EQ(unlock_code(with(pin, Seed{2})), errc::pin_wrong);
  EXPECT_EQ(unlock_code(with(wrong_pin, Seed{1})), errc::pin_wrong);
  EXPECT_EQ(unlock_code(with(pin, Seed{1})), errc{});
  EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
  const auto needs = must_have(Vault::needs(db));
  EXPECT_TRUE(needs.pin && needs.platform_key);
}

TEST_F(VaultTest, SealedValueOpensUnchangedAtItsPlaceOnly) {
  Bytes sealed = make(with(pin));
  EXPECT_EQ(sealed.size(), plain.size() + seal_overhead_bytes);
  EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
  EXPECT_EQ(code_of(vault.unseal(Bytes{1}, sealed)), errc::store_corrupt);
  EXPECT_EQ(code_of(vault.unseal(place, Bytes(5))), errc::store_corrupt);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    sealed[i] ^= 1;
    EXPECT_EQ(code_of(vault.unseal(place, sealed)), errc::store_corrupt) << i;
    sealed[i] ^= 1;
  }
  EXPECT_NE(must(vault.seal(place, plain)), sealed) << "a new nonce each time";
}

TEST_F(VaultTest, WrongPinsCostGrowingWaits) {
  make(with(pin));
  for (std::uint32_t i = 1; i < limits::vault_free_tries; ++i) EXPECT_EQ(be_wrong(), "pin_wrong 0");
  for (const std::uint64_t wait_s : {30U, 60U, 300U, 900U, 3600U, 3600U, 3600U}) {
    EXPECT_EQ(be_wrong(), "pin_wrong " + std::to_string(wait_s));
    host.wait_ms(wait_s * 1000 - 500);
    // Whoever comes too soon learns nothing, with the right PIN either, and does not begin anew.
    EXPECT_EQ(wait_told(with(pin)), "pin_too_soon 1");
    EXPECT_EQ(wait_told(with(wrong_pin)), "pin_too_soon 1");
    host.wait_ms(500);
  }
  EXPECT_EQ(wait_told(with(pin)), "");
  EXPECT_EQ(be_wrong(), "pin_wrong 0") << "the right PIN takes the wrong ones back";
}

TEST_F(VaultTest, NeitherClockNorRebootShortensTheWait) {
  make(with(pin));
  for (std::uint32_t i = 0; i < limits::vault_free_tries; ++i) be_wrong();
  host.wait_ms(20'000);
  host.advance_ms(10ULL * 365 * 24 * 3600 * 1000);
  EXPECT_EQ(wait_told(with(pin)), "pin_too_soon 10");
  host.reboot();
  EXPECT_EQ(wait_told(with(pin)), "pin_too_soon 30");
  // A boot whose clock is far ahead of the last one's.
  host.reboot();
  host.wait_ms(24ULL * 3600 * 1000);
  EXPECT_EQ(wait_told(with(pin)), "pin_too_soon 30");
  host.wait_ms(29'000);
  EXPECT_EQ(wait_told(with(pin)), "pin_too_soon 1");
  host.wait_ms(1'000);
  EXPECT_EQ(wait_told(with(pin)), "");
}

TEST_F(VaultTest, TryIsCountedThoughTheDeviceIsCutOffDuringIt) {
  make(with(pin));
  // A host that dies while the PIN is being tried has read the clock once, to count it.
  for (std::uint32_t i = 0; i < limits::vault_free_tries; ++i) {
    must(
        db.run("CREATE TEMP TRIGGER cut BEFORE UPDATE OF wrong ON vault "
               "WHEN new.wrong <= old.wrong BEGIN SELECT raise(FAIL, 'cut'); END"));
    EXPECT_NE(unlock_code(with(pin)), errc{});
    must(db.run("DROP TRIGGER cut"));
  }
  EXPECT_EQ(wait_told(with(pin)), "pin_too_soon 30");
}

TEST_F(VaultTest, WaitSurvivesClosingTheStore) {
  make(with(pin));
  for (std::uint32_t i = 0; i < limits::vault_free_tries; ++i) be_wrong();
  {
    // Another store in its place lets go of the file.
    sqlite::Database none = must(sqlite::Database::open(":memory:", sqlite::Mode::exclusive));
    std::swap(db, none);
  }
  db = must(sqlite::Database::open((folder.path() / "vault.db").string(), sqlite::Mode::exclusive));
  EXPECT_EQ(wait_told(with(pin)), "pin_too_soon 30");
}

TEST_F(VaultTest, ChangeKeepsWhatWasSealedAndRetiresTheOldPin) {
  const Bytes sealed = make(with(pin));
  must(vault.change(db, host, with(pin), with(other_pin)));
  EXPECT_FALSE(vault.is_locked()) << "as before";
  vault.lock();
  EXPECT_EQ(unlock_code(with(pin)), errc::pin_wrong);
  EXPECT_EQ(unlock_code(with(other_pin)), errc{});
  EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
  // And to a key of the platform, and back.
  must(vault.change(db, host, with(other_pin), Unlock(Seed{3})));
  EXPECT_EQ(unlock_code(with(other_pin)), errc::vault_locked);
  must(vault.change(db, host, Unlock(Seed{3}), with(pin, Seed{4})));
  EXPECT_EQ(unlock_code(with(pin, Seed{4})), errc{});
  EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
}

TEST_F(VaultTest, ChangeThatIsRefusedChangesNothing) {
  const Bytes sealed = make(with(pin));
  vault.lock();
  EXPECT_EQ(code_of(vault.change(db, host, with(wrong_pin), with(other_pin))), errc::pin_wrong);
  EXPECT_EQ(code_of(vault.change(db, host, with(pin), with("123456"))), errc::pin_too_weak);
  EXPECT_EQ(code_of(vault.change(db, host, with(pin), Unlock())), errc::vault_locked);
  EXPECT_TRUE(vault.is_locked());
  EXPECT_EQ(unlock_code(with(pin)), errc{});
  EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
}

TEST_F(VaultTest, ChangingIsNoWayAroundTheWait) {
  make(with(pin));
  for (std::uint32_t i = 0; i < limits::vault_free_tries; ++i) {
    EXPECT_EQ(code_of(vault.change(db, host, with(wrong_pin), with(other_pin))), errc::pin_wrong);
  }
  EXPECT_EQ(code_of(vault.change(db, host, with(pin), with(other_pin))), errc::pin_too_soon);
  EXPECT_EQ(unlock_code(with(pin)), errc::pin_too_soon);
}

TEST_F(VaultTest, LocksItselfWhenNobodyTouchesIt) {
  make(with(pin));
  // Asking for the time costs the fake clock one millisecond.
  vault.touch();
  host.wait_ms(limits::vault_idle_ms - 2);
  EXPECT_FALSE(vault.lock_if_idle());
  vault.touch();
  host.wait_ms(limits::vault_idle_ms - 2);
  host.advance_ms(limits::vault_idle_ms * 100);
  EXPECT_FALSE(vault.lock_if_idle()) << "a clock that can be set has no say";
  EXPECT_TRUE(vault.lock_if_idle());
  EXPECT_EQ(code_of(vault.seal(place, plain)), errc::vault_locked);
}

TEST_F(VaultTest, UnlockingAgainGoesOn) {
  const Bytes sealed = make(with(pin));
  for (int i = 0; i < 3; ++i) {
    vault.lock();
    EXPECT_EQ(unlock_code(with(pin)), errc{});
    EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
    EXPECT_FALSE(vault.lock_if_idle());
  }
}

TEST_F(VaultTest, DamagedLockIsReadFromItsCopy) {
  const Bytes sealed = make(with(pin));
  must(db.run("UPDATE vault SET lock=x'00'"));
  EXPECT_EQ(unlock_code(with(pin)), errc{});
  must(db.run("DELETE FROM vault"));
  vault.lock();
  must(vault.unlock_damaged(db, host, with(pin)));
  EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
  vault.lock();
  EXPECT_EQ(code_of(vault.unlock_damaged(db, host, with(wrong_pin))), errc::pin_wrong);
  must(db.run("UPDATE vault_copy SET lock=x'00'"));
  EXPECT_EQ(code_of(vault.unlock_damaged(db, host, with(pin))), errc::store_corrupt);
  EXPECT_EQ(unlock_code(with(pin)), errc::store_corrupt);
}

TEST_F(VaultTest, DestroyedVaultOpensNoMore) {
  const Bytes sealed = make(with(pin));
  must(vault.destroy(db));
  vault.lock();
  EXPECT_EQ(unlock_code(with(pin)), errc::store_not_found);
  must(vault.make(db, host, with(pin)));
  EXPECT_EQ(code_of(vault.unseal(place, sealed)), errc::store_corrupt) << "another key";
}

// A full disk may undo it, and then the device must be able to try again.
TEST_F(VaultTest, VaultWhoseEndWasUndoneIsStillOpen) {
  const Bytes sealed = make(with(pin));
  {
    const auto transaction = must(sqlite::Transaction::begin(db));
    must(vault.destroy(db));
  }
  EXPECT_EQ(must(vault.unseal(place, sealed)), plain);
  vault.lock();
  EXPECT_EQ(unlock_code(with(pin)), errc{});
}

TEST_F(VaultTest, MovedVaultTakesItsKeyAlong) {
  const Bytes sealed = make(with(pin));
  Vault other = std::move(vault);
  EXPECT_EQ(must(other.unseal(place, sealed)), plain);
  EXPECT_TRUE(vault.is_locked());  // NOLINT(bugprone-use-after-move): that is the question.
}

TEST_F(VaultTest, DefaultCostIsTheDocumentedOne) {
  must(vault.make(db, host, Unlock(std::string(pin))));
  vault.lock();
  EXPECT_EQ(unlock_code(Unlock(std::string(pin))), errc{});
  EXPECT_EQ(Argon2Cost{}.passes, 2U);
  EXPECT_EQ(Argon2Cost{}.memory_bytes, 46U << 20);
}

}  // namespace
}  // namespace tannha::test
