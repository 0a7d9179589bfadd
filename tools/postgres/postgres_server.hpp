#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace tannha::tools {

/// A PostgreSQL 15 server of one's own for tests and benchmarks, as Debian packages it: in a temporary
/// folder, on a socket there, with fsync on. Runs as another user for root, which it refuses.
/// Ends with this object, and with the process if that is killed.
class PostgresServer {
 public:
  /// What the system lacks for it; empty when it can run.
  [[nodiscard]] static std::string missing();

  /// Throws std::runtime_error when it does not come up.
  PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  /// postgres://…, for the role that owns the database.
  [[nodiscard]] std::string url(const std::string& role = "tannha") const;
  /// Runs SQL as the superuser. @return the answer's fields, a row a line, '|' between
  std::string sql(const std::string& statements) const;

  void start();
  /// As when the power fails: nothing is written any more.
  void stop();

 private:
  [[nodiscard]] pid_t spawn(const std::vector<std::string>& command) const;
  void run(const std::vector<std::string>& command) const;
  [[nodiscard]] std::filesystem::path data() const { return folder_ / "data"; }

  std::filesystem::path folder_;
  std::string database_ = "postgres";
  pid_t server_ = -1;
};

}  // namespace tannha::tools
