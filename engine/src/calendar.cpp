#include "tannha/engine/calendar.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace tannha {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::sys_days;

constexpr milliseconds utc_offset = hours{7};
constexpr int year_min = 2000;
constexpr int year_max = 9999;
// 9999-12-31T23:59:59.999 in Viet Nam.
constexpr std::uint64_t unix_ms_max = 253'402'275'599'999;

struct DayOfYear {
  unsigned month;
  unsigned day;
};

// Notice TB 6150/TB-BLĐTBXH of 3 December 2024. Tết 27–31 January; 2 May is swapped for 26 April.
constexpr std::array<DayOfYear, 12> off_2025 = {{{1, 1},
                                                 {1, 27},
                                                 {1, 28},
                                                 {1, 29},
                                                 {1, 30},
                                                 {1, 31},
                                                 {4, 7},
                                                 {4, 30},
                                                 {5, 1},
                                                 {5, 2},
                                                 {9, 1},
                                                 {9, 2}}};
constexpr std::array<DayOfYear, 1> worked_2025 = {{{4, 26}}};

// Notice TB 9441/TB-BNV of 16 October 2025, and NQ 28/2026/QH16 for 24 November, which is not made
// up. 2 January is swapped for 10 January, 31 August for 22 August; 27 April makes up for Giỗ Tổ.
constexpr std::array<DayOfYear, 14> off_2026 = {{{1, 1},
                                                 {1, 2},
                                                 {2, 16},
                                                 {2, 17},
                                                 {2, 18},
                                                 {2, 19},
                                                 {2, 20},
                                                 {4, 27},
                                                 {4, 30},
                                                 {5, 1},
                                                 {8, 31},
                                                 {9, 1},
                                                 {9, 2},
                                                 {11, 24}}};
constexpr std::array<DayOfYear, 2> worked_2026 = {{{1, 10}, {8, 22}}};

std::vector<Date> dates_of(int year, std::span<const DayOfYear> in_year) {
  std::vector<Date> dates;
  for (const DayOfYear& d : in_year) {
    dates.push_back(std::chrono::year{year} / std::chrono::month{d.month} /
                    std::chrono::day{d.day});
  }
  return dates;
}

bool is_weekend(Date date) {
  const std::chrono::weekday day{sys_days{date}};
  return day == std::chrono::Saturday || day == std::chrono::Sunday;
}

int year_of(Date date) {
  return static_cast<int>(date.year());
}

Date first_day(int year) {
  return std::chrono::year{year} / std::chrono::January / 1;
}

std::size_t index_in_year(Date date) {
  return static_cast<std::size_t>((sys_days{date} - sys_days{first_day(year_of(date))}).count());
}

Date plus_days(Date date, std::int64_t count) {
  return Date{sys_days{date} + days{static_cast<days::rep>(count)}};
}

milliseconds local_ms(std::uint64_t unix_ms) {
  return milliseconds{static_cast<std::int64_t>(std::min(unix_ms, unix_ms_max))} + utc_offset;
}

}  // namespace

Date local_date(std::uint64_t unix_ms) {
  return Date{sys_days{std::chrono::floor<days>(local_ms(unix_ms))}};
}

milliseconds local_time_of_day(std::uint64_t unix_ms) {
  const milliseconds since_epoch = local_ms(unix_ms);
  return since_epoch - std::chrono::floor<days>(since_epoch);
}

std::uint64_t unix_ms_of(Date date, milliseconds time_of_day) {
  const milliseconds instant =
      milliseconds{sys_days{date}.time_since_epoch()} + time_of_day - utc_offset;
  return instant.count() < 0 ? 0 : static_cast<std::uint64_t>(instant.count());
}

WorkingCalendar WorkingCalendar::built_in() {
  WorkingCalendar calendar;
  // The tables are right by test, and a year that failed to load would only be unknown.
  (void)calendar.add_year({2025, dates_of(2025, off_2025), dates_of(2025, worked_2025)});
  (void)calendar.add_year({2026, dates_of(2026, off_2026), dates_of(2026, worked_2026)});
  return calendar;
}

Result<void> WorkingCalendar::add_year(const CalendarYear& year) {
  if (year.year < year_min || year.year > year_max) {
    return fail(errc::catalogue_malformed, "calendar year");
  }
  const auto outside = [&](Date date) { return !date.ok() || year_of(date) != year.year; };
  if (std::ranges::any_of(year.days_off, outside) ||
      std::ranges::any_of(year.worked_weekend_days, outside)) {
    return fail(errc::catalogue_malformed, "date outside the calendar year");
  }
  WorkedDays worked;
  for (Date date = first_day(year.year); year_of(date) == year.year; date = plus_days(date, 1)) {
    worked.set(index_in_year(date), !is_weekend(date));
  }
  for (const Date& date : year.days_off) worked.reset(index_in_year(date));
  for (const Date& date : year.worked_weekend_days) {
    if (!is_weekend(date) || std::ranges::find(year.days_off, date) != year.days_off.end()) {
      return fail(errc::catalogue_malformed, "worked day is not a free weekend day");
    }
    worked.set(index_in_year(date));
  }
  years_[year.year] = worked;
  return {};
}

