// tannha load: phones that work without a pause; tannha reconcile: what became of their work.

#include <csignal>
#include <chrono>
#include <iostream>

#include "tannha/server/data_dir.hpp"
#include "tools/commands/command.hpp"
#include "tools/day/reconcile.hpp"
#include "tools/load/load.hpp"

namespace tannha::tools {
namespace {

volatile std::sig_atomic_t is_told_to_stop = 0;

struct LoadArgs {
  LoadConfig config;
  std::string folder;
  std::uint32_t seconds = 60;
};

Result<void> run(const LoadArgs& args, const std::string& server_folder) {
  LoadConfig config = args.config;
  config.folder = args.folder;
  TN_CHECK(server::make_folders_durably(config.folder));
  TN_TRY(config.admin_secret, server::read_admin_secret(server_folder));
  std::signal(SIGTERM, [](int) { is_told_to_stop = 1; });
  using Clock = std::chrono::steady_clock;
  Clock::time_point until = Clock::time_point::max();
  const auto is_over = [&until] { return is_told_to_stop != 0 || Clock::now() > until; };
  TN_TRY(const LoadReport report, run_load(config, is_over, [&] {
           until = Clock::now() + std::chrono::seconds(args.seconds);
           std::cout << "ready" << std::endl;
         }));
  std::cout << "{\"written\":" << report.written << ",\"acknowledged\":" << report.acknowledged
            << ",\"exchanges\":" << report.exchanges << ",\"broken\":" << report.broken
            << ",\"pause_ms_max\":" << report.pause_ms_max
            << ",\"pause_end_ms\":" << report.pause_end_ms << "}" << std::endl;
  return {};
}

struct ReconcileArgs {
  std::string registry;
  std::vector<std::string> devices;
  bool json = false;
};

Result<void> run(const ReconcileArgs& args, Command& command) {
  TN_TRY(const std::string pin, command.pin());
  TN_TRY(const Reconciliation result,
         reconcile(command.data, {args.devices.begin(), args.devices.end()}, args.registry, pin));
  for (const std::string& problem : result.problems) std::cout << "problem: " << problem << "\n";
  if (args.json) {
    std::cout << "{\"records\":" << result.records
              << ",\"acknowledged\":" << result.receipts_verified << ",\"found\":" << result.found
              << ",\"lost\":" << result.lost << ",\"doubled\":" << result.doubled
              << ",\"attachments\":" << result.attachments
              << ",\"dossiers\":" << result.dossiers
              << ",\"problems\":" << result.problems.size() << "}\n";
  } else {
    std::cout << result.records << " records on the devices, " << result.receipts_verified
              << " acknowledged, " << result.found << " found, " << result.lost << " lost, "
              << result.doubled << " doubled, " << result.attachments << " photos, "
              << result.problems.size() << " problems\n";
  }
  if (!result.problems.empty()) return fail(errc::store_corrupt, command.data);
  return {};
}

}  // namespace

void add_load(CLI::App& app, Command& command) {
  auto args = std::make_shared<LoadArgs>();
  auto* load = app.add_subcommand("load", "Couriers who work without a pause, with real devices");
  command.add_data(load, "tannhad-data");
  load->add_option("--server", args->config.url, "Address of the server")
      ->default_val("http://127.0.0.1:8080");
  load->add_option("--folder", args->folder, "For the phones' stores")->required();
  load->add_option("--unit", args->config.unit, "Agency code of their unit, e.g. H42.101")
      ->required();
  load->add_option("--phones", args->config.phones)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  load->add_option("--seconds", args->seconds, "How long; SIGTERM ends it earlier")
      ->capture_default_str();
  load->add_option("--pause-ms", args->config.pause_ms, "Between two records of a phone")
      ->capture_default_str();
  command.on(load, [args, &command] { return run(*args, command.data); });
}

void add_reconcile(CLI::App& app, Command& command) {
  auto args = std::make_shared<ReconcileArgs>();
  auto* sub = app.add_subcommand(
      "reconcile", "Look for every record and photo of devices in a server's registry");
  command.add_data(sub, "tannhad-data");
  sub->add_option("--registry", args->registry,
                  "The server's registry on PostgreSQL: postgres://user@host/database");
  sub->add_flag("--json", args->json, "The figures as one line");
  sub->add_option("DEVICE", args->devices, "Folders of devices that nobody is using")->required();
  command.on(sub, [args, &command] { return run(*args, command); });
}

}  // namespace tannha::tools
