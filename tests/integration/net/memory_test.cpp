#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "tests/integration/net/listener_fixture.hpp"

namespace tannha::server {
namespace {

// What the listener does when there is no room. The budget is the test's, so that it can fill it.
class ListenerMemoryTest : public ListenerFixture {
 protected:
  static constexpr std::size_t most = 64 * 1024 * 1024;
  ListenerMemoryTest() { config.memory = budget; }
  // All but so many bytes of what records may fill.
  std::shared_ptr<MemoryShare> fill(std::size_t but) {
    return budget->take(MemoryUse::record, "", most / 8 * 7 - but);
  }
  // A connection of the listener ends a little after its client has read the end.
  void wait_all_given_back(std::size_t bytes = 0) {
    while (budget->bytes_now() != bytes) std::this_thread::yield();
  }

  std::shared_ptr<MemoryBudget> budget = std::make_shared<MemoryBudget>(most);
};

std::string post(std::size_t length) {
  return "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: " + std::to_string(length) +
         "\r\n\r\n";
}

TEST_F(ListenerMemoryTest, RefusesBodyByItsHeadWhenThereIsNoRoom) {
  start();
  const auto held = fill(20'000);
  // Nothing of the body is sent: the answer comes all the same.
  EXPECT_TRUE(has_status(ask(post(20'000)), 503));
  EXPECT_EQ(handler.errors(503), 1);
  EXPECT_TRUE(has_status(ask(post(8'000) + std::string(8'000, 'x')), 200));
  wait_all_given_back(held->bytes());
  EXPECT_EQ(listener->counters().memory_refused_total, 1U);
}

TEST_F(ListenerMemoryTest, CountsChunksAsTheyCome) {
  start();
  const std::string head = "POST /echo HTTP/1.1\r\nConnection: close\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  EXPECT_TRUE(has_status(ask(head + chunk + chunk + chunk + "0\r\n\r\n"), 200));
  wait_all_given_back();
  const auto held = fill(100'000);
  EXPECT_TRUE(has_status(ask(head + "1\r\nx\r\n0\r\n\r\n"), 200));
  // Never ends: what there is room for is read, and then it is refused.
  RawSocket socket = connect();
  socket.send(head);
  for (int i = 0; i < 3; ++i) socket.send(chunk);
  EXPECT_TRUE(has_status(socket.read_until("\r\n"), 503));
}

TEST_F(ListenerMemoryTest, SaysSoInsteadOfAnAnswerForWhichThereIsNoRoom) {
  start();
  const auto held = budget->take(MemoryUse::answer, "", most - 1024 * 1024);
  EXPECT_TRUE(has_status(ask(get("/huge")), 503));
  EXPECT_TRUE(has_status(ask(get("/head")), 200));
}

TEST_F(ListenerMemoryTest, SlowReaderHoldsItsAnswerUntilItIsGone) {
  start();
  RawSocket socket = connect();
  socket.send(get("/huge"));
  socket.read_until("\r\n\r\n");
  EXPECT_GE(budget->bytes_now(), 16U * 1024 * 1024);
  EXPECT_TRUE(still_serves());
  socket.close();
  wait_all_given_back();
}

TEST_F(ListenerMemoryTest, RefusalOfTheServiceComesBeforeTheBody) {
  start();
  const std::string answer = ask("POST /over HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_TRUE(has_status(answer, 429));
  EXPECT_NE(answer.find("Retry-After: 7\r\n"), std::string::npos);
  EXPECT_EQ(budget->refused_total(), 0U);
}

TEST_F(ListenerMemoryTest, ReleasesWhatARequestCutOffHeld) {
  start();
  RawSocket socket = connect();
  socket.send(post(50'000) + "only this");
  while (budget->bytes_now() < 50'000) std::this_thread::yield();
  socket.close();
  wait_all_given_back();
}

TEST_F(ListenerMemoryTest, LiveMessageWithoutRoomClosesWith1013) {
  start();
  tools::LiveClient client = live();
  ASSERT_TRUE(client.send(Bytes(20'000, 1), patience).has_value());
  EXPECT_EQ(client.receive(patience).value().size(), 20'000U);
  wait_all_given_back();
  const auto held = fill(100'000);
  ASSERT_TRUE(client.send(Bytes(200'000, 1), patience).has_value());
  EXPECT_EQ(client.receive(patience).error().code, errc::network_lost);
  EXPECT_EQ(client.close_code(), 1013);
  handler.wait_closed(1);
  wait_all_given_back(held->bytes());
}

TEST_F(ListenerMemoryTest, LiveOutboxHasBytesToo) {
  config.live_outbox_bytes_max = 3 * 1024 * 1024;
  config.live_outbox_messages_max = 1000;
  start();
  tools::LiveClient client = live();
  const auto channel = handler.wait_opened();
  // Kernel buffers take some; then no more than the most is held.
  while (listener->counters().slow_readers_total == 0) {
    channel->send(Bytes(1024 * 1024, 1));
    EXPECT_LE(budget->bytes_now(), 4U * 1024 * 1024);
  }
  handler.wait_closed(1);
  wait_all_given_back();
}

TEST_F(ListenerMemoryTest, SameNewsIsQueuedOnce) {
  config.live_outbox_messages_max = 4;
  start();
  tools::LiveClient client = live();
  const auto channel = handler.wait_opened();
  for (int i = 0; i < 1000; ++i) channel->send_once(Bytes{7});
  ASSERT_TRUE(client.send(Bytes{1}, patience).has_value());
  Bytes last;
  int news = 0;
  while (last != Bytes{1}) {
    last = client.receive(patience).value();
    if (last == Bytes{7}) ++news;
  }
  EXPECT_GE(news, 1);
  EXPECT_EQ(listener->counters().slow_readers_total, 0U);
}

TEST_F(ListenerMemoryTest, FileIsSentInPiecesFromItsPlace) {
  Bytes bytes(3 * OpenFile::piece_bytes + 1);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i >> 7);
  std::string path = "/tmp/tannha-file-XXXXXX";
  const int descriptor = ::mkstemp(path.data());
  ASSERT_EQ(::write(descriptor, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  ::unlink(path.c_str());
  start();
  RawSocket socket = connect();
  socket.send("GET /held HTTP/1.1\r\nConnection: close\r\n\r\n");
  HttpResponse response;
  response.file = OpenFile(descriptor, bytes.size());
  handler.wait_held()(std::move(response));
  const std::string answer = socket.read_all();
  EXPECT_NE(answer.find("Content-Length: " + std::to_string(bytes.size())), std::string::npos);
  EXPECT_TRUE(answer.ends_with(as_text(bytes)));
  wait_all_given_back();
}

TEST_F(ListenerMemoryTest, FileThatBecameShorterEndsTheConnection) {
  std::string path = "/tmp/tannha-file-XXXXXX";
  const int descriptor = ::mkstemp(path.data());
  ASSERT_EQ(::write(descriptor, "abc", 3), 3);
  ::unlink(path.c_str());
  start();
  RawSocket socket = connect();
  socket.send("GET /held HTTP/1.1\r\n\r\n");
  HttpResponse response;
  response.file = OpenFile(descriptor, 10);
  handler.wait_held()(std::move(response));
  EXPECT_FALSE(socket.read_all().ends_with("abc"));
  EXPECT_TRUE(still_serves());
}

}  // namespace
}  // namespace tannha::server
