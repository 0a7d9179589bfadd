#pragma once

#include <string>
#include <vector>

#include "tools/simulate/simulation.hpp"

namespace tannha::simulate {

/// A seed that did not hold, and why.
struct Failure {
  std::uint64_t seed{};
  std::string invariant;  ///< "convergence"; "unconverged" when there was no rest; "crash"
  std::string what;
};

/// The sum over many seeds. Adding up is the same in every order.
struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t exchanges = 0;
  std::uint64_t violations = 0;
  std::uint64_t unconverged = 0;
  FaultCounts faults{};
  FaultCounts fault_seeds{};  ///< seeds in which the kind struck
  std::array<FaultCounts, fault_count> pairs{};  ///< seeds in which both did

  void add(const Outcome& outcome);
  void add(const Totals& other);
};

struct Report {
  Totals totals;
  std::vector<Failure> failures;  ///< by seed
  std::uint64_t hours = 0;        ///< of each seed
  double wall_s = 0;
};

/// One line: {"seeds":…,"simulated_hours":…,…}.
[[nodiscard]] std::string json_line(const Report& report);
/// The same in words.
[[nodiscard]] std::string words(const Report& report);

}  // namespace tannha::simulate
