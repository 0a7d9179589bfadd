#include "tannha/engine/calendar.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace tannha {
namespace {

using namespace std::chrono_literals;

constexpr Date no_date{};

std::string text(Date date) {
  return std::to_string(static_cast<int>(date.year())) + "-" +
         std::to_string(static_cast<unsigned>(date.month())) + "-" +
         std::to_string(static_cast<unsigned>(date.day()));
}

errc code_of(const Result<std::uint64_t>& result) {
  return result ? errc{} : result.error().code;
}

class WorkingCalendarTest : public testing::Test {
 protected:
  // Day and closing time of what is due, or an impossible date.
  static Date due_date(Date received, std::uint32_t count, TimeUnit unit) {
    const auto due = calendar().due(unix_ms_of(received, 9h), {count, unit});
    if (!due) return no_date;
    EXPECT_EQ(local_time_of_day(*due), 17h);
    return local_date(*due);
  }

  static Result<std::uint64_t> due_at(Date received, std::chrono::milliseconds time,
                                      TimeLimit limit) {
    return calendar().due(unix_ms_of(received, time), limit);
  }

  static const WorkingCalendar& calendar() {
    static const WorkingCalendar built_in = WorkingCalendar::built_in();
    return built_in;
  }
};

TEST_F(WorkingCalendarTest, FailsInUnknownYears) {
  for (const Date date : {2024y / 12 / 31, 2027y / 1 / 1, 2027y / 6 / 15, 1970y / 1 / 1}) {
    const auto works = calendar().is_working_day(date);
    ASSERT_FALSE(works) << text(date);
    EXPECT_EQ(works.error().code, errc::calendar_year_unknown);
    for (const TimeUnit unit :
         {TimeUnit::working_day, TimeUnit::calendar_day, TimeUnit::hour, TimeUnit::same_day}) {
      EXPECT_EQ(code_of(due_at(date, 9h, {1, unit})), errc::calendar_year_unknown) << text(date);
    }
  }
}

TEST_F(WorkingCalendarTest, FailsWhereCountingRunsIntoAnUnknownYear) {
  const Date last = 2026y / 12 / 31;
  EXPECT_EQ(code_of(due_at(last, 9h, {1, TimeUnit::working_day})), errc::calendar_year_unknown);
  EXPECT_EQ(code_of(due_at(last, 9h, {1, TimeUnit::calendar_day})), errc::calendar_year_unknown);
  EXPECT_EQ(code_of(due_at(last, 9h, {8, TimeUnit::hour})), errc::calendar_year_unknown);
  EXPECT_EQ(code_of(due_at(last, 15h, {0, TimeUnit::same_day})), errc::calendar_year_unknown);
  // The last day itself is known.
  EXPECT_TRUE(due_at(last, 9h, {6, TimeUnit::hour}));
  EXPECT_EQ(due_date(last, 0, TimeUnit::same_day), last);
  EXPECT_EQ(due_date(2026y / 12 / 30, 1, TimeUnit::working_day), last);
  EXPECT_EQ(due_date(2026y / 12 / 30, 1, TimeUnit::calendar_day), last);
}

TEST_F(WorkingCalendarTest, FailsForHugeCountsAndInstants) {
  constexpr std::uint32_t huge = std::numeric_limits<std::uint32_t>::max();
  for (const TimeUnit unit : {TimeUnit::working_day, TimeUnit::calendar_day, TimeUnit::hour}) {
    EXPECT_EQ(code_of(due_at(2026y / 3 / 2, 9h, {huge, unit})), errc::calendar_year_unknown);
  }
  const auto late =
      calendar().due(std::numeric_limits<std::uint64_t>::max(), {1, TimeUnit::working_day});
  EXPECT_EQ(code_of(late), errc::calendar_year_unknown);
}

TEST_F(WorkingCalendarTest, RefusesLimitsWithoutCountOrUnit) {
  for (const TimeUnit unit : {TimeUnit::working_day, TimeUnit::calendar_day, TimeUnit::hour}) {
    EXPECT_EQ(code_of(due_at(2026y / 3 / 2, 9h, {0, unit})), errc::time_limit_unknown);
  }
  EXPECT_EQ(code_of(due_at(2026y / 3 / 2, 9h, {1, TimeUnit{}})), errc::time_limit_unknown);
  EXPECT_EQ(code_of(due_at(2026y / 3 / 2, 9h, {1, TimeUnit{9}})), errc::time_limit_unknown);
}

TEST_F(WorkingCalendarTest, RefusesDatesThatDoNotExist) {
  const auto works = calendar().is_working_day(2026y / 2 / 30);
  ASSERT_FALSE(works);
  EXPECT_EQ(works.error().code, errc::argument_invalid);
}

TEST_F(WorkingCalendarTest, RefusesYearsThatDoNotFit) {
  WorkingCalendar calendar;
  for (const CalendarYear& year :
       {CalendarYear{1999, {}, {}}, CalendarYear{10'000, {}, {}},
        CalendarYear{2027, {2026y / 1 / 1}, {}}, CalendarYear{2027, {2027y / 2 / 29}, {}},
        CalendarYear{2027, {}, {2028y / 1 / 1}},
        CalendarYear{2027, {}, {2027y / 1 / 4}},  // a Monday
        CalendarYear{2027, {2027y / 1 / 2}, {2027y / 1 / 2}}}) {
    const auto added = calendar.add_year(year);
    ASSERT_FALSE(added) << year.year;
    EXPECT_EQ(added.error().code, errc::catalogue_malformed);
    EXPECT_FALSE(calendar.knows_year(year.year));
  }
}

TEST_F(WorkingCalendarTest, RefusesOfficeHoursOutOfOrder) {
  WorkingCalendar changed = WorkingCalendar::built_in();
  for (const OfficeHours& hours :
       {OfficeHours{8h, 8h, 13h, 17h, 15h}, OfficeHours{8h, 12h, 11h, 17h, 15h},
        OfficeHours{8h, 12h, 13h, 24h, 15h}, OfficeHours{-1h, 12h, 13h, 17h, 15h},
        OfficeHours{8h, 12h, 13h, 17h, 25h}, OfficeHours{8h, 12h, 13h, 17h, -1min}}) {
    const auto set = changed.set_office_hours(hours);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, errc::argument_invalid);
  }
}

// Computed by the rule from the notices of 2025 and 2026.
TEST_F(WorkingCalendarTest, MeetsTheGoldenCases) {
  struct Case {
    Date received;
    std::uint32_t count;
    TimeUnit unit;
    Date due;
    const char* why;
  };
  constexpr auto working = TimeUnit::working_day;
  const Case cases[] = {
      {2026y / 2 / 13, 3, working, 2026y / 2 / 25, "Tết"},
      {2026y / 8 / 27, 5, working, 2026y / 9 / 8, "swap and National Day"},
      {2026y / 1 / 9, 1, working, 2026y / 1 / 10, "worked Saturday"},
      {2026y / 4 / 16, 10, TimeUnit::calendar_day, 2026y / 4 / 28, "Giỗ Tổ on a Sunday, made up"},
      {2026y / 11 / 20, 2, working, 2026y / 11 / 25, "24 November"},
      {2025y / 4 / 25, 3, working, 2025y / 4 / 29, "worked Saturday"},
      {2025y / 1 / 24, 5, working, 2025y / 2 / 7, "Tết"},
      {2026y / 4 / 24, 3, working, 2026y / 5 / 4, "27 April, 30 April, 1 May"},
      {2025y / 8 / 29, 1, working, 2025y / 9 / 3, "National Day"},
      {2026y / 8 / 21, 2, working, 2026y / 8 / 24, "worked Saturday"},
      {2026y / 1 / 1, 1, working, 2026y / 1 / 5, "2 January off"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(text(due_date(c.received, c.count, c.unit)), text(c.due)) << c.why;
  }
}

TEST_F(WorkingCalendarTest, CountsTheWorkingDaysOfEachYear) {
  for (const auto& [year, expected] : {std::pair{2025, 250}, std::pair{2026, 249}}) {
    int count = 0;
    for (std::chrono::sys_days day = std::chrono::year{year} / 1 / 1;
         day <= std::chrono::sys_days{std::chrono::year{year} / 12 / 31};
         day += std::chrono::days{1}) {
      const auto works = calendar().is_working_day(Date{day});
      ASSERT_TRUE(works) << text(Date{day});
      count += *works ? 1 : 0;
    }
    EXPECT_EQ(count, expected) << year;
  }
}

TEST_F(WorkingCalendarTest, KnowsSwapsAndHolidays) {
  for (const Date date : {2025y / 4 / 26, 2026y / 1 / 10, 2026y / 8 / 22, 2026y / 11 / 23}) {
    EXPECT_EQ(calendar().is_working_day(date), true) << text(date);
  }
  for (const Date date : {2025y / 5 / 2, 2026y / 1 / 2, 2026y / 8 / 31, 2026y / 4 / 27,
                          2026y / 11 / 24, 2026y / 11 / 22, 2025y / 11 / 23}) {
    EXPECT_EQ(calendar().is_working_day(date), false) << text(date);
  }
  // The day of culture is a holiday since 2026 only.
  EXPECT_EQ(calendar().is_working_day(2025y / 11 / 24), true);
}

TEST_F(WorkingCalendarTest, DoesNotCountTheDayOfReceipt) {
  // Whatever the hour, and also when received while closed.
  for (const auto time : {0ms, 9 * 3'600'000ms, 86'399'999ms}) {
    const auto due = due_at(2026y / 3 / 2, time, {1, TimeUnit::working_day});
    ASSERT_TRUE(due);
    EXPECT_EQ(local_date(*due), 2026y / 3 / 3);
  }
  EXPECT_EQ(due_date(2026y / 3 / 7, 1, TimeUnit::working_day), 2026y / 3 / 9);
}

TEST_F(WorkingCalendarTest, CountsAcrossKnownYears) {
  EXPECT_EQ(due_date(2025y / 12 / 31, 1, TimeUnit::working_day), 2026y / 1 / 5);
  EXPECT_EQ(due_date(2025y / 12 / 31, 1, TimeUnit::calendar_day), 2026y / 1 / 5);
}

TEST_F(WorkingCalendarTest, RollsCalendarDaysForwardOnly) {
  EXPECT_EQ(due_date(2026y / 3 / 2, 4, TimeUnit::calendar_day), 2026y / 3 / 6);
  EXPECT_EQ(due_date(2026y / 3 / 2, 5, TimeUnit::calendar_day), 2026y / 3 / 9);
  EXPECT_EQ(due_date(2026y / 1 / 5, 5, TimeUnit::calendar_day), 2026y / 1 / 10);
  EXPECT_EQ(due_date(2026y / 2 / 11, 4, TimeUnit::calendar_day), 2026y / 2 / 23);
}

TEST_F(WorkingCalendarTest, AnswersSameDayBeforeThreeOClock) {
  const TimeLimit same_day{0, TimeUnit::same_day};
  const Date monday = 2026y / 3 / 2;
  EXPECT_EQ(due_at(monday, 15h - 1ms, same_day), unix_ms_of(monday, 17h));
  EXPECT_EQ(due_at(monday, 15h, same_day), unix_ms_of(2026y / 3 / 3, 17h));
  EXPECT_EQ(due_at(monday, 0h, same_day), unix_ms_of(monday, 17h));
  EXPECT_EQ(due_at(2026y / 3 / 7, 9h, same_day), unix_ms_of(2026y / 3 / 9, 17h));
  EXPECT_EQ(due_at(2026y / 1 / 10, 9h, same_day), unix_ms_of(2026y / 1 / 10, 17h));
  EXPECT_EQ(due_at(2026y / 2 / 13, 16h, same_day), unix_ms_of(2026y / 2 / 23, 17h));
}

TEST_F(WorkingCalendarTest, CountsHoursInOfficeTimeOnly) {
  struct Case {
    std::chrono::milliseconds received;
    std::uint32_t hours;
    Date due;
    std::chrono::milliseconds at;
  };
  const Date monday = 2026y / 3 / 2;
  const Date tuesday = 2026y / 3 / 3;
  // A day has 4 hours in the morning and 3.5 in the afternoon.
  for (const Case& c : {Case{8h, 2, monday, 10h},
                        {7h, 1, monday, 8h + 30min},
                        {7h + 30min, 4, monday, 11h + 30min},
                        {8h, 4, monday, 14h},
                        {12h, 1, monday, 14h + 30min},
                        {11h + 30min, 1, monday, 14h + 30min},
                        {16h, 1, monday, 17h},
                        {16h + 30min, 1, tuesday, 8h},
                        {17h, 1, tuesday, 8h + 30min},
                        {23h, 8, 2026y / 3 / 4, 8h}}) {
    const auto due = due_at(monday, c.received, {c.hours, TimeUnit::hour});
    ASSERT_TRUE(due);
    EXPECT_EQ(*due, unix_ms_of(c.due, c.at)) << c.received.count() << " + " << c.hours;
  }
  // Friday evening before Tết.
  EXPECT_EQ(due_at(2026y / 2 / 13, 16h, {2, TimeUnit::hour}),
            unix_ms_of(2026y / 2 / 23, 8h + 30min));
}

TEST_F(WorkingCalendarTest, UsesTheAgencysHours) {
  WorkingCalendar changed = WorkingCalendar::built_in();
  ASSERT_TRUE(changed.set_office_hours({7h, 11h, 13h, 16h + 30min, 14h}));
  const Date monday = 2026y / 3 / 2;
  EXPECT_EQ(changed.due(unix_ms_of(monday, 9h), {1, TimeUnit::working_day}),
            unix_ms_of(2026y / 3 / 3, 16h + 30min));
  EXPECT_EQ(changed.due(unix_ms_of(monday, 14h), {0, TimeUnit::same_day}),
            unix_ms_of(2026y / 3 / 3, 16h + 30min));
  EXPECT_EQ(changed.due(unix_ms_of(monday, 10h), {2, TimeUnit::hour}), unix_ms_of(monday, 14h));
}

TEST_F(WorkingCalendarTest, ReplacesAYearWhole) {
  WorkingCalendar changed = WorkingCalendar::built_in();
  ASSERT_TRUE(changed.add_year({2026, {2026y / 3 / 3}, {}}));
  EXPECT_EQ(changed.is_working_day(2026y / 3 / 3), false);
  EXPECT_EQ(changed.is_working_day(2026y / 1 / 1), true);
  EXPECT_EQ(changed.is_working_day(2026y / 1 / 10), false);
}

TEST_F(WorkingCalendarTest, IsNeverDueBeforeReceiptNorWhileClosed) {
  for (std::chrono::sys_days day = 2025y / 1 / 1; day < std::chrono::sys_days{2026y / 11 / 1};
       day += std::chrono::days{1}) {
    for (const TimeUnit unit :
         {TimeUnit::working_day, TimeUnit::calendar_day, TimeUnit::hour, TimeUnit::same_day}) {
      std::uint64_t before = 0;
      for (const std::uint32_t count : {1U, 2U, 10U, 30U}) {
        const std::uint64_t received = unix_ms_of(Date{day}, 14h + 59min);
        const auto due = calendar().due(received, {count, unit});
        ASSERT_TRUE(due) << text(Date{day});
        EXPECT_GT(*due, received) << text(Date{day});
        EXPECT_GE(*due, before) << text(Date{day});
        EXPECT_EQ(calendar().is_working_day(local_date(*due)), true) << text(Date{day});
        before = *due;
      }
    }
  }
}

TEST(LocalTimeTest, IsSevenHoursAheadAllYear) {
  constexpr std::uint64_t new_year_2026_ms = 1'767'225'600'000;  // 2026-01-01T00:00Z
  EXPECT_EQ(local_date(new_year_2026_ms), 2026y / 1 / 1);
  EXPECT_EQ(local_time_of_day(new_year_2026_ms), 7h);
  constexpr std::uint64_t july_ms = 1'782'864'000'000;  // 2026-07-01T00:00Z
  EXPECT_EQ(local_date(july_ms), 2026y / 7 / 1);
  EXPECT_EQ(local_time_of_day(july_ms), 7h);
}

TEST(LocalTimeTest, ChangesDayAtSeventeenHoursUtc) {
  constexpr std::uint64_t midnight_ms = 1'767'200'400'000;  // 2025-12-31T17:00Z
  EXPECT_EQ(local_date(midnight_ms - 1), 2025y / 12 / 31);
  EXPECT_EQ(local_time_of_day(midnight_ms - 1), 24h - 1ms);
  EXPECT_EQ(local_date(midnight_ms), 2026y / 1 / 1);
  EXPECT_EQ(local_time_of_day(midnight_ms), 0h);
  EXPECT_EQ(unix_ms_of(2026y / 1 / 1, 0h), midnight_ms);
}

TEST(LocalTimeTest, HoldsAtItsEnds) {
  EXPECT_EQ(local_date(0), 1970y / 1 / 1);
  EXPECT_EQ(unix_ms_of(1970y / 1 / 1, 7h), 0U);
  EXPECT_EQ(unix_ms_of(1970y / 1 / 1, 0h), 0U);
  EXPECT_EQ(local_date(253'402'275'599'999), 9999y / 12 / 31);
  EXPECT_EQ(local_date(253'402'275'600'000), 9999y / 12 / 31);
  EXPECT_EQ(local_date(std::numeric_limits<std::uint64_t>::max()), 9999y / 12 / 31);
}

}  // namespace
}  // namespace tannha
