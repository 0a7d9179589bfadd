// growth: the same load on a journal that is long already and on one that is empty.

#include <iostream>

#include "tools/bench/bench.hpp"
#include "tools/bench/filled.hpp"

namespace tannha::tools {

Result<Figure> bench_growth(const BenchOptions& options) {
  TN_TRY(const Figure empty, measure_ingest(options, "ingest", options.folder / "empty", {}));
  TN_TRY(const auto folder, filled_folder(options, long_journal(options)));
  TN_TRY(const Figure grown, measure_ingest(options, "ingest-grown", folder, {}));
  return Figure{.name = "growth",
                .value = grown.value,
                .unit = "records/s",
                .limit_is = "the same into an empty journal",
                .limit = empty.value,
                .ratio = grown.value / empty.value,
                .more = {{"records", static_cast<double>(long_journal(options))}}};
}

}  // namespace tannha::tools
