#include "tests/crash/processes/strike.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "tests/crash/kill_points/kill_points.h"
#include "tests/support/random_seed.hpp"

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;

// When all are wanted, so many of the allocations: a program makes ten thousand.
constexpr std::size_t full_allocations = 200;

std::string quoted(const fs::path& path) {
  return "'" + path.string() + "'";
}

std::string preload(const fs::path& folder) {
  // Many of these programs end themselves; nobody looks at their core files.
  return std::string("ulimit -c 0; export LD_PRELOAD=") + quoted(TANNHA_KILL_POINTS) + " " +
         TANNHA_POINT_FOLDER "=" + quoted(folder);
}

fs::path trace_file(const fs::path& notes) {
  return notes.string() + ".trace";
}
fs::path count_file(const fs::path& notes) {
  return notes.string() + ".count";
}

std::vector<Point> read_trace(const fs::path& path) {
  std::vector<Point> points;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::array<std::string, 5> words;
    std::istringstream text(line);
    for (std::string& word : words) std::getline(text, word, '\t');
    points.push_back({std::stoull(words[0]), words[1], std::stoll(words[2]), words[3], words[4]});
  }
  return points;
}

// One from each of `count` stretches of the same length: even, and yet not always the same ones.
std::vector<Strike> spread(const std::vector<Strike>& all, std::size_t count,
                           std::mt19937_64& random) {
  if (count >= all.size()) return all;
  std::vector<Strike> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = i * all.size() / count;
    const std::size_t to = (i + 1) * all.size() / count;
    chosen.push_back(all[from + random() % (to - from)]);
  }
  return chosen;
}

}  // namespace

std::string_view name(Action action) {
  switch (action) {
    case Action::kill_before:
      return "kill-before";
    case Action::kill_after:
      return "kill-after";
    case Action::kill_half:
      return "kill-half";
    case Action::full_once:
      return "enospc";
    case Action::full_always:
      return "enospc-forever";
    case Action::io_once:
      return "eio";
    case Action::io_always:
      return "eio-forever";
    case Action::memory_once:
      return "nomem";
    case Action::memory_always:
      return "nomem-forever";
  }
  return "";
}

std::string text(const Strike& strike) {
  return std::string(name(strike.action)) + " at " + std::to_string(strike.number);
}

std::string struck(const fs::path& folder, const Strike& strike) {
  return preload(folder) + " " + TANNHA_POINT_AT "=" + std::to_string(strike.number) +
         " " TANNHA_POINT_ACTION "=" + std::string(name(strike.action));
}

std::string watched(const fs::path& folder, const fs::path& notes) {
  fs::remove(trace_file(notes));
  fs::remove(count_file(notes));
  return preload(folder) + " " + TANNHA_POINT_TRACE "=" + quoted(trace_file(notes)) +
         " " TANNHA_POINT_COUNT "=" + quoted(count_file(notes));
}

Watched read_notes(const fs::path& notes) {
  Watched watched;
  watched.points = read_trace(trace_file(notes));
  std::uint64_t points = 0;
  std::ifstream file(count_file(notes));
  if (!(file >> points >> watched.allocations) || points != watched.points.size()) {
    throw std::runtime_error("the program did not end, or was not watched");
  }
  return watched;
}

bool is_full() {
  return std::getenv("TANNHA_CRASH_FULL") != nullptr;
}

void Plan::add(Plan other) {
  std::ranges::move(other.strikes, std::back_inserter(strikes));
  all += other.all;
}

Plan choose_points(const Watched& watched, const std::vector<Action>& actions, std::size_t count,
                   std::mt19937_64& random) {
  std::vector<Strike> all;
  for (const Point& point : watched.points) {
    for (const Action action : actions) {
      // Only a write has a half.
      if (action == Action::kill_half && point.call != "write") continue;
      all.push_back({point.number, action});
    }
  }
  return {spread(all, is_full() ? all.size() : count, random), all.size()};
}

void report(std::string_view what, const Plan& plan, std::uint64_t seed) {
  std::cout << what << " covered: " << plan.strikes.size() << " of " << plan.all << ", "
            << test::seed_text(seed) << std::endl;
}

Plan choose_allocations(const Watched& watched, std::size_t count, std::mt19937_64& random) {
  std::vector<Strike> all;
  for (std::uint64_t number = 1; number <= watched.allocations; ++number) {
    all.push_back({number, Action::memory_once});
    all.push_back({number, Action::memory_always});
  }
  return {spread(all, is_full() ? full_allocations : count, random), all.size()};
}

}  // namespace tannha::crash
