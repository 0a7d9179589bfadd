#include "tannha/engine/numbers.hpp"

#include <gtest/gtest.h>

namespace tannha {
namespace {

using enum body::NumberKind;

TEST(NumbersTest, RefusesItemWithWrongCheckDigit) {
  EXPECT_TRUE(parse_number(item, "RB000000014VN"));
  EXPECT_FALSE(parse_number(item, "RB000000015VN"));
}

TEST(NumbersTest, RefusesItemOfAnotherCountry) {
  EXPECT_TRUE(parse_number(item, "RB473124829VN"));
  EXPECT_FALSE(parse_number(item, "RB473124829GB"));
}

TEST(NumbersTest, RefusesEverySpellingButOne) {
  for (const char* text : {"rb000000014vn", "RB 000000014 VN", " RB000000014VN", "RB000000014VN ",
                           "", "RB", "RB00000014VN"}) {
    EXPECT_FALSE(parse_number(item, text)) << text;
  }
}

TEST(NumbersTest, RefusesSlipWithoutPrefixOrWithOtherThanDigits) {
  for (const char* text : {"", "00000001", "PG-H42-0000000A", "PG-H42-+0000001", "PG-H42--0000001",
                           "PG-H42- 0000001", "H-1"}) {
    EXPECT_FALSE(parse_number(send_slip, text)) << text;
  }
}

TEST(NumbersTest, RefusesLeaseOfNumbersThatCannotBeWritten) {
  const auto lease = [](body::NumberKind kind, std::string prefix, std::uint32_t first,
                        std::uint32_t count) {
    return body::LeaseGranted{{}, kind, std::move(prefix), first, count, {}};
  };
  EXPECT_TRUE(is_sound(lease(item, "RB", 99'999'999, 1)));
  EXPECT_FALSE(is_sound(lease(item, "RB", 99'999'999, 2)));
  EXPECT_FALSE(is_sound(lease(item, "RB", 0xffff'ffff, 0xffff'ffff)));
  EXPECT_FALSE(is_sound(lease(item, "RB", 1, 0)));
  for (const char* prefix : {"", "R", "rb", "R1", "RBX"}) {
    EXPECT_FALSE(is_sound(lease(item, prefix, 1, 1))) << prefix;
  }
  EXPECT_TRUE(is_sound(lease(send_slip, "PG-H42-", 1, 50)));
  EXPECT_FALSE(is_sound(lease(send_slip, "", 1, 50)));
}

TEST(NumbersTest, SlipIsItsPrefixAndEightDigits) {
  EXPECT_EQ(format_number(send_slip, "PG-H42-", 1), "PG-H42-00000001");
  EXPECT_EQ(format_number(send_slip, "PG-H42-", 99'999'999), "PG-H42-99999999");
  EXPECT_EQ(parse_number(send_slip, "PG-H42-00000120"), (LeasedNumber{"PG-H42-", 120}));
}

TEST(NumbersTest, ItemIsAnS10Number) {
  EXPECT_EQ(format_number(item, "RB", 1), "RB000000014VN");
  // The serial of the example in UPU S10, under another country.
  EXPECT_EQ(format_number(item, "RB", 47'312'482), "RB473124829VN");
  EXPECT_EQ(parse_number(item, "RB473124829VN"), (LeasedNumber{"RB", 47'312'482}));
}

TEST(NumbersTest, ParsingIsTheInverseOfFormatting) {
  for (const std::uint32_t n : {0u, 1u, 9u, 10u, 99u, 12'345'678u, 99'999'999u}) {
    EXPECT_EQ(parse_number(item, format_number(item, "RB", n)), (LeasedNumber{"RB", n}));
    EXPECT_EQ(parse_number(send_slip, format_number(send_slip, "X", n)), (LeasedNumber{"X", n}));
  }
}

}  // namespace
}  // namespace tannha
