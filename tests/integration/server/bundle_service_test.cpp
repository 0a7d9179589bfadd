#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "tannha/protocol/bundle.hpp"
#include "tannha/protocol/limits.hpp"
#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;

/// A courier with a dossier and a photo, nothing of it sent, and an officer who carries for them.
class BundleServiceTest : public ::testing::Test {
 protected:
  BundleServiceTest() {
    id_ = courier_.open_dossier();
    auto change = must(courier_.replica->begin());
    must(change.attach(photo_, "image/jpeg"));
    must(change.append(id_, {}, attachment_of(photo_)));
    must(change.commit());
  }
  Bytes make() {
    std::vector<Bytes> out;
    must(courier_.replica->make_bundle({}, [&](Replica::MadeBundle made) -> Result<void> {
      out.push_back(std::move(made.bytes));
      return {};
    }));
    return std::move(out.at(0));
  }
  HttpResponse deliver(Bytes bytes) {
    return world_.post("/v1/bundle", std::move(bytes), officer_.token);
  }
  [[nodiscard]] fs::path blob_path() {
    return Blobs(world_.data_dir().blobs_path()).path_of(blake2b_256(photo_));
  }
  std::uint64_t records() { return world_.metric("tannha_journal_records"); }

  ServiceWorld world_;
  Client courier_ = world_.enrol(Role::courier, "H42.101");
  Client officer_ = world_.enrol(Role::officer, "H42.101");
  Bytes photo_ = photo(1);
  Id id_{};
};

TEST_F(BundleServiceTest, OnlyWhoIsSignedInDelivers) {
  const Bytes bytes = make();
  expect_refusal(world_.post("/v1/bundle", bytes), errc::token_invalid, 401);
  expect_refusal(world_.post("/v1/bundle", bytes, "forged"), errc::token_invalid, 401);
  world_.host.advance_ms(limits::token_life_ms + 1);
  expect_refusal(deliver(bytes), errc::token_invalid, 401);
  EXPECT_EQ(records(), 0U);
}

TEST_F(BundleServiceTest, LimitsBodiesByWhoSendsThem) {
  const auto limit = [&](const std::string& bearer) {
    HttpRequest head;
    head.method = "POST";
    head.path = "/v1/bundle";
    head.bearer = bearer;
    return world_.service().admit(head).value().body_bytes_max;
  };
  EXPECT_EQ(limit(officer_.token), limits::bundle_bytes_max);
  EXPECT_EQ(limit(""), limits::frame_before_sign_in_bytes_max);
  EXPECT_EQ(limit("forged"), limits::frame_before_sign_in_bytes_max);
}

TEST_F(BundleServiceTest, RefusesWhatIsNoBundleOfThisProvince) {
  Bytes bytes = make();
  expect_refusal(deliver({}), errc::bundle_malformed, 400);
  expect_refusal(deliver(Bytes(1000, 0x41)), errc::bundle_malformed, 400);
  expect_refusal(deliver(Bytes(limits::bundle_bytes_max + 1)), errc::frame_too_large, 413);
  Bytes other = bytes;
  other[7] = '3';
  expect_refusal(deliver(other), errc::bundle_not_for_us, 400);
  Bytes later = bytes;
  later[3] = 2;
  expect_refusal(deliver(later), errc::frame_version_unknown, 400);
  bytes.back() ^= 1;
  expect_refusal(deliver(bytes), errc::bundle_malformed, 400);
  EXPECT_EQ(records(), 0U);
  EXPECT_TRUE(world_.good_traffic_goes_through());
}

TEST_F(BundleServiceTest, WhoeverHasTheAnswerMayComeAgainAtOnce) {
  ServiceWorld world({.bundles_at_work_max = 1});
  const Client carrier = world.enrol(Role::officer, "H42.101");
  const auto bundle = [&] {
    HttpRequest request;
    request.method = "POST";
    request.path = "/v1/bundle";
    request.bearer = carrier.token;
    return request;
  };
  std::promise<unsigned> next;
  world.service().handle(bundle(), [&](const HttpResponse&) {
    world.service().handle(bundle(),
                           [&](const HttpResponse& second) { next.set_value(second.status); });
  });
  EXPECT_EQ(next.get_future().get(), 400U);
}

