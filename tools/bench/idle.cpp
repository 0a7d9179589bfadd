// idle: ten thousand phones that wait for news, each with a device of its own, and one that brings
// some.

#include <atomic>
#include <iostream>
#include <mutex>
#include <thread>

#include "tools/bench/bench.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/live_load.hpp"
#include "tools/bench/server.hpp"

namespace tannha::tools {
namespace {

constexpr double bytes_per_connection_max = 12 * 1024;
constexpr double update_ms_max = 2000;
constexpr std::size_t enrolling_threads = 8;
constexpr const char* unit = "H42.13";
// Connected right after they have signed in, so that no token ends before its hello.
constexpr std::size_t sign_in_batch = 500;

// Several at a time, so that one transaction takes several in.
template <class Work>
Result<void> in_parallel(std::size_t count, Work work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  Result<void> result;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < enrolling_threads; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = next++; i < count; i = next++) {
        const Result<void> done = work(i);
        const std::scoped_lock lock(mutex);
        if (!done) result = done;
        if (!result) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return result;
}

Result<std::vector<BenchPhone>> enrol_all(BenchServer& server, std::size_t count) {
  std::vector<std::optional<BenchPhone>> enrolled(count);
  TN_CHECK(in_parallel(count, [&](std::size_t i) -> Result<void> {
    // Officers of one commune hear of everything that a courier brings there.
    TN_TRY(BenchPhone phone, server.enrol(Role::officer, unit));
    enrolled[i] = std::move(phone);
    return {};
  }));
  std::vector<BenchPhone> phones;
  for (auto& phone : enrolled) phones.push_back(std::move(*phone));
  return phones;
}

Result<void> connect_all(BenchServer& server, std::vector<BenchPhone>& phones, LiveLoad& live) {
  for (std::size_t begin = 0; begin < phones.size(); begin += sign_in_batch) {
    const std::size_t count = std::min(sign_in_batch, phones.size() - begin);
    TN_CHECK(in_parallel(count, [&](std::size_t i) { return server.sign_in(phones[begin + i]); }));
    for (std::size_t i = begin; i < begin + count; ++i) {
      TN_CHECK(live.add(server.port(), phones[i].token));
    }
  }
  return {};
}

// A dossier comes from a door. @return how long until the last has heard of it
Result<double> measure_update(BenchServer& server, BenchPhone& courier, LiveLoad& live) {
  const SignedLoad load = sign_load(courier, 1, 1);
  const auto begin = std::chrono::steady_clock::now();
  TN_TRY(const Load sent, run_load(server.port(), {load.requests}, 0, false));
  if (sent.answers[0][0].status != 200) return fail(errc::server_reply_malformed, "push");
  TN_CHECK(live.wait_changed(std::chrono::seconds(60)));
  const auto taken = std::chrono::steady_clock::now() - begin;
  return std::chrono::duration<double, std::milli>(taken).count();
}

}  // namespace

Result<Figure> bench_idle(const BenchOptions& options) {
  raise_descriptor_limit();
  const std::size_t count = options.brief ? 300 : 10'000;
  std::vector<BenchPhone> phones;
  std::optional<BenchPhone> courier;
  {
    TN_TRY(const auto server, BenchServer::start(options, options.folder / "idle"));
    TN_TRY(courier, server->enrol(Role::courier, unit));
    TN_TRY(phones, enrol_all(*server, count));
    server->stop();
  }
  std::cerr << "idle: " << count << " devices enrolled\n";
  // A new process: the connections do not find room that the enrolments have left.
  TN_TRY(const auto server, BenchServer::start(options, options.folder / "idle"));
  TN_CHECK(server->sign_in(*courier));
  LiveLoad first;
  TN_CHECK(first.add(server->port(), courier->token));
  const std::size_t before_bytes = resident_bytes(server->pid());
  LiveLoad live;
  TN_CHECK(connect_all(*server, phones, live));
  std::cerr << "idle: " << live.size() << " connected\n";
  const std::size_t after_bytes = resident_bytes(server->pid());
  const double each = static_cast<double>(after_bytes - std::min(before_bytes, after_bytes)) /
                      static_cast<double>(count);
  std::vector<double> updates_ms;
  for (int i = 0; i < 5; ++i) {
    TN_TRY(const double took_ms, measure_update(*server, *courier, live));
    updates_ms.push_back(took_ms);
  }
  const double worst_ms = quantile(updates_ms, 1);
  const std::size_t told_bytes = resident_bytes(server->pid());
  return Figure{.name = "idle",
                .value = each,
                .unit = "bytes/connection",
                .limit_is = "12 KiB a connection",
                .limit = bytes_per_connection_max,
                .ratio = each / bytes_per_connection_max,
                .more = {{"bytes_per_connection", each},
                         {"connections", static_cast<double>(live.size())},
                         {"update_ms", worst_ms},
                         {"update_ms_max", update_ms_max},
                         {"server_bytes_before", static_cast<double>(before_bytes)},
                         {"server_bytes_connected", static_cast<double>(after_bytes)},
                         {"server_bytes_after_updates", static_cast<double>(told_bytes)}}};
}

}  // namespace tannha::tools
