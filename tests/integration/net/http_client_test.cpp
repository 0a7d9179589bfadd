#include "tools/net/http_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tannha/server/listener.hpp"
#include "tests/integration/net/echo_handler.hpp"
#include "tests/integration/net/raw_socket.hpp"
#include "tools/net/live_client.hpp"

namespace tannha::tools {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds patience{30'000};

class HttpClientTest : public ::testing::Test {
 protected:
  void start(std::uint16_t port = 0) {
    config.port = port;
    listener = std::make_unique<server::Listener>(config, handler);
    listener->start();
  }
  std::string url() { return "http://127.0.0.1:" + std::to_string(listener->port()); }

  server::ListenerConfig config;
  server::EchoHandler handler;
  std::unique_ptr<server::Listener> listener;
};

errc send_error(const std::string& url, HttpCall call = {}) {
  HttpClient client(url);
  const auto answer = client.send(std::move(call));
  return answer ? errc{} : answer.error().code;
}

/// Answers one request with these bytes and closes.
errc error_of_answer(std::string_view bytes) {
  const RawServer server;
  std::thread serve([&server, bytes] {
    RawSocket peer = server.accept();
    peer.read_until("\r\n\r\n");
    peer.send(bytes);
  });
  const errc code = send_error(server.url());
  serve.join();
  return code;
}

TEST_F(HttpClientTest, RefusesUrlItCannotUse) {
  for (const auto* url : {"", "localhost:80", "https://localhost", "http://", "http://:80",
                          "http://a:0", "http://a:65536", "http://a:8x", "http://a/b",
                          "http://[::1", "http://[::1]8", "http://u@a"}) {
    EXPECT_EQ(send_error(url), errc::argument_invalid) << url;
  }
}

TEST_F(HttpClientTest, RefusesCallThatWouldBreakTheRequestLine) {
  EXPECT_EQ(send_error("http://127.0.0.1:9", {.path = "/a b"}), errc::argument_invalid);
  EXPECT_EQ(send_error("http://127.0.0.1:9", {.path = "a"}), errc::argument_invalid);
  EXPECT_EQ(send_error("http://127.0.0.1:9", {.path = "/\r\nX: y"}), errc::argument_invalid);
  EXPECT_EQ(send_error("http://127.0.0.1:9", {.method = ""}), errc::argument_invalid);
  EXPECT_EQ(send_error("http://127.0.0.1:9", {.method = "HEAD"}), errc::argument_invalid);
}

TEST_F(HttpClientTest, SaysUnreachableWhenNobodyListens) {
  std::string url;
  {
    const RawServer gone;
    url = gone.url();
  }
  EXPECT_EQ(send_error(url), errc::network_unreachable);
}

TEST_F(HttpClientTest, SaysUnreachableWhenTheNameIsUnknown) {
  // RFC 6761 6.4: "invalid" never exists.
  EXPECT_EQ(send_error("http://nobody.invalid:80"), errc::network_unreachable);
}

TEST_F(HttpClientTest, SaysTimeoutWhenNoAnswerComes) {
  start();
  HttpClient client(url());
  const auto answer = client.send({.path = "/held", .timeout = milliseconds{200}});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::network_timeout);
  handler.wait_held()(server::text_response("late"));
  // The late answer is not taken for that of the next call.
  const auto next = client.send({.method = "POST", .path = "/echo", .body = {9}});
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, Bytes{9});
}

TEST_F(HttpClientTest, SaysTimeoutWhenTheAnswerStops) {
  const RawServer server;
  HttpClient client(server.url());
  std::thread serve([&server] {
    RawSocket peer = server.accept();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
    peer.read_all();
  });
  const auto answer = client.send({.timeout = milliseconds{200}});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::network_timeout);
  serve.join();
}

TEST_F(HttpClientTest, SaysLostWhenTheAnswerEndsEarly) {
  EXPECT_EQ(error_of_answer(""), errc::network_lost);
  EXPECT_EQ(error_of_answer("HTTP/1.1 20"), errc::network_lost);
  EXPECT_EQ(error_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), errc::network_lost);
}

TEST_F(HttpClientTest, SaysMalformedWhenTheAnswerIsNotHttp) {
  EXPECT_EQ(error_of_answer("SSH-2.0-OpenSSH\r\n\r\n"), errc::server_reply_malformed);
}

TEST_F(HttpClientTest, RefusesAnswerLargerThanLimit) {
  start();
  HttpClient client(url());
  const auto most = client.send({.path = "/huge"});
  ASSERT_TRUE(most.has_value());
  EXPECT_EQ(most->body.size(), HttpClient::answer_bytes_max);
  const auto more = client.send({.path = "/huge?more"});
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code, errc::server_reply_malformed);
}

