#include "tools/postgres/postgres_server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tannha::tools {

namespace fs = std::filesystem;

namespace {

const fs::path programs = "/usr/lib/postgresql/15/bin";

// The user to run as: nullptr is whoever runs the tests.
const passwd* server_user() {
  if (::getuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  return user ? user : ::getpwnam("nobody");
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return status;
}

}  // namespace

std::string PostgresServer::missing() {
  for (const char* program : {"initdb", "postgres", "psql", "pg_isready"}) {
    if (!fs::exists(programs / program)) return (programs / program).string();
  }
  return {};
}

PostgresServer::PostgresServer() {
  // Not under a long TMPDIR: a socket's path has room for about a hundred characters.
  std::string pattern = "/tmp/tannha-postgres-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  if (const passwd* user = server_user()) {
    if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("chown");
    }
  }
  run({(programs / "initdb").string(), "--pgdata=" + data().string(), "--username=admin",
       "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"});
  start();
  sql("CREATE ROLE tannha LOGIN");
  sql("CREATE DATABASE tannha OWNER tannha");
  database_ = "tannha";
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

pid_t PostgresServer::spawn(const std::vector<std::string>& command) const {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const passwd* user = server_user();
  const uid_t uid = user ? user->pw_uid : 0;
  const gid_t gid = user ? user->pw_gid : 0;
  const std::string output = (folder_ / "output").string();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child > 0) return child;
  if (user && (::setgroups(0, nullptr) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)) {
    ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  const int fd = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(fd, STDOUT_FILENO);
  ::dup2(fd, STDERR_FILENO);
  // What this process holds open is not the server's.
  for (int other = 3; other < 256; ++other) ::close(other);
  (void)::chdir("/");
  ::setenv("LC_ALL", "C", 1);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

void PostgresServer::run(const std::vector<std::string>& command) const {
  if (wait_for(spawn(command)) == 0) return;
  std::ifstream file(folder_ / "output");
  std::stringstream text;
  text << file.rdbuf();
  throw std::runtime_error(command.front() + ": " + text.str());
}

void PostgresServer::start() {
  server_ = spawn({(programs / "postgres").string(), "-D", data().string(), "-k",
                   folder_.string(), "-c", "listen_addresses=", "-c", "max_connections=40",
                   // After a crash by way of one call, not one for each of its thousand files.
                   "-c", "recovery_init_sync_method=syncfs"});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    const pid_t probe = spawn({(programs / "pg_isready").string(), "-q", "-h", folder_.string()});
    if (wait_for(probe) == 0) return;
    int status = 0;
    if (::waitpid(server_, &status, WNOHANG) == server_) {
      server_ = -1;
      throw std::runtime_error("postgres does not start: see " + folder_.string());
    }
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("pg_isready");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void PostgresServer::stop() {
  if (server_ < 0) return;
  ::kill(server_, SIGQUIT);
  wait_for(server_);
  server_ = -1;
}

std::string PostgresServer::url(const std::string& role) const {
  return "postgres://" + role + "@/tannha?host=" + folder_.string();
}

std::string PostgresServer::sql(const std::string& statements) const {
  const fs::path script = folder_ / "script.sql";
  std::ofstream(script) << statements << ";\n";
  const std::string command = (programs / "psql").string() + " -XAtq -v ON_ERROR_STOP=1 -h " +
                              folder_.string() + " -U admin -f " + script.string() + " " +
                              database_ + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("popen");
  std::string out;
  std::array<char, 4096> piece{};
  while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), pipe)) {
    out.append(piece.data(), n);
  }
  if (::pclose(pipe) != 0) throw std::runtime_error(statements + ": " + out);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace tannha::tools
