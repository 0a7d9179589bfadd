#include "tools/bench/bench.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <cstdio>

namespace tannha::tools {
namespace {

constexpr std::array all{
    Bench{"ingest", "records pushed, verified, durable and receipted a second", bench_ingest},
    Bench{"idle", "memory of a phone that waits for news, and how soon all have it", bench_idle},
    Bench{"pull", "records to a fresh phone, verified and stored, a second", bench_pull},
    Bench{"wire", "bytes of a record pushed, head and signature included", bench_wire},
    Bench{"nothing-new", "exchanges a second in which neither side has anything new",
          bench_nothing_new},
    Bench{"commit-latency", "from push to durable receipt at half load, p99", bench_commit_latency},
    Bench{"growth", "ingest into a long journal against an empty one", bench_growth},
    Bench{"list", "a phone's list of its dossiers after a start", bench_list},
    Bench{"restart", "from start to ready with a long journal", bench_restart},
    Bench{"postgres-ingest", "ingest on PostgreSQL against SQLite", bench_postgres_ingest},
};

std::string number(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), std::abs(value) < 100 ? "%.3g" : "%.0f", value);
  return text.data();
}

}  // namespace

std::span<const Bench> benches() { return all; }

std::string text_of(const Figure& figure) {
  std::string out = figure.name + ": " + number(figure.value) + " " + figure.unit +
                    "\n  limit: " + number(figure.limit) + " " + figure.unit + " (" +
                    figure.limit_is + ")\n  ratio: " + number(figure.ratio) + "\n";
  for (const auto& [name, value] : figure.more) out += "  " + name + ": " + number(value) + "\n";
  return out;
}

std::string json_of(const Figure& figure) {
  boost::json::object line{{"name", figure.name},   {"value", figure.value},
                           {"unit", figure.unit},   {"limit", figure.limit},
                           {"ratio", figure.ratio}, {"limit_is", figure.limit_is}};
  for (const auto& [name, value] : figure.more) line[name] = value;
  return boost::json::serialize(line);
}

double quantile(std::vector<double> values, double place) {
  const auto at = static_cast<std::ptrdiff_t>(place * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

}  // namespace tannha::tools
