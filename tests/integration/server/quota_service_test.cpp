#include <gtest/gtest.h>

#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

constexpr QuotaLimits ten{.requests = {.most = 10, .per_minute = 10}, .bytes = {}, .records = {}};

HttpRequest head_of(const std::string& method, const std::string& path, const std::string& bearer,
                    const std::string& peer = "192.0.2.7") {
  HttpRequest head;
  head.method = method;
  head.path = path;
  head.bearer = bearer;
  head.peer = peer;
  return head;
}

// Let in so many times, and then refused as it should be.
void expect_let_in(ServiceWorld& world, const HttpRequest& head, int times) {
  for (int i = 0; i < times; ++i) ASSERT_TRUE(world.service().admit(head)) << i;
  const auto refused = world.service().admit(head);
  ASSERT_FALSE(refused);
  expect_refusal(refused.error(), errc::too_many_requests, 429);
  // One in six seconds flows back.
  EXPECT_LE(refused.error().retry_after_s, 6U);
  EXPECT_GE(refused.error().retry_after_s, 5U);
}

TEST(QuotaServiceTest, DeviceIsCountedWhereverItComesFrom) {
  ServiceWorld world({.device_quota = ten});
  const Client one = world.enrol(Role::courier, "H42.101");
  const Client other = world.enrol(Role::courier, "H42.101");
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(world.service().admit(head_of("GET", "/v1/catalogue", one.token)));
  }
  expect_let_in(world, head_of("POST", "/v1/sync", one.token, "192.0.2.8"), 5);
  EXPECT_TRUE(world.service().admit(head_of("POST", "/v1/sync", other.token)));
  EXPECT_TRUE(world.service().admit(head_of("GET", "/v1/catalogue", "")));
}

TEST(QuotaServiceTest, StrangersAreCountedByAddressWhateverTheyAskFor) {
  ServiceWorld world({.address_quota = ten});
  const Client courier = world.enrol(Role::courier, "H42.101");
  for (const char* path : {"/v1/enrol", "/v1/challenge", "/v1/token", "/v1/tickets"}) {
    EXPECT_TRUE(world.service().admit(head_of("POST", path, "forged")));
  }
  expect_let_in(world, head_of("GET", "/log/checkpoint", ""), 6);
  EXPECT_FALSE(world.service().admit(head_of("GET", "/v1/live", "")));
  // Who has signed in from there, and who watches over the server, goes on.
  EXPECT_TRUE(world.service().admit(head_of("POST", "/v1/sync", courier.token)));
  EXPECT_TRUE(world.service().admit(head_of("GET", "/healthz", "")));
  EXPECT_TRUE(world.service().admit(head_of("GET", "/log/checkpoint", "", "192.0.2.9")));
}

TEST(QuotaServiceTest, RecordsAreCountedWhenTheyAreDecoded) {
  QuotaLimits records;
  records.records = {.most = 10, .per_minute = 10};
  ServiceWorld world({.device_quota = records});
  const Client courier = world.enrol(Role::courier, "H42.101");
  const HttpRequest head = head_of("POST", "/v1/sync", courier.token);
  const auto pushed = notes(world, courier, courier.replica->make_id(), 20);
  EXPECT_EQ(world.push(courier, pushed).answers.size(), 20U);
  const auto refused = world.service().admit(head);
  ASSERT_FALSE(refused);
  expect_refusal(refused.error(), errc::too_many_requests, 429);
  EXPECT_GE(refused.error().retry_after_s, 60U);
}

TEST(QuotaServiceTest, LiveMessagesAreCountedToo) {
  using exchange::LiveKind;
  using exchange::LiveMessage;
  ServiceWorld world({.device_quota = ten, .address_quota = ten});
  const Client courier = world.enrol(Role::courier, "H42.101");
  const auto channel = std::make_shared<TestChannel>();
  world.service().live_opened(channel);
  const auto say = [&](LiveKind kind, std::uint64_t number, Bytes content) {
    world.service().live_message(
        channel, fields::encode(LiveMessage{kind, number, std::move(content)}), {});
    LiveMessage answer = channel->receive();
    while (answer.kind == LiveKind::changed) answer = channel->receive();
    return answer;
  };
  const auto hello = [&] { return say(LiveKind::hello, 1, to_bytes(as_bytes(courier.token))); };
  const Bytes frame = fields::encode(ServiceWorld::request(courier, {}));
  EXPECT_EQ(hello().kind, LiveKind::welcome);
  EXPECT_GT(channel->valid_for.load(), std::chrono::minutes(14));
  for (std::uint64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(say(LiveKind::request, 2 + i, frame).kind, LiveKind::response);
  }
  const LiveMessage refused = say(LiveKind::request, 99, frame);
  ASSERT_EQ(refused.kind, LiveKind::refusal);
  EXPECT_EQ(refused.number, 99U);
  const auto words = must(exchange::decode<exchange::Refusal>(refused.content));
  EXPECT_EQ(words.code, static_cast<std::uint16_t>(errc::too_many_requests));
  EXPECT_GE(words.retry_after_s, 1U);
  // It may go on being signed in.
  EXPECT_EQ(hello().kind, LiveKind::welcome);
  // A stranger who goes on talking is not listened to.
  const auto stranger = std::make_shared<TestChannel>();
  world.service().live_opened(stranger);
  for (int i = 0; i < 11; ++i) world.service().live_message(stranger, Bytes{0xff}, {});
  EXPECT_EQ(stranger->wait_closed(), name(errc::too_many_requests));
  world.service().live_closed(channel);
  world.service().live_closed(stranger);
}

TEST(QuotaServiceTest, StrangersHaveFewPlacesAndLeaveTheOthers) {
  ServiceWorld world({.strangers_at_work_max = 0});
  for (const char* path : {"/v1/enrol", "/v1/token", "/v1/tickets"}) {
    expect_refusal(world.post(path, {}), errc::overloaded, 503);
  }
  expect_refusal(world.get("/log/tile/0/000.p/1"), errc::overloaded, 503);
  EXPECT_EQ(world.post("/v1/challenge", {}).status, 200U);
}

TEST(QuotaServiceTest, PlacesAreGivenBack) {
  ServiceWorld world({.strangers_at_work_max = 1});
  for (int i = 0; i < 3; ++i) (void)world.enrol(Role::courier, "H42.101");
  EXPECT_TRUE(world.good_traffic_goes_through());
}

TEST(QuotaServiceTest, CheckpointTakesNoPlaceInATransaction) {
  ServiceWorld world({.commit_queue_max = 0});
  EXPECT_EQ(world.get("/log/checkpoint").status, 200U);
}

TEST(QuotaServiceTest, AnswerWithoutRoomIsUndoneAndComesAgain) {
  ServiceWorld world;
  Client courier = world.enrol(Role::courier, "H42.101");
  courier.open_dossier();
  const Bytes frame = fields::encode(must(courier.replica->next_request(200)));
  const auto budget = std::make_shared<MemoryBudget>(frame.size());
  HttpRequest request = head_of("POST", "/v1/sync", courier.token);
  request.body = frame;
  request.memory = budget->take(MemoryUse::answer, "", frame.size());
  const std::uint64_t before = world.metric("tannha_journal_records");
  expect_refusal(world.ask(request), errc::overloaded, 503);
  EXPECT_EQ(world.metric("tannha_journal_records"), before);
  EXPECT_EQ(world.sync(courier).answers.at(0).verdict, Verdict::effective);
}

}  // namespace
}  // namespace tannha::server
