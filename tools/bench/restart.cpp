// restart: how long a server with a long journal takes until it answers.

#include <chrono>

#include "tools/bench/bench.hpp"
#include "tools/bench/filled.hpp"
#include "tools/net/http_client.hpp"

namespace tannha::tools {

Result<Figure> bench_restart(const BenchOptions& options) {
  TN_TRY(const auto folder, filled_folder(options, long_journal(options)));
  std::vector<double> open_ms;
  for (int round = 0; round < (options.brief ? 1 : 5); ++round) {
    const auto begin = std::chrono::steady_clock::now();
    TN_TRY(const auto server, BenchServer::start(options, folder));
    HttpClient client(server->url());
    TN_TRY(const HttpAnswer answer, client.send(HttpCall{.path = "/healthz"}));
    if (answer.status != 200) return fail(errc::server_reply_malformed, "/healthz");
    open_ms.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
            .count());
    server->stop();
  }
  constexpr double second_ms = 1000;
  const double median = quantile(open_ms, 0.5);
  return Figure{.name = "restart",
                .value = median,
                .unit = "ms",
                .limit_is = "one second",
                .limit = second_ms,
                .ratio = median / second_ms,
                .more = {{"open_ms", median},
                         {"records", static_cast<double>(long_journal(options))}}};
}

}  // namespace tannha::tools
