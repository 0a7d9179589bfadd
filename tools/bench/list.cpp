// list: a phone's list of its dossiers, after a start and asked again.

#include <chrono>
#include <iostream>

#include "tannha/server/data_dir.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/bench/bench.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/server.hpp"
#include "tools/device/device.hpp"

namespace tannha::tools {
namespace {

/// How long a list takes that has so many dossiers. Errors: server_reply_malformed (it has not).
template <class F>
Result<double> time_ms(std::size_t dossiers, F list) {
  const auto begin = std::chrono::steady_clock::now();
  TN_TRY(const auto all, list());
  const auto end = std::chrono::steady_clock::now();
  if (all.size() != dossiers) return fail(errc::server_reply_malformed, "dossiers are missing");
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

/// A desk's device that has everything which one courier has collected.
Result<void> fill(const BenchOptions& options, const std::filesystem::path& folder,
                  std::size_t dossiers) {
  constexpr std::size_t exchange_dossiers = 10;
  const auto server_folder = options.folder / "server";
  TN_TRY(const auto server, BenchServer::start(options, server_folder));
  TN_TRY(BenchPhone courier, server->enrol(Role::courier, "H42.101"));
  const SignedLoad load = sign_load(courier, dossiers / exchange_dossiers, exchange_dossiers);
  TN_CHECK(run_load(server->port(), {load.requests}, 0, false));
  exchange::TicketRequest request;
  request.role = Role::officer;
  request.unit = "H42.101";
  request.label = "bench";
  TN_TRY(const std::string secret, server::read_admin_secret(server_folder));
  TN_TRY(const exchange::TicketAnswer ticket, request_ticket(server->url(), secret, request));
  server::SystemHost host;
  TN_TRY(const auto device, Device::open_or_make(folder, host));
  TN_CHECK(device->enrol(server->url(), ticket.ticket));
  TN_CHECK(device->sync());
  server->stop();
  return {};
}

}  // namespace

Result<Figure> bench_list(const BenchOptions& options) {
  const std::size_t dossiers = options.brief ? 50 : 500;
  const int rounds = options.brief ? 1 : 9;
  const auto folder = options.folder / "desk";
  TN_CHECK(fill(options, folder, dossiers));
  server::SystemHost host;
  double first = 0;
  std::vector<double> cold;
  std::vector<double> second;
  std::vector<double> folding;
  for (int round = 0; round <= rounds; ++round) {
    TN_TRY(const auto device, Device::open(folder, host));
    Replica& replica = device->replica();
    TN_TRY(const double began, time_ms(dossiers, [&] { return replica.summaries(); }));
    // After it was synchronised nothing is kept yet.
    if (round == 0) {
      first = began;
      continue;
    }
    cold.push_back(began);
    TN_TRY(const double again, time_ms(dossiers, [&] { return replica.summaries(); }));
    second.push_back(again);
    TN_TRY(const double folded, time_ms(dossiers, [&] { return replica.dossiers(); }));
    folding.push_back(folded);
  }
  const double value = quantile(cold, 0.5);
  const double limit = quantile(folding, 0.5);
  return Figure{.name = "list",
                .value = value,
                .unit = "ms",
                .limit_is = "reading and folding every record",
                .limit = limit,
                .ratio = value / limit,
                .more = {{"dossiers", static_cast<double>(dossiers)},
                         {"records", static_cast<double>(dossiers * door_records)},
                         {"first_ms", first},
                         {"second_ms", quantile(second, 0.5)}}};
}

}  // namespace tannha::tools
