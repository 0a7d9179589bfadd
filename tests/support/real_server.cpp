#include "tests/support/real_server.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>

#include "tannha/server/data_dir.hpp"
#include "tools/catalogue/curated.hpp"
#include "tools/catalogue/store.hpp"

namespace tannha::process {

namespace fs = std::filesystem;

TempFolder::TempFolder() : TempFolder(fs::temp_directory_path()) {}
TempFolder TempFolder::in_memory() {
  const fs::path shm = "/dev/shm";
  return TempFolder(::access(shm.c_str(), W_OK) == 0 ? shm : fs::temp_directory_path());
}
TempFolder::TempFolder(const fs::path& parent) {
  std::string pattern = (fs::canonical(parent) / "tannha-process-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = pattern;
}
TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string program(std::string_view name) {
  return (fs::path(TANNHA_BIN_DIR) / name).string();
}

std::vector<std::string> Outcome::lines() const {
  std::vector<std::string> all;
  std::istringstream text(out);
  for (std::string line; std::getline(text, line);) all.push_back(line);
  return all;
}

Outcome run(const std::vector<std::string>& arguments, const std::string& limits) {
  const TempFolder folder = TempFolder::in_memory();
  const fs::path err = folder / "err";
  // The shell keeps the two outputs apart and sets limits; then it becomes the program.
  const std::string script = limits + (limits.empty() ? "" : "; ") + "exec \"$@\" 2>\"$0\"";
  std::vector<std::string> all{"/bin/sh", "-c", script, err.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  tools::Process process(all);
  Outcome outcome;
  while (const auto line = process.read_line()) outcome.out += *line + "\n";
  outcome.code = process.wait();
  std::ifstream file(err);
  outcome.err.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  return outcome;
}

Outcome tannha(std::vector<std::string> arguments, const std::string& limits) {
  arguments.insert(arguments.begin(), program("tannha"));
  return run(arguments, limits);
}

void make_server_folder(const fs::path& folder) {
  fs::create_directories(folder);
  must(tools::save_catalogue(folder, must(tools::curated_catalogue()).catalogue));
}

RealServer::RealServer(fs::path folder, const std::string& tenant,
                       const std::vector<std::string>& more)
    : folder_(std::move(folder)) {
  std::vector<std::string> command{program("tannhad"), "--data", folder_.string(), "--tenant",
                                   tenant, "--tenant-name", "Ninh Bình"};
  command.insert(command.end(), more.begin(), more.end());
  process_ = std::make_unique<tools::Process>(command);
  const auto line = process_->read_line();
  const std::size_t at = line ? line->find("http://") : std::string::npos;
  if (at == std::string::npos) {
    throw std::runtime_error("tannhad ended with " + std::to_string(process_->wait()));
  }
  url_ = line->substr(at);
}

void RealServer::kill() {
  signal(SIGKILL);
  wait();
}

int RealServer::stop() {
  signal(SIGTERM);
  return wait();
}

std::unique_ptr<tools::Device> RealServer::enrol(const fs::path& path, Host& host, Role role,
                                                 std::string_view unit) {
  auto device = must(tools::Device::open_or_make(path, host), "open");
  exchange::TicketRequest request;
  request.role = role;
  request.unit = unit;
  request.label = path.filename().string();
  const std::string secret = must(server::read_admin_secret(folder_), "secret");
  must(device->enrol(url_, must(tools::request_ticket(url_, secret, request), "ticket").ticket),
       "enrol");
  return device;
}

}  // namespace tannha::process
