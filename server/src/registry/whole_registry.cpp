#include "tannha/server/whole_registry.hpp"

#include "postgres.hpp"
#include "registry_rows.hpp"
#include "tannha/server/data_dir.hpp"
#include "tannha/server/postgres_registry.hpp"
#include "tannha/server/sqlite_registry.hpp"

namespace tannha::server {

using postgres::arg;
using postgres::collect;
using postgres::Connection;
using postgres::Row;

namespace {

// A page at a time, so that no answer takes longer than a statement may, and libpq holds no second
// copy of everything.
constexpr std::uint64_t page_records = 2'000;

}  // namespace

Result<std::vector<Evidence>> PostgresRegistry::all_records() {
  static const std::string sql =
      std::string(evidence_columns) + "WHERE leaf>=$1 ORDER BY leaf LIMIT $2";
  TN_TRY(Connection * db, ready());
  std::vector<Evidence> all;
  std::uint64_t next = 0;
  for (;;) {
    TN_TRY(auto page, collect<Evidence>(*db, sql.c_str(), {arg(next), arg(page_records)},
                                        read_evidence<Row>));
    if (page.empty()) return all;
    next = page.back().leaf_index.value_or(next) + 1;
    std::ranges::move(page, std::back_inserter(all));
  }
}

Result<std::vector<LogEntry>> PostgresRegistry::all_logs() {
  static const std::string sql = std::string(log_columns) + "ORDER BY enrolled";
  TN_TRY(Connection * db, ready());
  return collect<LogEntry>(*db, sql.c_str(), {}, read_log<Row>);
}

Result<std::vector<std::pair<Hash, Registry::Attachment>>> PostgresRegistry::all_attachments() {
  using Item = std::pair<Hash, Attachment>;
  TN_TRY(Connection * db, ready());
  return collect<Item>(*db, "SELECT hash, size, media_type, present FROM attachment", {},
                       [](Row row) -> Result<Item> {
                         return Item{row.array<Hash>(0),
                                     {row.number(1), row.text(2), row.number(3) != 0}};
                       });
}

Result<std::vector<WholeRegistry::Quarantined>> PostgresRegistry::all_quarantined() {
  TN_TRY(Connection * db, ready());
  return collect<Quarantined>(
      *db, "SELECT sender, reason, envelope, body FROM quarantine ORDER BY id", {},
      [](Row row) -> Result<Quarantined> {
        return Quarantined{row.array<Hash>(0), static_cast<errc>(row.number(1)),
                           to_bytes(row.bytes(2)), to_bytes(row.bytes(3))};
      });
}

Result<std::unique_ptr<WholeRegistry>> open_whole_registry(const std::filesystem::path& folder,
                                                           const std::string& conninfo) {
  std::unique_ptr<WholeRegistry> registry;
  if (conninfo.empty()) {
    TN_TRY(registry, SqliteRegistry::open((folder / "registry.db").string(),
                                          sqlite::Mode::read_only));
  } else {
    TN_TRY(const Keys keys, read_keys(folder));
    TN_TRY(registry, PostgresRegistry::open(conninfo, keys.tenant.code,
                                            PostgresRegistry::Mode::read_only));
  }
  return registry;
}

}  // namespace tannha::server
