#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/integration/net/raw_socket.hpp"
#include "tests/integration/process/busy_phone.hpp"
#include "tests/support/random_seed.hpp"
#include "tools/net/http_client.hpp"
#include "tools/net/live_client.hpp"

namespace tannha::process {
namespace {

namespace fs = std::filesystem;

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

TEST(StopServerTest, LosesNothingAcknowledgedWhenStoppedDuringPushes) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  const TempFolder folder;
  make_server_folder(folder / "server");
  auto server = std::make_unique<RealServer>(folder / "server");
  const auto phones = busy_phones(*server, folder.path(), random);
  Shift shift;
  for (const auto& phone : phones) phone->start(shift);
  for (int i = 0; i < 8; ++i) {
    shift.opened(server->url());
    ASSERT_TRUE(shift.wait_for_steps(static_cast<int>(4 + random() % 24)));
    EXPECT_EQ(server->stop(), 0);
    // Whoever closes the store last empties its write-ahead log.
    EXPECT_FALSE(fs::exists(folder / "server" / "registry.db-wal"));
    server = std::make_unique<RealServer>(folder / "server");
  }
  shift.end();
  for (const auto& phone : phones) phone->join();
  for (const auto& phone : phones) phone->drain(server->url());
  EXPECT_EQ(server->stop(), 0);
  expect_promises_kept(folder / "server", phones);
}

TEST(StopServerTest, DoesNotWaitForIdleConnections) {
  const TempFolder folder;
  RealServer server(folder / "server");
  tools::HttpClient kept_alive(server.url());
  EXPECT_EQ(must(kept_alive.send({.path = "/healthz"})).status, 200U);
  tools::LiveClient live(server.url());
  must(live.connect(std::chrono::seconds(30)));
  RawSocket silent = RawSocket::to(port_of(server.url()));
  std::thread reader([&live] {
    EXPECT_EQ(live.receive(std::chrono::minutes(1)).error().code, errc::network_lost);
    EXPECT_EQ(live.close_code(), 1001);
  });

  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(server.stop(), 0);
  // Its patience with requests that are being answered is ten seconds; nobody here is.
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
  reader.join();
  EXPECT_EQ(silent.read_all(), "");
}

TEST(StopServerTest, StopsOnInterruptFromTheTerminal) {
  const TempFolder folder;
  RealServer server(folder / "server");
  server.signal(SIGINT);
  EXPECT_EQ(server.wait(), 0);
}

TEST(StopServerTest, SecondServerOnTheSameFolderIsRefused) {
  const TempFolder folder;
  RealServer server(folder / "server");
  const Outcome second =
      run({program("tannhad"), "--data", (folder / "server").string(), "--tenant", "H42", "--port",
           "0"});
  EXPECT_EQ(second.code, 1);
  EXPECT_TRUE(second.says("store_busy")) << second.err;
  EXPECT_TRUE(second.says(message(errc::store_busy, Language::vietnamese))) << second.err;
  EXPECT_TRUE(second.says(message(errc::store_busy, Language::english))) << second.err;
  EXPECT_EQ(must(tools::HttpClient(server.url()).send({.path = "/healthz"})).status, 200U);
  EXPECT_EQ(server.stop(), 0);
}

TEST(StopServerTest, AddressInUseIsSaidInBothLanguages) {
  const TempFolder folder;
  RealServer server(folder / "server");
  const Outcome second =
      run({program("tannhad"), "--data", (folder / "other").string(), "--tenant", "H42", "--port",
           std::to_string(port_of(server.url()))});
  EXPECT_EQ(second.code, 1);
  EXPECT_TRUE(second.says("cannot listen on")) << second.err;
  EXPECT_TRUE(second.says("không mở được cổng")) << second.err;
}

TEST(StopServerTest, FolderOfAnotherTenantIsRefused) {
  const TempFolder folder;
  EXPECT_EQ(RealServer(folder / "server").stop(), 0);
  const Outcome other = run({program("tannhad"), "--data", (folder / "server").string(),
                             "--tenant", "H43", "--port", "0"});
  EXPECT_EQ(other.code, 1);
  EXPECT_TRUE(other.says("tenant_mismatch")) << other.err;
}

TEST(StopServerTest, TenantThatIsNoAgencyCodeIsRefused) {
  const TempFolder folder;
  const Outcome bad = run({program("tannhad"), "--data", (folder / "server").string(), "--tenant",
                           "Ninh Bình", "--port", "0"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_TRUE(bad.says("agency_code_malformed")) << bad.err;
  EXPECT_FALSE(fs::exists(folder / "server"));
}

}  // namespace
}  // namespace tannha::process
