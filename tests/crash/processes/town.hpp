#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/real_server.hpp"
#include "tools/day/process.hpp"

namespace tannha::crash {

using process::Outcome;

/// A tannhad that may end before it listens, or be killed in the middle.
class Tannhad {
 public:
  /// Waits until it listens or has ended. @param limits as for process::run
  Tannhad(const std::filesystem::path& folder, const std::string& address,
          const std::string& limits);

  [[nodiscard]] bool listens() const { return listens_; }
  /// SIGTERM, or SIGKILL; then what it ended with, as Outcome::code.
  int stop();
  int kill();
  /// What it has told on standard error.
  [[nodiscard]] std::string complaint() const;

 private:
  process::TempFolder folder_ = process::TempFolder::in_memory();  ///< of its standard error
  std::unique_ptr<tools::Process> process_;
  bool listens_ = false;
};

/// A folder with a server and the devices of some people, and the real programs that work on them.
/// The server always has the same address, so that a device finds it after a restart; no other
/// process has it.
class Town {
 public:
  explicit Town(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// The same town once more. Nobody may be at work in it.
  [[nodiscard]] Town copy_to(const std::filesystem::path& folder) const;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return folder_ / name;
  }
  [[nodiscard]] static std::string url();

  /// What later acts need of earlier ones: ids, hashes, texts shown to a camera.
  [[nodiscard]] const std::string& fact(const std::string& name) const { return facts_.at(name); }
  void learn(const std::string& name, std::string value) { facts_[name] = std::move(value); }

  [[nodiscard]] std::unique_ptr<Tannhad> start(const std::string& limits = {}) const;
  /// The same, and throws when it does not listen.
  [[nodiscard]] std::unique_ptr<Tannhad> open() const;

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> facts_;
};

/// What `tannha inspect` shows of a folder; as little as possible is known of what is in it.
struct Shown {
  std::set<std::string> records;   ///< the first 16 digits of their hashes
  std::set<std::string> receipts;  ///< of a device: place in the journal, space, digits
  std::set<std::string> journal;   ///< of a server: the same of its records
};
[[nodiscard]] Shown inspect(const std::filesystem::path& folder);

/// All words of 64 hexadecimal digits: the hashes of records that a program says it has written.
[[nodiscard]] std::vector<std::string> hashes_in(const std::string& text);

}  // namespace tannha::crash
