// The settings' file. The library reports through its result, so that nothing is thrown here.

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "tannha/server/data_dir.hpp"
#include "tannha/server/settings.hpp"

namespace tannha::server {
namespace {

constexpr std::size_t file_bytes_max = 256 * 1024;

std::string place(const std::string& file, const toml::source_region& source) {
  return file + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

const Setting* find(std::string_view section, std::string_view key) {
  for (const Setting& setting : all_settings()) {
    if (setting.section == section && (key.empty() || setting.key == key)) return &setting;
  }
  return nullptr;
}

std::unexpected<Error> unknown(const std::string& where, std::string_view name) {
  return fail(errc::argument_invalid,
              where + ": không có thiết lập này / there is no such setting: " + std::string(name));
}

Result<void> take(Settings& settings, const Setting& setting, const toml::node& node,
                  const std::string& file) {
  const std::string where = place(file, node.source()) + ": " + setting.name();
  if (std::holds_alternative<Setting::Text>(setting.kind)) {
    const auto text = node.value_exact<std::string>();
    if (!text) {
      return fail(errc::argument_invalid,
                  where + ": phải là chữ trong ngoặc kép / must be text in quotation marks");
    }
    return set_text(settings, setting, *text, where);
  }
  const auto number = node.value_exact<std::int64_t>();
  // A negative number is none that any setting takes.
  if (!number || *number < 0) {
    return fail(errc::argument_invalid, where + ": phải là số nguyên / must be a whole number of " +
                                            std::to_string(
                                                std::get<Setting::Number>(setting.kind).min) +
                                            " or more");
  }
  return set_number(settings, setting, static_cast<std::uint64_t>(*number), where);
}

}  // namespace

Result<void> read_settings(Settings& settings, const std::filesystem::path& path) {
  const std::string file = path.string();
  const auto bytes = read_file(path, file_bytes_max);
  if (!bytes) return fail(errc::file_unreadable, file);
  const toml::parse_result parsed = toml::parse(as_text(*bytes));
  if (!parsed) {
    return fail(errc::argument_invalid,
                place(file, parsed.error().source()) + ": không đúng cú pháp TOML / not TOML: " +
                    std::string(parsed.error().description()));
  }
  for (const auto& [section, content] : parsed.table()) {
    const std::string where = place(file, section.source());
    const toml::table* const keys = content.as_table();
    if (!keys || !find(section.str(), {})) return unknown(where, section.str());
    for (const auto& [key, node] : *keys) {
      const Setting* const setting = find(section.str(), key.str());
      if (!setting) {
        return unknown(place(file, key.source()),
                       std::string(section.str()) + "." + std::string(key.str()));
      }
      TN_CHECK(take(settings, *setting, node, file));
    }
  }
  return {};
}

}  // namespace tannha::server
