#include "tannha/server/log.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/integration/net/raw_socket.hpp"
#include "tests/support/real_server.hpp"
#include "tools/day/plan.hpp"
#include "tools/net/http_client.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;
using process::must;
using process::Outcome;
using process::TempFolder;

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A tannhad with settings, whose standard error is kept in a file.
class LoggedServer {
 public:
  LoggedServer(const fs::path& folder, const std::string& settings)
      : folder_(folder / "server"), log_(folder / "log") {
    process::make_server_folder(folder_);
    std::ofstream(folder / "tannhad.toml") << settings;
    process_ = std::make_unique<tools::Process>(std::vector<std::string>{
        "/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", log_.string(), process::program("tannhad"),
        "--config", (folder / "tannhad.toml").string(), "--data", folder_.string(), "--port", "0"});
    const std::string line = process_->read_line().value_or("");
    url_ = line.substr(std::min(line.size(), line.find("http://")));
  }
  void stop() {
    process_->signal(SIGTERM);
    EXPECT_EQ(process_->wait(), 0);
  }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoul(url_.substr(url_.rfind(':') + 1)));
  }
  [[nodiscard]] std::string folder() const { return folder_.string(); }
  [[nodiscard]] std::string log() const { return contents(log_); }

 private:
  fs::path folder_, log_;
  std::unique_ptr<tools::Process> process_;
  std::string url_;
};

/// The lines of each event; a line that is none fails the test.
std::map<std::string, std::vector<boost::json::object>> events_of(const std::string& log) {
  static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
  std::map<std::string, std::vector<boost::json::object>> out;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code failed;
    const boost::json::value value = boost::json::parse(line, failed);
    if (failed || !value.is_object()) {
      ADD_FAILURE() << "not a line of JSON: " << line;
      continue;
    }
    const boost::json::object& object = value.get_object();
    EXPECT_TRUE(std::regex_match(std::string(object.at("time").as_string()), time)) << line;
    EXPECT_TRUE(object.contains("level")) << line;
    out[std::string(object.at("event").as_string())].push_back(object);
  }
  return out;
}

void expect_absent(const std::vector<std::string>& personal, const std::string& log) {
  for (const std::string& text : personal) {
    ASSERT_GE(text.size(), 4U);
    EXPECT_EQ(log.find(text), std::string::npos) << text;
  }
}

TEST(LogTest, TextIsEscapedAndStaysText) {
  EXPECT_EQ(log::json_text("một \"hai\"\\\n\x01"), "\"một \\\"hai\\\"\\\\\\n\\u0001\"");
  EXPECT_EQ(log::json_text(std::string_view("a\0b", 3)), "\"a\\u0000b\"");
  EXPECT_EQ(log::json_text("\xff\xfe x"), "\"?? x\"");
}

TEST(LogTest, DayLeavesNothingPersonalInTheLog) {
  const TempFolder folder;
  const Outcome day = process::tannha({"day", "--once", "--port", "0", "--folder",
                                       (folder / "day").string()});
  ASSERT_EQ(day.code, 0) << day.out << day.err;
  const auto events = events_of(day.err);
  EXPECT_EQ(events.count("settings"), 1U);
  EXPECT_EQ(events.count("stopped"), 1U);
  std::vector<std::string> personal;
  for (const tools::PlannedDossier& planned : tools::plan_day()) {
    personal.insert(personal.end(), {planned.name, planned.phone, planned.address,
                                     planned.card_text.substr(0, 12)});
  }
  EXPECT_GT(personal.size(), 100U);
  expect_absent(personal, day.err);
}

