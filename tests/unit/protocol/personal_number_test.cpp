#include "tannha/protocol/personal_number.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tannha {
namespace {

using enum IdentityWarning;
using Warnings = std::vector<IdentityWarning>;

PersonalNumber number(const char* digits) {
  return {digits, PersonalNumberKind::citizen};
}

TEST(PersonalNumberTest, RefusesWrongLengths) {
  for (const char* text : {"", " ", "1", "12345678", "1234567890", "00109000000", "0010900000011",
                           "001 090 000 0011", "001090000001 001090000001"}) {
    EXPECT_EQ(parse_personal_number(text).error().code, errc::personal_number_length) << text;
  }
}

TEST(PersonalNumberTest, RefusesWhatIsNoDigit) {
  for (const char* text :
       {"00109000000A", "12345678O", "-01090000001", "0010.9000000", "00109000\xE2\x81\xB1 1"}) {
    EXPECT_EQ(parse_personal_number(text).error().code, errc::personal_number_not_digits) << text;
  }
}

TEST(PersonalNumberTest, ReadsTwelveDigits) {
  EXPECT_EQ(parse_personal_number("001090000001"), number("001090000001"));
  EXPECT_EQ(parse_personal_number(" 001 090 000 001 "), number("001090000001"));
}

TEST(PersonalNumberTest, ReadsTheOldCardsNineDigits) {
  const auto old = parse_personal_number("012345678");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->kind, PersonalNumberKind::old_card);
  EXPECT_EQ(old->digits, "012345678");
  EXPECT_EQ(personal_number_warnings(*old, Sex::male, 1990), Warnings{});
}

TEST(PersonalNumberTest, InventsNoCheckDigit) {
  for (char last = '0'; last <= '9'; ++last) {
    EXPECT_TRUE(parse_personal_number(std::string("00109000000") + last)) << last;
  }
}

TEST(PersonalNumberTest, WarnsOfUnknownProvinces) {
  for (const char* digits : {"000090000001", "003090000001", "097090000001", "130090000001"}) {
    EXPECT_EQ(personal_number_warnings(number(digits), Sex::male, 1990),
              Warnings{province_unknown});
  }
}

TEST(PersonalNumberTest, WarnsOfOtherSex) {
  EXPECT_EQ(personal_number_warnings(number("001090000001"), Sex::female, 1990),
            Warnings{sex_differs});
  EXPECT_EQ(personal_number_warnings(number("001190000001"), Sex::male, 1990),
            Warnings{sex_differs});
}

TEST(PersonalNumberTest, WarnsOfOtherBirthYear) {
  EXPECT_EQ(personal_number_warnings(number("001090000001"), Sex::male, 1991),
            Warnings{birth_year_differs});
  // The same two figures in another century.
  EXPECT_EQ(personal_number_warnings(number("001090000001"), Sex::male, 2090),
            Warnings{birth_year_differs});
}

TEST(PersonalNumberTest, WarnsOfAllAtOnce) {
  EXPECT_EQ(personal_number_warnings(number("999090000001"), Sex::female, 1800),
            (Warnings{province_unknown, sex_differs, birth_year_differs}));
}

TEST(PersonalNumberTest, ReadsCenturyAndSex) {
  struct Case {
    const char* digits;
    Sex sex;
    int year;
  };
  for (const Case& c : {Case{"001000000001", Sex::male, 1900},
                        {"001199000001", Sex::female, 1999},
                        {"001205000001", Sex::male, 2005},
                        {"001305000001", Sex::female, 2005},
                        {"001400000001", Sex::male, 2100},
                        {"001500000001", Sex::female, 2100},
                        {"001600000001", Sex::male, 2200},
                        {"001700000001", Sex::female, 2200},
                        {"001800000001", Sex::male, 2300},
                        {"001999000001", Sex::female, 2399}}) {
    EXPECT_EQ(personal_number_warnings(number(c.digits), c.sex, c.year), Warnings{}) << c.digits;
  }
}

TEST(PersonalNumberTest, ComparesOnlyWhatIsDeclared) {
  EXPECT_EQ(personal_number_warnings(number("001090000001"), std::nullopt, std::nullopt),
            Warnings{});
  EXPECT_EQ(personal_number_warnings(number("001090000001"), std::nullopt, 1991),
            Warnings{birth_year_differs});
}

TEST(PersonalNumberTest, NamesTheSixtyThreeOldProvinces) {
  unsigned count = 0;
  for (unsigned code = 0; code < 1000; ++code) count += old_province_name(code) ? 1U : 0U;
  EXPECT_EQ(count, 63U);
  EXPECT_EQ(old_province_name(1), "Hà Nội");
  EXPECT_EQ(old_province_name(35), "Hà Nam");
  EXPECT_EQ(old_province_name(96), "Cà Mau");
}

TEST(PersonalNumberTest, KeepsTheOldMeaningOfReusedCodes) {
  // Since 2025 these figures are also the statistics codes of other provinces.
  EXPECT_EQ(old_province_name(15), "Yên Bái");
  EXPECT_EQ(old_province_name(44), "Quảng Bình");
  EXPECT_EQ(old_province_name(52), "Bình Định");
  EXPECT_EQ(old_province_name(80), "Long An");
  EXPECT_EQ(old_province_name(82), "Tiền Giang");
  EXPECT_EQ(old_province_name(91), "Kiên Giang");
  EXPECT_EQ(old_province_name(24), "Bắc Giang");
}

TEST(PersonalNumberTest, NamesWarnings) {
  EXPECT_EQ(name(province_unknown), "province_unknown");
  EXPECT_EQ(name(address_missing), "address_missing");
}

}  // namespace
}  // namespace tannha
