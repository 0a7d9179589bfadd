// tannha citizen: confirm, keep the proof, check it without us.

#include <iostream>

#include "tannha/core/citizen.hpp"
#include "tannha/server/data_dir.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

constexpr std::size_t receipt_file_bytes_max = 64 * 1024;

Result<void> verify_file(const Identity& me, const std::string& path) {
  TN_TRY(const Bytes bytes, server::read_file(path, receipt_file_bytes_max));
  TN_TRY(const Receipt receipt, fields::decode<Receipt>(bytes, errc::receipt_invalid));
  TN_TRY(const Checkpoint head,
         verify_receipt(receipt, me.tenant.origin, me.tenant.journal_key));
  std::cout << "hợp lệ / valid: record " << to_hex(receipt.record) << " is number "
            << receipt.leaf_index << " of " << head.size << " in the journal " << head.origin
            << "\n";
  return {};
}

}  // namespace

void add_citizen(CLI::App& app, Command& command) {
  auto* citizen = app.add_subcommand("citizen", "The citizen's own phone");
  citizen->require_subcommand(1);
  command.add_data(citizen, "./tannha-citizen");
  struct Args {
    std::string record, dossier, text, file;
    unsigned stars = 5;
  };
  auto args = std::make_shared<Args>();

  const auto countersign = [&](const char* name, const char* help, auto act) {
    auto* s = citizen->add_subcommand(name, help);
    s->add_option("RECORD", args->record, "Hash of the courier's record")->required();
    command.on(s, [&command, args, act]() -> Result<void> {
      TN_TRY(const auto device, command.device());
      TN_TRY(const Hash hash, find_record(*device, args->record));
      core::Citizen me(device->replica());
      TN_TRY(const Record record, or_unsaved(act(me, hash)));
      TN_TRY(const exchange::Parcel parcel, device->replica().make_parcel({record.hash}));
      std::cout << exchange::parcel_text(parcel) << "\n";
      return {};
    });
  };
  countersign("confirm", "Confirm what was handed over at the door",
              [](core::Citizen& me, const Hash& hash) { return me.confirm(hash); });
  countersign("confirm-delivery", "Confirm that the result was received",
              [](core::Citizen& me, const Hash& hash) { return me.confirm_delivery(hash); });

  auto* rate = citizen->add_subcommand("rate", "Rate the service, 1 to 5");
  rate->add_option("DOSSIER", args->dossier)->required();
  rate->add_option("SATISFACTION", args->stars)->check(CLI::Range(1, 5))->required();
  rate->add_option("--text", args->text);
  command.on(rate, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const Id id, device->find(args->dossier));
    TN_CHECK(core::Citizen(device->replica())
                 .rate(id, static_cast<std::uint8_t>(args->stars), args->text));
    std::cout << "cảm ơn / thank you\n";
    return {};
  });

  auto* receipt = citizen->add_subcommand("receipt", "Write the proof of one record to a file");
  receipt->add_option("RECORD", args->record)->required();
  receipt->add_option("FILE", args->file)->required();
  command.on(receipt, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    TN_TRY(const Hash hash, find_record(*device, args->record));
    TN_TRY(const auto stored, device->replica().record(hash));
    if (!stored || !stored->receipt) return fail(errc::store_not_found, "no receipt yet");
    // Only what can be proved goes out.
    Receipt proof = *stored->receipt;
    proof.window.reset();
    return server::write_file_durably(std::filesystem::absolute(args->file),
                                      fields::encode(proof), 0644);
  });

  auto* verify_command = citizen->add_subcommand("verify", "Check a receipt, without the server");
  verify_command->add_option("FILE", args->file)->required();
  command.on(verify_command, [&command, args]() -> Result<void> {
    TN_TRY(const auto device, command.device());
    if (!device->replica().identity()) return fail(errc::not_enrolled);
    return verify_file(*device->replica().identity(), args->file);
  });
  add_sync(citizen, command);
  add_status(citizen, command);
  add_note(citizen, command);
  add_bundles(citizen, command);
  add_parcels(citizen, command);
}

}  // namespace tannha::tools
