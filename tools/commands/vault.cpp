// tannha phone pin, tannha phone staff: whose phone it is and what opens it.

#include <algorithm>
#include <iostream>

#include "tools/commands/command.hpp"
#include "tools/device/staff.hpp"

namespace tannha::tools {
namespace {

/// @param had whether there must be a PIN already
Result<void> put_pin(Command& command, const std::string& file, bool had) {
  TN_TRY(const std::string now, command.pin());
  TN_TRY(const std::string next, read_pin(file));
  TN_CHECK(check_pin(next));
  TN_TRY(const auto device, command.device());
  TN_TRY(const bool has, device->has_pin());
  if (has != had) {
    return has ? fail(errc::argument_invalid, "there is a PIN already: pin change")
               : fail(errc::argument_invalid, "there is no PIN yet: pin set");
  }
  TN_CHECK(device->set_pin(now, next));
  std::cout << "đã đặt mã PIN; không ai mở được nếu quên / the PIN is set; if it is forgotten, "
               "nobody can open this\n";
  return {};
}

void add_pin(CLI::App* role, Command& command) {
  auto* pin = role->add_subcommand("pin", "The PIN that opens this phone");
  pin->require_subcommand(1);
  auto file = std::make_shared<std::string>();
  const auto sub = [&](const char* name, const char* help, bool had) {
    auto* s = pin->add_subcommand(name, help);
    s->add_option("FILE", *file, "File with the new PIN; - for standard input")->required();
    command.on(s, [&command, file, had] { return put_pin(command, *file, had); });
  };
  sub("set", "Put a PIN in the place of the key file", false);
  sub("change", "Replace the PIN, which --pin-file or TANNHA_PIN gives", true);
}

/// Their own PIN, or a second word where there is none: a store is gone for good.
Result<void> remove_person(Command& command, const std::string& name, bool yes, bool anyway) {
  TN_TRY(const std::vector<StaffMember> staff, list_staff(command.data));
  const auto member = std::ranges::find(staff, name, &StaffMember::name);
  if (member != staff.end() && !member->is_in_use && !member->is_damaged) {
    if (!member->has_pin && !yes) {
      return fail(errc::argument_invalid, "không có mã PIN: thêm --yes / no PIN to ask for: --yes");
    }
    TN_TRY(const std::filesystem::path folder, staff_folder(command.data, name));
    TN_TRY(const std::string pin, command.pin());
    // Closed again at once: one opening at a time.
    TN_TRY([[maybe_unused]] const auto device, Device::open(folder, command.host(), pin));
    // What is unsent is the graver reason, and removing names it.
    const bool is_clean = member->holds.records == 0 && member->holds.attachment_bytes == 0;
    if (is_clean && member->numbers_left > 0 && !anyway) {
      return fail(errc::argument_invalid,
                  std::to_string(member->numbers_left) +
                      " số chưa dùng sẽ mất theo: thêm --anyway / unused numbers go with it, and "
                      "nobody can give them: --anyway");
    }
  }
  TN_CHECK(remove_staff(command.data, name));
  std::cout << "đã xóa / erased: " << name << "\n";
  return {};
}

void add_staff_list(CLI::App* role, Command& command) {
  auto* list = role->add_subcommand("staff", "Who shares this phone, and what each has not sent");
  command.on(list, [&command]() -> Result<void> {
    TN_TRY(const std::vector<StaffMember> staff, list_staff(command.data));
    for (const StaffMember& member : staff) {
      std::cout << member.name << ": ";
      if (member.is_in_use) {
        std::cout << "đang dùng / in use\n";
        continue;
      }
      if (member.is_damaged) {
        std::cout << "dữ liệu bị hỏng, mở bằng --staff để khôi phục / damaged, opening it with "
                     "--staff rescues it\n";
        continue;
      }
      std::cout << "chờ gửi / unsent: " << member.holds.records << " bản ghi, "
                << member.holds.attachment_bytes << " byte ảnh"
                << (member.has_pin ? ", có mã PIN / with a PIN" : "") << "\n";
    }
    std::cout << staff.size() << " người / people\n";
    return {};
  });
  struct Args {
    std::string name;
    bool yes = false;
    bool anyway = false;
  };
  auto args = std::make_shared<Args>();
  auto* remove = role->add_subcommand("staff-remove", "Erase a person's store and keys here");
  remove->add_option("NAME", args->name, "As staff lists it")->required();
  remove->add_flag("--yes", args->yes, "Erase a person who has no PIN that could be asked for");
  remove->add_flag("--anyway", args->anyway, "Also with leased numbers that are not used");
  command.on(remove, [&command, args] {
    return remove_person(command, args->name, args->yes, args->anyway);
  });
}

}  // namespace

void add_vault(CLI::App* role, Command& command) {
  add_pin(role, command);
  add_staff_list(role, command);
}

}  // namespace tannha::tools
