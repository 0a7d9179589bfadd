// ingest: eight phones push what they collected, as fast as the server takes it.

#include <unistd.h>

#include <iostream>
#include <thread>

#include "tannha/server/data_dir.hpp"
#include "tools/bench/bench.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/machine.hpp"
#include "tools/bench/server.hpp"

namespace tannha::tools {
namespace {

constexpr std::size_t phones_count = 8;
constexpr std::size_t dossiers_per_exchange = limits::push_records_target / door_records;

// Every answer is read; of the proofs some are checked, as checking all costs the phones' time.
Result<std::uint64_t> count_receipted(const Load& load, const exchange::Tenant& tenant) {
  std::uint64_t receipted = 0;
  for (const auto& answers : load.answers) {
    for (const LoadAnswer& answer : answers) {
      if (answer.status != 200) {
        return fail(errc::server_reply_malformed, "status " + std::to_string(answer.status));
      }
      TN_TRY(const auto response, exchange::decode<exchange::Response>(answer.body));
      TN_TRY(const Checkpoint checkpoint,
             open_checkpoint(response.checkpoint, tenant.origin, tenant.journal_key));
      for (const exchange::Answer& a : response.answers) {
        if (a.verdict != Verdict::effective || !a.leaf_index) {
          return fail(errc::server_reply_malformed,
                      "a record is " + std::string(name(a.verdict)) + " " +
                          (a.reason ? std::string(name(static_cast<errc>(*a.reason))) : ""));
        }
        TN_CHECK(merkle::verify_inclusion(*a.leaf_index, checkpoint.size,
                                          merkle::leaf_hash(a.record), a.path, checkpoint.root));
        ++receipted;
      }
    }
  }
  return receipted;
}

}  // namespace

Result<Figure> measure_ingest(const BenchOptions& options, const std::string& name,
                              const std::filesystem::path& folder,
                              const std::vector<std::string>& server_arguments) {
  TN_TRY(const auto server, BenchServer::start(options, folder, server_arguments));
  std::vector<BenchPhone> phones;
  for (std::size_t i = 0; i < phones_count; ++i) {
    TN_TRY(BenchPhone phone, server->enrol(Role::courier, "H42.13"));
    phones.push_back(std::move(phone));
  }
  // A journal that is not empty, so that what follows names a checkpoint, as it does every day.
  TN_TRY([[maybe_unused]] const Load first,
         run_load(server->port(), {sign_load(phones.front(), 1, 1).requests}, 0, false));
  TN_TRY(const Checkpoint checkpoint, server->checkpoint());
  TN_TRY(const server::Keys keys, server::read_keys(folder));

  const std::size_t exchanges = options.brief ? 3 : 50;
  std::vector<double> rates;
  std::vector<double> limits_per_s;
  double bytes = 0;
  double cpu_us = 0;
  double own_us = 0;
  for (int round = 0; round < (options.brief ? 1 : 3); ++round) {
    std::vector<Requests> connections;
    std::uint64_t records = 0;
    for (BenchPhone& phone : phones) {
      phone.beacon = Beacon{checkpoint.size, checkpoint.root};
      SignedLoad load = sign_load(phone, exchanges, dossiers_per_exchange);
      records += load.records;
      bytes = static_cast<double>(load.record_bytes) / static_cast<double>(load.records);
      connections.push_back(std::move(load.requests));
    }
    limits_per_s.push_back(measure_verify_per_s(std::thread::hardware_concurrency(), 400,
                                                options.brief ? 0.2 : 1.5));
    const double cpu_before = cpu_seconds(server->pid());
    const double own_before = cpu_seconds(::getpid());
    TN_TRY(const Load load, run_load(server->port(), connections, 0, true));
    cpu_us = (cpu_seconds(server->pid()) - cpu_before) * 1e6 / static_cast<double>(records);
    own_us = (cpu_seconds(::getpid()) - own_before) * 1e6 / static_cast<double>(records);
    TN_TRY(const std::uint64_t receipted, count_receipted(load, keys.tenant));
    if (receipted != records) return fail(errc::server_reply_malformed, "answers are missing");
    rates.push_back(static_cast<double>(records) / load.seconds);
    std::cerr << name << ": " << rates.back() << " records/s, verify limit "
              << limits_per_s.back() << "/s\n";
  }
  const double rate = quantile(rates, 0.5);
  const double limit = quantile(limits_per_s, 0.5);
  return Figure{.name = name,
                .value = rate,
                .unit = "records/s",
                .limit_is = "Ed25519 verifications on all cores",
                .limit = limit,
                .ratio = rate / limit,
                .more = {{"record_bytes", bytes}, {"server_cpu_us_per_record", cpu_us}, {"phones_cpu_us_per_record", own_us}}};
}

Result<Figure> bench_ingest(const BenchOptions& options) {
  return measure_ingest(options, "ingest", options.folder / "server", {});
}

}  // namespace tannha::tools
