#include "tannha/server/settings.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/real_server.hpp"

namespace tannha::server {
namespace {

using process::must;
using process::run;
using process::TempFolder;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class SettingsTest : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    std::ofstream(file_) << text;
    return file_;
  }
  Result<Settings> read(const std::string& text) {
    Settings settings;
    TN_CHECK(read_settings(settings, write(text)));
    return settings;
  }
  /// Where it is said to be wrong, as ":line:column: rest".
  std::string complaint(const std::string& text, errc code = errc::argument_invalid) {
    const auto settings = read(text);
    if (settings) return "nothing";
    EXPECT_EQ(settings.error().code, code);
    EXPECT_TRUE(settings.error().detail.starts_with(file_)) << settings.error().detail;
    return settings.error().detail.substr(file_.size());
  }
  TempFolder folder_ = TempFolder::in_memory();
  const std::string file_ = (folder_ / "tannhad.toml").string();
};

void expect_in(std::string_view part, const std::string& whole) {
  EXPECT_NE(whole.find(part), std::string::npos) << whole;
}

TEST_F(SettingsTest, UnknownKeyIsNamedWithLineAndColumn) {
  const std::string said = complaint("[listener]\n  port = 1\n  prot = 1\n");
  EXPECT_TRUE(said.starts_with(":3:3: ")) << said;
  expect_in("there is no such setting: listener.prot", said);
}

TEST_F(SettingsTest, UnknownSectionIsNamedWithLineAndColumn) {
  const std::string said = complaint("[listener]\nport = 1\n\n[lisener]\nport = 1\n");
  EXPECT_TRUE(said.starts_with(":4:2: ")) << said;
  expect_in("no such setting: lisener", said);
  expect_in("no such setting: port", complaint("port = 1\n"));
}

TEST_F(SettingsTest, WrongTypeIsNamedWithLineAndColumn) {
  const std::string number = complaint("[listener]\nport = \"8080\"\n");
  EXPECT_TRUE(number.starts_with(":2:8: listener.port: ")) << number;
  expect_in("must be a whole number", number);
  for (const std::string value : {"1.5", "true", "-1", "[1]", "2026-11-23", "{a = 1}"}) {
    expect_in("must be a whole number", complaint("[listener]\nport = " + value + "\n"));
  }
  const std::string text = complaint("[tenant]\nname = 42\n");
  EXPECT_TRUE(text.starts_with(":2:8: tenant.name: ")) << text;
  expect_in("must be text", text);
}

TEST_F(SettingsTest, SyntaxErrorIsNamedWithLineAndColumn) {
  const std::string said = complaint("[listener]\nport 1\n");
  EXPECT_TRUE(said.starts_with(":2:6: ")) << said;
  expect_in("not TOML", said);
  expect_in("not TOML", complaint("[listener]\nport = 1\nport = 2\n"));
  expect_in("not TOML", complaint("[listener]\nport = 99999999999999999999\n"));
}

TEST_F(SettingsTest, FileThatIsMissingOrNoFileIsNamed) {
  Settings settings;
  EXPECT_EQ(read_settings(settings, folder_ / "none").error().code, errc::file_unreadable);
  EXPECT_EQ(read_settings(settings, folder_.path()).error().code, errc::file_unreadable);
}

// Each number at its least and most, and one beyond.
TEST_F(SettingsTest, EveryNumberKeepsItsRange) {
  int numbers = 0;
  for (const Setting& setting : all_settings()) {
    const auto* const number = std::get_if<Setting::Number>(&setting.kind);
    if (!number) continue;
    ++numbers;
    const auto file = [&](std::uint64_t value) {
      return "[" + std::string(setting.section) + "]\n" + std::string(setting.key) + " = " +
             std::to_string(value) + "\n";
    };
    for (const std::uint64_t value : {number->min, number->max}) {
      const auto settings = read(file(value));
      ASSERT_TRUE(settings.has_value()) << setting.name() << " " << settings.error().detail;
      EXPECT_EQ(number->get(*settings), value) << setting.name();
    }
    expect_in("must be " + std::to_string(number->min) + " to " + std::to_string(number->max),
              complaint(file(number->max + 1)));
    if (number->min > 0) expect_in("must be", complaint(file(number->min - 1)));
    Settings settings;
    EXPECT_FALSE(set_text(settings, setting, std::to_string(number->max + 1), "--x").has_value());
    EXPECT_FALSE(set_text(settings, setting, "1x", "--x").has_value());
    EXPECT_FALSE(set_text(settings, setting, "", "--x").has_value());
  }
  EXPECT_GE(numbers, 18);
}

