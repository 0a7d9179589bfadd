#include "tannha/server/listener.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <optional>
#include <thread>
#include <vector>

#include "tests/integration/net/listener_fixture.hpp"

namespace tannha::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tools::LiveClient;

class ListenerTest : public ListenerFixture {};

TEST_F(ListenerTest, ThrowsWhenThePortIsTaken) {
  start();
  ListenerConfig second = config;
  second.port = listener->port();
  EXPECT_THROW(Listener(second, handler), std::exception);
}

TEST_F(ListenerTest, RefusesHeaderLargerThanLimit) {
  config.header_bytes_max = 512;
  start();
  const std::string head = "GET /echo HTTP/1.1\r\nConnection: close\r\nX: ";
  const auto sized = [&](std::size_t bytes) {
    return head + std::string(bytes - head.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_TRUE(has_status(ask(sized(512)), 200));
  EXPECT_EQ(handler.errors(431), 0);
  EXPECT_TRUE(has_status(ask(sized(513)), 431));
  EXPECT_TRUE(has_status(ask(sized(200'000)), 431));
  EXPECT_TRUE(has_status(ask("GET /" + std::string(600, 'a')), 431));
  EXPECT_EQ(handler.errors(431), 3);
  EXPECT_TRUE(still_serves());
}

TEST_F(ListenerTest, RefusesBodyLargerThanLimit) {
  start();
  const auto post = [](std::size_t declared, std::size_t sent) {
    return "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: " +
           std::to_string(declared) + "\r\n\r\n" + std::string(sent, 'b');
  };
  constexpr std::size_t most = EchoHandler::echo_bytes_max;
  EXPECT_TRUE(has_status(ask(post(most, most)), 200));
  EXPECT_EQ(handler.errors(413), 0);
  // Refused from the head alone, whether the body comes or not; the answer is not lost.
  EXPECT_TRUE(has_status(ask(post(most + 1, 0)), 413));
  EXPECT_TRUE(has_status(ask(post(5'000'000, 5'000'000)), 413));
  EXPECT_EQ(handler.errors(413), 2);
  EXPECT_TRUE(still_serves());
}

TEST_F(ListenerTest, RefusesChunkedBodyLargerThanLimit) {
  start();
  const std::string head =
      "POST /echo HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string full = "8000\r\n" + std::string(0x8000, 'c') + "\r\n";
  EXPECT_TRUE(has_status(ask(head + full + full + "0\r\n\r\n"), 200));
  EXPECT_TRUE(has_status(ask(head + full + full + "1\r\nc\r\n0\r\n\r\n"), 413));
  EXPECT_EQ(handler.errors(413), 1);
}

TEST_F(ListenerTest, RefusesBodyWhereNoneIsTaken) {
  start();
  const std::string head = "POST /none HTTP/1.1\r\nConnection: close\r\nContent-Length: ";
  EXPECT_TRUE(has_status(ask(head + "0\r\n\r\n"), 200));
  EXPECT_TRUE(has_status(ask(head + "1\r\n\r\nx"), 413));
}

TEST_F(ListenerTest, AnswersTruncatedBodyWith408) {
  start();
  RawSocket socket = connect();
  socket.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  socket.end_sending();
  EXPECT_TRUE(has_status(socket.read_all(), 408));
  EXPECT_EQ(handler.errors(408), 1);
  EXPECT_EQ(listener->counters().timeouts_total, 0U);
}

TEST_F(ListenerTest, CountsBodyCutOffByReset) {
  start();
  RawSocket socket = connect();
  socket.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  socket.close();
  // The reset may overtake the head, in which case nothing was asked; so another may be needed.
  for (int i = 0; i < 100 && handler.errors(408) == 0; ++i) {
    RawSocket again = connect();
    again.send("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
    again.read_until("100 Continue\r\n\r\n");
    ::setsockopt(again.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    again.close();
  }
  handler.wait_error(408);
  EXPECT_TRUE(still_serves());
}

TEST_F(ListenerTest, AnswersGarbageWith400) {
  start();
  EXPECT_TRUE(has_status(ask("\x16\x03\x01 this is TLS\r\n\r\n"), 400));
  EXPECT_TRUE(has_status(ask("GET / HTTP/1.1\r\nNo colon\r\n\r\n"), 400));
  EXPECT_TRUE(has_status(ask("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400));
  // Two ways to say where the body ends: a proxy in front might believe the other one.
  EXPECT_TRUE(has_status(ask("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                         400));
  EXPECT_TRUE(has_status(ask("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "zz\r\n"),
                         400));
  EXPECT_EQ(handler.errors(400), 5);
  EXPECT_TRUE(still_serves());
}

TEST_F(ListenerTest, BoundsChunkLineThatNeverEnds) {
  start();
  EXPECT_TRUE(has_status(ask("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                             std::string(300'000, 'e')),
                         400));
}

TEST_F(ListenerTest, AnswersSlowHeaderWith408) {
  config.header_timeout = seconds{1};
  start();
  EXPECT_TRUE(has_status(ask("GET /echo HT"), 408));
  EXPECT_EQ(handler.errors(408), 1);
  EXPECT_EQ(listener->counters().timeouts_total, 1U);
}

TEST_F(ListenerTest, AnswersSlowBodyWith408) {
  config.body_timeout = seconds{1};
  start();
  EXPECT_TRUE(has_status(ask("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc"), 408));
  EXPECT_EQ(handler.errors(408), 1);
  EXPECT_EQ(listener->counters().timeouts_total, 1U);
}

TEST_F(ListenerTest, ClosesConnectionThatNeverAsks) {
  config.header_timeout = seconds{1};
  start();
  EXPECT_EQ(connect().read_all(), "");
  listener->stop(patience);  // The socket closes a moment before the count.
  EXPECT_EQ(listener->counters().timeouts_total, 1U);
  EXPECT_EQ(handler.errors(408), 0);
}

TEST_F(ListenerTest, ClosesConnectionThatRestsTooLong) {
  config.idle_timeout = seconds{1};
  start();
  const std::string answer = ask("GET /head HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(has_status(answer, 200));
  EXPECT_EQ(listener->counters().timeouts_total, 0U);
}

TEST_F(ListenerTest, KeepsConnectionForNextRequest) {
  start();
  RawSocket socket = connect();
  for (int i = 0; i < 3; ++i) {
    socket.send("POST /echo HTTP/1.1\r\nContent-Length: 4\r\n\r\n<" + std::to_string(i) + "2>");
    EXPECT_TRUE(socket.read_until(">").ends_with("\r\n\r\n<" + std::to_string(i) + "2>"));
  }
  // Two at once are answered in order.
  socket.send(
      "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\n<a>"
      "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\n<b>");
  EXPECT_TRUE(socket.read_until(">").ends_with("<a>"));
  EXPECT_TRUE(socket.read_until(">").ends_with("<b>"));
  EXPECT_EQ(listener->counters().connections_total, 1U);
  EXPECT_EQ(listener->counters().requests_total, 5U);
}

TEST_F(ListenerTest, HandsOverWhatTheHeadSays) {
  start();
  const std::string answer =
      ask("PUT /head?a=1&b=%20 HTTP/1.1\r\nConnection: close\r\nAuthorization: bearer  t0ken\r\n"
          "If-None-Match: \"e\"\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("\r\n\r\nPUT|a=1&b=%20|t0ken|\"e\"")) << answer;
  EXPECT_TRUE(ask("GET /head HTTP/1.1\r\nConnection: close\r\nAuthorization: Basic eA==\r\n\r\n")
                  .ends_with("\r\n\r\nGET|||"));
}

TEST_F(ListenerTest, ServesAttachmentSandboxed) {
  start();
  const std::string answer = ask(get("/file"));
  EXPECT_TRUE(has_status(answer, 200));
  for (const auto* line :
       {"X-Content-Type-Options: nosniff\r\n", "Content-Security-Policy: sandbox\r\n",
        "Content-Disposition: attachment\r\n", "ETag: \"abc\"\r\n",
        "Content-Type: application/octet-stream\r\n"}) {
    EXPECT_NE(answer.find(line), std::string::npos) << line;
  }
}

TEST_F(ListenerTest, WritesStatusesThatHaveNoBody) {
  start();
  const std::string unchanged = ask(get("/unchanged"));
  EXPECT_TRUE(has_status(unchanged, 304));
  EXPECT_NE(unchanged.find("ETag: \"abc\"\r\n"), std::string::npos);
  EXPECT_TRUE(unchanged.ends_with("\r\n\r\n"));
  EXPECT_NE(ask(get("/busy")).find("Retry-After: 7\r\n"), std::string::npos);
  EXPECT_TRUE(ask("HEAD /file HTTP/1.1\r\nConnection: close\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST_F(ListenerTest, AsksForBodyOnlyWhenItWillTakeIt) {
  start();
  const auto post = [](std::string_view path) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
  };
  RawSocket socket = connect();
  socket.send(post("/echo"));
  EXPECT_TRUE(has_status(socket.read_until("\r\n\r\n"), 100));
  socket.send("body");
  EXPECT_TRUE(socket.read_all().ends_with("\r\n\r\nbody"));
  EXPECT_TRUE(has_status(ask(post("/none")), 413));
}

TEST_F(ListenerTest, TakesReplyFromAnotherThread) {
  start();
  EXPECT_TRUE(has_status(ask(get("/thread")), 200));
  RawSocket socket = connect();
  socket.send(get("/held"));
  handler.wait_held()(text_response("at last"));
  EXPECT_TRUE(socket.read_all().ends_with("\r\n\r\nat last"));
}

TEST_F(ListenerTest, CountsOnlyTheFirstReply) {
  start();
  RawSocket socket = connect();
  socket.send("POST /twice HTTP/1.1\r\nContent-Length: 3\r\n\r\n<1>");
  EXPECT_TRUE(socket.read_until(">").ends_with("<1>"));
  socket.send("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\n<2>");
  EXPECT_TRUE(socket.read_until(">").ends_with("<2>"));
}

TEST_F(ListenerTest, AnswersHandlerThatThrowsWith500) {
  start();
  EXPECT_TRUE(has_status(ask(get("/throws")), 500));
  EXPECT_TRUE(still_serves());
}

TEST_F(ListenerTest, LateReplyIsHarmless) {
  config.reply_timeout = seconds{1};
  start();
  RawSocket socket = connect();
  socket.send(get("/held"));
  const Handler::Reply reply = handler.wait_held();
  const std::string answer = socket.read_all();
  EXPECT_TRUE(has_status(answer, 503));
  EXPECT_NE(answer.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(listener->counters().timeouts_total, 1U);
  reply(text_response("late"));
  EXPECT_TRUE(still_serves());
  listener.reset();
  reply(text_response("later still"));
}

TEST_F(ListenerTest, RepliesAreHarmlessWhileTheyExpire) {
  config.reply_timeout = seconds{0};
  start();
  for (int i = 0; i < 200; ++i) {
    RawSocket socket = connect();
    socket.send(get("/held"));
    handler.wait_held()(text_response("in time or not"));
    const std::string answer = socket.read_all();
    EXPECT_TRUE(has_status(answer, 200) || has_status(answer, 503)) << answer;
  }
}

TEST_F(ListenerTest, ServesManyAtOnce) {
  start();
  constexpr int count = 200;
  std::vector<RawSocket> sockets;
  for (int i = 0; i < count; ++i) sockets.push_back(connect());
  for (int i = 0; i < count; ++i) {
    const std::string body = "number " + std::to_string(i);
    sockets[static_cast<std::size_t>(i)].send(
        std::string("POST ") + (i % 2 == 0 ? "/echo" : "/thread") +
        " HTTP/1.1\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body);
  }
  for (int i = 0; i < count; ++i) {
    EXPECT_TRUE(sockets[static_cast<std::size_t>(i)].read_all().ends_with("\r\n\r\nnumber " +
                                                                          std::to_string(i)));
  }
  EXPECT_EQ(listener->counters().requests_total, 200U);
}

TEST_F(ListenerTest, RefusesConnectionsOverTheMost) {
  config.connections_max = 2;
  start();
  std::optional<RawSocket> first(connect());
  RawSocket second = connect();
  // Answered once, so that both are known to be counted.
  for (RawSocket* socket : {&*first, &second}) {
    socket->send("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\n<x>");
    socket->read_until(">");
  }
  EXPECT_EQ(listener->counters().connections_now, 2U);
  EXPECT_TRUE(has_status(ask(get("/echo")), 503));
  EXPECT_EQ(listener->counters().connections_refused_total, 1U);
  EXPECT_EQ(listener->counters().connections_total, 3U);
  first.reset();
  bool again = false;
  for (int i = 0; i < 10'000 && !again; ++i) again = still_serves();
  EXPECT_TRUE(again);
}

TEST_F(ListenerTest, RefusesConnectionsOverTheMostOfOneAddress) {
  config.connections_per_address_max = 1;
  start();
  RawSocket first = connect();
  first.send("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\n<x>");
  first.read_until(">");
  EXPECT_TRUE(has_status(ask(get("/echo")), 503));
}

TEST_F(ListenerTest, SurvivesRunningOutOfDescriptors) {
  start();
  std::vector<RawSocket> sockets(12);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // The clients have their descriptors; the server finds room for three.
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(sockets.back().fd()) + 1 + 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  for (RawSocket& socket : sockets) {
    EXPECT_TRUE(socket.connect(listener->port()));
    socket.send(get("/echo"));
  }
  // Each is answered and closed, which makes room for the next.
  for (RawSocket& socket : sockets) {
    EXPECT_TRUE(has_status(socket.read_all(), 200));
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(still_serves());
}

TEST_F(ListenerTest, StopLetsRequestsFinish) {
  start();
  RawSocket idle = connect();
  RawSocket busy = connect();
  busy.send("GET /held HTTP/1.1\r\n\r\n");
  const Handler::Reply reply = handler.wait_held();
  std::thread stopper([&] { listener->stop(patience); });
  EXPECT_EQ(idle.read_all(), "");  // Closed: the listener is draining.
  reply(text_response("finished"));
  const std::string answer = busy.read_all();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nfinished"));
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  busy.close();
  stopper.join();
  EXPECT_EQ(listener->counters().connections_now, 0U);
  EXPECT_FALSE(RawSocket().connect(listener->port()));
}

TEST_F(ListenerTest, StopCutsWhatOutlastsTheGrace) {
  start();
  RawSocket held = connect();
  held.send("GET /held HTTP/1.1\r\n\r\n");
  const Handler::Reply reply = handler.wait_held();
  RawSocket half = connect();
  half.send("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
  half.read_until("\r\n\r\n");
  LiveClient client = live();
  listener->stop(milliseconds{0});
  EXPECT_EQ(held.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(client.receive(patience).error().code, errc::network_lost);
  handler.wait_closed(1);
  reply(text_response("late"));
  listener->stop(milliseconds{0});
}

TEST_F(ListenerTest, StopsWithoutHavingStarted) {
  config.port = 0;
  listener = std::make_unique<Listener>(config, handler);
  listener->stop(milliseconds{0});
}

TEST_F(ListenerTest, WorksOnOneThread) {
  config.threads = 1;
  start();
  EXPECT_TRUE(still_serves());
  EXPECT_TRUE(has_status(ask(get("/thread")), 200));
  LiveClient client = live();
  ASSERT_TRUE(client.send(as_bytes("one"), patience).has_value());
  EXPECT_EQ(as_text(client.receive(patience).value()), "one");
}

}  // namespace
}  // namespace tannha::server
