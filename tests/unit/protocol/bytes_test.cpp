#include "tannha/protocol/bytes.hpp"

#include <gtest/gtest.h>

namespace tannha {
namespace {

TEST(HexTest, RefusesOddLengthAndOtherCharacters) {
  for (const std::string_view text : {"0", "abc", "0g", "g0", "0x", " 00", "00 ", "\xc3\xa9"}) {
    EXPECT_FALSE(from_hex(text)) << text;
  }
}

TEST(HexTest, ReadsBothCasesAndWritesLower) {
  EXPECT_EQ(from_hex("00fFAb"), (Bytes{0x00, 0xff, 0xab}));
  EXPECT_EQ(to_hex(Bytes{0x00, 0xff, 0xab}), "00ffab");
  EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(HexTest, RoundTripsEveryByte) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  EXPECT_EQ(from_hex(to_hex(all)), all);
}

TEST(Base64Test, RefusesWrongPaddingAlphabetAndBits) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm9vYg=", "Zm9 v", "Zm9v\n", "Zm_v",
        "Zh==", "Zm9=", "Zg==Zg==", "Z=g=", "Z==="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

// The examples of RFC 4648 §10.
TEST(Base64Test, MatchesRfcExamples) {
  const std::pair<std::string_view, std::string_view> examples[] = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : examples) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    EXPECT_EQ(from_base64(encoded), to_bytes(as_bytes(plain)));
  }
}

TEST(Base64UrlTest, RefusesPaddingOtherAlphabetAndBits) {
  for (const std::string_view text :
       {"Zg==", "Zm8=", "Z", "Zm9vY", "+_8", "/_8", "Zh", "Zm9", " Zg", "Zg\n"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
}

TEST(Base64UrlTest, UsesMinusAndUnderscoreWithoutPadding) {
  EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff}), "-_8");
  EXPECT_EQ(from_base64url("-_8"), (Bytes{0xfb, 0xff}));
}

TEST(Base64UrlTest, RoundTripsEveryLength) {
  Bytes bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 97 + 13));
  }
}

TEST(UuidTest, RefusesOtherForms) {
  const std::string good = "0190163d-8694-739b-aea5-966c26f8ad91";
  ASSERT_TRUE(uuid_from_text(good));
  EXPECT_FALSE(uuid_from_text(""));
  EXPECT_FALSE(uuid_from_text(good + "0"));
  EXPECT_FALSE(uuid_from_text(good.substr(1)));
  EXPECT_FALSE(uuid_from_text("{190163d-8694-739b-aea5-966c26f8ad91"));
  EXPECT_FALSE(uuid_from_text("0190163d08694-739b-aea5-966c26f8ad91"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = 'x';
    EXPECT_FALSE(uuid_from_text(bad)) << i;
  }
}

TEST(UuidTest, RoundTripsText) {
  const std::string text = "0190163d-8694-739b-aea5-966c26f8ad91";
  EXPECT_EQ(uuid_text(*uuid_from_text(text)), text);
  EXPECT_EQ(uuid_text(*uuid_from_text("0190163D-8694-739B-AEA5-966C26F8AD91")), text);
}

// The example of RFC 9562 appendix A.6.
TEST(UuidTest, MakesVersion7AsTheRfc) {
  const Id id =
      make_uuid_v7(0x017F22E279B0, {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f});
  EXPECT_EQ(uuid_text(id), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(UuidTest, SetsVersionAndVariantOverAnyRandomBits) {
  for (const std::uint8_t fill : {std::uint8_t{0x00}, std::uint8_t{0xff}}) {
    std::array<std::uint8_t, 10> random{};
    random.fill(fill);
    const Id id = make_uuid_v7(1, random);
    EXPECT_EQ(id[6] >> 4, 7);
    EXPECT_EQ(id[8] >> 6, 2);
    EXPECT_EQ(id[15], fill);
  }
}

TEST(Utf8Test, RefusesWhatRfc3629Forbids) {
  for (const std::string_view text : {"\x80",
                                      "\xbf",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xfe",
                                      "\xc3",
                                      "\xe1\xba",
                                      "\xf0\x9f\x98",
                                      "\xc3\x28",
                                      "\xe1\x28\xad",
                                      "\xe1\xba\x28",
                                      "12345678\x80",
                                      "123456789012345\xc3"}) {
    EXPECT_FALSE(is_utf8(text)) << to_hex(as_bytes(text));
  }
}

TEST(Utf8Test, AcceptsTheBoundariesOfEachLength) {
  for (const std::string_view text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "Tận Nhà", "một hồ sơ tại nhà"}) {
    EXPECT_TRUE(is_utf8(text)) << to_hex(as_bytes(text));
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(ToArrayTest, TakesOnlyTheExactSize) {
  EXPECT_FALSE(to_array<Id>(Bytes(15)));
  EXPECT_FALSE(to_array<Id>(Bytes(17)));
  EXPECT_TRUE(to_array<Id>(Bytes(16)));
}

}  // namespace
}  // namespace tannha
