// An exercise without a server: the whole door, and nothing that could ever leave the device.

#include <gtest/gtest.h>

#include <map>

#include "embedded_core.hpp"
#include "tests/support/real_server.hpp"

namespace tannha::abi {
namespace {

namespace json = boost::json;
using process::TempFolder;

class TrainingTest : public ::testing::Test {
 protected:
  TrainingTest() { core.must({{"@type", "makeVault"}}); }

  std::map<std::string, std::vector<json::object>> by_stage() {
    std::map<std::string, std::vector<json::object>> out;
    const json::object list = core.must({{"@type", "dossiers"}});
    for (const json::value& line : list.at("dossiers").as_array()) {
      out[std::string(line.at("stage").as_string())].push_back(line.as_object());
    }
    return out;
  }
  /// Nothing is asked of a network, whatever is done.
  void expect_silence() {
    core.must({{"@type", "sync"}});
    for (const std::string& event : core.carry()) EXPECT_EQ(event, "changed");
    const json::object status = core.must({{"@type", "status"}});
    EXPECT_FALSE(status.at("syncing").as_bool());
    EXPECT_EQ(status.if_contains("syncError"), nullptr);
  }

  TempFolder folder;
  const Bytes key = Bytes(32, 7);
  EmbeddedCore core{folder / "training", key};
};

TEST_F(TrainingTest, RoundHasAVisitOfEveryKind) {
  core.must({{"@type", "train"}});
  auto stages = by_stage();
  EXPECT_EQ(stages["assigned"].size(), 3u);
  EXPECT_EQ(stages["collecting"].size(), 1u);
  ASSERT_EQ(stages["needs_supplement"].size(), 1u);
  ASSERT_EQ(stages["result_ready"].size(), 1u);
  EXPECT_EQ(stages["result_ready"].front().at("custodian"), "courier");
  for (const auto& [stage, lines] : stages) {
    for (const json::object& line : lines) {
      EXPECT_TRUE(line.at("procedureName").as_string().starts_with("LUYỆN TẬP")) << stage;
      EXPECT_NE(line.at("owner").as_string().find("(luyện tập)"), json::string::npos) << stage;
    }
  }
  const json::object status = core.must({{"@type", "status"}});
  EXPECT_EQ(status.at("me").at("tenant"), "H00");
  EXPECT_EQ(status.at("server"), "");
  expect_silence();
}

TEST_F(TrainingTest, WholeDoorGoesToTheSlipAndNothingLeaves) {
  core.must({{"@type", "train"}});
  const json::object line = by_stage()["assigned"].front();
  const json::value id = line.at("id");
  const json::value procedure = line.at("procedure");
  core.must({{"@type", "openDossier"}, {"dossier", id}, {"procedure", procedure}, {"service", "both"}});
  core.must({{"@type", "writeField"}, {"dossier", id}, {"field", "owner_name"}, {"value", "Tập"}});
  const json::object entry = core.must({{"@type", "procedure"}, {"code", procedure}});
  for (const json::value& paper : entry.at("documents").as_array()) {
    core.must({{"@type", "checkDocument"}, {"dossier", id},
               {"count", {{"line", paper.at("line")}, {"title", ""}, {"originals", 1},
                          {"certified", 0}, {"photocopies", 0}}}});
  }
  core.must({{"@type", "takeMoney"}, {"dossier", id}, {"kind", "charge"}, {"amountDong", 8000},
             {"cash", true}});
  core.must({{"@type", "seal"}, {"dossier", id}, {"sealNo", "TAP-1"}});
  const json::object slip = core.must({{"@type", "dossier"}, {"dossier", id}});
  EXPECT_TRUE(slip.at("slip").at("sendSlipNo").as_string().starts_with("LUYEN-TAP-"));
  expect_silence();
}

TEST_F(TrainingTest, SupplementIsBroughtAndResultDelivered) {
  core.must({{"@type", "train"}});
  auto stages = by_stage();
  const json::value wanting = stages["needs_supplement"].front().at("id");
  core.must({{"@type", "supplement"}, {"dossier", wanting}, {"text", "đã bổ sung"}});
  const json::value decided = stages["result_ready"].front().at("id");
  const Bytes signature{0xff, 0xd8, 0xff, 0xd9};
  const json::object delivered =
      core.add_file({{"use", "deliver"}, {"dossier", decided}, {"document", "can_cuoc"},
                     {"size", signature.size()}},
                    signature);
  EXPECT_EQ(delivered.at("@type"), "Written") << json::serialize(delivered);
  stages = by_stage();
  EXPECT_EQ(stages["supplemented"].size(), 1u);
  EXPECT_EQ(stages["returned"].size(), 1u);
}

TEST_F(TrainingTest, StoreThatHasAnOwnerIsNotTrainedIn) {
  core.must({{"@type", "train"}});
  EXPECT_EQ(core.call({{"@type", "train"}}).at("error"), "already_enrolled");
  const json::object refused =
      core.call({{"@type", "enrol"}, {"link", "https://example.org/#" + std::string(43, 'A')}});
  EXPECT_EQ(refused.at("error"), "already_enrolled") << "training stays training";
}

// The ticket works once, and its key is in the store that training would fill.
TEST_F(TrainingTest, StoreWhoseEnrolmentIsUnderWayIsNotTrainedIn) {
  core.must({{"@type", "enrol"}, {"link", "https://example.org/#" + std::string(43, 'A')}});
  EXPECT_EQ(core.call({{"@type", "train"}}).at("error"), "already_enrolled");
  EXPECT_EQ(core.call({{"@type", "newKey"}}).at("error"), "not_enrolled");
  EXPECT_EQ(core.must({{"@type", "status"}}).if_contains("me"), nullptr);
}

TEST_F(TrainingTest, TrainingKeepsItsKeyAndItsNumbers) {
  core.must({{"@type", "train"}});
  const json::value stock = core.must({{"@type", "status"}}).at("stock");
  EXPECT_EQ(core.call({{"@type", "newKey"}}).at("error"), "not_enrolled");
  EXPECT_EQ(core.must({{"@type", "status"}}).at("stock"), stock);
  expect_silence();
}

}  // namespace
}  // namespace tannha::abi
