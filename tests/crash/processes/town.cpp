#include "tests/crash/processes/town.hpp"

#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

namespace tannha::crash {
namespace {

namespace fs = std::filesystem;

constexpr const char* port = "8042";

// Every address of 127.0.0.0/8 is this machine; one that has the process's number in it is its own.
const std::string& address() {
  static const std::string text = [] {
    const auto pid = static_cast<unsigned>(::getpid());
    const auto byte = [pid](unsigned shift) { return std::to_string(pid >> shift & 0xff); };
    return "127." + std::to_string(64 + (pid >> 16 & 0x3f)) + "." + byte(8) + "." + byte(0);
  }();
  return text;
}

}  // namespace

Tannhad::Tannhad(const fs::path& folder, const std::string& address, const std::string& limits) {
  const std::string script = limits + (limits.empty() ? "" : "; ") + "exec \"$@\" 2>\"$0\"";
  process_ = std::make_unique<tools::Process>(std::vector<std::string>{
      "/bin/sh", "-c", script, (folder_ / "err").string(), process::program("tannhad"), "--data",
      folder.string(), "--tenant", "H42", "--tenant-name", "Ninh Bình", "--address", address,
      "--port", port});
  const auto line = process_->read_line();
  listens_ = line && line->find("http://") != std::string::npos;
}

int Tannhad::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

int Tannhad::kill() {
  process_->signal(SIGKILL);
  return process_->wait();
}

std::string Tannhad::complaint() const {
  std::ifstream file(folder_ / "err");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string Town::url() {
  return "http://" + address() + ":" + port;
}

Town Town::copy_to(const fs::path& folder) const {
  Town copy = *this;
  copy.folder_ = folder;
  fs::remove_all(folder);
  fs::copy(folder_, folder, fs::copy_options::recursive);
  return copy;
}

std::unique_ptr<Tannhad> Town::start(const std::string& limits) const {
  return std::make_unique<Tannhad>(folder_ / "server", address(), limits);
}

std::unique_ptr<Tannhad> Town::open() const {
  auto server = start();
  if (!server->listens()) {
    throw std::runtime_error("tannhad ended with " + std::to_string(server->stop()) + ": " +
                             server->complaint());
  }
  return server;
}

Shown inspect(const fs::path& folder) {
  Shown shown;
  const Outcome outcome = process::tannha({"inspect", folder.string()});
  for (const std::string& line : outcome.lines()) {
    // A server's records begin with their place in the journal, a device's say first whether there
    // is a receipt; "-" stands for no place.
    static const std::regex record(R"(^(received +|unsent +)?(\d+|-)  ([0-9a-f]{16})  log )");
    std::smatch match;
    if (!std::regex_search(line, match, record)) continue;
    const std::string proved = match.str(2) + " " + match.str(3);
    shown.records.insert(match.str(3));
    if (match.str(1).starts_with("received")) shown.receipts.insert(proved);
    if (match.str(1).empty()) shown.journal.insert(proved);
  }
  return shown;
}

std::vector<std::string> hashes_in(const std::string& text) {
  std::vector<std::string> hashes;
  std::string word;
  // A log's id is no record.
  static const std::regex log_id("log: [0-9a-f]{64}");
  for (const char c : std::regex_replace(text, log_id, "") + " ") {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
      word += c;
      continue;
    }
    if (word.size() == 64) hashes.push_back(word);
    word.clear();
  }
  return hashes;
}

}  // namespace tannha::crash
