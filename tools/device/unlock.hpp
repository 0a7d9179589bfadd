#pragma once

#include <filesystem>
#include <string>

#include "tannha/engine/store.hpp"

/// What opens a terminal device's store. A terminal has no keystore, so a file beside the store
/// stands in for one: it keeps a copied store shut, but not a copied folder. Who wants more gives a
/// PIN, and then there is no such file.
namespace tannha::tools {

/// The key file, where there is one, and the PIN, when it is not empty.
/// Errors: file_unreadable (a key file that cannot be read or is damaged).
[[nodiscard]] Result<Unlock> unlock_of(const std::filesystem::path& folder, const std::string& pin);
/// The same for a store that is going to be made: without a PIN the key file is made if missing,
/// readable for its owner only. Errors: also those of writing it.
[[nodiscard]] Result<Unlock> make_unlock(const std::filesystem::path& folder,
                                         const std::string& pin, Host& host);
/// Errors: store_io.
[[nodiscard]] Result<void> remove_key_file(const std::filesystem::path& folder);

/// The store of a device that is not in use, unlocked, to look at. With a PIN it is opened for
/// writing, since tries are counted. @param host must outlive the store
/// Errors: those of Store; vault_locked.
[[nodiscard]] Result<Store> open_to_read(const std::filesystem::path& folder, Host& host,
                                         const std::string& pin);

}  // namespace tannha::tools
