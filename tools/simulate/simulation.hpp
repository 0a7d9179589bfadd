#pragma once

#include <optional>
#include <string>

#include "tools/simulate/canary.hpp"
#include "tools/simulate/checks.hpp"
#include "tools/simulate/faults.hpp"

namespace tannha::simulate {

struct RunOptions {
  std::uint64_t hours = 24;
  Canary canary = Canary::none;
  bool story = false;       ///< print it while it happens
  bool trace_hash = false;
};

/// What one seed came to.
struct Outcome {
  std::optional<Violation> violation;
  bool unconverged = false;  ///< after the faults stopped it did not come to rest within the bound
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t exchanges = 0;
  FaultCounts faults{};
  std::string trace_hash;    ///< when asked for
};

/// One world from one seed: hours of work and faults, then peace, and a bounded time to agree.
[[nodiscard]] Outcome simulate(std::uint64_t seed, const RunOptions& options);

}  // namespace tannha::simulate