TEST_F(HttpClientTest, HandsOverTheWholeAnswer) {
  start();
  HttpClient client(url());
  const auto file = client.send({.path = "/file"});
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->status, 200U);
  EXPECT_EQ(file->etag, "\"abc\"");
  EXPECT_EQ(file->content_type, "application/octet-stream");
  EXPECT_EQ(file->body, (Bytes{1, 2, 3}));
  EXPECT_TRUE(std::ranges::any_of(
      file->headers, [](const auto& h) { return h.first == "Content-Security-Policy"; }));
  const auto busy = client.send({.path = "/busy"});
  ASSERT_TRUE(busy.has_value());
  EXPECT_EQ(busy->status, 429U);
  EXPECT_EQ(busy->retry_after_s, 7U);
  const auto head =
      client.send({.path = "/head?q", .bearer = "t", .headers = {{"If-None-Match", "\"e\""}}});
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(as_text(head->body), "GET|q|t|\"e\"");
  const auto unchanged = client.send({.path = "/unchanged"});
  ASSERT_TRUE(unchanged.has_value());
  EXPECT_EQ(unchanged->status, 304U);
}

TEST_F(HttpClientTest, KeepsItsConnection) {
  start();
  HttpClient client("http://localhost:" + std::to_string(listener->port()) + "/");
  for (std::uint8_t i = 0; i < 5; ++i) {
    const auto answer = client.send({.method = "POST", .path = "/echo", .body = Bytes(1000, i)});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, Bytes(1000, i));
  }
  EXPECT_EQ(client.connections_count(), 1U);
}

TEST_F(HttpClientTest, ReconnectsWhenTheServerWasRestarted) {
  start();
  HttpClient client(url());
  ASSERT_TRUE(client.send({.path = "/echo"}).has_value());
  const std::uint16_t port = listener->port();
  listener.reset();
  start(port);
  EXPECT_TRUE(client.send({.path = "/echo"}).has_value());
  EXPECT_EQ(client.connections_count(), 2U);
}

TEST_F(HttpClientTest, RepeatsOnceWhenTheKeptConnectionEndsBeforeTheAnswer) {
  const RawServer server;
  std::thread serve([&server] {
    const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    {
      RawSocket first = server.accept();
      first.read_until("\r\n\r\n");
      first.send(answer);
      first.read_until("\r\n\r\n");
    }
    RawSocket second = server.accept();
    second.read_until("\r\n\r\n");
  });
  HttpClient client(server.url());
  EXPECT_TRUE(client.send({}).has_value());
  // The new connection ends like the old one; there is no third try.
  const auto answer = client.send({});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::network_lost);
  EXPECT_EQ(client.connections_count(), 2U);
  serve.join();
}

TEST_F(HttpClientTest, ReadsRefusalWhileItStillSends) {
  start();
  HttpClient client(url());
  const auto answer = client.send({.method = "PUT", .path = "/none", .body = Bytes(8'000'000, 1)});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413U);
}

TEST_F(HttpClientTest, SendsLargeBody) {
  start();
  HttpClient client(url());
  Bytes body(server::EchoHandler::large_bytes_max);
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<std::uint8_t>(i * 7 / 3);
  const auto answer = client.send({.method = "POST", .path = "/large", .body = body});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, body);
}

TEST_F(HttpClientTest, LiveClientSaysWhyItCannotConnect) {
  EXPECT_EQ(LiveClient("ws://x").connect(patience).error().code, errc::argument_invalid);
  std::string gone;
  {
    const RawServer server;
    gone = server.url();
  }
  EXPECT_EQ(LiveClient(gone).connect(patience).error().code, errc::network_unreachable);
  const RawServer silent;
  EXPECT_EQ(LiveClient(silent.url()).connect(milliseconds{100}).error().code,
            errc::network_timeout);
  const RawServer refusing;
  std::thread serve([&refusing] {
    RawSocket peer = refusing.accept();
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
  EXPECT_EQ(LiveClient(refusing.url()).connect(patience).error().code, errc::server_refused);
  serve.join();
}

TEST_F(HttpClientTest, LiveClientGoesOnAfterNothingCame) {
  start();
  LiveClient client(url());
  EXPECT_EQ(client.send(Bytes{1}, patience).error().code, errc::network_lost);
  ASSERT_TRUE(client.connect(patience).has_value());
  EXPECT_EQ(client.receive(milliseconds{50}).error().code, errc::network_timeout);
  ASSERT_TRUE(client.send(Bytes{1}, patience).has_value());
  EXPECT_EQ(client.receive(patience).value(), Bytes{1});
  client.close();
  ASSERT_TRUE(client.connect(patience).has_value());
  ASSERT_TRUE(client.send(Bytes{2}, patience).has_value());
  EXPECT_EQ(client.receive(patience).value(), Bytes{2});
}

}  // namespace
}  // namespace tannha::tools
