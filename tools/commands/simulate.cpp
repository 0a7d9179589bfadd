// tannha simulate: the simulator beside this program. What is installed for a phone or an office has
// nothing of it inside.

#include <unistd.h>

#include <filesystem>

#include "tools/commands/command.hpp"

namespace tannha::tools {

void add_simulate(CLI::App& app, Command& command) {
  auto* simulate = app.add_subcommand(
      "simulate", "Simulate everything under faults, from seeds; `simulate --help` says more");
  simulate->prefix_command();
  simulate->set_help_flag();
  // Its words are the other program's, all of them.
  simulate->fallthrough(false);
  command.on(simulate, [simulate]() -> Result<void> {
    std::error_code error;
    const auto here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    std::vector<std::string> words{(here / "tannha-simulate").string()};
    for (std::string& word : simulate->remaining()) words.push_back(std::move(word));
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    return fail(errc::file_unreadable, words.front());
  });
}

}  // namespace tannha::tools
