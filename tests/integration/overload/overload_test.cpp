// The real server under attack: what it holds stays under its cap, and whoever is honest goes on.

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <iostream>
#include <thread>

#include "tests/integration/overload/attackers.hpp"
#include "tests/support/real_server.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/live_load.hpp"
#include "tools/bench/server.hpp"
#include "tools/net/http_client.hpp"

namespace tannha {
namespace {

using process::must;
using tools::BenchPhone;
using tools::BenchServer;

constexpr std::size_t mib = 1024 * 1024;
constexpr std::size_t cap_bytes = 192 * mib;
// Program, store's cache, threads, what is decoded on them, and what the allocator keeps.
constexpr std::size_t base_bytes = 100 * mib;
constexpr std::size_t connection_bytes = 16 * 1024;

class OverloadTest : public ::testing::Test {
 protected:
  OverloadTest() {
    tools::raise_descriptor_limit();
    tools::BenchOptions options;
    options.tannhad = process::program("tannhad");
    // Without quotas: memory must hold also where they are generous.
    server = must(BenchServer::start(options, folder / "server", {"--memory-max", "192"}));
    honest.emplace(must(server->enrol(Role::courier, "H42.13")));
    for (int i = 0; i < 8; ++i) {
      hostile.push_back(must(server->enrol(Role::officer, "H42.13")));
    }
  }

