#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

/// The journal as tiles (c2sp.org/tlog-tiles): pieces of it that never change, at addresses that
/// anyone can compute. An entry is the 32-byte hash of a record, and nothing else of it.
namespace tannha::tlog {

inline constexpr std::uint32_t tile_height = 8;        ///< levels of the tree between two of tiles
inline constexpr std::uint32_t tile_width_max = 256;   ///< hashes or entries of a full tile
inline constexpr std::uint32_t tile_level_max = 63;
inline constexpr std::size_t entry_bytes = 32;
/// A bundle of 256 entries, each behind its length in two bytes; a full tile has 8,192.
inline constexpr std::size_t tile_bytes_max = tile_width_max * (2 + entry_bytes);

/// Which tile. Tile n of a level has the hashes n * 256 … n * 256 + width - 1 of that level.
struct Tile {
  std::optional<std::uint32_t> level;  ///< none: a bundle of entries
  std::uint64_t index{};
  std::uint32_t width = tile_width_max;  ///< 256: full

  [[nodiscard]] bool is_full() const { return width == tile_width_max; }
  friend bool operator==(const Tile&, const Tile&) = default;
};

/// "<L>/<N>[.p/<W>]" or "entries/<N>[.p/<W>]": what stands behind "/tile/". One tile has one text.
[[nodiscard]] std::string tile_path(const Tile& tile);
/// Errors: argument_invalid.
[[nodiscard]] Result<Tile> parse_tile_path(std::string_view path);

/// Width of the last tile of a level, or of the last bundle (level 0), in a journal of this size;
/// 0 when it is empty.
[[nodiscard]] std::uint32_t partial_width(std::uint32_t level, std::uint64_t size);

/// Hashes one behind the other.
[[nodiscard]] Bytes encode_hashes(std::span<const Hash> hashes);
/// @param count as many there must be. Errors: server_reply_malformed.
[[nodiscard]] Result<std::vector<Hash>> decode_hashes(BytesView bytes, std::size_t count);
/// Entries, each behind its length in two bytes, the greater first.
[[nodiscard]] Bytes encode_entries(std::span<const Hash> entries);
/// Errors: as decode_hashes.
[[nodiscard]] Result<std::vector<Hash>> decode_entries(BytesView bytes, std::size_t count);

}  // namespace tannha::tlog
