#pragma once

#include <filesystem>
#include <memory>

#include "tannha/engine/checkpoint_signer.hpp"

namespace tannha::server {

/// The newest signed checkpoint of a journal as a small file, in a folder that is no part of the
/// data folder and of no backup (ADR 10):
///   <folder>/<16 digits of the key's hash>/checkpoint   the signed note
///   <folder>/<16 digits of the key's hash>/lock         held while it is exchanged
/// Servers of several journals, and several servers of one, may share the folder.
class CheckpointFile : public CheckpointStore {
 public:
  /// Makes the folders when they are missing. Errors: store_full, store_read_only, store_io.
  [[nodiscard]] static Result<std::unique_ptr<CheckpointFile>> open(
      const std::filesystem::path& folder, const PublicKey& journal_key);
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;
  ~CheckpointFile() override;

  Result<std::optional<std::string>> read() override;
  /// Two fsyncs. Errors: also store_busy when another program holds the lock for two seconds.
  Result<bool> swap(const std::optional<std::string>& expected, const std::string& next) override;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Where the file of this journal is in such a folder, or would be.
  [[nodiscard]] static std::filesystem::path path_in(const std::filesystem::path& folder,
                                                     const PublicKey& journal_key);

 private:
  CheckpointFile(std::filesystem::path path, int lock_fd)
      : path_(std::move(path)), lock_fd_(lock_fd) {}
  std::filesystem::path path_;
  int lock_fd_;
};

/// Beside the data folder, so that a copy that is put back there under any name finds it.
[[nodiscard]] std::filesystem::path default_checkpoint_store(const std::filesystem::path& data);

}  // namespace tannha::server
