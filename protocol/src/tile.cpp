#include "tannha/protocol/tile.hpp"

#include <charconv>

namespace tannha::tlog {
namespace {

constexpr std::string_view entries_name = "entries";
constexpr std::string_view partial_mark = ".p/";
constexpr std::size_t group_digits = 3;
/// Of 2^64 - 1 in groups of three digits: a longer text is no index.
constexpr std::size_t groups_max = 7;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(errc::argument_invalid, "tile: " + std::string(what));
}

std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Without leading zeros, from the first to the last of these.
std::optional<std::uint32_t> small_number(std::string_view text, std::uint32_t first,
                                          std::uint32_t last) {
  if (text.size() > 3 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto value = digits(text);
  if (!value || *value < first || *value > last) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::string index_path(std::uint64_t index) {
  std::string all = std::to_string(index);
  all.insert(0, (group_digits - all.size() % group_digits) % group_digits, '0');
  std::string out;
  for (std::size_t i = 0; i < all.size(); i += group_digits) {
    const bool is_last = i + group_digits == all.size();
    out += (is_last ? "" : "x") + all.substr(i, group_digits) + (is_last ? "" : "/");
  }
  return out;
}

std::optional<std::uint64_t> parse_index(std::string_view path) {
  if (path.size() > groups_max * (group_digits + 2)) return std::nullopt;
  std::string all;
  for (;;) {
    const std::size_t slash = path.find('/');
    std::string_view group = path.substr(0, slash);
    const bool is_last = slash == std::string_view::npos;
    if (!is_last) {
      if (!group.starts_with('x')) return std::nullopt;
      group.remove_prefix(1);
    }
    if (group.size() != group_digits) return std::nullopt;
    all += group;
    if (is_last) break;
    path.remove_prefix(slash + 1);
  }
  const auto index = digits(all);
  // One index has one text: no groups of zeros in front.
  if (index && index_path(*index).size() != all.size() + 2 * (all.size() / group_digits - 1)) {
    return std::nullopt;
  }
  return index;
}

}  // namespace

std::string tile_path(const Tile& tile) {
  std::string out = tile.level ? std::to_string(*tile.level) : std::string(entries_name);
  out += "/" + index_path(tile.index);
  if (!tile.is_full()) out += std::string(partial_mark) + std::to_string(tile.width);
  return out;
}

Result<Tile> parse_tile_path(std::string_view path) {
  Tile tile;
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return malformed("no index");
  if (const std::string_view level = path.substr(0, slash); level != entries_name) {
    tile.level = small_number(level, 0, tile_level_max);
    if (!tile.level) return malformed("level");
  }
  path.remove_prefix(slash + 1);
  if (const std::size_t partial = path.find(partial_mark); partial != std::string_view::npos) {
    const auto width =
        small_number(path.substr(partial + partial_mark.size()), 1, tile_width_max - 1);
    if (!width) return malformed("width");
    tile.width = *width;
    path = path.substr(0, partial);
  }
  const auto index = parse_index(path);
  if (!index) return malformed("index");
  tile.index = *index;
  return tile;
}

std::uint32_t partial_width(std::uint32_t level, std::uint64_t size) {
  const std::uint32_t shift = level * tile_height;
  return shift < 64 ? static_cast<std::uint32_t>((size >> shift) % tile_width_max) : 0;
}

Bytes encode_hashes(std::span<const Hash> hashes) {
  Bytes out;
  out.reserve(hashes.size() * entry_bytes);
  for (const Hash& hash : hashes) out.insert(out.end(), hash.begin(), hash.end());
  return out;
}

Result<std::vector<Hash>> decode_hashes(BytesView bytes, std::size_t count) {
  if (bytes.size() != count * entry_bytes) {
    return fail(errc::server_reply_malformed, "size of a tile");
  }
  std::vector<Hash> out;
  for (; !bytes.empty(); bytes = bytes.subspan(entry_bytes)) {
    out.push_back(*to_array<Hash>(bytes.first(entry_bytes)));
  }
  return out;
}

Bytes encode_entries(std::span<const Hash> entries) {
  Bytes out;
  out.reserve(entries.size() * (2 + entry_bytes));
  for (const Hash& entry : entries) {
    out.push_back(0);
    out.push_back(entry_bytes);
    out.insert(out.end(), entry.begin(), entry.end());
  }
  return out;
}

Result<std::vector<Hash>> decode_entries(BytesView bytes, std::size_t count) {
  if (bytes.size() != count * (2 + entry_bytes)) {
    return fail(errc::server_reply_malformed, "size of a bundle of entries");
  }
  std::vector<Hash> out;
  for (; !bytes.empty(); bytes = bytes.subspan(2 + entry_bytes)) {
    if (bytes[0] != 0 || bytes[1] != entry_bytes) {
      return fail(errc::server_reply_malformed, "an entry is no record's hash");
    }
    out.push_back(*to_array<Hash>(bytes.subspan(2, entry_bytes)));
  }
  return out;
}

}  // namespace tannha::tlog
