// tannha registry: move a server's registry to another store.

#include "tannha/server/data_dir.hpp"
#include "tannha/server/registry_copy.hpp"
#include "tannha/server/sqlite_registry.hpp"
#include "tools/commands/command.hpp"

#include <iostream>

namespace tannha::tools {
namespace {

struct Args {
  std::string from, to, tenant;
};

Result<void> migrate(const Args& args) {
  namespace fs = std::filesystem;
  const fs::path path(args.from);
  const fs::path file = fs::is_directory(path) ? path / "registry.db" : path;
  if (!fs::exists(file)) return fail(errc::store_not_found, file.string());
  // A server's folder is kept from the server meanwhile, which would write on.
  const fs::path folder = fs::absolute(file).parent_path();
  std::optional<server::DataDir> held;
  if (fs::exists(folder / "keys.cbor")) {
    TN_TRY(server::DataDir opened, server::DataDir::open(folder));
    held.emplace(std::move(opened));
  }
  std::string tenant = args.tenant;
  if (held) {
    TN_TRY(const server::Keys keys, server::read_keys(folder));
    if (tenant.empty()) tenant = keys.tenant.code;
    if (tenant != keys.tenant.code) {
      return fail(errc::tenant_mismatch, "the folder belongs to " + keys.tenant.code);
    }
  }
  if (tenant.empty()) return fail(errc::argument_invalid, "--tenant");
  TN_TRY(const auto target, server::PostgresRegistry::open(
                                args.to, tenant, server::PostgresRegistry::Mode::write));
  // Closed first: whatever ends this, two registries that may both be written are never left.
  TN_TRY(const bool was_moved, server::SqliteRegistry::has_moved(file.string()));
  TN_CHECK(server::SqliteRegistry::set_moved(file.string(), true));
  const auto report = server::copy_registry(file.string(), *target);
  if (!report) {
    if (!was_moved) {
      TN_CHECK(server::SqliteRegistry::set_moved(file.string(), false));
    }
    return std::unexpected(report.error());
  }
  std::cout << report->records << " records, " << report->rows << " rows in " << report->tables
            << " tables, root " << to_hex(report->root) << "\n"
            << "Chạy máy chủ với --registry. " << file.string()
            << " đã đóng, máy chủ không ghi vào nữa.\n"
            << "Start the server with --registry. " << file.string()
            << " is closed: no server writes to it any more.\n";
  return {};
}

// Only right as long as PostgreSQL has taken in nothing: later, the checkpoint store says no.
Result<void> take_back(const std::string& folder) {
  const std::filesystem::path path(folder);
  TN_TRY(const server::DataDir held, server::DataDir::open(path));
  if (!std::filesystem::exists(held.registry_path())) return fail(errc::store_not_found, folder);
  TN_CHECK(server::SqliteRegistry::set_moved(held.registry_path(), false));
  std::cout << "Đã mở lại. Không chạy máy chủ nào trên PostgreSQL nữa; nếu ở đó đã nhận thêm bản ghi "
               "thì máy chủ ở đây sẽ từ chối nhận.\n"
               "Open again. Run no server on PostgreSQL any more; if that has taken in records since, "
               "the server here will refuse to.\n";
  return {};
}

}  // namespace

void add_registry(CLI::App& app, Command& command) {
  auto* registry = app.add_subcommand("registry", "A server's registry");
  registry->require_subcommand(1);
  auto* sub = registry->add_subcommand(
      "migrate", "Copy an SQLite registry into an empty PostgreSQL one, and prove it");
  auto args = std::make_shared<Args>();
  sub->add_option("--from", args->from, "The server's folder, or its registry.db")->required();
  sub->add_option("--to", args->to, "postgres://user@host/database")->required();
  sub->add_option("--tenant", args->tenant, "Agency code, when the folder has no keys.cbor");
  command.on(sub, [args] { return migrate(*args); });
  auto* back = registry->add_subcommand(
      "take-back", "Open an SQLite registry again that was migrated and not used since");
  auto folder = std::make_shared<std::string>();
  back->add_option("FOLDER", *folder, "The server's folder")->required();
  command.on(back, [folder] { return take_back(*folder); });
}

}  // namespace tannha::tools
