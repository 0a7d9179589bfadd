// postgres-ingest: the same load on PostgreSQL and on SQLite, one after the other.

#include "tools/bench/bench.hpp"
#include "tools/postgres/postgres_server.hpp"

namespace tannha::tools {

Result<Figure> bench_postgres_ingest(const BenchOptions& options) {
  if (const std::string missing = PostgresServer::missing(); !missing.empty()) {
    return fail(errc::file_unreadable, missing);
  }
  const PostgresServer postgres;
  TN_TRY(const Figure sqlite, measure_ingest(options, "ingest", options.folder / "sqlite", {}));
  TN_TRY(const Figure figure,
         measure_ingest(options, "postgres-ingest", options.folder / "postgres",
                        {"--registry", postgres.url()}));
  return Figure{.name = "postgres-ingest",
                .value = figure.value,
                .unit = "records/s",
                .limit_is = "the same on SQLite",
                .limit = sqlite.value,
                .ratio = figure.value / sqlite.value,
                .more = {{"ratio_to_verify", figure.ratio}}};
}

}  // namespace tannha::tools
