#include "tannha/server/metrics.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/real_server.hpp"
#include "tools/net/http_client.hpp"

// The page of a real server, the dashboard and the alerts, all read by Prometheus' own tool.

namespace tannha::server {
namespace {

namespace fs = std::filesystem;
using process::must;
using process::Outcome;
using process::run;
using process::TempFolder;

const fs::path packaging = fs::path(TANNHA_SOURCE_DIR) / "server/packaging";

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string page_of(const process::RealServer& server) {
  const auto answer = must(tools::HttpClient(server.url()).send({.path = "/metrics"}));
  EXPECT_EQ(answer.status, 200U);
  return std::string(as_text(answer.body));
}

/// The names of the page's samples, without their labels.
std::set<std::string> names_on(const std::string& page) {
  std::set<std::string> names;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) names.insert(line.substr(0, line.find_first_of("{ ")));
  }
  return names;
}

std::set<std::string> names_in(const std::string& expressions) {
  static const std::regex name("\\b(tannha|process)_[a-z_]+");
  std::set<std::string> names;
  for (std::sregex_iterator it(expressions.begin(), expressions.end(), name), end; it != end; ++it) {
    names.insert(it->str());
  }
  return names;
}

/// Every "expr" of the dashboard, wherever it is.
void collect(const boost::json::value& value, std::vector<std::string>& out) {
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) collect(item, out);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [key, item] : *object) {
      if (key == "expr") out.emplace_back(item.as_string());
      collect(item, out);
    }
  }
}

std::vector<std::string> dashboard_expressions() {
  std::vector<std::string> out;
  collect(boost::json::parse(contents(packaging / "grafana-dashboard.json")), out);
  return out;
}

void expect_all_exist(const std::set<std::string>& used, const std::set<std::string>& known) {
  EXPECT_GT(used.size(), 5U);
  for (const std::string& name : used) EXPECT_TRUE(known.contains(name)) << name;
}

TEST(MetricsTest, HistogramCountsWhatIsAtMostEachBound) {
  static constexpr std::array<double, 2> bounds{1, 10};
  Histogram values(bounds);
  for (const double value : {0.5, 1.0, 1.5, 10.0, 11.0}) values.observe(value);
  std::string text;
  values.text(text, "x");
  EXPECT_EQ(text,
            "x_bucket{le=\"1\"} 2\nx_bucket{le=\"10\"} 4\nx_bucket{le=\"+Inf\"} 5\n"
            "x_sum 24\nx_count 5\n");
}

TEST(MetricsTest, ProcessIsDescribedAsTheSystemSeesIt) {
  const NodeGauges before = read_process();
  EXPECT_GT(before.resident_bytes, 1'000'000U);
  EXPECT_GE(before.open_fds, 3U);
  EXPECT_GE(before.max_fds, before.open_fds);
  EXPECT_GT(before.cpu_s, 0);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const double now_s = std::chrono::duration<double>(now).count();
  EXPECT_LE(before.start_time_s, now_s + 1);
  EXPECT_GT(before.start_time_s, now_s - 3600);
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(read_process().open_fds, before.open_fds + 1);
  ::close(fd);
}

TEST(MetricsTest, PageOfABusyServerIsAcceptedByPrometheus) {
  const TempFolder folder;
  process::make_server_folder(folder / "server");
  process::RealServer server(folder / "server");
  SystemHost host;
  const auto device = server.enrol(folder / "courier", host, Role::courier, "H42.101");
  must(device->sync());
  const fs::path file = folder / "metrics";
  const std::string page = page_of(server);
  std::ofstream(file) << page;
  const Outcome checked = run({"/bin/sh", "-c", "promtool check metrics <\"$0\"", file.string()});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.out + checked.err, "");
  // What the work that was done must have moved.
  const auto value = [&](const std::string& name) {
    const std::size_t at = page.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
  };
  EXPECT_GE(value("tannha_commit_duration_seconds_count"), 2);
  EXPECT_EQ(value("tannha_commit_duration_seconds_count"), value("tannha_commits_total"));
  EXPECT_EQ(value("tannha_commit_records_sum"), value("tannha_journal_records"));
  EXPECT_GE(value("tannha_exchange_duration_seconds_count"), 1);
  EXPECT_GT(value("tannha_exchange_duration_seconds_sum"), 0);
  EXPECT_GE(value("tannha_checkpoint_duration_seconds_count"), 1);
  EXPECT_EQ(value("tannha_database_reachable"), 1);
  EXPECT_GT(value("tannha_data_disk_free_bytes"), 0);
  EXPECT_EQ(value("tannha_commits_failed_total"), 0);
  EXPECT_EQ(server.stop(), 0);
}

TEST(MetricsTest, DashboardUsesOnlyMetricsThatExistAndLeavesNoneOut) {
  const TempFolder folder;
  const process::RealServer server(folder / "server");
  const std::set<std::string> known = names_on(page_of(server));
  std::string all;
  for (const std::string& expression : dashboard_expressions()) all += expression + "\n";
  expect_all_exist(names_in(all), known);
  for (const std::string& name : known) {
    const std::string stem = std::regex_replace(name, std::regex("_(bucket|sum|count)$"), "");
    EXPECT_NE(all.find(stem), std::string::npos) << name << " is shown nowhere";
  }
}

TEST(MetricsTest, DashboardExpressionsAreUnderstoodByPrometheus) {
  const TempFolder folder = TempFolder::in_memory();
  const fs::path file = folder / "rules.yml";
  std::ofstream rules(file);
  rules << "groups:\n  - name: dashboard\n    rules:\n";
  int number = 0;
  for (const std::string& expression : dashboard_expressions()) {
    // What Grafana puts in.
    const std::string filled = std::regex_replace(
        std::regex_replace(expression, std::regex("\\$__rate_interval"), "5m"),
        std::regex("\\$instance"), ".*");
    EXPECT_EQ(filled.find('$'), std::string::npos) << filled;
    rules << "      - {record: 'r" << ++number << "', expr: '" << filled << "'}\n";
  }
  rules.close();
  EXPECT_GT(number, 30);
  const Outcome checked = run({"promtool", "check", "rules", file.string()});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
}

TEST(MetricsTest, AlertsUseOnlyMetricsThatExist) {
  const TempFolder folder;
  const process::RealServer server(folder / "server");
  const std::string rules = contents(packaging / "prometheus-rules.yml");
  expect_all_exist(names_in(rules), names_on(page_of(server)));
  const Outcome checked =
      run({"promtool", "check", "rules", (packaging / "prometheus-rules.yml").string()});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  // Each is explained to whoever is woken by it.
  const std::string explained = contents(fs::path(TANNHA_SOURCE_DIR) / "docs/operations.md");
  static const std::regex alert("alert: ([A-Za-z]+)");
  for (std::sregex_iterator it(rules.begin(), rules.end(), alert), end; it != end; ++it) {
    EXPECT_NE(explained.find((*it)[1].str()), std::string::npos) << (*it)[1];
  }
}

TEST(MetricsTest, AlertsAreRaisedByTroubleAndByNothingElse) {
  const TempFolder folder = TempFolder::in_memory();
  fs::copy(packaging / "prometheus-rules.yml", folder.path());
  fs::copy(fs::path(TANNHA_SOURCE_DIR) / "tests/integration/operations/alerts_test.yml",
           folder.path());
  const Outcome tested =
      run({"promtool", "test", "rules", (folder / "alerts_test.yml").string()});
  EXPECT_EQ(tested.code, 0) << tested.out << tested.err;
}

}  // namespace
}  // namespace tannha::server
