#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tannha::tools {

struct DayOptions {
  std::filesystem::path folder;    ///< made; must not exist
  std::filesystem::path programs;  ///< where tannhad and tannha are
  std::uint16_t port = 8080;
  bool once = false;               ///< end after the day instead of staying up
};

/// Plays one working day against a real server and tells it on the terminal. @return the exit code:
/// 0 only when every record and photo that a phone wrote is in the registry with a verified receipt
[[nodiscard]] int play_day(const DayOptions& options);

}  // namespace tannha::tools
