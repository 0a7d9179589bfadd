#include <gtest/gtest.h>

#include <atomic>

#include "tannha/core/courier.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/server/listener.hpp"
#include "tests/support/real_server.hpp"
#include "tools/net/link.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::process {
namespace {

/// A courier's device with one dossier and one photo, nothing of it sent.
class DeviceTest : public ::testing::Test {
 protected:
  DeviceTest() : server_(made(folder_ / "server")) {
    device_ = server_.enrol(folder_ / "phone", host_, Role::courier, "H42.101");
    must(device_->sync());
    core::Courier courier(device_->replica(), device_->catalogue());
    id_ = must(courier.open({}, "1.001193", body::ServiceKind::both));
    jpeg_ = tools::make_page({.width = 600, .height = 800, .seed = 3});
    must(courier.add_photo(id_, jpeg_, body::AttachmentRole::page, 0));
  }
  static std::filesystem::path made(const std::filesystem::path& folder) {
    make_server_folder(folder);
    return folder;
  }
  exchange::Holds holds() { return must(device_->replica().holds()); }

  TempFolder folder_;
  RealServer server_;
  server::SystemHost host_;
  std::unique_ptr<tools::Device> device_;
  Id id_{};
  Bytes jpeg_;
};

TEST_F(DeviceTest, SendsAgainWhatTheServerStoredButNeverConfirmed) {
  must(device_->sync());
  EXPECT_EQ(holds().attachment_bytes, 0U);
  // As if the server had been killed between storing the file and saying so.
  must(device_->replica().store().attachment_wanted(blake2b_256(jpeg_)));
  EXPECT_EQ(holds().attachment_bytes, jpeg_.size());
  EXPECT_EQ(must(device_->sync()).attachments, 1U);
  EXPECT_EQ(holds().attachment_bytes, 0U);
  EXPECT_EQ(must(device_->sync()).attachments, 0U);
}

TEST_F(DeviceTest, LinkThatIsCutAnywhereLosesNothing) {
  const auto port = server_.url().substr(server_.url().rfind(':') + 1);
  tools::Link link("127.0.0.1", static_cast<std::uint16_t>(std::stoul(port)));
  must(device_->set_server(link.url()));
  std::uint64_t broken = 0;
  for (std::uint64_t bytes = 1; holds().records + holds().attachment_bytes > 0; bytes *= 3) {
    link.cut_after(bytes);
    const auto summary = device_->sync();
    if (summary) continue;
    ++broken;
    EXPECT_TRUE(is_transient(summary.error().code)) << name(summary.error().code);
    EXPECT_EQ(must(device_->last_error()), summary.error().code);
  }
  EXPECT_GT(broken, 3U);
  must(device_->sync());
  EXPECT_FALSE(must(device_->last_error()).has_value());
  EXPECT_EQ(must(device_->replica().dossier(id_)).records.effective, 2U);
  EXPECT_EQ(must(device_->attachment(blake2b_256(jpeg_))), jpeg_);
}

/// Stands before a server as one of an older version would: it knows neither deflate nor compact
/// records.
class OlderServer : public server::Handler {
 public:
  explicit OlderServer(std::string url) : url_(std::move(url)) {}

  std::expected<server::Terms, server::HttpResponse> admit(const server::HttpRequest&) override {
    return server::Terms{.body_bytes_max = limits::frame_bytes_max};
  }
  void handle(server::HttpRequest request, Reply reply) override {
    if (request.path == "/v1/sync" && !exchange::decode<exchange::Request>(request.body)) {
      ++refused;
      return reply(transport_error(400));
    }
    if (request.path == "/v1/sync") ++taken;
    tools::HttpClient client(url_);
    auto answer = must(client.send({.method = request.method,
                                    .path = request.path,
                                    .bearer = request.bearer,
                                    .body = std::move(request.body)}));
    reply({.status = answer.status, .body = std::move(answer.body)});
  }
  server::HttpResponse transport_error(unsigned status) override {
    return {.status = status,
            .body = fields::encode(exchange::make_refusal(errc::frame_malformed))};
  }
  void live_opened(std::shared_ptr<server::LiveChannel>) override {}
  void live_message(const std::shared_ptr<server::LiveChannel>&, Bytes,
                    std::shared_ptr<server::MemoryShare>) override {}
  void live_closed(const std::shared_ptr<server::LiveChannel>&) override {}

  std::atomic<int> refused{0};
  std::atomic<int> taken{0};

 private:
  std::string url_;
};

TEST_F(DeviceTest, SpeaksPlainlyToAnOlderServer) {
  OlderServer older(server_.url());
  server::ListenerConfig config;
  config.port = 0;
  server::Listener listener(config, older);
  listener.start();
  must(device_->set_server("http://127.0.0.1:" + std::to_string(listener.port())));
  must(device_->sync());
  EXPECT_EQ(holds().records, 0U);
  EXPECT_EQ(older.refused, 1);
  EXPECT_GE(older.taken, 1);
  // It has learnt that.
  core::Courier courier(device_->replica(), device_->catalogue());
  must(courier.add_note(id_, "một"));
  must(device_->sync());
  EXPECT_EQ(holds().records, 0U);
  EXPECT_EQ(older.refused, 1);
}

TEST_F(DeviceTest, MakesAPushSmaller) {
  must(device_->sync());
  core::Courier courier(device_->replica(), device_->catalogue());
  for (int i = 0; i < 40; ++i) must(courier.add_note(id_, "ghi chú " + std::to_string(i)));
  const std::size_t plain = fields::encode(must(device_->replica().next_request(0))).size();
  const auto port = server_.url().substr(server_.url().rfind(':') + 1);
  tools::Link link("127.0.0.1", static_cast<std::uint16_t>(std::stoul(port)));
  must(device_->set_server(link.url()));
  must(device_->sync());
  EXPECT_EQ(holds().records, 0U);
  // With all that signing in takes.
  EXPECT_LT(link.bytes_up(), plain * 2 / 3);
}

TEST_F(DeviceTest, EnrolsOnceAndOnlyWithATicket) {
  const auto late = must(tools::Device::open_or_make(folder_ / "late", host_));
  EXPECT_EQ(late->sync().error().code, errc::not_enrolled);
  EXPECT_EQ(late->enrol(server_.url(), "no such ticket").error().code, errc::ticket_unknown);
  EXPECT_EQ(late->sync().error().code, errc::not_enrolled);
  EXPECT_EQ(device_->enrol(server_.url(), "any").error().code, errc::already_enrolled);
}

}  // namespace
}  // namespace tannha::process
