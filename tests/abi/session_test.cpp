// A courier's, a citizen's and an officer's day through the C ABI, against a real server.

#include <gtest/gtest.h>

#include "embedded_core.hpp"
#include "tannha/core/server_answer.hpp"
#include "tannha/server/data_dir.hpp"
#include "tests/support/real_server.hpp"
#include "tools/audit/audit.hpp"
#include "tools/net/live_client.hpp"
#include "tools/photo/jpeg_generator.hpp"

namespace tannha::abi {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using process::must;
using process::RealServer;
using process::TempFolder;
using Strings = std::vector<std::string>;

constexpr std::string_view pin = "825193";
constexpr std::string_view card =
    "037160100200||Nguyễn Thị An|01011960|Nữ|Thôn Đông, xã A, Ninh Bình|15042021";

bool has(const Strings& events, std::string_view name) {
  return std::ranges::find(events, name) != events.end();
}

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() : server_(made(folder_ / "server")) {}
  static fs::path made(const fs::path& folder) {
    process::make_server_folder(folder);
    return folder;
  }
  std::string link(Role role, std::string_view unit, const std::optional<Id>& scope = {}) {
    exchange::TicketRequest request;
    request.role = role;
    request.unit = unit;
    request.scope = scope;
    request.label = std::string(name(role));
    const std::string secret = must(server::read_admin_secret(folder_ / "server"));
    const auto ticket = must(tools::request_ticket(server_.url(), secret, request), "ticket");
    return core::enrolment_link(server_.url(), ticket.ticket);
  }
  std::unique_ptr<EmbeddedCore> make(const std::string& name) {
    auto core = std::make_unique<EmbeddedCore>(folder_ / name);
    core->must({{"@type", "setPin"}, {"next", pin}});
    return core;
  }
  std::unique_ptr<EmbeddedCore> enrolled(const std::string& name, Role role,
                                         std::string_view unit = "H42.101") {
    auto core = make(name);
    core->must({{"@type", "enrol"}, {"link", link(role, unit)}});
    const Strings events = core->carry();
    EXPECT_TRUE(has(events, "enrolled") && has(events, "synced"));
    return core;
  }
  static std::string open(EmbeddedCore& core) {
    const auto written = core.must(
        {{"@type", "openDossier"}, {"procedure", "1.001193"}, {"service", "both"}});
    return std::string(written.at("dossier").as_string());
  }
  /// Everything that a slip needs.
  static void collect(EmbeddedCore& core, const std::string& id) {
    core.must({{"@type", "scanCard"}, {"dossier", id}, {"text", card}});
    const auto view = core.must({{"@type", "dossier"}, {"dossier", id}});
    for (const json::value& line : view.at("uncounted").as_array()) {
      core.must({{"@type", "checkDocument"},
                 {"dossier", id},
                 {"count",
                  {{"line", line.at("line")},
                   {"title", line.at("title")},
                   {"originals", 1},
                   {"certified", 0},
                   {"photocopies", 0}}}});
    }
    const Bytes jpeg = tools::make_page({.width = 600, .height = 800, .seed = 3});
    const auto photo = core.add_file({{"use", "photo"},
                                      {"dossier", id},
                                      {"size", jpeg.size()},
                                      {"role", "page"},
                                      {"line", 1}},
                                     jpeg);
    EXPECT_EQ(photo.at("@type"), "Written");
    core.must({{"@type", "takeMoney"},
               {"dossier", id},
               {"kind", "postage"},
               {"amountDong", 25'000},
               {"cash", true}});
  }
  /// The event of this name, which must come.
  static json::object event_of(EmbeddedCore& core, const std::string& name) {
    core.carry();
    for (const json::object& event : core.events()) {
      if (event.at("@type").as_string() == name) return event;
    }
    throw std::runtime_error("no event " + name);
  }
  /// Of the dossier's page, and the list says the same.
  static json::object line_of(EmbeddedCore& core, const std::string& id) {
    const auto page = core.must({{"@type", "dossier"}, {"dossier", id}});
    const auto list = core.must({{"@type", "dossiers"}});
    for (const json::value& line : list.at("dossiers").as_array()) {
      if (line.at("id").as_string() != id) continue;
      EXPECT_EQ(line, page.at("line"));
    }
    return page.at("line").as_object();
  }

  TempFolder folder_;
  RealServer server_;
};

TEST_F(SessionTest, UsedTicketAndWrongLinkAreTold) {
  const auto core = make("phone");
  EXPECT_EQ(core->call({{"@type", "enrol"}, {"link", "not a link"}}).at("error"),
            "argument_invalid");
  core->must({{"@type", "enrol"}, {"link", server_.url() + "/#made-up"}});
  EXPECT_EQ(core->carry(), Strings{"syncFailed"});
  const auto status = core->must({{"@type", "status"}});
  EXPECT_EQ(status.at("syncError").at("error"), "ticket_unknown");
  EXPECT_FALSE(status.contains("me"));
  core->must({{"@type", "enrol"}, {"link", link(Role::courier, "H42.101")}});
  EXPECT_TRUE(has(core->carry(), "enrolled")) << "a good one goes all the same";
}

TEST_F(SessionTest, WhatIsWrittenWithoutNetworkArrivesWhenThereIsOne) {
  const auto core = enrolled("phone", Role::courier);
  core->without_network(true);
  const std::string id = open(*core);
  collect(*core, id);
  core->must({{"@type", "sync"}});
  EXPECT_TRUE(has(core->carry(), "syncFailed"));
  auto line = line_of(*core, id);
  EXPECT_GT(line.at("where").at("here").as_int64(), 3);
  EXPECT_EQ(line.at("where").at("filesHere").as_int64(), 1);
  const auto waiting = core->must({{"@type", "status"}});
  EXPECT_EQ(waiting.at("syncError").at("error"), "network_unreachable");
  EXPECT_TRUE(waiting.contains("nextTryMs"));
  EXPECT_GT(core->step(), 0U);

  core->without_network(false);
  core->must({{"@type", "sync"}});
  EXPECT_TRUE(has(core->carry(), "synced"));
  line = line_of(*core, id);
  EXPECT_EQ(line.at("where").at("here").as_int64(), 0);
  EXPECT_EQ(line.at("where").at("filesHere").as_int64(), 0);
  EXPECT_GT(line.at("where").at("accepted").as_int64(), 3);
  EXPECT_EQ(line.at("cashDong").as_int64(), 25'000);
  const auto status = core->must({{"@type", "status"}});
  EXPECT_EQ(status.at("unsentRecords").as_int64(), 0);
  EXPECT_EQ(status.at("unsentFiles").as_int64(), 0);
}

TEST_F(SessionTest, DossierOfUnknownProcedureIsShownUnderItsCode) {
  const auto core = enrolled("phone", Role::dispatcher, "H42");
  const auto written = core->must({{"@type", "requestPickup"},
                                   {"procedure", "9.999999"},
                                   {"unit", "H42.101"},
                                   {"service", "both"},
                                   {"owner", "Nguyễn Thị An"},
                                   {"phone", "0912345678"},
                                   {"address", "Thôn Đông"}});
  const std::string id(written.at("dossier").as_string());
  const auto line = line_of(*core, id);
  EXPECT_EQ(line.at("procedureName"), "9.999999");
  EXPECT_EQ(line.at("owner"), "Nguyễn Thị An");
  const auto page = core->must({{"@type", "dossier"}, {"dossier", id}});
  EXPECT_TRUE(page.at("uncounted").as_array().empty());
  EXPECT_EQ(page.at("records").as_array().size(), 1U);
}

TEST_F(SessionTest, LiveConnectionTellsOfNews) {
  const auto courier = enrolled("courier", Role::courier);
  const auto officer = enrolled("officer", Role::officer);
  const auto live = officer->must({{"@type", "live"}});
  const std::string url(live.at("url").as_string());
  EXPECT_EQ(url, "ws" + server_.url().substr(4) + "/v1/live");
  tools::LiveClient socket(server_.url());
  constexpr std::chrono::seconds patience{60};
  must(socket.connect(patience));
  must(socket.send(*from_base64(live.at("hello").as_string()), patience));
  must(socket.receive(patience), "welcome");
  const std::string id = open(*courier);
  courier->must({{"@type", "sync"}});
  courier->carry();
  must(socket.receive(patience), "news");
  officer->must({{"@type", "sync"}});
  officer->carry();
  EXPECT_EQ(line_of(*officer, id).at("stage"), "collecting");
}

TEST_F(SessionTest, AnswerThatIsLostCostsNothing) {
  const auto core = enrolled("phone", Role::courier);
  const std::string id = open(*core);
  collect(*core, id);
  for (int tries = 0; tries < 20; ++tries) {
    core->lose_next_answer();
    core->must({{"@type", "sync"}});
    core->carry();
    if (core->must({{"@type", "status"}}).at("unsentFiles").as_int64() == 0) break;
    core->must({{"@type", "sync"}});
    core->carry();
  }
  EXPECT_EQ(line_of(*core, id).at("where").at("here").as_int64(), 0);
  server_.stop();
  const auto audit = must(tools::audit_registry(folder_ / "server", {}));
  EXPECT_TRUE(audit.problems.empty());
  EXPECT_EQ(audit.attachments, 1U);
}

TEST_F(SessionTest, SameKeyWritesOnce) {
  auto core = enrolled("phone", Role::courier);
  const json::object request{{"@type", "openDossier"},
                             {"@key", "0192f0c1-2345-7abc-8def-0123456789ab"},
                             {"procedure", "1.001193"},
                             {"service", "both"}};
  const auto first = core->must(request);
  // As if what ran the core had been killed before it told.
  core.reset();
  core = std::make_unique<EmbeddedCore>(folder_ / "phone");
  core->must({{"@type", "unlock"}, {"pin", pin}});
  EXPECT_EQ(core->must(request), first);
  EXPECT_EQ(core->must({{"@type", "dossiers"}}).at("dossiers").as_array().size(), 1U);
  const Bytes jpeg = tools::make_page({.width = 600, .height = 800, .seed = 4});
  const json::object photo{{"use", "photo"},
                           {"dossier", first.at("dossier")},
                           {"size", jpeg.size()},
                           {"role", "page"},
                           {"key", "0192f0c1-2345-7abc-8def-0123456789ac"}};
  const auto added = core->add_file(photo, jpeg);
  EXPECT_EQ(core->add_file(photo, jpeg), added);
  EXPECT_EQ(core->must({{"@type", "dossier"}, {"dossier", first.at("dossier")}})
                .at("records")
                .as_array()
                .size(),
            2U);
}

TEST_F(SessionTest, FileThatIsNotAsItWasSaidIsNotSaved) {
  const auto core = enrolled("phone", Role::courier);
  const std::string id = open(*core);
  const Bytes jpeg = tools::make_page({.width = 600, .height = 800, .seed = 4});
  const json::object begin{
      {"use", "photo"}, {"dossier", id}, {"size", jpeg.size() + 1}, {"role", "page"}};
  EXPECT_EQ(core->add_file(begin, jpeg).at("error"), "argument_invalid") << "too little";
  const Bytes text{'h', 'e', 'l', 'l', 'o'};
  EXPECT_EQ(core->add_file({{"use", "photo"}, {"dossier", id}, {"size", 5}, {"role", "page"}}, text)
                .at("error"),
            "not_a_jpeg");
  EXPECT_EQ(line_of(*core, id).at("where").at("here").as_int64(), 1) << "the opening alone";
}

TEST_F(SessionTest, DossierGoesFromDoorToResultThroughThreePhones) {
  const auto courier = enrolled("courier", Role::courier);
  const auto officer = enrolled("officer", Role::officer);
  const std::string id = open(*courier);
  collect(*courier, id);
  const auto sealed = courier->must({{"@type", "seal"}, {"dossier", id}, {"sealNo", "NP-1"}});
  courier->must({{"@type", "sync"}});
  courier->carry();

  // The citizen's phone has no network any more: it sees the courier's screen, and the courier sees it.
  officer->must({{"@type", "sync"}});
  officer->carry();
  officer->must({{"@type", "citizenLink"}, {"dossier", id}});
  const auto citizens = event_of(*officer, "linkForCitizen");
  const auto citizen = std::make_unique<EmbeddedCore>(folder_ / "citizen", Bytes(32, 7));
  citizen->must({{"@type", "makeVault"}});
  citizen->must({{"@type", "enrol"}, {"link", citizens.at("link")}});
  EXPECT_TRUE(has(citizen->carry(), "enrolled"));
  citizen->without_network(true);
  const auto shown =
      courier->must({{"@type", "makeParcel"}, {"records", json::array{sealed.at("record")}}});
  citizen->must({{"@type", "takeParcel"}, {"text", shown.at("text")}});
  const auto asked = citizen->must({{"@type", "dossier"}, {"dossier", id}}).at("slip");
  EXPECT_EQ(asked.at("sealNo"), "NP-1");
  EXPECT_FALSE(asked.at("documents").as_array().empty()) << "the citizen sees what is confirmed";
  EXPECT_EQ(asked.at("photos").as_array().size(), 1U);
  EXPECT_EQ(asked.at("moneyDong").as_int64(), 25'000);
  const auto confirmed =
      citizen->must({{"@type", "confirm"}, {"sealed", sealed.at("record")}});
  const auto back =
      citizen->must({{"@type", "makeParcel"}, {"records", json::array{confirmed.at("record")}}});
  courier->must({{"@type", "takeParcel"}, {"text", back.at("text")}});
  courier->must({{"@type", "sync"}});
  courier->carry();
  EXPECT_EQ(courier->must({{"@type", "dossier"}, {"dossier", id}}).at("confirmation"),
            "countersigned");

  const auto offer = courier->must(
      {{"@type", "offerHandover"}, {"unit", "H42.101"}, {"dossiers", json::array{id}}});
  courier->must({{"@type", "sync"}});
  courier->carry();
  officer->must({{"@type", "sync"}});
  officer->carry();
  officer->must(
      {{"@type", "acceptHandover"}, {"offer", offer.at("record")}, {"missing", json::array()}});
  officer->must({{"@type", "accept"}, {"dossier", id}});
  officer->must({{"@type", "sync"}});
  officer->carry();
  const auto queue = officer->must({{"@type", "queue"}}).at("dossiers").as_array();
  ASSERT_EQ(queue.size(), 1U);
  EXPECT_NE(queue[0].at("dossierCode").as_string(), "");
  EXPECT_TRUE(queue[0].as_object().contains("dueMs"));
  const auto papers = officer->must({{"@type", "dossier"}, {"dossier", id}});
  const json::array records = papers.at("records").as_array();
  const auto slip = std::ranges::find(records, "sealed", [](const json::value& record) {
    return std::string_view(record.at("type").as_string());
  });
  ASSERT_NE(slip, records.end());
  EXPECT_EQ(slip->at("signer").at("role"), "courier");
  EXPECT_EQ(slip->at("signer").at("unit"), "H42.101");
  EXPECT_GT(slip->at("receivedMs").as_int64(), 0) << "the officer can say when it was received";
  const std::string photo(papers.at("attachments").as_array().at(0).at("hash").as_string());
  EXPECT_TRUE(officer->read_file(photo).empty());
  officer->must({{"@type", "fetchFile"}, {"hash", photo}});
  EXPECT_EQ(event_of(*officer, "fileHere").at("hash").as_string(), photo);
  EXPECT_EQ(officer->read_file(photo), tools::make_page({.width = 600, .height = 800, .seed = 3}));
  officer->must({{"@type", "fetchFile"}, {"hash", std::string(64, '0')}});
  EXPECT_EQ(event_of(*officer, "errandFailed").at("error").at("error"), "store_not_found");
  officer->must({{"@type", "lock"}});
  EXPECT_TRUE(officer->read_file(photo).empty()) << "a citizen's paper shows without the PIN";
  officer->must({{"@type", "unlock"}, {"pin", pin}});
  officer->must({{"@type", "finish"}, {"dossier", id}, {"result", "Giấy khai sinh số 12"}});
  const auto given = officer->must({{"@type", "offerReturn"}, {"dossiers", json::array{id}}});
  officer->must({{"@type", "sync"}});
  officer->carry();
  courier->must({{"@type", "sync"}});
  courier->carry();
  courier->must({{"@type", "acceptReturn"}, {"offer", given.at("record")}});
  const Bytes signature = tools::make_page({.width = 300, .height = 200, .seed = 9});
  const auto delivered = courier->add_file({{"use", "deliver"},
                                            {"dossier", id},
                                            {"size", signature.size()},
                                            {"document", "can_cuoc"}},
                                           signature);
  EXPECT_EQ(delivered.at("@type"), "Written");
  courier->must({{"@type", "sync"}});
  courier->carry();
  EXPECT_EQ(line_of(*courier, id).at("stage"), "returned");
  citizen->without_network(false);
  citizen->must({{"@type", "sync"}});
  citizen->carry();
  EXPECT_EQ(line_of(*citizen, id).at("stage"), "returned");
}

}  // namespace
}  // namespace tannha::abi
