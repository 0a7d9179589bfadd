#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/server/http.hpp"

namespace tannha::server {

/// The phone apps as files of this server: /apps/<app>/<file>. They are read once, when the server
/// starts, so that no request ever names a file of the machine. Const use from several threads.
class AppFiles {
 public:
  /// @param folder a folder an app, with an index.html each; empty: no apps. Of a file that has one
  /// beside it with ".br" behind its name, that one goes to whoever takes it.
  /// Errors: file_unreadable (the folder or a file, and an app without an index.html);
  /// argument_invalid (all files together are larger than bytes_max).
  [[nodiscard]] static Result<AppFiles> load(const std::filesystem::path& folder);
  static constexpr std::uint64_t bytes_max = std::uint64_t{64} << 20;
  static constexpr std::string_view path_prefix = "/apps/";

  /// Names of the apps, in order.
  [[nodiscard]] const std::vector<std::string>& apps() const { return apps_; }
  /// @return none: there is no such file
  [[nodiscard]] std::optional<HttpResponse> answer(const HttpRequest& request) const;

 private:
  struct File {
    std::string type;
    std::string etag;
    std::shared_ptr<const Bytes> plain;
    std::shared_ptr<const Bytes> brotli;  ///< may be none
  };
  std::vector<std::string> apps_;
  std::map<std::string, File, std::less<>> files_;  ///< by path
};

}  // namespace tannha::server