TEST_F(BundleServiceTest, FileThatCannotBeStoredComesWithTheNextDelivery) {
  const Bytes bytes = make();
  // Where the file's folder should be stands something else.
  const fs::path folder = blob_path().parent_path();
  std::ofstream(folder) << "x";
  EXPECT_GE(deliver(bytes).status, 500U);
  EXPECT_EQ(records(), 2U);
  EXPECT_EQ(world_.sync(courier_).wanted, std::vector<Hash>{blake2b_256(photo_)});
  fs::remove(folder);
  const std::uint64_t before = records();
  EXPECT_EQ(deliver(bytes).status, 200U);
  EXPECT_EQ(records(), before);
  EXPECT_TRUE(fs::exists(blob_path()));
  EXPECT_TRUE(world_.sync(courier_).wanted.empty());
}

TEST_F(BundleServiceTest, GivesReceiptsThatTheMakerTakes) {
  const HttpResponse answer = deliver(make());
  ASSERT_EQ(answer.status, 200U);
  const auto report = must(courier_.replica->take_receipts(answer.body));
  EXPECT_EQ(report.received, 2U);
  EXPECT_EQ(report.attachments, 1U);
  EXPECT_EQ(must(courier_.replica->holds()).records, 0U);
  EXPECT_EQ(must(courier_.replica->holds()).attachment_bytes, 0U);
  const HttpResponse file = world_.get("/v1/blobs/" + to_hex(blake2b_256(photo_)), officer_.token);
  EXPECT_EQ(file.status, 200U);
  EXPECT_EQ(file.body, photo_);
  EXPECT_EQ(world_.metric("tannha_bundles_total"), 1U);
  EXPECT_EQ(world_.metric("tannha_attachments_stored_total"), 1U);
  EXPECT_EQ(world_.metric("tannha_attachment_bytes_total"), photo_.size());
  EXPECT_EQ(world_.metric("tannha_records_total{verdict=\"effective\"}"), 2U);
}

TEST_F(BundleServiceTest, DeliveredAgainAfterARestartChangesNothing) {
  const Bytes bytes = make();
  ASSERT_EQ(deliver(bytes).status, 200U);
  world_.restart();
  EXPECT_EQ(deliver(bytes).status, 200U);
  EXPECT_EQ(records(), 2U);
  EXPECT_EQ(world_.metric("tannha_attachments_stored_total"), 0U);
  EXPECT_EQ(world_.metric("tannha_records_total{verdict=\"duplicate\"}"), 2U);
}

TEST_F(BundleServiceTest, TellsWhoListensThatTheFeedHasSomethingNew) {
  auto channel = std::make_shared<TestChannel>();
  world_.service().live_opened(channel);
  world_.service().live_message(
      channel, fields::encode(exchange::LiveMessage{exchange::LiveKind::hello, 1,
                                                    to_bytes(as_bytes(officer_.token))}),
      {});
  EXPECT_EQ(channel->receive().kind, exchange::LiveKind::welcome);
  ASSERT_EQ(deliver(make()).status, 200U);
  EXPECT_EQ(channel->receive().kind, exchange::LiveKind::changed);
  world_.service().live_closed(channel);
}

// A folder from before bundles has no such key, and needs none.
TEST_F(BundleServiceTest, KeyIsMadeFromTheKeysThatAreThere) {
  EXPECT_FALSE(must(read_keys(world_.data_dir().path())).tenant.bundle_key);
  const auto tenant = must(fields::decode<exchange::Tenant>(world_.get("/v1/tenant").body,
                                                            errc::frame_malformed));
  EXPECT_EQ(tenant.bundle_key, world_.actor().bundle_key.public_key());
  EXPECT_EQ(courier_.me().tenant.bundle_key, tenant.bundle_key);
  world_.restart();
  EXPECT_EQ(world_.actor().bundle_key.public_key(), *tenant.bundle_key);
}

TEST(BundleOverloadTest, MoreThanAreWorkedOnComeAgain) {
  ServiceWorld world({.bundles_at_work_max = 0});
  Client courier = world.enrol(Role::courier, "H42.101");
  expect_refusal(world.post("/v1/bundle", Bytes(100), courier.token), errc::overloaded, 503);
  EXPECT_TRUE(world.good_traffic_goes_through());
}

TEST(BundleOverloadTest, EachGivesItsPlaceBack) {
  ServiceWorld world({.bundles_at_work_max = 1});
  Client courier = world.enrol(Role::courier, "H42.101");
  for (int i = 0; i < 5; ++i) {
    expect_refusal(world.post("/v1/bundle", Bytes(100), courier.token), errc::bundle_malformed, 400);
  }
}

}  // namespace
}  // namespace tannha::server
