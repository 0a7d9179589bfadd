#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// What is done to a program in the middle of its work, by the preloaded library of
/// tests/crash/kill_points.
namespace tannha::crash {

enum class Action : std::uint8_t {
  kill_before,
  kill_after,
  kill_half,  ///< of a write
  full_once,
  full_always,
  io_once,
  io_always,
  memory_once,
  memory_always,
};
[[nodiscard]] std::string_view name(Action action);
[[nodiscard]] constexpr bool kills(Action a) {
  return a <= Action::kill_half;
}
[[nodiscard]] constexpr bool is_of_memory(Action a) {
  return a >= Action::memory_once;
}
/// Whether it goes on until the program ends.
[[nodiscard]] constexpr bool is_lasting(Action a) {
  return a == Action::full_always || a == Action::io_always || a == Action::memory_always;
}

/// At which call, or allocation, what happens.
struct Strike {
  std::uint64_t number = 0;  ///< from 1
  Action action{};
};
[[nodiscard]] std::string text(const Strike& strike);

/// One call that changed files, as it was carried out.
struct Point {
  std::uint64_t number = 0;
  std::string call;  ///< write, fsync, ftruncate, unlink, rename, mkdir, create
  std::int64_t result = 0;
  std::filesystem::path path;
  std::filesystem::path new_path;  ///< of a rename
};

/// What a program did when nothing happened to it.
struct Watched {
  std::vector<Point> points;  ///< in the order in which the calls returned
  std::uint64_t allocations = 0;
};

// Shell commands for process::run, which start the program under the library.
// `folder`: absolute, without symbolic links; what is done to files outside is not counted.

[[nodiscard]] std::string struck(const std::filesystem::path& folder, const Strike& strike);
/// The program's calls are written to files named `notes` with endings; see read_notes.
[[nodiscard]] std::string watched(const std::filesystem::path& folder,
                                  const std::filesystem::path& notes);
[[nodiscard]] Watched read_notes(const std::filesystem::path& notes);

/// TANNHA_CRASH_FULL is set: every point, every action.
[[nodiscard]] bool is_full();

/// The strikes of one scenario.
struct Plan {
  std::vector<Strike> strikes;
  std::size_t all = 0;  ///< how many there are to choose from

  void add(Plan other);
};
/// Of every action at every point where it makes a difference, `count`: spread evenly, each drawn
/// from its own stretch. All when is_full().
[[nodiscard]] Plan choose_points(const Watched& watched, const std::vector<Action>& actions,
                                 std::size_t count, std::mt19937_64& random);
/// The same for the allocations; there are so many that there are never all.
[[nodiscard]] Plan choose_allocations(const Watched& watched, std::size_t count,
                                      std::mt19937_64& random);

/// Prints how many of how many are tried: "<what> covered: a of b".
void report(std::string_view what, const Plan& plan, std::uint64_t seed);

inline const std::vector<Action> killing{Action::kill_before, Action::kill_after,
                                         Action::kill_half};
inline const std::vector<Action> failing{Action::full_once, Action::full_always, Action::io_once,
                                         Action::io_always};

}  // namespace tannha::crash
