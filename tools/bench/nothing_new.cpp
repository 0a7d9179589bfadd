// nothing-new: phones that ask and have nothing, of a server that has nothing for them.

#include <iostream>

#include "tools/bench/bench.hpp"
#include "tools/bench/filled.hpp"
#include "tools/bench/http_load.hpp"

namespace tannha::tools {
namespace {

constexpr std::size_t phones_count = 32;

/// An exchange of a phone that has everything, as its bytes.
Result<Bytes> idle_request(BenchServer& server, BenchPhone& phone) {
  exchange::Request request;
  request.tenant = BenchServer::tenant;
  request.pull_max = limits::pull_records_max;
  request.slip_numbers_left = limits::lease_count;
  request.item_numbers_left = limits::lease_count;
  TN_TRY(const Checkpoint checkpoint, server.checkpoint());
  request.journal_size = checkpoint.size;
  for (;;) {
    Bytes bytes = post_request("/v1/sync", phone.token, fields::encode(request));
    TN_TRY(const Load load, run_load(server.port(), {{bytes}}, 0, true));
    const LoadAnswer& answer = load.answers.front().front();
    if (answer.status != 200) return fail(errc::server_reply_malformed, "status");
    TN_TRY(const auto response, exchange::decode<exchange::Response>(answer.body));
    if (response.feed.empty() && !response.more) return bytes;
    request.cursor = response.cursor;
  }
}

struct Rates {
  double exchanges_per_s{};
  double limit_per_s{};
};

Result<double> rate(BenchServer& server, const std::vector<Bytes>& requests, std::size_t times) {
  std::vector<Requests> connections;
  for (const Bytes& request : requests) connections.emplace_back(times, request);
  std::vector<double> rates;
  for (int round = 0; round < 3; ++round) {
    TN_TRY(const Load load, run_load(server.port(), connections, 0, false));
    for (const auto& answers : load.answers) {
      for (const LoadAnswer& answer : answers) {
        if (answer.status != 200) return fail(errc::server_reply_malformed, "status");
      }
    }
    rates.push_back(static_cast<double>(requests.size() * times) / load.seconds);
  }
  return quantile(rates, 0.5);
}

Result<Rates> measure(const BenchOptions& options, const std::filesystem::path& folder) {
  TN_TRY(const auto server, BenchServer::start(options, folder));
  std::vector<BenchPhone> phones;
  for (std::size_t i = 0; i < phones_count; ++i) {
    TN_TRY(BenchPhone phone, server->enrol(Role::courier, "H42.13"));
    phones.push_back(std::move(phone));
  }
  std::vector<Bytes> requests;
  for (BenchPhone& phone : phones) {
    TN_TRY(Bytes request, idle_request(*server, phone));
    requests.push_back(std::move(request));
  }
  const std::size_t times = options.brief ? 20 : 2'000;
  Rates rates;
  TN_TRY(rates.exchanges_per_s, rate(*server, requests, times));
  const std::string get = "GET /v1/tenant HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  const std::vector<Bytes> plain(phones_count, to_bytes(as_bytes(get)));
  TN_TRY(rates.limit_per_s, rate(*server, plain, times));
  std::cerr << "nothing-new: " << rates.exchanges_per_s << " exchanges/s, "
            << rates.limit_per_s << " plain requests/s\n";
  server->stop();
  return rates;
}

}  // namespace

Result<Figure> bench_nothing_new(const BenchOptions& options) {
  BenchOptions small = options;
  small.records = options.brief ? 1'000 : 10'000;
  small.filled.clear();
  TN_TRY(const auto short_folder, filled_folder(small, small.records));
  TN_TRY(const Rates few, measure(options, short_folder));
  std::filesystem::remove_all(short_folder);
  TN_TRY(const auto long_folder, filled_folder(options, long_journal(options)));
  TN_TRY(const Rates many, measure(options, long_folder));
  return Figure{.name = "nothing-new",
                .value = many.exchanges_per_s,
                .unit = "exchanges/s",
                .limit_is = "requests of the same server that ask for a constant",
                .limit = many.limit_per_s,
                .ratio = many.exchanges_per_s / many.limit_per_s,
                .more = {{"records", static_cast<double>(long_journal(options))},
                         {"short_journal_exchanges_per_s", few.exchanges_per_s},
                         {"long_to_short_ratio", many.exchanges_per_s / few.exchanges_per_s}}};
}

}  // namespace tannha::tools
