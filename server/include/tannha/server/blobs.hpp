#pragma once

#include <filesystem>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha::server {

/// Attachments as files named by the BLAKE2b-256 of their bytes, two levels deep. Thread-safe.
class Blobs {
 public:
  explicit Blobs(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Durable on return; the same bytes twice are one file. Errors: store_full, store_read_only,
  /// store_io.
  [[nodiscard]] Result<void> put(const Hash& hash, BytesView bytes);
  /// Errors: store_not_found, file_unreadable; store_corrupt when the bytes are not the hash's.
  [[nodiscard]] Result<Bytes> get(const Hash& hash);
  [[nodiscard]] std::filesystem::path path_of(const Hash& hash) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace tannha::server