TEST_F(SettingsTest, TextsThatCannotBeMeantAreRefused) {
  expect_in("must be info, warning or error", complaint("[log]\nlevel = \"loud\"\n"));
  expect_in("must be an IPv4 or IPv6 address", complaint("[listener]\naddress = \"localhost\"\n"));
  expect_in("must be not empty", complaint("[store]\ndata_folder = \"\"\n"));
  expect_in("must be an agency code", complaint("[tenant]\ncode = \"x\"\n",
                                                errc::agency_code_malformed));
}

TEST_F(SettingsTest, WhatIsLeftOutHasItsDefault) {
  const Settings settings = must(read("[listener]\nport = 1\n"));
  Settings expected;
  expected.listener.port = 1;
  for (const Setting& setting : all_settings()) {
    EXPECT_EQ(value_text(setting, settings), value_text(setting, expected)) << setting.name();
  }
}

// The printed file is the documentation: it says the defaults, and all of them.
TEST_F(SettingsTest, PrintedFileIsReadAsTheDefaults) {
  std::string text = settings_text();
  const std::size_t at = text.find("#code");
  ASSERT_NE(at, std::string::npos);
  text.erase(at, 1);
  Settings changed;
  changed.listener.port = 1;
  changed.log.level = "error";
  must(read_settings(changed, write(text)));
  Settings defaults;
  defaults.tenant_code = "H42";
  for (const Setting& setting : all_settings()) {
    EXPECT_EQ(value_text(setting, changed), value_text(setting, defaults)) << setting.name();
  }
}

// A number without a unit is a count, or says so.
TEST_F(SettingsTest, NumbersNameTheirUnit) {
  for (const Setting& setting : all_settings()) {
    if (!std::holds_alternative<Setting::Number>(setting.kind)) continue;
    bool named = setting.key == "port" || setting.key == "threads" ||
                 setting.key == "verify_threads";
    for (const std::string_view unit : {"_s", "_ms_min", "_max", "_percent"}) {
      named = named || setting.key.ends_with(unit);
    }
    EXPECT_TRUE(named) << setting.name();
  }
}

// Written by: build/release/bin/tannhad --print-config >server/packaging/tannhad.toml
TEST_F(SettingsTest, PackagedFileIsThePrintedOne) {
  const process::Outcome printed = run({process::program("tannhad"), "--print-config"});
  EXPECT_EQ(printed.code, 0);
  EXPECT_EQ(printed.out, contents(TANNHA_SOURCE_DIR "/server/packaging/tannhad.toml"));
}

TEST_F(SettingsTest, ServerDoesNotStartWithAMistakeInItsFile) {
  const std::string data = (folder_ / "data").string();
  write("[tenant]\ncode = \"H42\"\n[store]\ndata_folder = \"" + data + "\"\nprot = 1\n");
  const process::Outcome outcome = run({process::program("tannhad"), "--config", file_});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.says(file_ + ":5:1: ")) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(data));
}

TEST_F(SettingsTest, ServerWithoutATenantDoesNotStart) {
  const process::Outcome outcome = run({process::program("tannhad"), "--data",
                                        (folder_ / "data").string()});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(outcome.says("the agency code is missing")) << outcome.err;
}

TEST_F(SettingsTest, CommandLineGoesBeforeTheFile) {
  write("[listener]\nport = 1\naddress = \"192.0.2.1\"\n[log]\nlevel = \"error\"\n");
  process::RealServer server(folder_ / "data", "H42",
                             {"--config", file_, "--port", "0", "--address", "127.0.0.1"});
  EXPECT_TRUE(server.url().starts_with("http://127.0.0.1:")) << server.url();
  EXPECT_FALSE(server.url().ends_with(":1"));
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace tannha::server
