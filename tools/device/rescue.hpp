#pragma once

#include <filesystem>
#include <optional>

#include "tannha/engine/salvage.hpp"

/// What a device does with a store that is damaged: the file is put aside, never deleted, and what
/// can be recovered goes on in a new one.
namespace tannha::tools {

/// A file that says: look the store over before it is used. A rescue removes it.
[[nodiscard]] std::filesystem::path check_mark(const std::filesystem::path& folder);

/// Damage was met in mid-use that looking the file over may not find, such as one photo that does
/// not open: the next opening rescues the store. After damaged_copies_max rescues it is only looked
/// over, so that damage that comes again and again does not fill the disk with copies.
void mark_damaged(const std::filesystem::path& folder);
inline constexpr unsigned damaged_copies_max = 5;
/// Whether mark_damaged asked for a rescue.
[[nodiscard]] bool is_marked_damaged(const std::filesystem::path& folder);

/// Salvages device.db into a new file, moves the damaged one to device.db.damaged-<n>, with its log
/// of changes, and puts the new one into its place. A cut at any point costs nothing: see
/// finish_rescue. Errors: those of salvage, with the damaged file where it was; store_io.
[[nodiscard]] Result<SalvageReport> rescue(const std::filesystem::path& folder, Host& host,
                                           const Unlock& unlock);

/// Goes on with a rescue that was cut off after the salvaging. Nothing to do is fine.
/// Errors: store_io.
[[nodiscard]] Result<void> finish_rescue(const std::filesystem::path& folder);

}  // namespace tannha::tools
