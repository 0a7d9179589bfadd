#include "tannha/protocol/s10.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace tannha {
namespace {

// Sources: UPU S10; npm s10 1.0.0; the BWIPP manual; the rest computed by the rule.
constexpr std::pair<std::uint32_t, unsigned> check_digits[] = {
    {47312482, 9}, {47110815, 1}, {71761, 8}, {71758, 1}, {71759, 5}, {96633102, 0}, {76129403, 8},
    {0, 5},        {8, 0},        {12, 0},    {15, 5},    {34, 5},    {99999999, 5}, {12345678, 5},
};

constexpr const char* valid_items[] = {
    "RR473124829GB", "EE471108151FR", "EB000717618HK", "EB000717595HK", "RA473124829VN",
    "RR123456785VN", "EB000000005VN", "CP000000080VN", "RB202611218VN",
};

TEST(S10Test, RefusesWrongCheckDigit) {
  for (const char* text : {"EB000717594HK", "RR473124820GB", "EB000000000VN", "EB000000006VN"}) {
    const auto item = parse_s10(text);
    ASSERT_FALSE(item) << text;
    EXPECT_EQ(item.error().code, errc::s10_check_digit) << text;
  }
}

TEST(S10Test, RefusesEveryWrongDigit) {
  const std::string valid = "RA473124829VN";
  for (std::size_t i = 2; i <= 10; ++i) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string changed = valid;
      changed[i] = digit;
      const auto item = parse_s10(changed);
      EXPECT_EQ(item.has_value(), changed == valid) << changed;
    }
  }
}

TEST(S10Test, RefusesOtherShapes) {
  for (const char* text :
       {"", " ", "RA", "RA47312482VN", "RA4731248299VN", "RA473124829VNX", "R1473124829VN",
        "RA473124829V1", "RAX73124829VN", "RA47312482XVN", "RA-73124829VN", "ÐA73124829VN",
        "RA\t473124829VN", "12345678901234567890"}) {
    const auto item = parse_s10(text);
    ASSERT_FALSE(item) << text;
    EXPECT_EQ(item.error().code, errc::s10_malformed) << text;
  }
}

TEST(S10Test, ComputesCheckDigits) {
  for (const auto& [serial, digit] : check_digits) {
    EXPECT_EQ(s10_check_digit(serial), digit) << serial;
  }
}

TEST(S10Test, ReadsWhatItWrites) {
  for (const char* text : valid_items) {
    const auto item = parse_s10(text);
    ASSERT_TRUE(item) << text;
    EXPECT_EQ(format(*item), text);
  }
}

TEST(S10Test, AcceptsLowerCaseAndSpaces) {
  const auto item = parse_s10("  ra 473 124 829 vn ");
  ASSERT_TRUE(item);
  EXPECT_EQ(format(*item), "RA473124829VN");
  EXPECT_EQ(item->serial, 47312482U);
  EXPECT_EQ(item->service, (std::array{'R', 'A'}));
  EXPECT_EQ(item->country, (std::array{'V', 'N'}));
}

TEST(S10Test, WritesLeadingZeros) {
  EXPECT_EQ(format({{'C', 'P'}, 8, {'V', 'N'}}), "CP000000080VN");
}

TEST(S10Test, AcceptsReservedServicesAndNamesThem) {
  for (const char first : std::string_view("JKSTW")) {
    const auto item = parse_s10(std::string(1, first) + "A473124829VN");
    ASSERT_TRUE(item) << first;
    EXPECT_TRUE(is_reserved_service(*item)) << first;
  }
  EXPECT_FALSE(is_reserved_service({{'R', 'J'}, 0, {'V', 'N'}}));
}

}  // namespace
}  // namespace tannha
