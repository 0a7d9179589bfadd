#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tannha/protocol/certificate.hpp"
#include "tannha/server/system_host.hpp"
#include "tools/day/process.hpp"
#include "tools/device/device.hpp"

/// The real programs, started as a user starts them.
namespace tannha::process {

/// The value, or an exception that fails the test and names the error.
template <class T>
T must(Result<T> result, std::string_view what = "") {
  if (!result) {
    throw std::runtime_error(std::string(what) + ": " + std::string(name(result.error().code)) +
                             " " + result.error().detail);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A new folder under the system's temporary one, removed with everything in it at the end.
class TempFolder {
 public:
  TempFolder();
  /// In memory where the system has such a folder: for tests that do not wait for a disk.
  [[nodiscard]] static TempFolder in_memory();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

 private:
  explicit TempFolder(const std::filesystem::path& parent);
  std::filesystem::path path_;
};

/// Path of a program that was built with this test.
[[nodiscard]] std::string program(std::string_view name);

struct Outcome {
  int code = 0;  ///< 128 and the signal's number when a signal ended it
  std::string out;
  std::string err;

  [[nodiscard]] bool says(std::string_view text) const {
    return out.find(text) != std::string::npos || err.find(text) != std::string::npos;
  }
  [[nodiscard]] std::vector<std::string> lines() const;  ///< of `out`
};
/// Runs a program to its end. @param limits shell commands that are run before it in its process
[[nodiscard]] Outcome run(const std::vector<std::string>& arguments,
                          const std::string& limits = {});
/// Runs `tannha`.
[[nodiscard]] Outcome tannha(std::vector<std::string> arguments, const std::string& limits = {});

/// A tannhad. Killed when this goes away.
class RealServer {
 public:
  /// Starts it and waits for its address. Throws when it ends before it has one.
  /// @param more arguments
  explicit RealServer(std::filesystem::path folder, const std::string& tenant = "H42",
                      const std::vector<std::string>& more = {"--port", "0"});

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  void kill();
  void signal(int number) const { process_->signal(number); }
  int wait() { return process_->wait(); }
  /// SIGTERM. @return its exit code
  int stop();

  /// An enrolled device with a store of its own.
  [[nodiscard]] std::unique_ptr<tools::Device> enrol(const std::filesystem::path& device,
                                                     Host& host, Role role, std::string_view unit);

 private:
  std::filesystem::path folder_;
  std::unique_ptr<tools::Process> process_;
  std::string url_;
};

/// A folder for a server, with the built-in catalogue in force.
void make_server_folder(const std::filesystem::path& folder);

}  // namespace tannha::process
