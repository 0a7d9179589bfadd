#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tannha/protocol/limits.hpp"
#include "tests/integration/server/service_world.hpp"
#include "tools/net/http_client.hpp"
#include "tools/net/live_client.hpp"

namespace tannha::server {
namespace {

using exchange::LiveKind;
using exchange::LiveMessage;
using std::chrono::seconds;

/// For waits of which the test expects the end: long enough for a loaded machine.
constexpr seconds patience{60};

Bytes hello(std::string_view token, std::uint64_t number = 1) {
  return fields::encode(LiveMessage{LiveKind::hello, number, to_bytes(as_bytes(token))});
}
Bytes request(std::uint64_t number, Bytes content) {
  return fields::encode(LiveMessage{LiveKind::request, number, std::move(content)});
}
errc refused_with(const LiveMessage& message) {
  EXPECT_EQ(message.kind, LiveKind::refusal);
  const auto refusal = exchange::decode<exchange::Refusal>(message.content);
  if (!refusal) return errc{};
  const errc code = static_cast<errc>(refusal->code);
  EXPECT_EQ(refusal->vietnamese, tannha::message(code, Language::vietnamese));
  EXPECT_EQ(refusal->english, tannha::message(code, Language::english));
  return code;
}

/// Signed and not saved, each after the one before and about the next of the dossiers.
std::vector<Record> chain_of_notes(const Client& client, const std::vector<Id>& about,
                                   std::size_t count) {
  std::vector<Record> notes;
  RecordHeader header = client.next_header(about.front(), RecordType::note);
  for (std::size_t i = 0; i < count; ++i) {
    header.subject = about[i % about.size()];
    notes.push_back(sign_record(header, body::encode(body::Note{std::to_string(i)}, Id{1}),
                                client.me().key));
    ++header.seq;
    header.prev = notes.back().hash;
  }
  return notes;
}

// The service's side, without sockets

class LiveServiceTest : public ::testing::Test {
 protected:
  LiveServiceTest() : courier(world.enrol(Role::courier, "H42.101")) {}
  ~LiveServiceTest() override {
    for (const auto& channel : channels_) world.service().live_closed(channel);
  }
  std::shared_ptr<TestChannel> open() {
    const auto channel = channels_.emplace_back(std::make_shared<TestChannel>());
    world.service().live_opened(channel);
    return channel;
  }
  std::shared_ptr<TestChannel> welcomed(const Client& client) {
    const auto channel = open();
    say(channel, hello(client.token));
    EXPECT_EQ(channel->receive().kind, LiveKind::welcome);
    return channel;
  }
  void say(const std::shared_ptr<TestChannel>& channel, Bytes message) {
    world.service().live_message(channel, std::move(message), {});
  }
  Bytes frame(const Client& client) {
    return fields::encode(must(client.replica->next_request(200)));
  }

  ServiceWorld world;
  Client courier;

