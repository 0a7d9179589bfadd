#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "tannha/protocol/result.hpp"

namespace tannha::server {

/// A file that is open for reading; its copies share the descriptor. One thread at a time.
class OpenFile {
 public:
  /// Read at one time: large enough for the disk, and a thousand slow readers hold 64 MiB.
  static constexpr std::size_t piece_bytes = 64 * 1024;

  /// Takes over a descriptor. @param size of the file in bytes
  OpenFile(int descriptor, std::uint64_t size);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Fills all of `out` from a place in the file. Errors: file_unreadable, also when it is shorter.
  [[nodiscard]] Result<void> read(std::uint64_t from, std::span<std::uint8_t> out) const;

 private:
  std::shared_ptr<const int> descriptor_;
  std::uint64_t size_;
};

}  // namespace tannha::server
