#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tannha/protocol/result.hpp"

namespace tannha::tools {

struct BenchOptions {
  /// A small run that shows that the benchmark still works; its figures mean little.
  bool brief = false;
  /// Length of a long journal; 0: five million, or a few thousand in a brief run.
  std::uint64_t records = 0;
  /// Where a server's folder with a long journal is kept for the next run; empty: it is not.
  std::filesystem::path filled;
  /// pickup-records.jsonl.gz; empty: it is looked for.
  std::filesystem::path data;
  std::filesystem::path folder;   ///< empty and the benchmark's own; removed by the caller
  std::filesystem::path tannhad;  ///< the server program
};

/// What a benchmark found. The ratio is of one run on one machine, so it is comparable where the
/// value is not.
struct Figure {
  std::string name;
  double value{};
  std::string unit;
  std::string limit_is;  ///< what the limit is, in words
  double limit{};        ///< in the same unit, measured in the same run
  double ratio{};        ///< value / limit
  std::vector<std::pair<std::string, double>> more{};  ///< further figures, the unit last in the name
};

/// One benchmark a file: <name>.cpp. Progress is told on standard error.
struct Bench {
  std::string_view name;
  std::string_view what;
  Result<Figure> (*run)(const BenchOptions& options);
};
[[nodiscard]] std::span<const Bench> benches();

[[nodiscard]] std::string text_of(const Figure& figure);
/// One line.
[[nodiscard]] std::string json_of(const Figure& figure);

/// At a place of the sorted values: 0.5 is the median. Precondition: not empty.
[[nodiscard]] double quantile(std::vector<double> values, double place);

/// Ingest by a server on this folder, with these arguments more.
Result<Figure> measure_ingest(const BenchOptions& options, const std::string& name,
                              const std::filesystem::path& folder,
                              const std::vector<std::string>& server_arguments);
Result<Figure> bench_ingest(const BenchOptions& options);
Result<Figure> bench_idle(const BenchOptions& options);
Result<Figure> bench_pull(const BenchOptions& options);
Result<Figure> bench_wire(const BenchOptions& options);
Result<Figure> bench_nothing_new(const BenchOptions& options);
Result<Figure> bench_commit_latency(const BenchOptions& options);
Result<Figure> bench_growth(const BenchOptions& options);
Result<Figure> bench_restart(const BenchOptions& options);
Result<Figure> bench_list(const BenchOptions& options);
Result<Figure> bench_postgres_ingest(const BenchOptions& options);

}  // namespace tannha::tools
