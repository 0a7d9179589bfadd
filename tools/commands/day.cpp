// tannha day: one working day of a demo province, against a real server.

#include "tools/day/day.hpp"

#include <unistd.h>

#include "tools/commands/command.hpp"

namespace tannha::tools {

void add_day(CLI::App& app, Command& command) {
  auto* day = app.add_subcommand("day", "Play one working day of a demo province");
  auto options = std::make_shared<DayOptions>();
  options->folder = "tannha-demo";
  day->add_option("--folder", options->folder, "Made anew; must not exist")->capture_default_str();
  day->add_option("--port", options->port, "Of the server; 0 takes a free one")
      ->capture_default_str();
  day->add_flag("--once", options->once, "End after the day");
  command.on(day, [options]() -> Result<void> {
    std::error_code error;
    options->programs = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    options->folder = std::filesystem::absolute(options->folder);
    // The day has told what went wrong; here only the exit code is left to set.
    if (play_day(*options) != 0) std::exit(1);
    return {};
  });
}

}  // namespace tannha::tools
