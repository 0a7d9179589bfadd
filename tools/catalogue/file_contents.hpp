#pragma once

#include <cstddef>
#include <filesystem>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha::tools {

struct FileContents {
  Bytes bytes;
  /// gzip: the data end before the stream does.
  bool truncated = false;
  /// gzip: a block or checksum is wrong; `bytes` holds what came before.
  bool damaged = false;
};

/// @param bytes_max of the file as it lies on disk
/// Errors: file_unreadable, catalogue_malformed when it is larger.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& file, std::size_t bytes_max);

/// Inflates gzip, with any number of members; anything else is returned as it is.
/// Errors: catalogue_malformed when the result is larger than bytes_max.
[[nodiscard]] Result<FileContents> decompress(Bytes bytes, std::size_t bytes_max);

}  // namespace tannha::tools
