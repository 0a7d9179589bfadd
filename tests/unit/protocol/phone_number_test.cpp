#include "tannha/protocol/phone_number.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace tannha {
namespace {

errc code_of(std::string_view text) {
  const auto number = parse_phone_number(text);
  return number ? errc{} : number.error().code;
}

TEST(PhoneNumberTest, RefusesWhatIsNoNumber) {
  for (const char* text : {"",
                           " ",
                           "+",
                           "0",
                           "84",
                           "+84",
                           "abc",
                           "091234567",
                           "09123456789",
                           "912345678",
                           "0912345678a",
                           "0912345678/0987654321",
                           "+1 650 253 0000",
                           "+85512345678",
                           "0085512345678",
                           "++84912345678",
                           "0912+345678",
                           "1022",
                           "113",
                           "0423456789",
                           "0212345678",
                           "84845678901x",
                           "0８12345678"}) {
    EXPECT_EQ(code_of(text), errc::phone_number_invalid) << text;
  }
}

TEST(PhoneNumberTest, RefusesTextLongerThanItsBound) {
  const std::string number = "0912345678";
  EXPECT_TRUE(parse_phone_number(number + std::string(30, ' ')));
  EXPECT_EQ(code_of(number + std::string(31, ' ')), errc::phone_number_invalid);
}

TEST(PhoneNumberTest, RefusesHotLinesWithoutSubscriberNumber) {
  EXPECT_EQ(code_of("0236 1022"), errc::phone_number_invalid);
}

TEST(PhoneNumberTest, ReadsEveryWayOfWritingOneNumber) {
  for (const char* text :
       {"0912345678", "+84912345678", "84 912 345 678", "0912.345.678", "84912345678",
        "+84 912 345 678", "+84.912.345.678", "0912-345-678", " 0912 345 678 ", "(+84) 912345678",
        "+84 (0)912 345 678", "0084912345678", "840912345678"}) {
    const auto number = parse_phone_number(text);
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number->e164, "+84912345678") << text;
    EXPECT_EQ(number->kind, PhoneKind::mobile) << text;
    EXPECT_EQ(national_format(*number), "0912345678");
  }
}

TEST(PhoneNumberTest, ReadsFixedNumbers) {
  for (const char* text : {"(024) 3825 1234", "02438251234", "+842438251234", "84 24 3825 1234"}) {
    const auto number = parse_phone_number(text);
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number->e164, "+842438251234") << text;
    EXPECT_EQ(number->kind, PhoneKind::fixed) << text;
    EXPECT_EQ(national_format(*number), "02438251234");
  }
}

TEST(PhoneNumberTest, ReadsServiceNumbers) {
  const auto number = parse_phone_number("1900 54 54 81");
  ASSERT_TRUE(number);
  EXPECT_EQ(number->e164, "+841900545481");
  EXPECT_EQ(number->kind, PhoneKind::service);
  EXPECT_EQ(national_format(*number), "1900545481");
  EXPECT_EQ(parse_phone_number("18001234")->kind, PhoneKind::service);
  EXPECT_EQ(parse_phone_number("+84 1900 54 54 81"), *number);
  EXPECT_EQ(code_of("1900123"), errc::phone_number_invalid);
  EXPECT_EQ(code_of("19001234567"), errc::phone_number_invalid);
  EXPECT_EQ(code_of("01900545481"), errc::phone_number_invalid);
}

TEST(PhoneNumberTest, RefusesOldNumbersButSuggestsTheNewOne) {
  // The change of September 2018.
  constexpr const char* changes[][2] = {
      {"0120", "070"}, {"0121", "079"}, {"0122", "077"}, {"0126", "076"}, {"0128", "078"},
      {"0123", "083"}, {"0124", "084"}, {"0125", "085"}, {"0127", "081"}, {"0129", "082"},
      {"0162", "032"}, {"0163", "033"}, {"0164", "034"}, {"0165", "035"}, {"0166", "036"},
      {"0167", "037"}, {"0168", "038"}, {"0169", "039"}, {"0186", "056"}, {"0188", "058"},
      {"0199", "059"}};
  for (const auto& [before, after] : changes) {
    const std::string old = std::string(before) + "1234567";
    EXPECT_EQ(code_of(old), errc::phone_number_old) << old;
    const auto suggested = suggest_new_number(old);
    ASSERT_TRUE(suggested) << old;
    EXPECT_EQ(national_format(*suggested), std::string(after) + "1234567");
    EXPECT_EQ(parse_phone_number(suggested->e164), *suggested) << old;
  }
}

TEST(PhoneNumberTest, SuggestsForEveryWayOfWriting) {
  for (const char* text : {"01681234567", "+84 168 123 4567", "84.168.1234567", "0168 1234 567"}) {
    EXPECT_EQ(code_of(text), errc::phone_number_old) << text;
    const auto suggested = suggest_new_number(text);
    ASSERT_TRUE(suggested) << text;
    EXPECT_EQ(suggested->e164, "+84381234567") << text;
  }
}

TEST(PhoneNumberTest, SuggestsNothingWhereNothingChanged) {
  for (const char* text : {"", "0912345678", "01611234567", "0168123456", "016812345678", "x"}) {
    EXPECT_FALSE(suggest_new_number(text)) << text;
  }
  EXPECT_EQ(code_of("01611234567"), errc::phone_number_invalid);
}

// The hand-written matchers against the patterns they stand for (libphonenumber's metadata).
TEST(PhoneNumberTest, AgreesWithThePublishedPatterns) {
  const std::regex mobile(
      R"((?:5(?:2[238]|59)|89[6-9]|99[013-9])\d{6}|(?:3\d|5[1689]|7[06-9]|8[1-8]|9[0-8])\d{7})");
  const std::regex fixed(
      R"(2(?:0[3-9]|1[0-689]|2[0-25-9]|[38][2-9]|4[2-8]|5[124-9]|6[0-39]|7[0-7]|9[0-4679])\d{7})");
  for (unsigned prefix = 0; prefix < 1000; ++prefix) {
    std::string digits = std::to_string(1000 + prefix).substr(1);
    for (const char* rest : {"12345", "123456", "1234567", "12345678"}) {
      const std::string national = digits + rest;
      const auto number = parse_phone_number("0" + national);
      const bool is_mobile = std::regex_match(national, mobile);
      const bool is_fixed = std::regex_match(national, fixed);
      ASSERT_EQ(number.has_value() && number->kind == PhoneKind::mobile, is_mobile) << national;
      ASSERT_EQ(number.has_value() && number->kind == PhoneKind::fixed, is_fixed) << national;
    }
  }
}

}  // namespace
}  // namespace tannha
