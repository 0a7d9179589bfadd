#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace tannha::tools {

/// A child process with its standard output on a pipe. Killed and reaped when this goes away.
class Process {
 public:
  /// Throws std::system_error when it cannot be started. @param arguments the first is the program
  explicit Process(const std::vector<std::string>& arguments);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// The next line of its output, without the end; nothing at the end of the output.
  [[nodiscard]] std::optional<std::string> read_line();
  void signal(int number) const;
  /// Waits for the end. @return the exit code, or 128 and the signal's number
  int wait();
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::optional<int> status_;
};

}  // namespace tannha::tools
