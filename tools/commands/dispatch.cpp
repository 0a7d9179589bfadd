// tannha dispatch: pickup requests and who goes.

#include <iostream>

#include "tannha/core/dispatcher.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {

void add_dispatch(CLI::App& app, Command& command) {
  auto* dispatch = app.add_subcommand("dispatch", "The dispatcher: pickup requests, assignment");
  dispatch->require_subcommand(1);
  command.add_data(dispatch, "./tannha-dispatch");

  struct Args {
    body::PickupRequested request;
    body::PayoutAssigned payout;
    std::string dossier, courier, amount;
  };
  auto args = std::make_shared<Args>();
  args->request.service = body::ServiceKind::both;
  auto* request = dispatch->add_subcommand("request", "Take a request for a pickup at home");
  request->add_option("PROCEDURE", args->request.procedure)->required();
  request->add_option("--unit", args->request.unit, "Agency in charge")->required();
  request->add_option("--name", args->request.applicant.name)->required();
  request->add_option("--phone", args->request.applicant.phone)->required();
  request->add_option("--address", args->request.applicant.address)->required();
  command.on(request, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    core::Dispatcher dispatcher(device->replica());
    TN_TRY(const Id id, or_unsaved(dispatcher.request_pickup(args->request)));
    std::cout << uuid_text(id) << "\n";
    return {};
  });

  auto* assign = dispatch->add_subcommand("assign", "Give a request to a courier");
  assign->add_option("DOSSIER", args->dossier)->required();
  assign->add_option("COURIER", args->courier, "The courier's actor id")->required();
  command.on(assign, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const Id id, device->find(args->dossier));
    const auto courier = uuid_from_text(args->courier);
    if (!courier) return fail(errc::argument_invalid, "an actor id is a UUID");
    TN_CHECK(or_unsaved(core::Dispatcher(device->replica()).assign(id, *courier)));
    std::cout << "đã lưu / saved\n";
    return {};
  });

  auto* pay = dispatch->add_subcommand("payout", "Have a pension paid at home, by one phone only");
  pay->add_option("BENEFICIARY", args->payout.beneficiary, "Number of the pension file")->required();
  pay->add_option("PERIOD", args->payout.period, "Month, e.g. 2026-11")->required();
  pay->add_option("AMOUNT", args->amount, "In đồng, e.g. 3.200.000")->required();
  pay->add_option("COURIER", args->courier, "The courier's actor id")->required();
  pay->add_option("--unit", args->payout.unit, "Agency in charge")->required();
  pay->add_option("--name", args->payout.recipient.name)->required();
  pay->add_option("--phone", args->payout.recipient.phone)->required();
  pay->add_option("--address", args->payout.recipient.address)->required();
  pay->add_option("--again", args->dossier, "A payout that came back: to another courier");
  command.on(pay, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    const auto courier = uuid_from_text(args->courier);
    if (!courier) return fail(errc::argument_invalid, "an actor id is a UUID");
    args->payout.courier = *courier;
    TN_TRY(args->payout.amount_dong, parse_dong(args->amount));
    std::optional<Id> again;
    if (!args->dossier.empty()) {
      TN_TRY(again, device->find(args->dossier));
    }
    core::Dispatcher dispatcher(device->replica());
    TN_TRY(const Id id, or_unsaved(dispatcher.assign_payout(again, args->payout)));
    std::cout << uuid_text(id) << "\n";
    std::cerr << dong_text(args->payout.amount_dong) << " đồng\n";
    return {};
  });

  auto* link = dispatch->add_subcommand("citizen-link", "A link for the dossier's citizen");
  link->add_option("DOSSIER", args->dossier)->required();
  command.on(link, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const Id id, device->find(args->dossier));
    TN_TRY(const std::string text, device->citizen_link(id));
    std::cout << text << "\n";
    return {};
  });
  add_revoke(dispatch, command);
  add_sync(dispatch, command);
  add_status(dispatch, command);
  add_note(dispatch, command);
  add_bundles(dispatch, command);
}

}  // namespace tannha::tools
