#include "tools/catalogue/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tools/catalogue/file_contents.hpp"
#include "tools/catalogue/import.hpp"

namespace tannha::tools {

namespace {

constexpr const char* file_name = "catalogue.cbor";
constexpr const char* draft_name = "catalogue.cbor.tmp";

std::unexpected<Error> fail_by(int error, std::string_view step) {
  errc code = errc::store_io;
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) code = errc::store_full;
  if (error == EROFS || error == EACCES || error == EPERM) code = errc::store_read_only;
  return fail(code, std::string(step) + ": " + std::strerror(error));
}

Result<void> write_all(int descriptor, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_by(errno, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> write_draft(const std::filesystem::path& draft, BytesView bytes) {
  const int descriptor = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return fail_by(errno, "open");
  auto result = write_all(descriptor, bytes);
  if (result && fsync(descriptor) != 0) result = fail_by(errno, "fsync");
  if (close(descriptor) != 0 && result) result = fail_by(errno, "close");
  return result;
}

// A rename is on disk only when its folder is.
Result<void> sync_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return fail_by(errno, "open folder");
  Result<void> result;
  if (fsync(descriptor) != 0) result = fail_by(errno, "fsync folder");
  close(descriptor);
  return result;
}

}  // namespace

Result<void> save_catalogue(const std::filesystem::path& folder, const Catalogue& catalogue) {
  const auto draft = folder / draft_name;
  auto written = write_draft(draft, catalogue.encode());
  if (written && std::rename(draft.c_str(), (folder / file_name).c_str()) != 0) {
    written = fail_by(errno, "rename");
  }
  if (!written) {
    // Half a draft is of no use and would keep a full disk full.
    unlink(draft.c_str());
    return written;
  }
  return sync_folder(folder);
}

Result<Catalogue> load_catalogue(const std::filesystem::path& folder) {
  TN_TRY(const auto bytes, read_file(folder / file_name, ImportLimits{}.file_bytes_max));
  return Catalogue::decode(bytes);
}

}  // namespace tannha::tools
