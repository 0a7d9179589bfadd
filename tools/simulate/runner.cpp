#include "tools/simulate/runner.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>

namespace tannha::simulate {
namespace {

constexpr unsigned jobs_max = 64;

/// Shared by all processes: the seed that each is at, what it has come to, and whether to stop. A
/// process that dies loses nothing of what it had done.
struct Board {
  std::atomic<std::uint64_t> next;  ///< the first seed that nobody has begun
  std::atomic<std::uint64_t> at[jobs_max];
  Totals totals[jobs_max];
  std::atomic<bool> stop;
};

Board* make_board() {
  void* memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
  return ::new (memory) Board{};
}

void write_all(int fd, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::write(fd, at, size);
    if (n <= 0) ::_exit(3);
    at += n;
    size -= static_cast<std::size_t>(n);
  }
}

std::string read_all(int fd) {
  std::string out;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n <= 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

// One line a failure: seed, invariant, words.
std::string line_of(const Failure& f) {
  return std::to_string(f.seed) + "\t" + f.invariant + "\t" + f.what + "\n";
}

std::vector<Failure> parse_lines(std::string_view text) {
  std::vector<Failure> out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t one = line.find('\t');
    const std::size_t two = line.find('\t', one + 1);
    Failure f;
    std::from_chars(line.data(), line.data() + one, f.seed);
    f.invariant = line.substr(one + 1, two - one - 1);
    f.what = line.substr(two + 1);
    out.push_back(std::move(f));
  }
  return out;
}

[[noreturn]] void work(std::uint64_t last, unsigned job, const RunOptions& options,
                       bool stop_at_failure, Board& board, int fd) {
  while (!board.stop) {
    const std::uint64_t seed = board.next++;
    if (seed > last) break;
    board.at[job] = seed;
    const Outcome outcome = simulate(seed, options);
    board.totals[job].add(outcome);
    const auto failure = failure_of(seed, outcome);
    if (!failure) continue;
    const std::string line = line_of(*failure);
    write_all(fd, line.data(), line.size());
    if (stop_at_failure) board.stop = true;
  }
  ::_exit(0);
}

struct Process {
  pid_t pid;
  int fd;
};

Process start(std::uint64_t last, unsigned job, const RunOptions& options, bool stop_at_failure,
              Board& board) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("no process");
  if (pid == 0) {
    ::close(ends[0]);
    work(last, job, options, stop_at_failure, board, ends[1]);
  }
  ::close(ends[1]);
  return {pid, ends[0]};
}

}  // namespace

std::optional<Seeds> parse_seeds(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t n = 0;
    const char* end = digits.data() + digits.size();
    const auto [at, code] = std::from_chars(digits.data(), end, n);
    if (digits.empty() || at != end || code != std::errc{}) return std::nullopt;
    return n;
  };
  const auto first = number(text.substr(0, dots));
  const auto last = number(text.substr(dots + 2));
  if (!first || !last || *last < *first) return std::nullopt;
  return Seeds{*first, *last};
}

std::optional<Failure> failure_of(std::uint64_t seed, const Outcome& outcome) {
  if (outcome.violation) return Failure{seed, outcome.violation->invariant, outcome.violation->what};
  if (outcome.unconverged) return Failure{seed, "unconverged", "it did not come to rest"};
  return std::nullopt;
}

std::string describe(const Failure& f, const RunOptions& options) {
  std::string out = "seed " + std::to_string(f.seed) + ": " + f.invariant + ": " + f.what +
                    "\n  replay: tannha simulate --seed " + std::to_string(f.seed) + " --hours " +
                    std::to_string(options.hours);
  if (options.canary != Canary::none) out += " --canary " + std::string(name(options.canary));
  return out;
}

Report run_seeds(const Seeds& seeds, unsigned jobs, const RunOptions& options,
                 bool stop_at_failure) {
  const auto begin = std::chrono::steady_clock::now();
  jobs = std::clamp(jobs, 1U, jobs_max);
  Board& board = *make_board();
  board.next = seeds.first;
  // What is buffered must not be printed by every child.
  std::cout.flush();
  std::fflush(stdout);
  std::vector<Process> processes;
  for (unsigned job = 0; job < jobs; ++job) {
    processes.push_back(start(seeds.last, job, options, stop_at_failure, board));
  }
  Report report;
  report.hours = options.hours;
  for (unsigned job = 0; job < jobs; ++job) {
    for (;;) {
      for (Failure& f : parse_lines(read_all(processes[job].fd))) {
        report.failures.push_back(std::move(f));
      }
      ::close(processes[job].fd);
      int status = 0;
      ::waitpid(processes[job].pid, &status, 0);
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
      // One seed took the process down; the others are still to be run.
      const std::uint64_t seed = board.at[job];
      report.failures.push_back({seed, "crash", "its process died"});
      ++report.totals.seeds;
      ++report.totals.violations;
      if (stop_at_failure) board.stop = true;
      processes[job] = start(seeds.last, job, options, stop_at_failure, board);
    }
    report.totals.add(board.totals[job]);
  }
  ::munmap(&board, sizeof board);
  std::ranges::sort(report.failures, {}, &Failure::seed);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  report.wall_s = took.count();
  return report;
}

}  // namespace tannha::simulate
