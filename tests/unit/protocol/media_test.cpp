#include "tannha/protocol/media.hpp"

#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

std::string checked(BytesView bytes, std::string_view type = "image/jpeg") {
  const auto result = check_attachment(bytes, type);
  return result ? "none" : std::string(name(result.error().code));
}

Bytes jpeg(std::size_t size) {
  Bytes out(size, 0);
  const Bytes start = {0xff, 0xd8, 0xff};
  std::copy(start.begin(), start.end(), out.begin());
  return out;
}

TEST(MediaTest, RefusesEmptyFileFirst) {
  EXPECT_EQ(checked({}), "attachment_empty");
  EXPECT_EQ(checked({}, "text/html"), "attachment_empty");
}

TEST(MediaTest, RefusesOneByteMoreThanLimit) {
  EXPECT_EQ(checked(jpeg(limits::attachment_bytes_max)), "none");
  EXPECT_EQ(checked(jpeg(limits::attachment_bytes_max + 1)), "attachment_too_large");
  // The size comes before the type.
  EXPECT_EQ(checked(Bytes(limits::attachment_bytes_max + 1)), "attachment_too_large");
}

TEST(MediaTest, RefusesWhatTheBytesDoNotShow) {
  EXPECT_EQ(checked(as_bytes("<html>")), "attachment_type_not_allowed");
  EXPECT_EQ(checked(as_bytes("\x89PNG\r\n\x1a\n")), "attachment_type_not_allowed");
  EXPECT_EQ(checked(Bytes{0xff, 0xd8}), "attachment_type_not_allowed");
  EXPECT_EQ(checked(Bytes{0xff, 0xd8, 0xff}), "attachment_type_not_allowed");
  EXPECT_EQ(checked(Bytes{0xff, 0xd8, 0xfe, 0}), "attachment_type_not_allowed");
}

TEST(MediaTest, RefusesOtherNameForAPhoto) {
  for (const std::string_view type : {"", "image/png", "image/JPEG", "image/jpeg ", "text/html"}) {
    EXPECT_EQ(checked(jpeg(4), type), "attachment_type_not_allowed") << type;
  }
  // Nothing is sniffed as nothing, and is still not allowed.
  EXPECT_EQ(checked(as_bytes("text"), ""), "attachment_type_not_allowed");
}

TEST(MediaTest, SniffsPhotosOnly) {
  EXPECT_EQ(sniff_media_type(jpeg(4)), "image/jpeg");
  EXPECT_EQ(sniff_media_type({}), "");
  EXPECT_EQ(sniff_media_type(as_bytes("%PDF-1.7")), "");
}

}  // namespace
}  // namespace tannha
