// tannha ticket and tannha enrol: how a device comes to speak for a person.

#include <iostream>

#include "tannha/server/data_dir.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {

void add_enrol(CLI::App& app, Command& command) {
  struct Args {
    std::string url, role, unit, label, actor, link;
  };
  auto args = std::make_shared<Args>();
  auto* ticket = app.add_subcommand("ticket", "Make a single-use enrolment link (operator)");
  command.add_data(ticket, "tannhad-data");
  ticket->add_option("--server", args->url, "Address of the server")
      ->default_val("http://127.0.0.1:8080");
  ticket->add_option("--role", args->role, "courier, officer or dispatcher")
      ->check(CLI::IsMember({"courier", "officer", "dispatcher"}))
      ->required();
  ticket->add_option("--unit", args->unit, "Agency code of the unit, e.g. H42.101")->required();
  ticket->add_option("--label", args->label, "Shown to staff")->required();
  ticket->add_option("--actor", args->actor, "Id of a person who has a device already");
  command.on(ticket, [&command, args]() -> Result<void> {
    TN_TRY(const std::string secret, server::read_admin_secret(command.data));
    exchange::TicketRequest request;
    request.role = role_from_name(args->role).value_or(Role::courier);
    request.unit = args->unit;
    request.label = args->label;
    if (!args->actor.empty()) {
      request.actor = uuid_from_text(args->actor);
      if (!request.actor) return fail(errc::argument_invalid, "--actor is a UUID");
    }
    TN_TRY(const auto answer, request_ticket(args->url, secret, request));
    std::cout << core::enrolment_link(args->url, answer.ticket) << "\n";
    std::cerr << "actor " << uuid_text(answer.actor) << ", valid until "
              << local_time(answer.expires_ms) << "\n";
    return {};
  });

  auto* enrol = app.add_subcommand("enrol", "Enrol this device with a link");
  command.add_data(enrol, "./tannha-phone");
  command.add_staff(enrol);
  enrol->add_option("LINK", args->link, "http://host:port/#ticket")->required();
  command.on(enrol, [&command, args]() -> Result<void> {
    TN_TRY(const core::EnrolmentLink link, core::parse_enrolment_link(args->link));
    TN_TRY(const std::string pin, command.pin());
    TN_TRY(const std::filesystem::path folder, command.device_folder());
    TN_TRY(const auto device, Device::open_or_make(folder, command.host(), pin));
    TN_CHECK(device->enrol(link.url, link.ticket));
    const Identity* me = device->replica().identity();
    std::cout << "đã đăng ký / enrolled: " << me->certificate.label << ", "
              << name(me->certificate.role) << ", " << me->certificate.unit << ", actor "
              << uuid_text(me->certificate.actor) << "\n"
              << "chuỗi / log: " << to_hex(me->log_id) << "\n";
    return {};
  });
}

}  // namespace tannha::tools
