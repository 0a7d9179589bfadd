#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "tests/integration/net/listener_fixture.hpp"

namespace tannha::server {
namespace {

using std::chrono::seconds;
using tools::LiveClient;

class LiveConnectionTest : public ListenerFixture {};

TEST_F(LiveConnectionTest, Echoes) {
  start();
  LiveClient client = live();
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{300'000}}) {
    const Bytes message(size, 0x5a);
    ASSERT_TRUE(client.send(message, patience).has_value());
    EXPECT_EQ(client.receive(patience).value(), message);
  }
  EXPECT_EQ(listener->counters().live_now, 1U);
  client.close();
  handler.wait_closed(1);
  EXPECT_EQ(listener->counters().live_now, 0U);
}

TEST_F(LiveConnectionTest, SendsFromAnyThreadInOrder) {
  config.live_outbox_messages_max = 2000;
  start();
  LiveClient client = live();
  const auto channel = handler.wait_opened();
  std::array<std::thread, 4> senders;
  for (std::uint8_t s = 0; s < senders.size(); ++s) {
    senders[s] = std::thread([&channel, s] {
      for (std::uint8_t i = 0; i < 250; ++i) channel->send(Bytes{s, i});
    });
  }
  std::array<std::uint8_t, 4> expected{};
  for (int i = 0; i < 1000; ++i) {
    const auto message = client.receive(patience);
    ASSERT_TRUE(message.has_value());
    ASSERT_EQ(message->size(), 2U);
    EXPECT_EQ(message->at(1), expected.at(message->at(0))++);
  }
  for (std::thread& sender : senders) sender.join();
}

TEST_F(LiveConnectionTest, StrangerMaySendLittle) {
  handler.keeps_strangers = true;
  config.live_stranger_message_bytes_max = 1000;
  start();
  LiveClient client = live();
  ASSERT_TRUE(client.send(Bytes(1000, 1), patience).has_value());
  EXPECT_EQ(client.receive(patience).value().size(), 1000U);
  ASSERT_TRUE(client.send(Bytes(1001, 1), patience).has_value());
  EXPECT_EQ(client.receive(patience).error().code, errc::network_lost);
  EXPECT_EQ(client.close_code(), 1009);
}

TEST_F(LiveConnectionTest, StrangerHasOneDeadlineWhateverTheySend) {
  handler.keeps_strangers = true;
  config.live_sign_in_timeout = seconds(1);
  start();
  LiveClient client = live();
  // Talking does not move the deadline: the answers end when it is over.
  while (client.send(Bytes{1}, patience).has_value() && client.receive(patience).has_value()) {
  }
  handler.wait_closed(1);
  EXPECT_EQ(listener->counters().timeouts_total, 1U);
}

TEST_F(LiveConnectionTest, SignedInClientOutlivesTheStrangersDeadline) {
  handler.keeps_strangers = true;
  config.live_sign_in_timeout = seconds(1);
  start();
  LiveClient stranger = live();
  LiveClient client = live();
  handler.wait_opened()->signed_in("device", std::chrono::hours(1));
  handler.wait_closed(1);
  EXPECT_EQ(listener->counters().live_now, 1U);
}

TEST_F(LiveConnectionTest, ClosesMessageLargerThanLimitWith1009) {
  config.live_message_bytes_max = 1000;
  start();
  LiveClient client = live();
  ASSERT_TRUE(client.send(Bytes(1000, 1), patience).has_value());
  EXPECT_EQ(client.receive(patience).value().size(), 1000U);
  ASSERT_TRUE(client.send(Bytes(1001, 1), patience).has_value());
  EXPECT_EQ(client.receive(patience).error().code, errc::network_lost);
  EXPECT_EQ(client.close_code(), 1009);
  handler.wait_closed(1);
}

TEST_F(LiveConnectionTest, ClosesTextWith1003) {
  start();
  RawSocket socket = connect();
  socket.send(
      "GET /v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
  const std::string head = socket.read_until("\r\n\r\n");
  EXPECT_TRUE(has_status(head, 101));
  EXPECT_EQ(head.find("permessage-deflate"), std::string::npos);
  const std::array<char, 7> text{'\x81', '\x81', 0, 0, 0, 0, 'x'};
  socket.send(std::string_view(text.data(), text.size()));
  const std::string frame = socket.read_until("only");
  ASSERT_GE(frame.size(), 4U);
  EXPECT_EQ(frame[0], '\x88');
  EXPECT_EQ(frame.substr(2, 2), "\x03\xeb");
  socket.close();
  handler.wait_closed(1);
}

TEST_F(LiveConnectionTest, DisconnectsSlowReader) {
  config.live_outbox_messages_max = 4;
  start();
  LiveClient client = live();
  const auto channel = handler.wait_opened();
  while (listener->counters().slow_readers_total == 0) channel->send(Bytes(256 * 1024, 1));
  handler.wait_closed(1);
  channel->send(Bytes{1});
  EXPECT_EQ(listener->counters().slow_readers_total, 1U);
  listener.reset();
  channel->send(Bytes{1});
  channel->close("gone");
}

TEST_F(LiveConnectionTest, DisconnectsReaderThatStopsWithinTheOutbox) {
  config.body_timeout = seconds{1};
  start();
  LiveClient client = live();
  const auto channel = handler.wait_opened();
  channel->send(Bytes(16 * 1024 * 1024, 1));
  handler.wait_closed(1);
  EXPECT_EQ(listener->counters().slow_readers_total, 1U);
}

TEST_F(LiveConnectionTest, ClosesWhenTheRestOfAMessageDoesNotCome) {
  config.body_timeout = seconds{1};
  start();
  RawSocket socket = connect();
  socket.send(
      "GET /v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  socket.read_until("\r\n\r\n");
  // A frame of 100 bytes and two of them.
  const std::array<char, 8> part{'\x82', '\xe4', 0, 0, 0, 0, 'x', 'y'};
  socket.send(std::string_view(part.data(), part.size()));
  handler.wait_closed(1);
  EXPECT_EQ(listener->counters().timeouts_total, 1U);
}

TEST_F(LiveConnectionTest, ClosesWhenTheTokenEnds) {
  handler.valid_for = seconds{1};
  start();
  LiveClient client = live();
  // Talking does not make the token live longer.
  while (client.send(Bytes{1}, patience).has_value() && client.receive(patience).has_value()) {
  }
  EXPECT_EQ(client.close_code(), 1001);
  handler.wait_closed(1);
  EXPECT_EQ(listener->counters().timeouts_total, 1U);
}

TEST_F(LiveConnectionTest, SendsWhatIsQueuedBeforeItCloses) {
  start();
  LiveClient client = live();
  ASSERT_TRUE(client.send(as_bytes("bye"), patience).has_value());
  EXPECT_EQ(as_text(client.receive(patience).value()), "bye");
  EXPECT_EQ(client.receive(patience).error().code, errc::network_lost);
  EXPECT_EQ(client.close_code(), 1000);
  handler.wait_closed(1);
}

TEST_F(LiveConnectionTest, ClosesWhenTheHandlerThrows) {
  start();
  LiveClient client = live();
  ASSERT_TRUE(client.send(as_bytes("throw"), patience).has_value());
  EXPECT_EQ(client.receive(patience).error().code, errc::network_lost);
  handler.wait_closed(1);
  EXPECT_TRUE(still_serves());
}

TEST_F(LiveConnectionTest, SaysGoodbyeWhenTheListenerStops) {
  start();
  LiveClient client = live();
  handler.wait_opened();
  std::thread stopper([&] { listener->stop(patience); });
  EXPECT_EQ(client.receive(patience).error().code, errc::network_lost);
  EXPECT_EQ(client.close_code(), 1001);
  stopper.join();
}

TEST_F(LiveConnectionTest, IsAnOrdinaryRequestWithoutUpgrade) {
  start();
  EXPECT_TRUE(has_status(ask(get("/v1/live")), 200));
}

}  // namespace
}  // namespace tannha::server
