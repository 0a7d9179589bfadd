#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tannha/engine/calendar.hpp"

namespace tannha {
namespace {

using namespace std::chrono_literals;

std::string text(Date date) {
  char buffer[32];
  (void)std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return buffer;
}

Date date_from(const std::string& iso) {
  return Date{std::chrono::year{std::stoi(iso.substr(0, 4))},
              std::chrono::month{static_cast<unsigned>(std::stoi(iso.substr(5, 2)))},
              std::chrono::day{static_cast<unsigned>(std::stoi(iso.substr(8, 2)))}};
}

std::set<std::string> texts_of(const boost::json::value& array) {
  std::set<std::string> texts;
  for (const auto& item : array.as_array()) texts.emplace(item.as_string());
  return texts;
}

class CalendarVectorsTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = std::string(TANNHA_SHARED_DIR) + "/data/calendar.json";
    std::ifstream file(path);
    if (!file) GTEST_SKIP() << "no file data/calendar.json in the shared folder";
    json_ = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  }

  boost::json::value json_;
  WorkingCalendar calendar_ = WorkingCalendar::built_in();
};

TEST_F(CalendarVectorsTest, AgreesOnEveryDay) {
  const auto worked_weekend_days = texts_of(json_.at("worked_weekend_days"));
  for (const int year : {2025, 2026}) {
    const auto days_off = texts_of(json_.at("days_off").at(std::to_string(year)));
    const std::chrono::sys_days end = std::chrono::year{year + 1} / 1 / 1;
    for (std::chrono::sys_days day = std::chrono::year{year} / 1 / 1; day < end;
         day += std::chrono::days{1}) {
      const std::string iso = text(Date{day});
      const bool weekend = std::chrono::weekday{day}.iso_encoding() > 5;
      const bool works = !days_off.contains(iso) && (!weekend || worked_weekend_days.contains(iso));
      EXPECT_EQ(calendar_.is_working_day(Date{day}), works) << iso;
    }
  }
}

TEST_F(CalendarVectorsTest, MeetsTheGoldenCases) {
  const auto& golden = json_.at("golden").as_array();
  ASSERT_EQ(golden.size(), 11U);
  for (const auto& entry : golden) {
    const std::string received(entry.at(0).as_string());
    const std::string unit(entry.at(2).as_string());
    ASSERT_TRUE(unit == "WD" || unit == "CAL") << unit;
    const TimeLimit limit{entry.at(1).to_number<std::uint32_t>(),
                          unit == "WD" ? TimeUnit::working_day : TimeUnit::calendar_day};
    const auto due = calendar_.due(unix_ms_of(date_from(received), 9h), limit);
    ASSERT_TRUE(due) << received;
    EXPECT_EQ(text(local_date(*due)), std::string(entry.at(3).as_string())) << received;
    EXPECT_EQ(local_time_of_day(*due), 17h) << received;
  }
}

TEST_F(CalendarVectorsTest, LeavesTheYearWithoutNoticeUnknown) {
  ASSERT_TRUE(json_.at("days_off").as_object().contains("2027_fixed_only"));
  EXPECT_FALSE(calendar_.knows_year(2027));
}

}  // namespace
}  // namespace tannha
