// commit-latency: one dossier at a time from many phones, half as many as the server could take.

#include <iostream>

#include "tools/bench/bench.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/machine.hpp"
#include "tools/bench/server.hpp"

namespace tannha::tools {

Result<Figure> bench_commit_latency(const BenchOptions& options) {
  const std::size_t phones_count = options.brief ? 8 : 64;
  TN_TRY(const auto server, BenchServer::start(options, options.folder / "server"));
  std::vector<BenchPhone> phones;
  for (std::size_t i = 0; i < phones_count; ++i) {
    TN_TRY(BenchPhone phone, server->enrol(Role::courier, "H42.13"));
    phones.push_back(std::move(phone));
  }
  const auto loads = [&](std::size_t exchanges) {
    std::vector<Requests> connections;
    for (BenchPhone& phone : phones) {
      connections.push_back(sign_load(phone, exchanges, 1).requests);
    }
    return connections;
  };
  const std::size_t exchanges = options.brief ? 5 : 200;
  TN_TRY(const Load full, run_load(server->port(), loads(exchanges), 0, false));
  for (const auto& answers : full.answers) {
    for (const LoadAnswer& answer : answers) {
      if (answer.status != 200) return fail(errc::server_reply_malformed, "status");
    }
  }
  const double full_per_s =
      static_cast<double>(exchanges * phones_count) / full.seconds;
  std::vector<double> p50s_ms;
  std::vector<double> p99s_ms;
  for (int round = 0; round < (options.brief ? 1 : 3); ++round) {
    TN_TRY(const Load half, run_load(server->port(), loads(exchanges), full_per_s / 2, false));
    std::vector<double> took_ms;
    for (const auto& answers : half.answers) {
      for (const LoadAnswer& answer : answers) {
        if (answer.status != 200) return fail(errc::server_reply_malformed, "status");
        took_ms.push_back(answer.took_ms);
      }
    }
    p50s_ms.push_back(quantile(took_ms, 0.5));
    p99s_ms.push_back(quantile(took_ms, 0.99));
  }
  const DiskLatency disk = measure_fdatasync(options.folder, options.brief ? 50 : 2000);
  const double p99 = quantile(p99s_ms, 0.5);
  return Figure{.name = "commit-latency",
                .value = p99,
                .unit = "ms",
                .limit_is = "fdatasync of 4 KiB on the same disk, p99",
                .limit = disk.p99_ms,
                .ratio = p99 / disk.p99_ms,
                .more = {{"p50_ms", quantile(p50s_ms, 0.5)},
                         {"p99_ms_worst_round", quantile(p99s_ms, 1)},
                         {"fdatasync_p50_ms", disk.p50_ms},
                         {"pushes_per_s", full_per_s / 2},
                         {"records_per_s", full_per_s / 2 * static_cast<double>(door_records)}}};
}

}  // namespace tannha::tools
