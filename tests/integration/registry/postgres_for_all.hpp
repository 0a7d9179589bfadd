#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tannha/server/postgres_registry.hpp"
#include "tools/postgres/postgres_server.hpp"

// One server for all tests of a program; in it a tenant, and so a schema, for each test's folder.
namespace tannha::registry_contract {

/// Ends with the program's tests. Without one, the program has ended with 77 before its first test.
[[nodiscard]] tools::PostgresServer& postgres();
[[nodiscard]] std::string tenant_of(const std::filesystem::path& folder);
[[nodiscard]] std::unique_ptr<server::PostgresRegistry> open_for(
    const std::filesystem::path& folder,
    server::PostgresRegistry::Mode mode = server::PostgresRegistry::Mode::write);

}  // namespace tannha::registry_contract
