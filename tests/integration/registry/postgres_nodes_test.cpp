// Two nodes of one registry, end to end; and what an operator's programs see of it.

#include <gtest/gtest.h>

#include <chrono>

#include "tannha/core/courier.hpp"
#include "tests/integration/registry/postgres_for_all.hpp"
#include "tests/support/real_server.hpp"
#include "tools/net/http_client.hpp"
#include "tools/net/live_client.hpp"

namespace tannha::process {
namespace {

namespace fs = std::filesystem;
using exchange::LiveKind;
using exchange::LiveMessage;
using registry_contract::postgres;
using tools::HttpAnswer;
using tools::HttpClient;

/// For waits of which the test expects the end: long enough for a loaded machine.
constexpr std::chrono::seconds patience{60};

std::string said(const HttpAnswer& answer) {
  const auto refusal = exchange::decode<exchange::Refusal>(answer.body);
  return refusal ? std::string(name(static_cast<errc>(refusal->code))) : std::string();
}

class PostgresNodesTest : public ::testing::Test {
 protected:
  PostgresNodesTest() : tenant_("H" + std::to_string(next_tenant_++)) {
    make_server_folder(folder_ / "one");
    one_ = start("one");
    fs::create_directories(folder_ / "two");
    for (const char* file : {"keys.cbor", "admin.secret", "catalogue.cbor"}) {
      fs::copy(folder_ / "one" / file, folder_ / "two" / file);
    }
    fs::create_directory_symlink(folder_ / "one" / "blobs", folder_ / "two" / "blobs");
    two_ = start("two");
  }
  [[nodiscard]] std::unique_ptr<RealServer> start(const std::string& name) const {
    return std::make_unique<RealServer>(
        folder_ / name, tenant_,
        std::vector<std::string>{"--port", "0", "--registry", postgres().url()});
  }
  std::unique_ptr<tools::Device> enrol(RealServer& at, const std::string& name, Role role) {
    return at.enrol(folder_ / name, host_, role, tenant_ + ".101");
  }
  static HttpAnswer send(RealServer& at, tools::HttpCall call) {
    return must(HttpClient(at.url()).send(std::move(call)), call.path);
  }
  static Bytes challenge_of(RealServer& at) {
    const HttpAnswer answer = send(at, {.method = "POST", .path = "/v1/challenge"});
    return must(fields::decode<exchange::Challenge>(answer.body, errc::frame_malformed)).challenge;
  }
  static HttpAnswer ask_token(RealServer& at, const exchange::TokenRequest& request) {
    return send(at, {.method = "POST", .path = "/v1/token", .body = fields::encode(request)});
  }
  static std::string token_of(RealServer& at, tools::Device& device) {
    const HttpAnswer answer = ask_token(at, must(device.replica().sign_in(challenge_of(at))));
    return must(fields::decode<exchange::TokenAnswer>(answer.body, errc::frame_malformed)).token;
  }
  Outcome fsck() {
    return tannha({"fsck", (folder_ / "one").string(), "--registry", postgres().url()});
  }
  Outcome reconcile(const std::string& phone) {
    return tannha({"reconcile", "--data", (folder_ / "one").string(), "--registry",
                   postgres().url(), (folder_ / phone).string()});
  }
  /// Changes the database behind the nodes' back.
  void change(const std::string& statement) const {
    postgres().sql("SET search_path=tannha_h" + tenant_.substr(1) + ";" + statement);
  }

  TempFolder folder_;
  server::SystemHost host_;
  const std::string tenant_;
  std::unique_ptr<RealServer> one_;
  std::unique_ptr<RealServer> two_;

