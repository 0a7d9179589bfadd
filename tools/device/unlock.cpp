#include "tools/device/unlock.hpp"

#include "tannha/server/data_dir.hpp"

namespace tannha::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view key_name = "keystore.key";
constexpr const char* unfinished = "the store was never finished; enrolling finishes it";

Result<Store> open_made(const std::string& path) {
  auto store = Store::open(path, sqlite::Mode::read_only);
  std::error_code error;
  const bool is_unfinished =
      !store && store.error().code == errc::store_not_found && fs::exists(path, error);
  if (is_unfinished) return fail(errc::store_not_found, unfinished);
  return store;
}

}  // namespace

Result<Unlock> unlock_of(const fs::path& folder, const std::string& pin) {
  Unlock unlock;
  if (!pin.empty()) unlock.pin = pin;
  auto bytes = server::read_file(folder / key_name, std::tuple_size_v<Seed>);
  if (!bytes && bytes.error().code == errc::store_not_found) return unlock;
  if (!bytes) return fail(errc::file_unreadable, "keystore.key");
  unlock.platform_key = to_array<Seed>(*bytes);
  wipe(*bytes);
  if (!unlock.platform_key) return fail(errc::file_unreadable, "keystore.key");
  return unlock;
}

Result<Unlock> make_unlock(const fs::path& folder, const std::string& pin, Host& host) {
  TN_TRY(Unlock unlock, unlock_of(folder, pin));
  if (!unlock.empty()) return unlock;
  unlock.platform_key = random_array<Seed>(host);
  // There before the store that it opens, so that a cut in between shuts nothing for ever.
  TN_CHECK(server::write_file_durably(folder / key_name, *unlock.platform_key, 0600));
  return unlock;
}

Result<void> remove_key_file(const fs::path& folder) {
  std::error_code error;
  fs::remove(folder / key_name, error);
  if (error) return fail(errc::store_io, "keystore.key");
  return {};
}

Result<Store> open_to_read(const fs::path& folder, Host& host, const std::string& pin) {
  const std::string path = (folder / "device.db").string();
  bool has_pin = false;
  {
    // Closed again before the next opening, which would have to wait for it.
    TN_TRY(Store store, open_made(path));
    TN_TRY(const auto needs, Vault::needs(store.database()));
    if (!needs) return fail(errc::store_not_found, unfinished);
    has_pin = needs->pin;
  }
  TN_TRY(const Unlock unlock, unlock_of(folder, pin));
  TN_TRY(Store store,
         Store::open(path, has_pin ? sqlite::Mode::exclusive : sqlite::Mode::read_only));
  TN_CHECK(store.unlock(host, unlock));
  return store;
}

}  // namespace tannha::tools