Result<void> WorkingCalendar::set_office_hours(const OfficeHours& hours) {
  const std::array<std::chrono::minutes, 4> times = {hours.morning_open, hours.morning_close,
                                                     hours.afternoon_open, hours.afternoon_close};
  const bool ordered = std::ranges::adjacent_find(times, std::greater_equal{}) == times.end();
  const bool within_day = times.front().count() >= 0 && times.back() < days{1} &&
                          hours.same_day_before.count() >= 0 && hours.same_day_before <= days{1};
  if (!ordered || !within_day) return fail(errc::argument_invalid, "office hours");
  hours_ = hours;
  return {};
}

Result<bool> WorkingCalendar::is_working_day(Date date) const {
  if (!date.ok()) return fail(errc::argument_invalid, "date");
  const auto year = years_.find(year_of(date));
  if (year == years_.end()) {
    return fail(errc::calendar_year_unknown, std::to_string(year_of(date)));
  }
  return year->second.test(index_in_year(date));
}

Result<Date> WorkingCalendar::next_working_day(Date date) const {
  TN_CHECK(is_working_day(date));
  // Ends at the latest with the last known year.
  while (true) {
    date = plus_days(date, 1);
    TN_TRY(const bool works, is_working_day(date));
    if (works) return date;
  }
}

Result<std::uint64_t> WorkingCalendar::due(std::uint64_t start_ms, TimeLimit limit) const {
  if (limit.count == 0 && limit.unit != TimeUnit::same_day) {
    return fail(errc::time_limit_unknown, "count 0");
  }
  switch (limit.unit) {
    case TimeUnit::working_day:
    case TimeUnit::calendar_day: {
      TN_TRY(const Date& date, day_due(local_date(start_ms), limit));
      return unix_ms_of(date, hours_.afternoon_close);
    }
    case TimeUnit::same_day: {
      TN_TRY(const Date& date, same_day_due(start_ms));
      return unix_ms_of(date, hours_.afternoon_close);
    }
    case TimeUnit::hour:
      return hours_due(start_ms, limit.count);
  }
  return fail(errc::time_limit_unknown, "unit");
}

Result<Date> WorkingCalendar::day_due(Date received, TimeLimit limit) const {
  TN_CHECK(is_working_day(received));
  if (limit.unit == TimeUnit::working_day) {
    Date date = received;
    for (std::uint32_t n = 0; n < limit.count; ++n) {
      TN_TRY(const Date& next, next_working_day(date));
      date = next;
    }
    return date;
  }
  // No calendar reaches further than all known years; the bound keeps dates inside their type.
  constexpr std::uint32_t count_max = 366 * 10'000;
  const Date date = plus_days(received, std::min(limit.count, count_max));
  TN_TRY(const bool works, is_working_day(date));
  if (works) return date;
  return next_working_day(date);
}

Result<Date> WorkingCalendar::same_day_due(std::uint64_t start_ms) const {
  const Date received = local_date(start_ms);
  TN_TRY(const bool works, is_working_day(received));
  if (works && local_time_of_day(start_ms) < hours_.same_day_before) return received;
  return next_working_day(received);
}

Result<std::uint64_t> WorkingCalendar::hours_due(std::uint64_t start_ms,
                                                 std::uint32_t count) const {
  struct Interval {
    milliseconds open;
    milliseconds close;
  };
  const std::array<Interval, 2> intervals = {{{hours_.morning_open, hours_.morning_close},
                                              {hours_.afternoon_open, hours_.afternoon_close}}};
  Date date = local_date(start_ms);
  milliseconds now = local_time_of_day(start_ms);
  milliseconds rest = hours{count};
  // Each day must be known, so that this ends at the latest with the last known year.
  while (true) {
    TN_TRY(const bool works, is_working_day(date));
    for (const Interval& interval : intervals) {
      const milliseconds from = std::max(now, interval.open);
      if (!works || from >= interval.close) continue;
      if (rest <= interval.close - from) return unix_ms_of(date, from + rest);
      rest -= interval.close - from;
    }
    date = plus_days(date, 1);
    now = milliseconds{0};
  }
}

}  // namespace tannha