// Everything that can be provoked from outside, with a dossier that has a name in it.
TEST(LogTest, TroubleIsToldByCodeAndWithoutPersons) {
  const TempFolder folder;
  LoggedServer server(folder.path(),
                      "[tenant]\ncode = \"H42\"\n[log]\nslow_commit_ms_min = 0\n"
                      "[store]\nregistry_url = \"\"\n");
  const std::string phone = (folder / "phone").string();
  const auto link = process::tannha({"ticket", "--data", server.folder(), "--server", server.url(),
                                     "--role", "courier", "--unit", "H42.101", "--label",
                                     "Bưu tá Trần Văn Giàu"});
  ASSERT_EQ(link.code, 0) << link.out << link.err;
  const std::string ticket = link.lines().front();
  ASSERT_EQ(process::tannha({"enrol", "--data", phone, ticket}).code, 0);
  const std::string other = (folder / "other").string();
  EXPECT_EQ(process::tannha({"enrol", "--data", other, ticket}).code, 1);
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"phone", "--data", phone});
    const Outcome outcome = process::tannha(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
    return outcome;
  };
  run({"sync"});
  const std::string opened = run({"open", "2.000635"}).out;
  std::smatch id;
  ASSERT_TRUE(std::regex_search(opened, id, std::regex("[0-9a-f]{8}-[0-9a-f-]{27}"))) << opened;
  run({"scan", id.str(), "037160100200||Nguyễn Thị Phúc|01011960|Nữ|Thôn Đoài|15042021"});
  run({"sync"});
  tools::HttpClient client(server.url());
  const auto refused = must(client.send({.method = "POST", .path = "/v1/token",
                                         .body = to_bytes(as_bytes("Nguyễn Thị Phúc"))}));
  EXPECT_EQ(refused.status, 400U);
  server.stop();

  const std::string log = server.log();
  const auto events = events_of(log);
  EXPECT_GE(events.count("slow_commit"), 1U);
  ASSERT_EQ(events.count("sign_in_refused"), 1U);
  EXPECT_TRUE(events.at("sign_in_refused").front().contains("code"));
  ASSERT_EQ(events.count("enrolment_refused"), 1U);
  EXPECT_EQ(events.at("enrolment_refused").front().at("code").as_string(), "ticket_used");
  expect_absent({"Nguyễn", "Phúc", "037160100200", "01011960", "Thôn Đoài", "Trần Văn Giàu",
                 id.str(), id.str().substr(28), ticket.substr(ticket.find('#') + 1)},
                log);
}

TEST(LogTest, FloodIsCountedAndNotWritten) {
  constexpr int floods = 40;
  constexpr int lines_max = 3;
  const TempFolder folder;
  LoggedServer server(folder.path(),
                      "[tenant]\ncode = \"H42\"\n[listener]\nconnections_max = 1\n"
                      "[log]\nlines_per_event_per_minute_max = 3\n");
  const RawSocket held = RawSocket::to(server.port());
  for (int i = 0; i < floods; ++i) {
    RawSocket refused = RawSocket::to(server.port());
    EXPECT_TRUE(refused.read_all().starts_with("HTTP/1.1 503"));
  }
  server.stop();
  const auto events = events_of(server.log());
  ASSERT_EQ(events.count("connection_refused"), 1U);
  const auto& lines = events.at("connection_refused");
  // The minute may have ended once in between.
  EXPECT_GE(lines.size(), std::size_t{lines_max});
  EXPECT_LE(lines.size(), std::size_t{2 * lines_max});
}

TEST(LogTest, SecretsOfTheSettingsAreNotShown) {
  const TempFolder folder;
  std::ofstream(folder / "tannhad.toml") << "[tenant]\ncode = \"H42\"\n[store]\nregistry_url = "
                                            "\"postgres://tannha:matkhau@127.0.0.1:1/x\"\n";
  const Outcome outcome =
      process::run({process::program("tannhad"), "--config", (folder / "tannhad.toml").string(),
                    "--data", (folder / "server").string()});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.says("\"store.registry_url\":\"(set)\"")) << outcome.err;
  EXPECT_FALSE(outcome.says("matkhau")) << outcome.err;
}

// Every event that the server can log is explained to whoever reads it.
TEST(LogTest, EveryEventIsDocumented) {
  const std::string documented = contents(fs::path(TANNHA_SOURCE_DIR) / "docs/operations.md");
  static const std::regex event(R"re((?:log::write\([^"]*|noting\()"([a-z_]+)")re");
  std::set<std::string> events;
  const fs::path sources = fs::path(TANNHA_SOURCE_DIR) / "server";
  for (const auto& entry : fs::recursive_directory_iterator(sources)) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string source = contents(entry.path());
    for (std::sregex_iterator it(source.begin(), source.end(), event), end; it != end; ++it) {
      events.insert((*it)[1]);
    }
  }
  EXPECT_GE(events.size(), 14U);
  for (const std::string& name : events) {
    EXPECT_NE(documented.find("`" + name + "`"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace tannha::server
