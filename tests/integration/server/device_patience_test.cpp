#include <gtest/gtest.h>

#include <vector>

#include "tannha/server/listener.hpp"
#include "tests/integration/server/service_world.hpp"
#include "tools/device/device.hpp"

namespace tannha::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The service, behind a door that refuses as often as it is told.
class BusyService : public Handler {
 public:
  explicit BusyService(Service& service) : service_(service) {}
  std::atomic<int> refusals{0};
  std::atomic<errc> code{errc::too_many_requests};

  std::expected<Terms, HttpResponse> admit(const HttpRequest& head) override {
    if (refusals <= 0) return service_.admit(head);
    --refusals;
    HttpResponse response;
    response.status = code == errc::too_many_requests ? 429 : 503;
    response.retry_after_s = 7;
    response.body = fields::encode(exchange::make_refusal(code));
    return std::unexpected(std::move(response));
  }
  void handle(HttpRequest request, Reply reply) override {
    service_.handle(std::move(request), std::move(reply));
  }
  HttpResponse transport_error(unsigned status) override {
    return service_.transport_error(status);
  }
  void live_opened(std::shared_ptr<LiveChannel>) override {}
  void live_message(const std::shared_ptr<LiveChannel>&, Bytes,
                    std::shared_ptr<MemoryShare>) override {}
  void live_closed(const std::shared_ptr<LiveChannel>&) override {}

 private:
  Service& service_;
};

class DevicePatienceTest : public ::testing::Test {
 protected:
  DevicePatienceTest() {
    ListenerConfig config;
    config.port = 0;
    listener = std::make_unique<Listener>(config, busy);
    listener->start();
    device = must(tools::Device::open_or_make(folder / "phone", world.host));
    must(device->enrol("http://127.0.0.1:" + std::to_string(listener->port()),
                       world.ticket(world.ticket_for(Role::courier, "H42.101"))));
    set_patience(seconds(60));
  }
  ~DevicePatienceTest() override {
    listener->stop(seconds(10));
    world.service().stop();
  }
  void set_patience(milliseconds in_all) {
    device->set_patience(in_all, [this](milliseconds time) { waits.push_back(time); });
  }

  ServiceWorld world;
  TempFolder folder;
  BusyService busy{world.service()};
  std::unique_ptr<Listener> listener;
  std::unique_ptr<tools::Device> device;
  std::vector<milliseconds> waits;
};

TEST_F(DevicePatienceTest, ComesAgainWhenTheServerSays) {
  for (const errc code : {errc::too_many_requests, errc::overloaded}) {
    waits.clear();
    busy.code = code;
    busy.refusals = 2;
    EXPECT_TRUE(device->sync());
    ASSERT_EQ(waits.size(), 2U);
    EXPECT_GE(waits[0], seconds(7));
    EXPECT_LE(waits[0], seconds(14));
    EXPECT_GE(waits[1], seconds(7));
    EXPECT_LE(waits[1], seconds(21));
  }
}

TEST_F(DevicePatienceTest, SaysWhyWhenPatienceEnds) {
  set_patience(seconds(20));
  busy.refusals = 100;
  const auto refused = device->sync();
  EXPECT_EQ(code_of(refused), errc::too_many_requests);
  EXPECT_TRUE(is_transient(code_of(refused)));
  EXPECT_LE(waits.size(), 2U);
  EXPECT_EQ(must(device->last_error()), errc::too_many_requests);
  busy.refusals = 0;
  EXPECT_TRUE(device->sync());
}

TEST_F(DevicePatienceTest, FullDiskOfTheServerIsNotWaitedFor) {
  busy.code = errc::store_full;
  busy.refusals = 1;
  EXPECT_EQ(code_of(device->sync()), errc::overloaded);
  EXPECT_TRUE(waits.empty());
}

}  // namespace
}  // namespace tannha::server
