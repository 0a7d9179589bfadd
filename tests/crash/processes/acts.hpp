#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "tests/crash/processes/town.hpp"

namespace tannha::crash {

/// What is kept of what a command prints.
enum class Keep : std::uint8_t { nothing, first_line, last_word, first_hash, parcel };

/// One command of one person, and how to see that it was done. In words, "{x}" stands for the fact
/// x of the town, "{/x}" for the path x in its folder and "{url}" for its server.
struct Act {
  std::string name;                ///< a fact, for the name of a test
  std::string who;                 ///< the folder in the town that it changes
  std::vector<std::string> words;  ///< after `tannha`
  bool is_online = false;          ///< needs the server
  bool is_struck = true;           ///< false: too much like another to be a scenario of its own
  Keep keep = Keep::nothing;
  std::string fact;                   ///< where it is kept; of a parcel also the name of a file
  std::vector<std::string> question;  ///< a command after which ...
  std::string answer;  ///< ... this (a pattern) is said when the act was done, and only then
};

void PrintTo(const Act& act, std::ostream* out);

/// A dossier from the empty server to the citizen's proof, told in commands.
[[nodiscard]] const std::vector<Act>& journey();

/// The words with everything filled in.
[[nodiscard]] std::vector<std::string> words_of(const Act& act, const Town& town);
/// Runs it. @param limits as for process::run
[[nodiscard]] Outcome perform(const Act& act, const Town& town, const std::string& limits = {});
/// Keeps what later acts need.
void learn(const Act& act, Town& town, const Outcome& outcome);
[[nodiscard]] bool is_done(const Act& act, const Town& town);

/// Towns as they are before each act, made once a process.
class Stories {
 public:
  /// The town before an act of the journey, by its name.
  [[nodiscard]] static const Town& before(const std::string& act);
  /// After all of them.
  [[nodiscard]] static const Town& end();
  /// A folder for copies, with nothing in it that anybody needs.
  [[nodiscard]] static std::filesystem::path spare();

 private:
  Stories();
  const Town& after(std::size_t count);
  static Stories& get();

  process::TempFolder folder_ = process::TempFolder::in_memory();
  std::vector<Town> towns_;  ///< before act 0, 1, …
};

}  // namespace tannha::crash
