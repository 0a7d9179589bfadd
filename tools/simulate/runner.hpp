#pragma once

#include "tools/simulate/totals.hpp"

namespace tannha::simulate {

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};
/// "A..B", both included. Nothing when it is not that, or B is below A.
[[nodiscard]] std::optional<Seeds> parse_seeds(std::string_view text);

/// Runs every seed, shared out among `jobs` processes. The report does not depend on how many.
/// @param stop_at_failure end as soon as one seed does not hold
/// A seed that takes its process down is a failure.
[[nodiscard]] Report run_seeds(const Seeds& seeds, unsigned jobs, const RunOptions& options,
                               bool stop_at_failure);

/// What is printed of a failure: the seed, the invariant, and how to see it again.
[[nodiscard]] std::string describe(const Failure& failure, const RunOptions& options);
/// Nothing when the seed held.
[[nodiscard]] std::optional<Failure> failure_of(std::uint64_t seed, const Outcome& outcome);

}  // namespace tannha::simulate
