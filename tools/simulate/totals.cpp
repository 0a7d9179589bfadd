#include "tools/simulate/totals.hpp"

#include <array>
#include <cstdio>
#include <limits>

namespace tannha::simulate {
namespace {

std::string seconds(double s) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", s);
  return text.data();
}

std::string object_of(const FaultCounts& counts) {
  std::string out = "{";
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (i != 0) out += ",";
    out += "\"" + std::string(name(static_cast<Fault>(i))) + "\":" + std::to_string(counts[i]);
  }
  return out + "}";
}

struct RarestPair {
  std::uint64_t seeds = std::numeric_limits<std::uint64_t>::max();
  std::string name;
};

RarestPair rarest_pair(const Totals& totals) {
  RarestPair rarest;
  for (std::size_t i = 0; i < fault_count; ++i) {
    for (std::size_t j = i + 1; j < fault_count; ++j) {
      if (totals.pairs[i][j] >= rarest.seeds) continue;
      rarest.seeds = totals.pairs[i][j];
      rarest.name = std::string(name(static_cast<Fault>(i))) + "+" +
                    std::string(name(static_cast<Fault>(j)));
    }
  }
  return rarest;
}

}  // namespace

void Totals::add(const Outcome& outcome) {
  ++seeds;
  records += outcome.records;
  events += outcome.events;
  exchanges += outcome.exchanges;
  if (outcome.violation) ++violations;
  if (outcome.unconverged) ++unconverged;
  for (std::size_t i = 0; i < fault_count; ++i) {
    faults[i] += outcome.faults[i];
    if (outcome.faults[i] == 0) continue;
    ++fault_seeds[i];
    for (std::size_t j = i + 1; j < fault_count; ++j) {
      if (outcome.faults[j] != 0) ++pairs[i][j];
    }
  }
}

void Totals::add(const Totals& other) {
  seeds += other.seeds;
  records += other.records;
  events += other.events;
  exchanges += other.exchanges;
  violations += other.violations;
  unconverged += other.unconverged;
  for (std::size_t i = 0; i < fault_count; ++i) {
    faults[i] += other.faults[i];
    fault_seeds[i] += other.fault_seeds[i];
    for (std::size_t j = i + 1; j < fault_count; ++j) pairs[i][j] += other.pairs[i][j];
  }
}

std::string json_line(const Report& report) {
  const Totals& t = report.totals;
  const RarestPair rarest = rarest_pair(t);
  return "{\"seeds\":" + std::to_string(t.seeds) +
         ",\"simulated_hours\":" + std::to_string(t.seeds * report.hours) +
         ",\"records\":" + std::to_string(t.records) +
         ",\"violations\":" + std::to_string(t.violations) +
         ",\"unconverged\":" + std::to_string(t.unconverged) +
         ",\"faults\":" + object_of(t.faults) + ",\"fault_seeds\":" + object_of(t.fault_seeds) +
         ",\"fault_pairs\":{\"minimum\":" + std::to_string(rarest.seeds) + ",\"pair\":\"" +
         rarest.name + "\"},\"events\":" + std::to_string(t.events) +
         ",\"exchanges\":" + std::to_string(t.exchanges) + ",\"wall_s\":" + seconds(report.wall_s) +
         "}";
}

std::string words(const Report& report) {
  const Totals& t = report.totals;
  std::string out = std::to_string(t.seeds) + " seeds, " +
                    std::to_string(t.seeds * report.hours) + " simulated hours, " +
                    std::to_string(t.records) + " records, " + std::to_string(t.exchanges) +
                    " exchanges in " + seconds(report.wall_s) + " s: " +
                    std::to_string(t.violations) + " violations, " +
                    std::to_string(t.unconverged) + " unconverged\nfaults (times, seeds):\n";
  for (std::size_t i = 0; i < fault_count; ++i) {
    std::string kind(name(static_cast<Fault>(i)));
    kind.resize(32, ' ');
    out += "  " + kind + std::to_string(t.faults[i]) + ", " + std::to_string(t.fault_seeds[i]) +
           "\n";
  }
  return out;
}

}  // namespace tannha::simulate
