#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/integration/server/service_world.hpp"

// From an assignment to the file that the operator's program sends (ADR 19).
namespace tannha::server {
namespace {

namespace fs = std::filesystem;

class CodeMessagesTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t minute_ms = 60'000;

  static ServiceConfig config_with(const fs::path& folder) {
    ServiceConfig config;
    config.messages_folder = folder;
    return config;
  }
  /// A visit that is requested and assigned in one exchange.
  Hash assign() {
    const Id id = dispatcher.replica->make_id();
    body::PickupRequested asked;
    asked.procedure = "1.001193";
    asked.unit = "H42.101";
    asked.service = body::ServiceKind::both;
    asked.applicant = {"Nguyễn Văn A", "+84912345678", "Thôn 1", std::nullopt};
    dispatcher.write(id, {}, asked);
    const Record record =
        dispatcher.write(id, {}, body::Assigned{courier.me().certificate.actor});
    for (const exchange::Answer& answer : world.sync(dispatcher).answers) {
      EXPECT_EQ(answer.verdict, Verdict::effective);
    }
    return record.hash;
  }
  /// What the folder has once everything is written that waits.
  std::vector<std::string> files() {
    world.service().stop();
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  static std::vector<std::string> named(const Hash& record) { return {to_hex(record) + ".json"}; }

  TempFolder temp;
  const fs::path folder = temp / "messages";
  ServiceWorld world{config_with(folder)};
  Client dispatcher = world.enrol(Role::dispatcher, "H42");
  Client courier = world.enrol(Role::courier, "H42.101");
};

TEST_F(CodeMessagesTest, MessageIsInTheFolderAfterTheCommit) {
  const Hash record = assign();
  ASSERT_EQ(files(), named(record));
  std::ifstream file(folder / named(record).front());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(text.find("\"to\": \"+84912345678\""), std::string::npos) << text;
  EXPECT_NE(text.find(one_time_code(world.actor().log_key.seed(), record)), std::string::npos);
  EXPECT_NE(text.find(std::to_string(TestHost::start_ms + limits::one_time_code_life_ms)),
            std::string::npos);
}

TEST_F(CodeMessagesTest, WhatCouldNotBeWrittenHoldsUpNobodyAndIsWrittenAfterARestart) {
  fs::remove(folder);
  const Hash record = assign();
  world.service().stop();
  EXPECT_FALSE(fs::exists(folder));
  world.host.advance_ms(minute_ms + 1);
  world.restart();
  EXPECT_EQ(files(), named(record));
}

// The operator's program has sent it and removed it.
TEST_F(CodeMessagesTest, WhatWasWrittenIsNotWrittenAgain) {
  const Hash record = assign();
  ASSERT_EQ(files(), named(record));
  fs::remove(folder / named(record).front());
  world.host.advance_ms(minute_ms + 1);
  world.restart();
  EXPECT_TRUE(files().empty());
}

// Another node may be about to write it.
TEST_F(CodeMessagesTest, FreshOneIsLeftToWhoeverWantedIt) {
  fs::remove(folder);
  const Hash record = assign();
  world.service().stop();
  world.host.advance_ms(minute_ms / 2);
  world.restart();
  EXPECT_TRUE(files().empty());
  world.host.advance_ms(minute_ms);
  world.restart();
  EXPECT_EQ(files(), named(record));
}

}  // namespace
}  // namespace tannha::server
