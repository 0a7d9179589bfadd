#include "tannha/server/log.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "tannha/protocol/unicode_text.hpp"

namespace tannha::server::log {
namespace {

constexpr std::array<std::string_view, 3> level_names{"info", "warning", "error"};

// One program has one log, as it has one standard error.
std::atomic<Level> least{Level::warning};
std::atomic<std::uint32_t> lines_per_minute_max{Config{}.lines_per_event_per_minute_max};
std::atomic<std::uint32_t> slow_commit_ms{Config{}.slow_commit_ms_min};

/// How much of an event was written in the minute that is running.
struct Minute {
  std::int64_t number = -1;
  std::uint32_t lines = 0;
  std::uint64_t left_out = 0;
};

/// Lets an event's lines through up to the most of a minute. Thread-safe. Events are literals of
/// this program, so that their number is bounded.
class Gate {
 public:
  /// @return how many lines were left out before this one; nothing when this one is left out too
  std::optional<std::uint64_t> pass(std::string_view event) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::int64_t number = std::chrono::duration_cast<std::chrono::minutes>(now).count();
    const std::lock_guard lock(mutex_);
    Minute& minute = minutes_[event];
    if (minute.number != number) {
      minute.number = number;
      minute.lines = 0;
    }
    if (minute.lines >= lines_per_minute_max) {
      ++minute.left_out;
      return std::nullopt;
    }
    ++minute.lines;
    return std::exchange(minute.left_out, 0);
  }

 private:
  std::mutex mutex_;
  std::map<std::string_view, Minute> minutes_;
};

Gate& gate() {
  static Gate one;
  return one;
}

std::string time_text() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                static_cast<int>(now.tv_nsec / 1'000'000));
  return std::string(text.data()) + fraction.data();
}

struct ToJson {
  std::string operator()(std::string_view text) const { return json_text(text); }
  std::string operator()(std::uint64_t number) const { return std::to_string(number); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(double number) const {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", number);
    return text.data();
  }
};

void append(std::string& line, std::string_view name, const std::string& json) {
  line.append(line.empty() ? "{" : ",").append(json_text(name)).append(":").append(json);
}

}  // namespace

std::string_view name(Level level) { return level_names[static_cast<std::size_t>(level)]; }

void configure(const Config& config) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (config.level == level_names[i]) least = static_cast<Level>(i);
  }
  lines_per_minute_max = config.lines_per_event_per_minute_max;
  slow_commit_ms = config.slow_commit_ms_min;
}

std::uint32_t slow_commit_ms_min() { return slow_commit_ms; }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  write(level, event, std::span<const Field>(fields.begin(), fields.size()));
}

void write(Level level, std::string_view event, std::span<const Field> fields) {
  if (level < least) return;
  const std::optional<std::uint64_t> left_out = gate().pass(event);
  if (!left_out) return;
  std::string line;
  append(line, "time", json_text(time_text()));
  append(line, "level", json_text(name(level)));
  append(line, "event", json_text(event));
  for (const Field& field : fields) append(line, field.name, std::visit(ToJson{}, field.value));
  if (*left_out > 0) append(line, "left_out", std::to_string(*left_out));
  line += "}\n";
  // One call a line, so that the lines of two threads do not mix.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

std::string json_text(std::string_view text) {
  const bool is_utf8 = nfc(text).has_value();
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(byte));
      out += code.data();
    } else {
      out += byte < 0x80 || is_utf8 ? c : '?';
    }
  }
  return out + "\"";
}

}  // namespace tannha::server::log
