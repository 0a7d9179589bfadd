#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tannha/protocol/result.hpp"
#include "tannha/server/listener.hpp"
#include "tannha/server/log.hpp"
#include "tannha/server/service.hpp"

namespace tannha::server {

/// Everything of a tannhad that an operator can set. What it says here is the default.
struct Settings {
  std::string tenant_code;
  std::string tenant_name;
  std::string data_folder = "tannhad-data";
  std::string checkpoint_folder;  ///< empty: default_checkpoint_store()
  std::string registry_url;       ///< of PostgreSQL; empty: SQLite in the data folder
  ListenerConfig listener;
  ServiceConfig service;
  log::Config log;
  std::uint64_t memory_mib = memory_bytes_max / (1024 * 1024);
  std::uint64_t quota_percent = 100;
  std::string apps_folder;  ///< empty: no apps are served
  std::string messages_folder;  ///< empty: citizens are sent nothing
  std::string clock_file;
};

/// One setting: the single source for reading the file and the command line, for --print-config and
/// for the log line of what is in force.
struct Setting {
  struct Text {
    std::string (*get)(const Settings&);
    void (*set)(Settings&, std::string);
    bool (*is_valid)(std::string_view);
    std::string_view range;  ///< in words; empty: anything
    errc invalid;            ///< what it is called when it is not
  };
  struct Number {
    std::uint64_t (*get)(const Settings&);
    void (*set)(Settings&, std::uint64_t);
    std::uint64_t min, max;
  };
  std::string_view section, key;
  std::variant<Text, Number> kind;
  std::string_view help;     ///< whole sentences; its lines are short
  std::string_view option;   ///< on the command line, or empty
  std::string_view example;  ///< shown for one that has to be set
  bool is_secret = false;    ///< never shown

  [[nodiscard]] std::string name() const { return std::string(section) + "." + std::string(key); }
};

/// In the order of the file.
[[nodiscard]] std::span<const Setting> all_settings();

/// The value, as the file has it.
[[nodiscard]] std::string value_text(const Setting& setting, const Settings& settings);

/// Errors: argument_invalid (an agency code: agency_code_malformed), with a sentence that names
/// `where`.
/// @param where the setting as it was called: an option, or a place in a file
[[nodiscard]] Result<void> set_text(Settings& settings, const Setting& setting,
                                    const std::string& text, const std::string& where);
[[nodiscard]] Result<void> set_number(Settings& settings, const Setting& setting,
                                      std::uint64_t number, const std::string& where);

/// Reads a TOML file over what the settings are. Errors: file_unreadable; argument_invalid (syntax,
/// unknown section or key, wrong type), and those of set_text(), with one sentence that begins with
/// file, line and column.
[[nodiscard]] Result<void> read_settings(Settings& settings, const std::filesystem::path& file);

/// The whole file with every default, and what each setting means: --print-config.
[[nodiscard]] std::string settings_text();

/// What is in force, as "section.key" and its value, secrets left out: one line of the log.
void log_settings(const Settings& settings);

}  // namespace tannha::server
