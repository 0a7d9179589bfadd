#include "tannha/server/app_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "tannha/protocol/crypto.hpp"

namespace tannha::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view brotli_extension = ".br";

std::string_view type_of(std::string_view extension) {
  struct Type {
    std::string_view extension;
    std::string_view type;
  };
  static constexpr auto types = std::to_array<Type>({
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".wasm", "application/wasm"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
  });
  const auto found = std::ranges::find(types, extension, &Type::extension);
  return found == types.end() ? "application/octet-stream" : found->type;
}

Result<std::shared_ptr<const Bytes>> read(const fs::path& file, std::uint64_t& left) {
  std::ifstream in(file, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) return fail(errc::file_unreadable, file.string());
  if (bytes.size() > left) return fail(errc::argument_invalid, "apps are too large: " + file.string());
  left -= bytes.size();
  return std::make_shared<const Bytes>(std::move(bytes));
}

}  // namespace

Result<AppFiles> AppFiles::load(const fs::path& folder) {
  AppFiles out;
  if (folder.empty()) return out;
  std::error_code error;
  std::uint64_t left = bytes_max;
  fs::recursive_directory_iterator files(folder, error);
  for (; !error && files != fs::recursive_directory_iterator(); files.increment(error)) {
    if (!files->is_regular_file(error) || files->path().extension() == brotli_extension) continue;
    const fs::path& path = files->path();
    File file;
    file.type = type_of(path.extension().string());
    TN_TRY(file.plain, read(path, left));
    file.etag = "\"" + to_hex(sha256(*file.plain)).substr(0, 32) + "\"";
    const fs::path smaller = path.string() + std::string(brotli_extension);
    if (fs::exists(smaller, error)) {
      TN_TRY(file.brotli, read(smaller, left));
    }
    const std::string name = path.lexically_relative(folder).generic_string();
    out.files_.insert_or_assign(std::string(path_prefix) + name, std::move(file));
  }
  if (error) return fail(errc::file_unreadable, folder.string() + ": " + error.message());
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!entry.is_directory(error)) continue;
    const std::string app = entry.path().filename().string();
    const std::string place = std::string(path_prefix) + app + "/";
    const auto index = out.files_.find(place + "index.html");
    if (index == out.files_.end()) return fail(errc::file_unreadable, app + "/index.html");
    out.files_.insert_or_assign(place, index->second);
    out.apps_.push_back(app);
  }
  std::ranges::sort(out.apps_);
  return out;
}

std::optional<HttpResponse> AppFiles::answer(const HttpRequest& request) const {
  const auto found = files_.find(request.path);
  if (found == files_.end()) return std::nullopt;
  const File& file = found->second;
  HttpResponse response;
  response.content_type = file.type;
  response.etag = file.etag;
  // The phone's own copy is in its service worker; what it asks for, it asks for the newest.
  response.cache_control = "no-cache";
  response.is_page = true;
  if (request.if_none_match == file.etag) {
    response.status = 304;
    return response;
  }
  const bool packed = file.brotli && request.accepts_brotli;
  response.shared_body = packed ? file.brotli : file.plain;
  if (packed) response.content_encoding = "br";
  return response;
}

}  // namespace tannha::server
