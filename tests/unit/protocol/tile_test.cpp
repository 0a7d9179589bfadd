#include "tannha/protocol/tile.hpp"

#include <gtest/gtest.h>

#include "tannha/protocol/crypto.hpp"

namespace tannha::tlog {
namespace {

void expect_path(const Tile& tile, std::string_view path) {
  EXPECT_EQ(tile_path(tile), path);
  const auto parsed = parse_tile_path(path);
  ASSERT_TRUE(parsed.has_value()) << path;
  EXPECT_EQ(*parsed, tile) << path;
}

TEST(TileTest, PathsAreThoseOfTheSpecification) {
  expect_path({.level = 0, .index = 0}, "0/000");
  expect_path({.level = 0, .index = 1'234'067}, "0/x001/x234/067");
  expect_path({.level = 63, .index = 999}, "63/999");
  expect_path({.level = 1, .index = 1000, .width = 17}, "1/x001/000.p/17");
  expect_path({.level = 2, .index = 0, .width = 255}, "2/000.p/255");
  expect_path({.level = {}, .index = 273, .width = 112}, "entries/273.p/112");
  expect_path({.level = 0, .index = ~std::uint64_t{0}}, "0/x018/x446/x744/x073/x709/x551/615");
}

TEST(TileTest, RefusesEveryOtherText) {
  for (const char* path :
       {"", "0", "0/", "/000", "0/0", "0/00", "0/0000", "0/x000/001", "0/x001", "0/001/002",
        "0/x01/002", "0/-01", "0/+01", "0/ 01", "0/0x1", "00/000", "64/000", "-1/000", "256/000",
        "x/000", "0/000.p/", "0/000.p/0", "0/000.p/01", "0/000.p/256", "0/000.p/1/", "0/000.p/-1",
        "0/000.p", "0/000/.p/1", "0/000.p/1.p/1", "0/x018/x446/x744/x073/x709/x551/616",
        "0/x001/x018/x446/x744/x073/x709/x551/615", "0/000?a", "0/%30%30%30", "entries",
        "entries/", "entries/0", "Entries/000", "0/../000"}) {
    const auto parsed = parse_tile_path(path);
    ASSERT_FALSE(parsed.has_value()) << path;
    EXPECT_EQ(parsed.error().code, errc::argument_invalid) << path;
  }
}

// The specification's own example.
TEST(TileTest, WidthsOfAJournalOfSeventyThousand) {
  EXPECT_EQ(partial_width(0, 70'000), 112U);
  EXPECT_EQ(partial_width(1, 70'000), 17U);
  EXPECT_EQ(partial_width(2, 70'000), 1U);
  EXPECT_EQ(partial_width(3, 70'000), 0U);
  EXPECT_EQ(partial_width(0, 256), 0U);
  EXPECT_EQ(partial_width(1, 256), 1U);
  EXPECT_EQ(partial_width(8, ~std::uint64_t{0}), 0U);
}

TEST(TileTest, EntriesAreLengthPrefixed) {
  const std::vector<Hash> hashes{Hash{1}, Hash{2}};
  const Bytes bundle = encode_entries(hashes);
  ASSERT_EQ(bundle.size(), 68U);
  EXPECT_EQ(bundle[0], 0);
  EXPECT_EQ(bundle[1], 32);
  EXPECT_EQ(bundle[2], 1);
  EXPECT_EQ(*decode_entries(bundle, 2), hashes);
  EXPECT_EQ(*decode_hashes(encode_hashes(hashes), 2), hashes);
  EXPECT_FALSE(decode_entries(bundle, 1).has_value());
  EXPECT_FALSE(decode_entries(bundle, 3).has_value());
  EXPECT_FALSE(decode_hashes(bundle, 2).has_value());
  Bytes other = bundle;
  other[1] = 31;
  EXPECT_FALSE(decode_entries(other, 2).has_value());
}

}  // namespace
}  // namespace tannha::tlog
