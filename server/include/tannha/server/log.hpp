#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

/// What the server tells its operators: one line of JSON an event, on standard error, where the
/// service manager collects it. No personal data: no names, numbers, addresses or dossier ids, and
/// no text that a client sent. Hashes are shortened by short_hash().
namespace tannha::server::log {

enum class Level : std::uint8_t { info, warning, error };

/// "info", "warning", "error"
[[nodiscard]] std::string_view name(Level level);

struct Config {
  std::string level = "info";                          ///< the least that is written
  std::uint32_t lines_per_event_per_minute_max = 60;   ///< a flood must not fill the disk
  std::uint32_t slow_commit_ms_min = 1'000;            ///< told as slow_commit
};

/// Applies from now on to the whole program; until then what is at least a warning is written.
void configure(const Config& config);
/// The threshold of slow_commit in force.
[[nodiscard]] std::uint32_t slow_commit_ms_min();

struct Field {
  std::string_view name;  ///< lower case and underscores
  std::variant<std::string_view, std::uint64_t, double, bool> value;
};

/// One line: {"time":"2026-11-23T07:45:15.123Z","level":"info","event":"started",…}. Beyond the most
/// of its event in a minute it is counted instead; the count is told with the event's next line, as
/// "left_out". Thread-safe. What cannot be written is lost.
/// @param event a string literal; documented in docs/operations.md
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

/// The same for a list that is made at run time.
void write(Level level, std::string_view event, std::span<const Field> fields);

/// The text as JSON has it, with its quotation marks. Where it is not UTF-8, '?' stands for every
/// byte that is not ASCII.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace tannha::server::log
