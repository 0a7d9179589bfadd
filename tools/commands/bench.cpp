// tannha bench: what this machine does with us, and what it could do at the most.

#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "tools/bench/bench.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

namespace fs = std::filesystem;

struct Args {
  std::string name;
  std::string folder;
  bool json = false;
  bool brief = false;
  std::uint64_t records = 0;
  std::string filled;
  std::string data;
};

/// A new folder, gone with everything in it at the end.
class Scratch {
 public:
  static Result<std::unique_ptr<Scratch>> make(const fs::path& parent) {
    std::string path = (parent / "tannha-bench-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) return fail(errc::file_unreadable, path);
    return std::unique_ptr<Scratch>(new Scratch(path));
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

Result<void> run_one(const Bench& bench, const Args& args) {
  std::error_code error;
  TN_TRY(const auto scratch, Scratch::make(args.folder.empty() ? fs::temp_directory_path(error)
                                                               : fs::path(args.folder)));
  BenchOptions options;
  options.brief = args.brief;
  options.records = args.records;
  options.filled = args.filled;
  options.data = args.data;
  options.folder = scratch->path();
  options.tannhad = fs::read_symlink("/proc/self/exe", error).parent_path() / "tannhad";
  TN_TRY(const Figure figure, bench.run(options));
  if (args.json) {
    std::cout << json_of(figure) << std::endl;
  } else {
    std::cout << text_of(figure) << std::flush;
  }
  return {};
}

Result<void> run(const Args& args) {
  bool found = false;
  for (const Bench& bench : benches()) {
    if (args.name != "all" && args.name != bench.name) continue;
    found = true;
    TN_CHECK(run_one(bench, args));
  }
  if (!found) return fail(errc::argument_invalid, "no benchmark " + args.name);
  return {};
}

}  // namespace

void add_bench(CLI::App& app, Command& command) {
  auto args = std::make_shared<Args>();
  auto* bench = app.add_subcommand("bench", "Measure, against the limit of this machine");
  std::string names;
  for (const Bench& b : benches()) {
    names += "\n  " + std::string(b.name) + ": " + std::string(b.what);
  }
  bench->footer("Benchmarks:" + names + "\n  all: one after the other");
  bench->add_option("NAME", args->name, "Which one")->required();
  bench->add_flag("--json", args->json, "End with one line of JSON");
  bench->add_flag("--brief", args->brief, "Only show that it works: seconds, small figures");
  bench->add_option("--records", args->records, "Length of a long journal (default: 5,000,000)");
  bench->add_option("--filled", args->filled,
                    "Folder to keep the long journal in for further runs: several GB");
  bench->add_option("--data", args->data,
                    "pickup-records.jsonl.gz (default: of shared/data, here or above)");
  bench->add_option("--folder", args->folder, "Disk to measure on (default: the temporary folder)");
  command.on(bench, [args] { return run(*args); });
}

}  // namespace tannha::tools
