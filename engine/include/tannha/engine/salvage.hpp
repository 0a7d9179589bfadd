#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tannha/engine/host.hpp"
#include "tannha/engine/vault.hpp"
#include "tannha/protocol/errc.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha {

/// What could be taken out of a damaged store, and what could not.
struct SalvageReport {
  bool identity = false;          ///< the device can go on speaking for its person
  std::uint64_t records{};        ///< whole, with their bodies
  std::uint64_t envelopes{};      ///< without the body; the registry has it
  std::uint64_t records_lost{};   ///< known to have been there, and not readable
  std::uint64_t unsent_lost{};    ///< of them, those that the registry may not have
  std::uint64_t receipts_lost{};  ///< not valid any more: those records are sent again
  std::uint64_t attachments{};    ///< with the right hash
  std::uint64_t attachments_lost{};
  std::uint64_t pending_lost{};  ///< of them, those that the server may not have
  std::uint64_t logs{};
  std::uint64_t leases{};

  /// In plain words for the person who holds the device: what is safe, what is lost, what to do.
  [[nodiscard]] std::vector<std::string> words(Language language) const;
  friend bool operator==(const SalvageReport&, const SalvageReport&) = default;
};

/// Copies out of a damaged store whatever can be read and proves right into a new one: identity,
/// records whose body opens and fits their envelope, attachments whose hash is right, logs, leases,
/// small values. Goes on past every damaged page, from both ends and by each index; a damaged inner
/// page costs the rows below it, and the first pages, with the schema, everything. In the damaged
/// file only the count of wrong PINs is written, as Vault::unlock does it.
///
/// The new store counts as rewound (number "rewound" is 1): what was written last may be missing,
/// so that the device must go on in a new log. Its feed is read again from the beginning.
///
/// @param new_path of a file that is not there yet; after an error it may be there, unfinished
/// @param unlock opens the damaged store; what of it that needs opens the new one
/// Errors: store_corrupt (not even the vault can be read, so nothing can); vault_locked, pin_wrong,
/// pin_too_soon;
/// argument_invalid (`new_path` is not new); the store's, of the new file.
[[nodiscard]] Result<SalvageReport> salvage(const std::string& damaged_path,
                                            const std::string& new_path, Host& host,
                                            const Unlock& unlock);

}  // namespace tannha
