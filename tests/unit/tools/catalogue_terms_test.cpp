#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tools/catalogue/parse_entry.hpp"

namespace tannha::tools {
namespace {

using Certainty = ProcedureFee::Certainty;
using Unit = ProcedureTime::Unit;

TEST(ParseTimeTest, NeverTakesNumberFromUnclearText) {
  const std::vector<std::pair<const char*, Unclear>> cases{
      {"", Unclear::time_missing},
      {"OTHER", Unclear::time_unit_other},
      {"3 OTHER", Unclear::time_unit_other},
      {"17.5 WORKING_DAY", Unclear::time_fraction},
      {"0 WORKING_DAY", Unclear::time_out_of_range},
      {"3651 ngày", Unclear::time_out_of_range},
      {"99999999999 ngày", Unclear::time_out_of_range},
      {"-3 ngày", Unclear::time_prose},
      {"3", Unclear::time_prose},
      {"3  WORKING_DAY", Unclear::time_prose},
      {"3 WEEK", Unclear::time_prose},
      {"5 ngày làm việc.", Unclear::time_prose},
      {"Không quá 15 ngày. OTHER", Unclear::time_prose}};
  for (const auto& [text, why] : cases) {
    const auto parsed = parse_time(text);
    EXPECT_EQ(parsed.unclear, why) << text;
    EXPECT_FALSE(parsed.time.count) << text;
    EXPECT_EQ(parsed.time.text, text);
  }
  EXPECT_EQ(parse_time("17.5 WORKING_DAY").time.unit, Unit::working_day);
  EXPECT_EQ(parse_time("3 OTHER").time.unit, Unit::prose);
}

TEST(ParseTimeTest, ReadsTheUnitsOfThePortal) {
  EXPECT_EQ(parse_time("25 WORKING_DAY").time,
            (ProcedureTime{25, Unit::working_day, "25 WORKING_DAY"}));
  EXPECT_EQ(parse_time("3650 ngày").time, (ProcedureTime{3650, Unit::calendar_day, "3650 ngày"}));
  EXPECT_EQ(parse_time("8 HOUR").time, (ProcedureTime{8, Unit::hour, "8 HOUR"}));
  EXPECT_EQ(parse_time("1 MONTH").time, (ProcedureTime{1, Unit::month, "1 MONTH"}));
  EXPECT_EQ(parse_time("SAME_DAY").time, (ProcedureTime{std::nullopt, Unit::same_day, "SAME_DAY"}));
  EXPECT_FALSE(parse_time("1 MONTH").unclear);
}

struct FeeCase {
  const char* text;
  std::optional<std::uint64_t> amount_dong;
  Certainty certainty;
  std::optional<Unclear> unclear;
};

TEST(ParseFeeTest, TakesOnlyOneClearAmount) {
  const auto none = std::nullopt;
  const std::vector<FeeCase> cases{
      {"", none, Certainty::not_given, Unclear::fee_missing},
      {"Không có thông tin", none, Certainty::not_given, Unclear::fee_missing},
      {"0 VNĐ ()", 0, Certainty::stated, none},
      {"0 VNĐ (Không có.)", 0, Certainty::stated, none},
      {"0 VNĐ () | 0 VNĐ ()", 0, Certainty::stated, none},
      {"8000 VNĐ ()", 8000, Certainty::stated, none},
      {"50000 VNĐ (/giao dịch)", 50000, Certainty::stated, none},
      {"1000 VNĐ ()", 1000, Certainty::stated, none},
      {"999 VNĐ ()", none, Certainty::not_given, Unclear::fee_too_small},
      {"0 VNĐ (Do Hội đồng nhân dân tỉnh quyết định)", none, Certainty::set_elsewhere,
       Unclear::fee_set_elsewhere},
      {"150000 VNĐ (Mức cụ thể do Hội đồng nhân dân tỉnh quyết định)", 150000,
       Certainty::set_elsewhere, Unclear::fee_set_elsewhere},
      {"Chi tiết tại văn bản kèm theo", none, Certainty::set_elsewhere, Unclear::fee_set_elsewhere},
      {"HĐND tỉnh quy định | Nghị quyết số 9", none, Certainty::set_elsewhere,
       Unclear::fee_set_elsewhere},
      {"0 VNĐ (Phí: 100.000 đồng/hồ sơ)", none, Certainty::not_given, Unclear::fee_in_prose},
      {"0 VNĐ (Không quy định)", none, Certainty::not_given, Unclear::fee_in_prose},
      {"một ít", none, Certainty::not_given, Unclear::fee_in_prose},
      {"8.000 VNĐ ()", none, Certainty::not_given, Unclear::fee_in_prose},
      {"99999999999999999999 VNĐ ()", none, Certainty::not_given, Unclear::fee_in_prose},
      {"5000 VNĐ (a) | 4000 VNĐ (b)", none, Certainty::not_given, Unclear::fee_several},
      {"25000 VNĐ () | 25000 VNĐ ()", none, Certainty::not_given, Unclear::fee_several},
      {"0 VNĐ () | 25000 VNĐ ()", none, Certainty::not_given, Unclear::fee_several}};
  for (const auto& c : cases) {
    const auto parsed = parse_fee(c.text);
    EXPECT_EQ(parsed.fee.amount_dong, c.amount_dong) << c.text;
    EXPECT_EQ(parsed.fee.certainty, c.certainty) << c.text;
    EXPECT_EQ(parsed.unclear, c.unclear) << c.text;
    EXPECT_EQ(parsed.fee.text, c.text);
  }
}

std::size_t count_chars(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

TEST(ExcerptTest, HasAtMost120CharactersOnOneLine) {
  std::string text;
  for (int i = 0; i < 120; ++i) text += "đ";
  EXPECT_EQ(excerpt(text), text);
  const auto cut = excerpt(text + "đ");
  EXPECT_EQ(count_chars(cut), 120U);
  EXPECT_TRUE(cut.ends_with("…"));
  EXPECT_EQ(excerpt(" a\n\t b\r\n"), "a b");
  EXPECT_EQ(excerpt("a\xFF\xC3"), "a??");
}

TEST(UnclearTest, EachHasItsOwnNameAndTwoSentences) {
  std::set<std::string_view> names;
  const auto last = static_cast<unsigned>(Unclear::note_with_quantity);
  for (unsigned i = 0; i <= last; ++i) {
    const auto why = static_cast<Unclear>(i);
    EXPECT_NE(name(why), "unknown") << i;
    EXPECT_TRUE(names.insert(name(why)).second) << i;
    EXPECT_TRUE(message(why, Language::english).ends_with('.')) << i;
    EXPECT_TRUE(message(why, Language::vietnamese).ends_with('.')) << i;
  }
}

}  // namespace
}  // namespace tannha::tools
