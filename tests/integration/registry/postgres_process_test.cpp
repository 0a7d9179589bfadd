// The programs on PostgreSQL: a server that serves from it, two of them, and one that moves there.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/integration/registry/postgres_for_all.hpp"
#include "tests/support/real_server.hpp"
#include "tools/net/http_client.hpp"

namespace tannha::process {
namespace {

namespace fs = std::filesystem;
using registry_contract::postgres;

class PostgresProcessTest : public ::testing::Test {
 protected:
  PostgresProcessTest() : tenant_("H" + std::to_string(next_tenant_++)) {
    make_server_folder(folder_ / "server");
  }

  /// @param port 0 takes a free one
  [[nodiscard]] std::unique_ptr<RealServer> serve(const fs::path& folder, bool on_postgres,
                                                  const std::string& port = "0") const {
    std::vector<std::string> more{"--port", port};
    if (on_postgres) more.insert(more.end(), {"--registry", postgres().url()});
    return std::make_unique<RealServer>(folder, tenant_, more);
  }
  static std::string port_of(const RealServer& server) {
    return server.url().substr(server.url().rfind(':') + 1);
  }
  /// What a second node needs of the first one's folder.
  fs::path copy_of_server() {
    const fs::path copy = folder_ / "other";
    fs::create_directories(copy);
    for (const char* file : {"keys.cbor", "admin.secret", "catalogue.cbor"}) {
      fs::copy(folder_ / "server" / file, copy / file);
    }
    return copy;
  }
  /// Runs a command of a phone; it must succeed. @return what it prints
  std::string act(const std::string& phone, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"phone", "--data", (folder_ / phone).string()});
    const Outcome outcome = tannha(std::move(arguments));
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
    return outcome.out;
  }
  void enrol(const std::string& phone, const RealServer& server) {
    const Outcome ticket =
        tannha({"ticket", "--data", server.folder().string(), "--server", server.url(), "--role",
                "courier", "--unit", tenant_ + ".101", "--label", "thử"});
    ASSERT_EQ(ticket.code, 0) << ticket.err;
    const Outcome enrolled =
        tannha({"enrol", "--data", (folder_ / phone).string(), ticket.lines().at(0)});
    ASSERT_EQ(enrolled.code, 0) << enrolled.err;
    act(phone, {"sync"});
  }
  /// Every record of the phone has a receipt that the journal proves.
  void expect_nothing_lost(const std::string& phone) {
    const Outcome audit = tannha({"fsck", (folder_ / phone).string()});
    EXPECT_EQ(audit.code, 0) << audit.out << audit.err;
    EXPECT_TRUE(audit.says("0 problems")) << audit.out;
  }
  Outcome migrate() {
    return tannha({"registry", "migrate", "--from", (folder_ / "server").string(), "--to",
                   postgres().url()});
  }
  [[nodiscard]] std::uint64_t journal_size() const {
    return std::stoull(
        postgres().sql("SELECT size FROM tannha_h" + tenant_.substr(1) + ".head"));
  }

  TempFolder folder_;
  const std::string tenant_;

 private:
  static inline int next_tenant_ = 10;
};

