#include "tools/net/link.hpp"

#include <gtest/gtest.h>

#include "tannha/server/listener.hpp"
#include "tests/integration/net/echo_handler.hpp"
#include "tests/integration/net/raw_socket.hpp"
#include "tools/net/http_client.hpp"
#include "tools/net/live_client.hpp"

namespace tannha::tools {
namespace {

constexpr std::chrono::milliseconds patience{30'000};

class LinkTest : public ::testing::Test {
 protected:
  LinkTest() {
    config.port = 0;
    listener = std::make_unique<server::Listener>(config, handler);
    listener->start();
    link = std::make_unique<Link>("127.0.0.1", listener->port());
  }
  static HttpCall push(std::size_t bytes) {
    return {.method = "POST", .path = "/large", .body = Bytes(bytes, 0x42)};
  }

  server::ListenerConfig config;
  server::EchoHandler handler;
  std::unique_ptr<server::Listener> listener;
  std::unique_ptr<Link> link;
};

TEST_F(LinkTest, CutInTheMiddleLosesThePush) {
  HttpClient client(link->url());
  link->cut_after(100'000);
  const auto cut = client.send(push(300'000));
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().code, errc::network_lost);
  EXPECT_EQ(link->cuts_count(), 1U);
  EXPECT_EQ(link->bytes_up(), 100'000U);
  // It was one cut: the same push goes through now.
  const auto again = client.send(push(300'000));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->body.size(), 300'000U);
  EXPECT_EQ(link->cuts_count(), 1U);
}

TEST_F(LinkTest, CutOfKeptConnectionIsNotHidden) {
  HttpClient client(link->url());
  ASSERT_TRUE(client.send(push(10)).has_value());
  link->cut_after(100'000);
  const auto cut = client.send(push(300'000));
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().code, errc::network_lost);
  handler.wait_error(408);  // The server noticed, too.
}

TEST_F(LinkTest, CutAtZeroPassesNothing) {
  HttpClient client(link->url());
  link->cut_after(0);
  const auto cut = client.send(push(10));
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().code, errc::network_lost);
  EXPECT_EQ(link->bytes_up(), 0U);
}

TEST_F(LinkTest, DownResetsWhatIsOpenAndWhatComes) {
  HttpClient client(link->url());
  LiveClient live(link->url());
  ASSERT_TRUE(client.send({.path = "/echo"}).has_value());
  ASSERT_TRUE(live.connect(patience).has_value());
  link->set_up(false);
  EXPECT_EQ(link->cuts_count(), 2U);
  EXPECT_EQ(live.receive(patience).error().code, errc::network_lost);
  const auto down = client.send({.path = "/echo"});
  ASSERT_FALSE(down.has_value());
  EXPECT_TRUE(down.error().code == errc::network_lost ||
              down.error().code == errc::network_unreachable);
  EXPECT_EQ(RawSocket::to(link->port()).read_all(), "");
  link->set_up(true);
  EXPECT_TRUE(client.send({.path = "/echo"}).has_value());
}

TEST_F(LinkTest, ResetsWhenTheServerIsGone) {
  listener.reset();
  HttpClient client(link->url());
  const auto answer = client.send({.path = "/echo"});
  ASSERT_FALSE(answer.has_value());
  // The reset may come while the client still connects.
  EXPECT_TRUE(answer.error().code == errc::network_lost ||
              answer.error().code == errc::network_unreachable);
}

TEST_F(LinkTest, CountsWhatPasses) {
  RawSocket phone = RawSocket::to(link->port());
  const std::string request =
      "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
  phone.send(request);
  const std::string answer = phone.read_all();
  EXPECT_TRUE(answer.ends_with("ok"));
  EXPECT_EQ(link->bytes_up(), request.size());
  EXPECT_EQ(link->bytes_down(), answer.size());
  EXPECT_EQ(link->connections_count(), 1U);
  EXPECT_EQ(link->cuts_count(), 0U);
}

TEST_F(LinkTest, PassesHalfCloseOn) {
  RawSocket phone = RawSocket::to(link->port());
  phone.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  phone.end_sending();
  EXPECT_TRUE(phone.read_all().starts_with("HTTP/1.1 408 "));
}

TEST_F(LinkTest, EndsWithConnectionsOpen) {
  LiveClient live(link->url());
  ASSERT_TRUE(live.connect(patience).has_value());
  link.reset();
  EXPECT_EQ(live.receive(patience).error().code, errc::network_lost);
}

}  // namespace
}  // namespace tannha::tools