  std::uint64_t metric(const std::string& name) {
    tools::HttpClient client(server->url());
    const auto answer = must(client.send({.path = "/metrics"}));
    const std::string text = "\n" + std::string(as_text(answer.body));
    const std::size_t at = text.find("\n" + name + " ");
    if (at == std::string::npos) throw std::runtime_error(name);
    return std::stoull(text.substr(at + name.size() + 2));
  }
  /// Pushes until the server takes no more and so much is held.
  void push_until_held(Attackers& attackers, std::size_t bytes) {
    while (attackers.push(mib) > 0 || metric("tannha_memory_bytes") < bytes) {
      std::this_thread::yield();
    }
  }
  void push_all(Attackers& attackers) {
    while (attackers.push(mib) > 0) std::this_thread::yield();
  }
  void expect_honest_push_goes_through() {
    const tools::SignedLoad load = tools::sign_load(*honest, 1, 1);
    unsigned status = 503;
    // As a device does, which is told to come again.
    for (int again = 0; status == 503 && again < 1000; ++again) {
      if (again > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
      status = must(tools::run_load(server->port(), {load.requests}, 0, false))
                   .answers.at(0)
                   .at(0)
                   .status;
    }
    EXPECT_EQ(status, 200U);
  }
  void expect_under_cap(const char* when) {
    const std::size_t most = status_bytes(server->pid(), "VmHWM");
    std::cout << when << ": VmHWM " << most / mib << " MiB, cap " << cap_bytes / mib << " + base "
              << base_bytes / mib << " MiB\n";
    EXPECT_LE(most, cap_bytes + base_bytes + connection_bytes * metric("tannha_connections_total"))
        << when;
  }
  /// Connections of attackers that are gone have given back all that they held.
  void wait_all_given_back() {
    while (metric("tannha_memory_bytes") > 0) std::this_thread::yield();
  }
  std::string request(const std::string& method, const std::string& path, std::size_t attacker,
                      std::size_t length) {
    return method + " " + path + " HTTP/1.1\r\nAuthorization: Bearer " +
           hostile[attacker % hostile.size()].token +
           "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
  }

  const process::TempFolder folder = process::TempFolder::in_memory();
  std::unique_ptr<BenchServer> server;
  std::optional<BenchPhone> honest;
  std::vector<BenchPhone> hostile;
};

TEST_F(OverloadTest, SlowBodies) {
  Attackers attackers(server->port());
  const std::string path = "/v1/blobs/" + to_hex(Hash{});
  // Most of a file, and never its end: 3 GiB if all of them were let in.
  for (std::size_t i = 0; i < 400; ++i) {
    attackers.add(request("PUT", path, i, limits::attachment_bytes_max), 'x',
                  limits::attachment_bytes_max - 1);
  }
  push_until_held(attackers, 100 * mib);
  expect_honest_push_goes_through();
  expect_under_cap("400 files that never end");
  const auto statuses = attackers.statuses();
  EXPECT_GT(std::ranges::count(statuses, 503U), 300);
  EXPECT_GT(metric("tannha_memory_refused_total"), 300U);
}

TEST_F(OverloadTest, ManyLargePushes) {
  const Bytes content(limits::frame_bytes_max - 64, 0);
  const Bytes frame = cbor::encode(cbor::Value(content));
  {
    Attackers attackers(server->port());
    for (std::size_t i = 0; i < 300; ++i) {
      attackers.add(request("POST", "/v1/sync", i, frame.size()), 0, frame.size());
    }
    push_all(attackers);
    expect_under_cap("300 frames of 4 MiB");
  }
  // And of real records, all of which are decoded, verified and stored.
  std::vector<tools::Requests> connections;
  for (BenchPhone& each : hostile) {
    const Bytes load = tools::sign_load(each, 1, 80).requests.at(0);
    connections.insert(connections.end(), 12, tools::Requests{load});
  }
  const auto load = must(tools::run_load(server->port(), connections, 0, false));
  for (const auto& answers : load.answers) {
    EXPECT_TRUE(answers[0].status == 200 || answers[0].status == 503) << answers[0].status;
  }
  expect_under_cap("96 pushes of 800 records");
  wait_all_given_back();
  expect_honest_push_goes_through();
}

TEST_F(OverloadTest, SlowReadersOfLargeAnswers) {
  // A photograph as large as may be, of a dossier of the honest courier.
  Bytes photo(limits::attachment_bytes_max, 7);
  std::copy_n(Bytes{0xff, 0xd8, 0xff, 0xe0}.begin(), 4, photo.begin());
  std::vector<Record> records = tools::door_dossier(*honest, 1);
  records.push_back(honest->sign(records.front().header.subject,
                                 body::AttachmentAdded{.hash = blake2b_256(photo),
                                                       .size = photo.size(),
                                                       .media_type = "image/jpeg",
                                                       .role = body::AttachmentRole::page,
                                                       .line = 0}));
  tools::HttpClient client(server->url());
  ASSERT_EQ(must(client.send({.method = "POST",
                              .path = "/v1/sync",
                              .bearer = honest->token,
                              .body = tools::push_message(*honest, records)}))
                .status,
            200U);
  const std::string path = "/v1/blobs/" + to_hex(blake2b_256(photo));
  ASSERT_EQ(must(client.send(
                     {.method = "PUT", .path = path, .bearer = honest->token, .body = photo}))
                .status,
            201U);
  Attackers attackers(server->port());
  const std::string get = "GET " + path + " HTTP/1.1\r\nAuthorization: Bearer ";
  for (std::size_t i = 0; i < 1000; ++i) {
    attackers.add(get + hostile[i % hostile.size()].token + "\r\n\r\n");
    attackers.add("GET /v1/catalogue HTTP/1.1\r\n\r\n");
  }
  // 8 GiB, if each had it whole.
  while (metric("tannha_http_requests_total") < 2000) std::this_thread::yield();
  expect_under_cap("1,000 slow readers of 8 MiB, 1,000 of the catalogue");
  expect_honest_push_goes_through();
  // Who reads is served, and gets what was stored; the requests of the others may still be refused.
  auto got = must(client.send({.path = path, .bearer = honest->token}));
  for (int again = 0; got.status == 503 && again < 1000; ++again) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    got = must(client.send({.path = path, .bearer = honest->token}));
  }
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.body, photo);
}

TEST_F(OverloadTest, LiveSocketsThatNeverRead) {
  tools::LiveLoad live;
  for (std::size_t i = 0; i < 2000; ++i) {
    must(live.add(server->port(), hostile[i % hostile.size()].token));
  }
  // Each push is news for all of them.
  for (int i = 0; i < 50; ++i) expect_honest_push_goes_through();
  expect_under_cap("2,000 live sockets that never read");

}

TEST_F(OverloadTest, LiveFramesThatNeverEnd) {
  tools::LiveLoad live;
  for (std::size_t i = 0; i < 200; ++i) {
    must(live.add(server->port(), hostile[i % hostile.size()].token));
  }
  // RFC 6455 5.2: a frame of 4 MiB, of which the last byte never comes. Three times that is held.
  live.send_unfinished(limits::frame_bytes_max);
  expect_under_cap("200 live frames of 4 MiB that never end");
  EXPECT_GT(metric("tannha_memory_refused_total"), 0U);
  expect_honest_push_goes_through();
}

}  // namespace
}  // namespace tannha