TEST_F(PostgresProcessTest, LossOfTheDatabaseIsShownInTheMetrics) {
  const auto server = serve(folder_ / "server", true);
  // Whether the page says so before a minute is over.
  const auto shows = [&](std::string_view reachable) {
    const std::string line = "\ntannha_database_reachable " + std::string(reachable) + "\n";
    tools::HttpClient client(server->url());
    for (int i = 0; i < 600; ++i) {
      const auto page = must(client.send({.path = "/metrics"}));
      if (as_text(page.body).find(line) != std::string_view::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  };
  EXPECT_TRUE(shows("1"));
  postgres().stop();
  EXPECT_TRUE(shows("0"));
  postgres().start();
  EXPECT_TRUE(shows("1"));
  EXPECT_EQ(server->stop(), 0);
}

TEST_F(PostgresProcessTest, ServesFromPostgres) {
  {
    const auto server = serve(folder_ / "server", true);
    enrol("phone", *server);
    act("phone", {"open", "2.000635"});
    act("phone", {"sync"});
    const std::string port = port_of(*server);
    server->kill();
    act("phone", {"open", "2.000635"});
    const auto again = serve(folder_ / "server", true, port);
    act("phone", {"sync"});
    EXPECT_EQ(again->stop(), 0);
  }
  EXPECT_GT(journal_size(), 2U);
  EXPECT_FALSE(fs::exists(folder_ / "server" / "registry.db"));
  expect_nothing_lost("phone");
}

TEST_F(PostgresProcessTest, AnotherNodeGoesOnWhereOneWasKilled) {
  auto one = serve(folder_ / "server", true);
  const fs::path other_folder = copy_of_server();
  auto other = serve(other_folder, true);
  enrol("phone", *one);
  enrol("other-phone", *other);
  for (int i = 0; i < 3; ++i) {
    act("phone", {"open", "2.000635"});
    act("other-phone", {"open", "2.000635"});
    act("phone", {"sync"});
    act("other-phone", {"sync"});
  }
  const std::string port = port_of(*one);
  act("phone", {"open", "2.000635"});
  one->kill();
  other->stop();
  // As behind a load balancer: the phone knows one address.
  other = serve(other_folder, true, port);
  act("phone", {"sync"});
  expect_nothing_lost("phone");
  expect_nothing_lost("other-phone");
  EXPECT_EQ(postgres().sql("SELECT count(*) FROM tannha_h" + tenant_.substr(1) + ".record"),
            std::to_string(journal_size()));
}

TEST_F(PostgresProcessTest, ServerMovesToPostgres) {
  auto server = serve(folder_ / "server", false);
  enrol("phone", *server);
  act("phone", {"open", "2.000635"});
  act("phone", {"sync"});
  EXPECT_TRUE(migrate().says("store_busy")) << "copied what a server writes";
  const std::string port = port_of(*server);
  server->stop();
  const Outcome moved = migrate();
  EXPECT_EQ(moved.code, 0) << moved.err;
  const Outcome audit = tannha({"fsck", (folder_ / "server").string()});
  const std::size_t at = audit.out.find("root ");
  ASSERT_NE(at, std::string::npos) << audit.out << audit.err;
  EXPECT_TRUE(moved.says(audit.out.substr(at, 69))) << moved.out;
  EXPECT_TRUE(migrate().says("argument_invalid")) << "a second copy";
  // The old one is closed, and can be opened again while nothing has gone on elsewhere.
  const auto start_on_sqlite = [&] {
    return run({program("tannhad"), "--data", (folder_ / "server").string(), "--tenant", tenant_,
                "--port", "0"});
  };
  EXPECT_TRUE(start_on_sqlite().says("store_moved"));
  EXPECT_EQ(tannha({"registry", "take-back", (folder_ / "server").string()}).code, 0);
  EXPECT_EQ(serve(folder_ / "server", false, port)->stop(), 0);
  postgres().sql("DROP SCHEMA tannha_h" + tenant_.substr(1) + " CASCADE");
  EXPECT_EQ(migrate().code, 0);

  server = serve(folder_ / "server", true, port);
  act("phone", {"open", "2.000635"});
  act("phone", {"sync"});
  EXPECT_EQ(server->stop(), 0);
  expect_nothing_lost("phone");
  // Once something has: it starts, says why, and takes in nothing.
  EXPECT_EQ(tannha({"registry", "take-back", (folder_ / "server").string()}).code, 0);
  server = serve(folder_ / "server", false, port);
  act("phone", {"open", "2.000635"});
  const Outcome refused = tannha({"phone", "--data", (folder_ / "phone").string(), "sync"});
  EXPECT_NE(refused.code, 0) << refused.out;
}

TEST_F(PostgresProcessTest, KeysOfAnotherFolderAreNotTaken) {
  const auto start = [&](const fs::path& folder) {
    return run({program("tannhad"), "--data", folder.string(), "--tenant", tenant_, "--port", "0",
                "--registry", postgres().url()});
  };
  serve(folder_ / "server", true)->stop();
  const Outcome without_keys = start(folder_ / "empty");
  EXPECT_TRUE(without_keys.says("keys.cbor is missing")) << without_keys.err;
  EXPECT_FALSE(fs::exists(folder_ / "empty" / "keys.cbor"));
  serve(folder_ / "stranger", false)->stop();
  EXPECT_TRUE(start(folder_ / "stranger").says("tenant_mismatch"));
}

TEST_F(PostgresProcessTest, DatabaseThatIsAwayAtTheStartIsTold) {
  const Outcome outcome = run({program("tannhad"), "--data", (folder_ / "server").string(),
                               "--tenant", tenant_, "--port", "0", "--registry",
                               "postgres://tannha:secret@/tannha?host=/nowhere"});
  EXPECT_NE(outcome.code, 0);
  EXPECT_TRUE(outcome.says("store_io"));
  EXPECT_FALSE(outcome.says("secret"));
}

}  // namespace
}  // namespace tannha::process
