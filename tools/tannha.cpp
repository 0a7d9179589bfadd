// tannha: the command. One subcommand a file in commands/.

#include <sys/stat.h>

#include <iostream>

#include "tools/commands/command.hpp"

int main(int argc, char** argv) {
  // What is written here holds personal data: for the owner of the account only.
  umask(077);
  CLI::App app{"tannha: dossiers collected at the door, offline first"};
  app.require_subcommand(1);
  tannha::tools::Command command(app);
  tannha::tools::add_catalogue(app, command);
  tannha::tools::add_enrol(app, command);
  tannha::tools::add_dispatch(app, command);
  tannha::tools::add_phone(app, command);
  tannha::tools::add_office(app, command);
  tannha::tools::add_citizen(app, command);
  tannha::tools::add_inspect(app, command);
  tannha::tools::add_fsck(app, command);
  tannha::tools::add_day(app, command);
  tannha::tools::add_simulate(app, command);
  CLI11_PARSE(app, argc, argv);
  try {
    return command.run();
  } catch (const std::exception& e) {
    std::cerr << "tannha: " << e.what() << "\n";
    return 1;
  }
}
