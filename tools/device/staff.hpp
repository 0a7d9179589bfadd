#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tannha/protocol/exchange.hpp"
#include "tannha/protocol/result.hpp"

/// Several people who share one phone: a folder each under the phone's, with a store and a vault of
/// its own. Nothing of one opens another's; what one has not sent, nobody can delete.
namespace tannha::tools {

struct StaffMember {
  std::string name;  ///< of the folder
  bool has_pin = false;
  bool is_in_use = false;  ///< by another program; then `holds` is not known
  bool is_damaged = false;  ///< opening it with --staff rescues it; `holds` is not known
  exchange::Holds holds;
  std::uint32_t numbers_left = 0;  ///< leased and not given to anything
};

/// The folder of one person. Errors: argument_invalid (not a plain folder name).
[[nodiscard]] Result<std::filesystem::path> staff_folder(const std::filesystem::path& phone,
                                                         const std::string& name);
/// Everybody with a store, by name, without anybody's key. Errors: store_not_found (the folder);
/// the store's.
[[nodiscard]] Result<std::vector<StaffMember>> list_staff(const std::filesystem::path& phone);
/// Erases a person's store, keys and folder. Errors: argument_invalid; store_not_found; store_busy;
/// store_unsent, and everything stays; store_io.
[[nodiscard]] Result<void> remove_staff(const std::filesystem::path& phone,
                                        const std::string& name);

}  // namespace tannha::tools
