// tannha-simulate: the whole system in one thread, from one seed.

#include <malloc.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <thread>

#include "tannha/protocol/crypto.hpp"
#include "tools/simulate/runner.hpp"

namespace {

using namespace tannha;
using namespace tannha::simulate;

int list_canaries() {
  for (const Canary canary : all_canaries()) std::cout << name(canary) << "\n";
  return 0;
}

int replay(std::uint64_t seed, RunOptions options) {
  options.story = true;
  const Outcome outcome = simulate::simulate(seed, options);
  std::fflush(stdout);
  if (options.trace_hash) std::cout << "trace " << outcome.trace_hash << "\n";
  const auto failure = failure_of(seed, outcome);
  if (!failure) {
    std::cout << "seed " << seed << ": every promise was kept, " << outcome.records
              << " records\n";
    return 0;
  }
  std::cout << describe(*failure, options) << "\n";
  return 1;
}

int run_many(const Seeds& seeds, unsigned jobs, const RunOptions& options, bool json,
             std::size_t shown_max) {
  const bool is_canary = options.canary != Canary::none;
  const Report report = run_seeds(seeds, jobs, options, is_canary);
  for (std::size_t i = 0; i < std::min(report.failures.size(), shown_max); ++i) {
    std::cout << describe(report.failures[i], options) << "\n";
  }
  if (report.failures.size() > shown_max) {
    std::cout << "… and " << report.failures.size() - shown_max << " more seeds\n";
  }
  std::cout << (json ? json_line(report) : words(report)) << std::endl;
  return report.failures.empty() ? 0 : 1;
}

// Two runs of a seed that are the same run print the same hash.
int print_hashes(const Seeds& seeds, RunOptions options) {
  options.trace_hash = true;
  bool good = true;
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    const Outcome outcome = simulate::simulate(seed, options);
    std::cout << "seed " << seed << " trace " << outcome.trace_hash << "\n";
    good = good && !failure_of(seed, outcome);
  }
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  // Disks are made, grow and vanish all the time: giving their memory back to the system and asking
  // for it again took three quarters of a run.
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  CLI::App app{"Simulates the whole system under faults, from seeds"};
  std::string seeds_text;
  std::optional<std::uint64_t> seed;
  std::string canary_text;
  RunOptions options;
  bool json = false;
  std::size_t shown_max = 20;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  app.add_option("--seeds", seeds_text, "A..B, both included");
  app.add_option("--seed", seed, "Replay one seed and tell its story");
  app.add_option("--hours", options.hours, "Simulated hours of work and faults")
      ->check(CLI::Range(1, 24 * 365))
      ->capture_default_str();
  app.add_option("--jobs", jobs, "Processes")->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--canary", canary_text, "Switch on a built-in bug, which must be caught; or list");
  app.add_option("--show", shown_max, "Failures to print")->capture_default_str();
  app.add_flag("--json", json, "The result as one last line of JSON");
  app.add_flag("--trace-hash", options.trace_hash, "Print the hash of all that happened");
  CLI11_PARSE(app, argc, argv);

  if (canary_text == "list") return list_canaries();
  if (!canary_text.empty()) {
    const auto canary = canary_from_name(canary_text);
    if (!canary) {
      std::cerr << "tannha simulate: there is no canary " << canary_text << "; try list\n";
      return 2;
    }
    options.canary = *canary;
  }
  try {
    tannha::init_crypto();
    if (seed) return replay(*seed, options);
    const auto seeds = parse_seeds(seeds_text);
    if (!seeds) {
      std::cerr << "tannha simulate: --seeds A..B or --seed N is needed\n";
      return 2;
    }
    if (options.trace_hash) return print_hashes(*seeds, options);
    return run_many(*seeds, jobs, options, json, shown_max);
  } catch (const std::exception& e) {
    std::cerr << "tannha simulate: " << e.what() << "\n";
    return 2;
  }
}
