#include "tools/device/staff.hpp"

#include <algorithm>
#include <system_error>

#include "tannha/engine/store.hpp"

namespace tannha::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view store_name = "device.db";

Result<StaffMember> look_at(const fs::path& folder) {
  StaffMember member;
  member.name = folder.filename().string();
  // As if to use it: that says at once when somebody else does.
  auto store = Store::open((folder / store_name).string(), sqlite::Mode::exclusive);
  if (!store && store.error().code == errc::store_busy) {
    member.is_in_use = true;
    return member;
  }
  if (!store) return std::unexpected(std::move(store).error());
  TN_TRY(const auto needs, Vault::needs(store->database()));
  member.has_pin = needs && needs->pin;
  TN_TRY(member.holds, store->holds());
  for (const auto kind : {body::NumberKind::send_slip, body::NumberKind::item}) {
    TN_TRY(const std::uint32_t left, store->numbers_left(kind));
    member.numbers_left += left;
  }
  return member;
}

}  // namespace

Result<fs::path> staff_folder(const fs::path& phone, const std::string& name) {
  const bool plain = !name.empty() && name != "." && name != ".." &&
                     name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
  if (!plain) return fail(errc::argument_invalid, "a person's name here is the name of a folder");
  return phone / name;
}

Result<std::vector<StaffMember>> list_staff(const fs::path& phone) {
  std::error_code error;
  std::vector<fs::path> folders;
  for (fs::directory_iterator it(phone, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (fs::exists(it->path() / store_name, ignored)) folders.push_back(it->path());
  }
  if (error) return fail(errc::store_not_found, phone.string());
  std::ranges::sort(folders);
  std::vector<StaffMember> out;
  for (const fs::path& folder : folders) {
    auto member = look_at(folder);
    // One person's damaged store must not hide the others.
    if (!member && member.error().code == errc::store_corrupt) {
      member = StaffMember{.name = folder.filename().string(), .is_damaged = true, .holds = {}, .numbers_left = 0};
    }
    TN_TRY(out.emplace_back(), std::move(member));
  }
  return out;
}

Result<void> remove_staff(const fs::path& phone, const std::string& name) {
  TN_TRY(const fs::path folder, staff_folder(phone, name));
  std::error_code error;
  if (!fs::exists(folder / store_name, error)) return fail(errc::store_not_found, name);
  // A damaged store that was put aside may hold what nobody else has.
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string file = it->path().filename().string();
    if (file.starts_with("device.db.damaged-")) return fail(errc::store_unsent, file);
  }
  {
    TN_TRY(Store store, Store::open((folder / store_name).string(), sqlite::Mode::exclusive));
    // Refused while anything is unsent; and once the keys are gone it does not matter what of the
    // files a disk keeps.
    TN_CHECK(store.erase_everything(true));
  }
  fs::remove_all(folder, error);
  if (error) return fail(errc::store_io, error.message());
  return {};
}

}  // namespace tannha::tools