 private:
  std::vector<std::shared_ptr<TestChannel>> channels_;
};

// What waited for a record that comes late is worked off when nobody asks for anything.

TEST_F(LiveServiceTest, WhatWaitedIsReleasedWithoutFurtherTrafficAndToldLive) {
  const std::vector<Id> ids{courier.open_dossier(), courier.open_dossier()};
  world.sync(courier);
  std::vector<Record> notes = chain_of_notes(courier, ids, 2 * Admission::releases_max + 10);
  world.push(courier, {notes.begin() + 1, notes.end()});
  const auto channel = welcomed(courier);
  world.push(courier, {notes.front()});
  // Of the push itself, and of two transactions after it.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(channel->receive().kind, LiveKind::changed);
  const exchange::Response again = world.push(courier, {notes.back()});
  EXPECT_EQ(again.answers.at(0).standing, Verdict::effective);
}

TEST_F(LiveServiceTest, WhatIsDueIsReleasedAfterTheNextStart) {
  const Id id = courier.open_dossier();
  world.sync(courier);
  std::vector<Record> notes = chain_of_notes(courier, {id}, Admission::releases_max + 10);
  world.push(courier, {notes.begin() + 1, notes.end()});
  world.restart([&](Registry& registry) {
    // It went down between the exchange and what comes after it.
    SyncServer logic(registry, world.actor(), {}, world.host, Hash{}, 0);
    const Bytes frame = fields::encode(ServiceWorld::request(courier, {notes.front()}));
    const auto prepared = must(prepare_exchange(frame, world.actor().tenant.code,
                                                world.actor().tenant.authority_key));
    must(registry.begin());
    EXPECT_TRUE(must(logic.exchange(prepared, courier.me().log_id)).is_any_due);
    must(registry.commit());
  });
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (world.metric("tannha_commits_total") < 2 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  world.restart([&](Registry& registry) {
    EXPECT_FALSE(must(registry.is_any_due()));
    for (const Record& note : notes) {
      EXPECT_EQ(must(registry.record(note.hash))->ruling.verdict, Verdict::effective);
    }
  });
}

TEST_F(LiveServiceTest, WhatAnotherNodeWroteIsTold) {
  const auto desk = welcomed(world.enrol(Role::officer, "H42.101"));
  const auto other = welcomed(world.enrol(Role::officer, "H42.102"));
  world.service().changed_elsewhere({"unit:H42.101"});
  EXPECT_EQ(desk->receive().kind, LiveKind::changed);
  // Nobody knows what has changed: everybody who has signed in hears of it, once.
  const auto stranger = open();
  world.service().changed_elsewhere({});
  EXPECT_EQ(desk->receive().kind, LiveKind::changed);
  EXPECT_EQ(other->receive().kind, LiveKind::changed);
  say(stranger, hello(courier.token, 1));
  EXPECT_EQ(stranger->receive().kind, LiveKind::welcome);
}

TEST_F(LiveServiceTest, WelcomesAndAnswersUnderTheSendersNumber) {
  const auto channel = open();
  say(channel, hello(courier.token, 41));
  const LiveMessage welcome = channel->receive();
  EXPECT_EQ(welcome.kind, LiveKind::welcome);
  EXPECT_EQ(welcome.number, 41U);

  courier.open_dossier();
  say(channel, request(42, frame(courier)));
  const LiveMessage answer = channel->receive();
  EXPECT_EQ(answer.kind, LiveKind::response);
  EXPECT_EQ(answer.number, 42U);
  must(courier.replica->receive(must(exchange::decode<exchange::Response>(answer.content))));
  EXPECT_EQ(must(courier.replica->holds()).records, 0U);
}

TEST_F(LiveServiceTest, RefusesWhatComesBeforeHello) {
  const auto channel = open();
  const std::uint64_t before = world.refused(errc::token_invalid);
  say(channel, request(7, frame(courier)));
  const LiveMessage answer = channel->receive();
  EXPECT_EQ(refused_with(answer), errc::token_invalid);
  EXPECT_EQ(answer.number, 7U);
  EXPECT_EQ(world.refused(errc::token_invalid), before + 1);
  say(channel, hello(courier.token));
  EXPECT_EQ(channel->receive().kind, LiveKind::welcome);
}

TEST_F(LiveServiceTest, ClosesOnABadToken) {
  const std::uint64_t before = world.refused(errc::token_invalid);
  const auto forged = open();
  say(forged, hello("x" + courier.token.substr(1)));
  EXPECT_EQ(forged->wait_closed(), name(errc::token_invalid));
  const auto expired = open();
  world.host.advance_ms(limits::token_life_ms + 1);
  say(expired, hello(courier.token));
  EXPECT_EQ(expired->wait_closed(), name(errc::token_invalid));
  EXPECT_EQ(world.refused(errc::token_invalid), before + 2);
}

TEST_F(LiveServiceTest, MalformedMessagesAreRefusedOneByOne) {
  const auto channel = welcomed(courier);
  const std::uint64_t before = world.refused(errc::frame_malformed);
  say(channel, fields::encode(LiveMessage{LiveKind::changed, 5, {}}));
  EXPECT_EQ(refused_with(channel->receive()), errc::frame_malformed);
  say(channel, cbor::encode(cbor::Value(cbor::Map{{1, 99}, {2, 1}, {3, Bytes{}}})));
  EXPECT_EQ(refused_with(channel->receive()), errc::frame_malformed);
  EXPECT_EQ(world.refused(errc::frame_malformed), before + 2);
  say(channel, {});
  EXPECT_EQ(refused_with(channel->receive()), errc::cbor_truncated);
  say(channel, request(9, {0xff}));
  const LiveMessage answer = channel->receive();
  EXPECT_EQ(answer.number, 9U);
  EXPECT_EQ(refused_with(answer), errc::cbor_malformed);
  say(channel, request(10, frame(courier)));
  EXPECT_EQ(channel->receive().kind, LiveKind::response);
}

TEST_F(LiveServiceTest, TellsTheAudienceAndNobodyElse) {
  const auto desk = welcomed(world.enrol(Role::officer, "H42.101"));
  const auto province = welcomed(world.enrol(Role::dispatcher, "H42"));
  const Client elsewhere = world.enrol(Role::officer, "H42.102");
  const auto other_desk = welcomed(elsewhere);
  courier.open_dossier();
  world.sync(courier);
  EXPECT_EQ(desk->receive().kind, LiveKind::changed);
  EXPECT_EQ(province->receive().kind, LiveKind::changed);
  // Had it been told, that would stand before this answer.
  say(other_desk, request(3, frame(elsewhere)));
  EXPECT_EQ(other_desk->receive().kind, LiveKind::response);
}

TEST_F(LiveServiceTest, ClosedChannelIsToldNothing) {
  const Client officer = world.enrol(Role::officer, "H42.101");
  const auto gone = std::make_shared<TestChannel>();
  world.service().live_opened(gone);
  say(gone, hello(officer.token));
  EXPECT_EQ(gone->receive().kind, LiveKind::welcome);
  world.service().live_closed(gone);
  const auto there = welcomed(officer);
  courier.open_dossier();
  world.sync(courier);
  EXPECT_EQ(there->receive().kind, LiveKind::changed);
  gone->close("end");
  EXPECT_THROW(gone->receive(), std::runtime_error);
}

// Over real sockets

class LiveListenerTest : public ::testing::Test {
 protected:
  LiveListenerTest() : courier(world.enrol(Role::courier, "H42.101")) {
    ListenerConfig config;
    config.port = 0;
    listener = std::make_unique<Listener>(config, world.service());
    world.service().set_listener(listener.get());
    listener->start();
  }
  ~LiveListenerTest() override {
    listener->stop(patience);
    world.service().stop();
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(listener->port());
  }
  [[nodiscard]] tools::LiveClient connect() const {
    tools::LiveClient client(url());
    must(client.connect(patience));
    return client;
  }
  static LiveMessage receive(tools::LiveClient& client) {
    return must(fields::decode<LiveMessage>(must(client.receive(patience)), errc::frame_malformed));
  }
  tools::LiveClient welcomed(const Client& device) {
    tools::LiveClient client = connect();
    must(client.send(hello(device.token), patience));
    EXPECT_EQ(receive(client).kind, LiveKind::welcome);
    return client;
  }
  tools::HttpAnswer http(tools::HttpCall call) {
    return must(tools::HttpClient(url()).send(std::move(call)));
  }

  ServiceWorld world;
  Client courier;
  std::unique_ptr<Listener> listener;
};

TEST_F(LiveListenerTest, CarriesAnExchangeAndTellsTheDesk) {
  tools::LiveClient desk = welcomed(world.enrol(Role::officer, "H42.101"));
  tools::LiveClient phone = welcomed(courier);
  const Id id = courier.open_dossier();
  must(phone.send(request(2, fields::encode(must(courier.replica->next_request(200)))), patience));
  LiveMessage answer = receive(phone);
  // The courier is an audience of its own dossier.
  if (answer.kind == LiveKind::changed) answer = receive(phone);
  ASSERT_EQ(answer.kind, LiveKind::response);
  must(courier.replica->receive(must(exchange::decode<exchange::Response>(answer.content))));
  EXPECT_EQ(must(courier.replica->dossier(id)).records.effective, 1U);
  EXPECT_EQ(receive(desk).kind, LiveKind::changed);
  EXPECT_EQ(world.metric("tannha_live_connections"), 2U);
}

TEST_F(LiveListenerTest, MalformedMessageDoesNotEndTheConnection) {
  tools::LiveClient phone = welcomed(courier);
  must(phone.send(Bytes{1, 2, 3}, patience));
  EXPECT_NE(refused_with(receive(phone)), errc{});
  must(phone.send(request(2, fields::encode(must(courier.replica->next_request(0)))), patience));
  EXPECT_EQ(receive(phone).kind, LiveKind::response);
}

TEST_F(LiveListenerTest, MessageBeforeHelloIsRefused) {
  tools::LiveClient phone = connect();
  must(phone.send(request(1, {}), patience));
  EXPECT_EQ(refused_with(receive(phone)), errc::token_invalid);
}

TEST_F(LiveListenerTest, BadTokenCloses) {
  tools::LiveClient phone = connect();
  must(phone.send(hello("no token"), patience));
  EXPECT_EQ(code_of(phone.receive(patience)), errc::network_lost);
  EXPECT_EQ(phone.close_code(), 1000);
}

TEST_F(LiveListenerTest, LargeBodyOfAnExpiredTokenIsToldToSignInAgain) {
  const Bytes large = cbor::encode(cbor::Value(Bytes(limits::frame_before_sign_in_bytes_max)));
  const auto push = [&](const std::string& token) {
    return http({.method = "POST", .path = "/v1/sync", .bearer = token, .body = large}).status;
  };
  EXPECT_EQ(push(courier.token), 400U);
  world.host.advance_ms(limits::token_life_ms + 1);
  EXPECT_EQ(push(courier.token), 401U);
  // Whoever never was signed in here is not read at all; a device takes both for "sign in".
  EXPECT_EQ(push("forged"), 413U);
}

TEST_F(LiveListenerTest, FrameOverTheLimitIsRefusedByItsHead) {
  const std::uint64_t before = world.refused(errc::frame_too_large);
  const tools::HttpAnswer answer = http({.method = "POST",
                                         .path = "/v1/sync",
                                         .bearer = courier.token,
                                         .body = Bytes(limits::frame_bytes_max + 1)});
  EXPECT_EQ(answer.status, 413U);
  const auto refusal = must(exchange::decode<exchange::Refusal>(answer.body));
  EXPECT_EQ(refusal.code, static_cast<std::uint16_t>(errc::frame_too_large));
  EXPECT_EQ(world.refused(errc::frame_too_large), before + 1);
  EXPECT_TRUE(world.good_traffic_goes_through());
}

TEST_F(LiveListenerTest, AttachmentIsServedForDownloadOnly) {
  const Bytes jpeg = photo(3);
  const Id id = courier.open_dossier();
  courier.write(id, {}, attachment_of(jpeg));
  world.sync(courier);
  const std::string path = "/v1/blobs/" + to_hex(blake2b_256(jpeg));
  EXPECT_EQ(http({.method = "PUT", .path = path, .bearer = courier.token, .body = jpeg}).status,
            201U);
  const tools::HttpAnswer got = http({.path = path, .bearer = courier.token});
  EXPECT_EQ(got.body, jpeg);
  std::string all;
  for (const auto& [key, value] : got.headers) all += key + ": " + value + "\n";
  EXPECT_NE(all.find("X-Content-Type-Options: nosniff"), std::string::npos) << all;
  EXPECT_NE(all.find("Content-Disposition: attachment"), std::string::npos) << all;
  EXPECT_NE(all.find("Content-Security-Policy: sandbox"), std::string::npos) << all;
}

}  // namespace
}  // namespace tannha::server
