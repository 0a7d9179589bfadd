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
  TN_CHECK(make_folder_durably(path.parent_path()));
  // Temporaries stay together, so that a server that starts need not look through every folder.
  return write_file_durably(path, bytes, 0600, folder_);
}

Result<Bytes> Blobs::get(const Hash& hash) {
  auto bytes = read_file(path_of(hash), limits::attachment_bytes_max);
  if (!bytes && bytes.error().code != errc::frame_too_large) return bytes;
  if (!bytes || blake2b_256(*bytes) != hash) return fail(errc::store_corrupt, "attachment");
  return bytes;
}

}  // namespace tannha::server
