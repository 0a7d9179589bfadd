#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/real_server.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::process {
namespace {

namespace fs = std::filesystem;

/// A dispatcher and two couriers, each with a folder and the commands on it.
class PayoutCommandTest : public ::testing::Test {
 protected:
  PayoutCommandTest() : server_(made(folder_ / "server")) {
    must(server_.enrol(folder_ / "dispatch", host_, Role::dispatcher, "H42.101")->sync());
    first_ = courier("first");
    second_ = courier("second");
    const Bytes jpeg = tools::make_page({.width = 60, .height = 40, .seed = 5});
    std::ofstream(folder_ / "signature.jpg", std::ios::binary) << as_text(jpeg);
  }
  static fs::path made(const fs::path& folder) {
    make_server_folder(folder);
    return folder;
  }
  /// @return the actor id
  std::string courier(const std::string& name) {
    const auto device = server_.enrol(folder_ / name, host_, Role::courier, "H42.101");
    must(device->sync());
    return uuid_text(device->replica().identity()->certificate.actor);
  }
  Outcome run(const std::string& role, const std::string& name, std::vector<std::string> rest) {
    rest.insert(rest.begin(), {role, "--data", (folder_ / name).string()});
    return tannha(std::move(rest));
  }
  Outcome phone(const std::string& name, std::vector<std::string> rest) {
    return run("phone", name, std::move(rest));
  }
  Outcome payout(const std::string& courier, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"payout",     "HT-0042", "2026-11", "3200000",  courier,
                                   "--unit",     "H42.101", "--name",  "Trần Thị B",
                                   "--phone",    "0912345678",
                                   "--address",  "Thôn 3"};
    words.insert(words.end(), more.begin(), more.end());
    return run("dispatch", "dispatch", std::move(words));
  }
  /// As lists show it: the end of an id, which begins with the time.
  static std::string short_id(const Outcome& outcome) {
    const std::string line = outcome.lines().at(0);
    return line.substr(line.size() - 8);
  }
  void sync_all() {
    for (const std::string name : {"first", "second"}) {
      EXPECT_EQ(phone(name, {"sync"}).code, 0);
    }
    EXPECT_EQ(run("dispatch", "dispatch", {"sync"}).code, 0);
  }
  Outcome pay(const std::string& name, const std::string& id) {
    return phone(name, {"pay", id, "can_cuoc", (folder_ / "signature.jpg").string()});
  }

  TempFolder folder_;
  RealServer server_;
  server::SystemHost host_;
  std::string first_;
  std::string second_;
};

TEST_F(PayoutCommandTest, OnePhonePaysAndNoOther) {
  const Outcome assigned = payout(first_);
  ASSERT_EQ(assigned.code, 0) << assigned.err;
  const std::string id = short_id(assigned);
  sync_all();
  sync_all();
  EXPECT_EQ(phone("second", {"round"}).out.find(id), std::string::npos);
  EXPECT_NE(pay("second", id).code, 0);
  const Outcome paid = pay("first", id);
  EXPECT_EQ(paid.code, 0) << paid.err;
  // Not twice, before and after the registry knows.
  EXPECT_TRUE(pay("first", id).says("paid_twice"));
  sync_all();
  EXPECT_TRUE(pay("first", id).says("paid_twice"));
  // The same month of the same file is nobody's any more.
  EXPECT_EQ(payout(second_).code, 0);
  sync_all();
  sync_all();
  const Outcome status = run("dispatch", "dispatch", {"status"});
  EXPECT_TRUE(status.says("number_used_twice")) << status.out;
}

TEST_F(PayoutCommandTest, PayoutThatCameBackIsPaidByAnother) {
  const std::string id = short_id(payout(first_));
  sync_all();
  sync_all();
  EXPECT_TRUE(phone("first", {"round"}).says(id)) << phone("first", {"round"}).out;
  const Outcome returned = phone("first", {"return-payout", id, "đi vắng"});
  EXPECT_EQ(returned.code, 0) << returned.err;
  sync_all();
  sync_all();
  const Outcome again = payout(second_, {"--again", id});
  ASSERT_EQ(again.code, 0) << again.err;
  sync_all();
  sync_all();
  EXPECT_NE(pay("first", id).code, 0);
  const Outcome paid = pay("second", id);
  EXPECT_EQ(paid.code, 0) << paid.err;
}

TEST_F(PayoutCommandTest, NewKeyGoesOnInANewLogAndStockIsToldEarly) {
  const Outcome before = phone("first", {"stock"});
  EXPECT_EQ(before.code, 0) << before.err;
  EXPECT_EQ(phone("first", {"new-key"}).code, 0);
  sync_all();
  sync_all();
  EXPECT_EQ(phone("first", {"stock"}).out, before.out);
  const Outcome logs = tannha({"inspect", (folder_ / "server").string()});
  EXPECT_TRUE(logs.says("goes on as")) << logs.out;
  EXPECT_EQ(phone("first", {"open", "1.001193"}).code, 0);
  EXPECT_EQ(phone("first", {"sync"}).code, 0);
}

}  // namespace
}  // namespace tannha::process
