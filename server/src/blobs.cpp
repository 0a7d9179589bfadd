#include "tannha/server/blobs.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

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

Result<OpenFile> Blobs::open(const Hash& hash) {
  const std::filesystem::path path = path_of(hash);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(errno == ENOENT ? errc::store_not_found : errc::file_unreadable, "attachment");
  }
  struct stat about{};
  const bool known = ::fstat(descriptor, &about) == 0;
  OpenFile file(descriptor, known ? static_cast<std::uint64_t>(about.st_size) : 0);
  if (!known) return fail(errc::file_unreadable, "attachment");
  Blake2bStream stream;
  Bytes piece(std::min<std::uint64_t>(file.size(), OpenFile::piece_bytes));
  for (std::uint64_t at = 0; at < file.size(); at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(piece.size(), file.size() - at));
    TN_CHECK(file.read(at, piece));
    stream.update(piece);
  }
  if (stream.finish() != hash) return fail(errc::store_corrupt, "attachment");
  return file;
}

}  // namespace tannha::server
