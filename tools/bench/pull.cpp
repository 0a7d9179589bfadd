// pull: a desk's new device gets everything that couriers have collected.

#include <chrono>
#include <iostream>

#include "tannha/server/data_dir.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/bench/bench.hpp"
#include "tools/bench/filled.hpp"
#include "tools/bench/machine.hpp"
#include "tools/device/device.hpp"

namespace tannha::tools {

Result<Figure> bench_pull(const BenchOptions& options) {
  const std::uint64_t records = options.brief ? 2'000 : 100'000;
  BenchOptions own = options;
  own.filled.clear();
  TN_TRY(const auto folder, filled_folder(own, records));
  TN_TRY(const auto server, BenchServer::start(options, folder));
  server::SystemHost host;
  exchange::TicketRequest request;
  request.role = Role::officer;
  // The province sees every unit's dossiers.
  request.unit = BenchServer::tenant;
  request.label = "bench";
  TN_TRY(const std::string secret, server::read_admin_secret(folder));
  TN_TRY(const exchange::TicketAnswer ticket, request_ticket(server->url(), secret, request));
  TN_TRY(const auto device, Device::open_or_make(options.folder / "desk", host));
  TN_CHECK(device->enrol(server->url(), ticket.ticket));
  const double limit = measure_verify_per_s(1, 400, options.brief ? 0.2 : 1.5);
  const double cpu_before = cpu_seconds(::getpid());
  const auto begin = std::chrono::steady_clock::now();
  TN_TRY(const Device::SyncSummary summary, device->sync());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (summary.pulled < records) return fail(errc::server_reply_malformed, "records are missing");
  const double rate = summary.pulled / seconds;
  return Figure{.name = "pull",
                .value = rate,
                .unit = "records/s",
                .limit_is = "Ed25519 verifications on one core",
                .limit = limit,
                .ratio = rate / limit,
                .more = {{"records", static_cast<double>(summary.pulled)},
                         {"exchanges", static_cast<double>(summary.exchanges)},
                         {"client_cpu_us_per_record",
                          (cpu_seconds(::getpid()) - cpu_before) * 1e6 / summary.pulled}}};
}

}  // namespace tannha::tools
