#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tannha/engine/calendar.hpp"
#include "tannha/engine/catalogue.hpp"
#include "tools/simulate/canary.hpp"
#include "tools/simulate/checks.hpp"
#include "tools/simulate/disk.hpp"
#include "tools/simulate/faults.hpp"
#include "tools/simulate/journal_model.hpp"
#include "tools/simulate/scheduler.hpp"
#include "tools/simulate/trace.hpp"

namespace tannha::simulate {

/// What every part of one simulated world shares: time, chance, disks, faults, and what is found.
struct World {
  World(std::uint64_t seed_number, const Catalogue& procedures, Trace& story, Canary bug);

  /// A stream of chance of its own for the part of that name.
  [[nodiscard]] Rng rng(std::string_view stream) const { return Rng(seed, stream); }
  /// A fault really struck.
  void struck(Fault fault) { ++counts[static_cast<std::size_t>(fault)]; }
  /// @param what makes the line; called only when somebody listens
  template <class F>
  void say(std::string_view who, F what) {
    if (trace.on()) trace.line(clock.now(), who, what());
  }
  /// Whether this world has the bug built in.
  [[nodiscard]] bool has(Canary bug) const { return canary == bug; }

  const std::uint64_t seed;
  const Catalogue& catalogue;
  Trace& trace;
  const Canary canary;
  Scheduler clock;
  Rng disk_rng;
  SimulatedDisk disk;
  FaultPlan plan;
  FaultCounts counts{};
  Checks checks;
  JournalModel journal;
  bool healed = false;  ///< faults have stopped for good
};

/// The codes of the world's procedures: two by post, one not.
inline constexpr std::string_view birth_procedure = "1.001193";
inline constexpr std::string_view death_procedure = "1.000656";
[[nodiscard]] Catalogue make_catalogue();


}  // namespace tannha::simulate
