// tannha: the command. One subcommand a file in commands/.

#include <sys/stat.h>

#include <csignal>
#include <iostream>

#include "tannha/server/out_of_memory.hpp"
#include "tools/commands/command.hpp"

int main(int argc, char** argv) {
  tannha::server::stop_when_out_of_memory("tannha");
  // What is written here holds personal data: for the owner of the account only.
  umask(077);
  // A file that may not grow is an error to be told, not an end.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app{"tannha: dossiers collected at the door, offline first"};
  app.require_subcommand(1);
  // --pin-file is understood after the subcommand, too.
  app.fallthrough();
  tannha::tools::Command command(app);
  tannha::tools::add_catalogue(app, command);
  tannha::tools::add_enrol(app, command);
  tannha::tools::add_dispatch(app, command);
  tannha::tools::add_phone(app, command);
  tannha::tools::add_office(app, command);
  tannha::tools::add_citizen(app, command);
  tannha::tools::add_inspect(app, command);
  tannha::tools::add_fsck(app, command);
  tannha::tools::add_audit(app, command);
  add_bench(app, command);
  tannha::tools::add_backup(app, command);
  tannha::tools::add_registry(app, command);
  tannha::tools::add_day(app, command);
  tannha::tools::add_simulate(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    tannha::tools::tell({tannha::errc::argument_invalid,
                         std::string(e.what()) + "; xem / see: tannha … --help"});
    return 1;
  }
  try {
    return command.run();
  } catch (const std::exception& e) {
    std::cerr << "tannha: " << e.what() << "\n";
    return 1;
  }
}
