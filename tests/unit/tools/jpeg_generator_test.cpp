#include "tools/photo/jpeg_generator.hpp"

#include <gtest/gtest.h>

#include <jpeglib.h>
#include <cstdio>
#include <stdexcept>

namespace tannha::tools {
namespace {

struct Picture {
  std::uint32_t width{};
  std::uint32_t height{};
  int components{};
  long warnings{};
};

[[noreturn]] void refuse(j_common_ptr) {
  throw std::runtime_error("not a JPEG file");
}

// Decodes every row, as a viewer would.
Picture decoded(const Bytes& bytes) {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = refuse;
  errors.output_message = [](j_common_ptr) {};
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&jpeg, TRUE);
  jpeg_start_decompress(&jpeg);
  Bytes row(std::size_t{jpeg.output_width} * static_cast<std::size_t>(jpeg.output_components));
  JSAMPROW rows = row.data();
  while (jpeg.output_scanline < jpeg.output_height) jpeg_read_scanlines(&jpeg, &rows, 1);
  const Picture picture{jpeg.output_width, jpeg.output_height, jpeg.output_components,
                        errors.num_warnings};
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  return picture;
}

TEST(JpegGeneratorTest, TruncatedPageIsNoticedByTheDecoderOfThisTest) {
  auto bytes = make_page({.width = 160, .height = 200});
  bytes.resize(bytes.size() / 2);
  EXPECT_GT(decoded(bytes).warnings, 0);
}

TEST(JpegGeneratorTest, DecodesWithoutWarning) {
  for (const bool is_colour : {false, true}) {
    const auto picture = decoded(make_page({.is_colour = is_colour, .seed = 7}));
    EXPECT_EQ(picture.width, 1654U);
    EXPECT_EQ(picture.height, 2339U);
    EXPECT_EQ(picture.components, is_colour ? 3 : 1);
    EXPECT_EQ(picture.warnings, 0);
  }
}

TEST(JpegGeneratorTest, HasSizeOfScannedPage) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const auto grey = make_page({.seed = seed}).size();
    EXPECT_GE(grey, 250'000U) << seed;
    EXPECT_LE(grey, 500'000U) << seed;
    const auto colour = make_page({.is_colour = true, .seed = seed}).size();
    EXPECT_GE(colour, 400'000U) << seed;
    EXPECT_LE(colour, 900'000U) << seed;
  }
}

TEST(JpegGeneratorTest, SeedDecidesTheBytes) {
  const PageOptions options{.width = 320, .height = 452, .seed = 3};
  auto other = options;
  other.seed = 4;
  EXPECT_EQ(make_page(options), make_page(options));
  EXPECT_NE(make_page(options), make_page(other));
}

TEST(JpegGeneratorTest, ThumbnailHasLongerSideOf320) {
  const auto upright = make_thumbnail({.seed = 1});
  EXPECT_EQ(decoded(upright).width, 226U);
  EXPECT_EQ(decoded(upright).height, 320U);
  EXPECT_LT(upright.size(), 40'000U);
  const auto card = decoded(make_thumbnail({.width = 1000, .height = 630, .is_colour = true}));
  EXPECT_EQ(card.width, 320U);
  EXPECT_EQ(card.height, 201U);
}

TEST(JpegGeneratorTest, DrawsSmallestAndVeryWidePages) {
  EXPECT_EQ(decoded(make_page({.width = 16, .height = 16})).width, 16U);
  EXPECT_EQ(decoded(make_page({.width = 4000, .height = 16, .is_colour = true})).height, 16U);
  EXPECT_EQ(decoded(make_page({.width = 16, .height = 4000})).height, 4000U);
}

}  // namespace
}  // namespace tannha::tools