 private:
  static inline int next_tenant_ = 40;
};

TEST_F(PostgresNodesTest, ChallengeAndTokenOfOneNodeAreGoodOnTheOther) {
  const auto phone = enrol(*one_, "phone", Role::courier);
  const auto request = must(phone->replica().sign_in(challenge_of(*one_)));
  const HttpAnswer signed_in = ask_token(*two_, request);
  ASSERT_EQ(signed_in.status, 200U) << said(signed_in);
  EXPECT_EQ(said(ask_token(*two_, request)), "challenge_invalid") << "used twice";
  const auto token =
      must(fields::decode<exchange::TokenAnswer>(signed_in.body, errc::frame_malformed)).token;
  const Bytes frame = fields::encode(must(phone->replica().next_request(10)));
  for (RealServer* node : {one_.get(), two_.get()}) {
    const HttpAnswer answer =
        send(*node, {.method = "POST", .path = "/v1/sync", .bearer = token, .body = frame});
    EXPECT_EQ(answer.status, 200U) << said(answer);
  }
  // Made by nobody who knows the secret.
  auto forged = request;
  forged.challenge[0] ^= 1;
  EXPECT_NE(ask_token(*one_, forged).status, 200U);
}

TEST_F(PostgresNodesTest, WhatOnePhonePushesIsToldLiveThroughTheOtherNode) {
  const auto courier = enrol(*one_, "courier", Role::courier);
  const auto officer = enrol(*two_, "officer", Role::officer);
  must(courier->sync());
  must(officer->sync());
  tools::LiveClient live(two_->url());
  must(live.connect(patience));
  must(live.send(fields::encode(LiveMessage{LiveKind::hello, 1,
                                            to_bytes(as_bytes(token_of(*two_, *officer)))}),
                 patience));
  const auto next = [&live] {
    return must(fields::decode<LiveMessage>(must(live.receive(patience)), errc::frame_malformed));
  };
  EXPECT_EQ(next().kind, LiveKind::welcome);

  core::Courier work(courier->replica(), courier->catalogue());
  const Id id = must(work.open({}, "2.000635", body::ServiceKind::both));
  must(courier->sync());
  EXPECT_EQ(next().kind, LiveKind::changed);
  EXPECT_GT(must(officer->sync()).pulled, 0U);
  EXPECT_EQ(must(officer->replica().dossier(id)).procedure, "2.000635");
}

TEST_F(PostgresNodesTest, NodeIsReadyAsLongAsItsDatabaseIs) {
  EXPECT_EQ(send(*one_, {.path = "/readyz"}).status, 200U);
  postgres().stop();
  const HttpAnswer without = send(*one_, {.path = "/readyz"});
  EXPECT_EQ(without.status, 503U);
  EXPECT_EQ(send(*one_, {.path = "/healthz"}).status, 200U) << "a restart would not help";
  postgres().start();
  // By itself, without a restart and without anybody else's traffic.
  for (RealServer* node : {one_.get(), two_.get()}) {
    HttpAnswer again;
    for (int tries = 0; tries < 5 && again.status != 200; ++tries) {
      again = send(*node, {.path = "/readyz"});
    }
    EXPECT_EQ(again.status, 200U) << as_text(again.body);
  }
}

TEST_F(PostgresNodesTest, OperatorsProgramsReadTheRegistry) {
  auto phone = enrol(*one_, "phone", Role::courier);
  core::Courier work(phone->replica(), phone->catalogue());
  must(phone->sync());
  const Id id = must(work.open({}, "2.000635", body::ServiceKind::both));
  const Record note = must(work.add_note(id, "ghi chú"));
  // As many as make the tree keep a node.
  for (int i = 0; i < 16; ++i) must(work.add_note(id, "ghi chú thêm"));
  must(phone->sync());
  phone.reset();

  const Outcome sound = fsck();
  EXPECT_EQ(sound.code, 0) << sound.out << sound.err;
  EXPECT_TRUE(sound.says("0 problems")) << sound.out;
  const Outcome records = tannha({"inspect", (folder_ / "one").string(), "--registry",
                                  postgres().url()});
  EXPECT_TRUE(records.says(to_hex(note.hash).substr(0, 16))) << records.out << records.err;
  const Outcome whole = reconcile("phone");
  EXPECT_EQ(whole.code, 0) << whole.out << whole.err;
  EXPECT_TRUE(whole.says("0 lost, 0 doubled")) << whole.out;

  const std::string where = " WHERE hash='\\x" + to_hex(note.hash) + "'";
  change("UPDATE node SET hash='\\x" + std::string(64, '0') + "' WHERE level=4 AND position=0");
  const Outcome spoiled = fsck();
  EXPECT_NE(spoiled.code, 0);
  EXPECT_TRUE(spoiled.says("journal node 4/0 differs")) << spoiled.out;
  change("DELETE FROM record" + where);
  const Outcome missing = reconcile("phone");
  EXPECT_NE(missing.code, 0);
  EXPECT_TRUE(missing.says("1 lost")) << missing.out;
}

}  // namespace
}  // namespace tannha::process
