// tannha registry: move a server's registry to another store.

#include "tannha/server/data_dir.hpp"
#include "tannha/server/registry_copy.hpp"
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
  TN_TRY(const server::CopyReport report, server::copy_registry(file.string(), *target));
  std::cout << report.records << " records, " << report.rows << " rows in " << report.tables
            << " tables, root " << to_hex(report.root) << "\n"
            << "Chạy máy chủ với --registry; cất registry.db đi, không dùng lại.\n"
            << "Start the server with --registry; put " << file.string()
            << " away: a server that goes on with it would write a second journal.\n";
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
}

}  // namespace tannha::tools
