#include "tests/integration/registry/postgres_for_all.hpp"

#include <cstdlib>
#include <iostream>
#include <map>

#include "tests/integration/registry/registry_contract.hpp"

namespace tannha::registry_contract {
namespace {

std::unique_ptr<tools::PostgresServer> server_for_all;

class ServerForAll : public ::testing::Environment {
 public:
  void SetUp() override {
    const std::string missing = tools::PostgresServer::missing();
    if (!missing.empty()) {
      std::cout << "SKIPPED: there is no " << missing << "; tools/install installs it on Debian"
                << std::endl;
      std::exit(77);
    }
    server_for_all = std::make_unique<tools::PostgresServer>();
  }
  void TearDown() override { server_for_all.reset(); }
};
const auto* const environment = ::testing::AddGlobalTestEnvironment(new ServerForAll);

}  // namespace

tools::PostgresServer& postgres() { return *server_for_all; }

std::string tenant_of(const std::filesystem::path& folder) {
  static std::map<std::filesystem::path, std::string> tenants;
  return tenants.try_emplace(folder, "T" + std::to_string(tenants.size())).first->second;
}
std::unique_ptr<server::PostgresRegistry> open_for(const std::filesystem::path& folder,
                                                   server::PostgresRegistry::Mode mode) {
  return must(server::PostgresRegistry::open(postgres().url(), tenant_of(folder), mode));
}

}  // namespace tannha::registry_contract
