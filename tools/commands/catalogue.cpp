// tannha catalogue: import a file of procedures, look one up.

#include "tools/catalogue/curated.hpp"

#include <boost/json.hpp>
#include <iostream>

#include "tannha/server/data_dir.hpp"
#include "tools/catalogue/import.hpp"
#include "tools/catalogue/store.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

boost::json::object to_json(const ImportProblem& p) {
  return {{"entry", p.entry},
          {"code", p.code},
          {"field", p.field},
          {"excerpt", p.excerpt},
          {"why", name(p.why)},
          {"message", message(p.why, Language::english)},
          {"message_vi", message(p.why, Language::vietnamese)}};
}

void report_json(const ImportReport& report) {
  boost::json::array problems;
  for (const ImportProblem& p : report.problems) problems.push_back(to_json(p));
  std::cout << boost::json::serialize(boost::json::object{
                   {"procedures", report.catalogue.procedures().size()},
                   {"problems", std::move(problems)}})
            << "\n";
}

void report_text(const ImportReport& report) {
  for (const ImportProblem& p : report.problems) {
    std::cout << "entry " << p.entry << " " << p.code << " " << p.field << ": "
              << message(p.why, Language::english);
    if (!p.excerpt.empty()) std::cout << " «" << p.excerpt << "»";
    std::cout << "\n";
  }
  std::cout << "\n";
  for (const auto& [why, count] : report.count_by_kind()) {
    std::cout << count << "\t" << name(why) << "\t" << message(why, Language::vietnamese) << "\n";
  }
  std::cout << report.catalogue.procedures().size() << " procedures imported of "
            << report.entry_count << ", version " << to_hex(report.catalogue.version()) << "\n";
  if (report.problems_left_out_count > 0) {
    std::cout << report.problems_left_out_count << " more problems are not listed\n";
  }
}

}  // namespace

void add_catalogue(CLI::App& app, Command& command) {
  auto* catalogue = app.add_subcommand("catalogue", "The procedure catalogue");
  catalogue->require_subcommand(1);

  struct Args {
    std::string file, report = "text", text;
  };
  auto args = std::make_shared<Args>();
  auto* import_command = catalogue->add_subcommand(
      "import", "Read a file of procedures, keep the good ones, name what is unclear");
  import_command->add_option("FILE", args->file,
                             ".json, .jsonl, or either with .gz; 'curated' for the built-in one")
      ->required();
  import_command->add_option("--report", args->report, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.add_data(import_command, "./tannha-data");
  command.on(import_command, [&command, args]() -> Result<void> {
    TN_TRY(const ImportReport report,
           args->file == "curated" ? curated_catalogue() : import_catalogue(args->file));
    TN_CHECK(server::make_folders_durably(command.data));
    TN_CHECK(save_catalogue(command.data, report.catalogue));
    args->report == "json" ? report_json(report) : report_text(report);
    return {};
  });

  auto* search = catalogue->add_subcommand("search", "Find procedures by name, with or without tones");
  search->add_option("TEXT", args->text)->required();
  command.add_data(search, "./tannha-data");
  command.on(search, [&command, args]() -> Result<void> {
    TN_TRY(const Catalogue found, load_catalogue(command.data));
    for (const Procedure* p : found.search(args->text, 20)) {
      std::cout << p->code << "  " << p->name << "\n";
    }
    return {};
  });
}

}  // namespace tannha::tools
