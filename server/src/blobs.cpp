#include "tannha/server/blobs.hpp"

#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/server/data_dir.hpp"

namespace tannha::server {

std::filesystem::path Blobs::path_of(const Hash& hash) const {
  const std::string hex = to_hex(hash);
  return folder_ / hex.substr(0, 2) / hex.substr(2);
}

Result<void> Blobs::put(const Hash& hash, BytesView bytes) {
  const std::filesystem::path path = path_of(hash);
  std::error_code error;
  if (std::filesystem::create_directory(path.parent_path(), error)) {
    // The new folder's own name must be as durable as what goes into it.
    TN_CHECK(sync_folder(folder_));
  }
  return write_file_durably(path, bytes, 0600);
}

Result<Bytes> Blobs::get(const Hash& hash) {
  TN_TRY(Bytes bytes, read_file(path_of(hash), limits::attachment_bytes_max));
  if (blake2b_256(bytes) != hash) return fail(errc::store_corrupt, "attachment");
  return bytes;
}

}  // namespace tannha::server
