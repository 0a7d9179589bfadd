#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "tannha/protocol/civil_date.hpp"
#include "tannha/protocol/result.hpp"

/// The working calendar of the Vietnamese civil service, and due dates counted on it. Nothing here
/// reads a clock. Viet Nam is at UTC+7 all year.
namespace tannha {

/// The day in Viet Nam. Instants after the year 9999 are read as its last one.
[[nodiscard]] Date local_date(std::uint64_t unix_ms);
/// Time since midnight in Viet Nam, below 24 h.
[[nodiscard]] std::chrono::milliseconds local_time_of_day(std::uint64_t unix_ms);
/// The inverse of the two. Precondition: date.ok(), 0 <= time_of_day, and the instant is not
/// before 1970-01-01T00:00Z; an earlier one becomes 0.
[[nodiscard]] std::uint64_t unix_ms_of(Date date, std::chrono::milliseconds time_of_day);

/// Numbers are stable: they stand in stores.
enum class TimeUnit : std::uint8_t { working_day = 1, calendar_day = 2, hour = 3, same_day = 4 };

struct TimeLimit {
  /// At least 1, except for same_day, which has no count.
  std::uint32_t count{};
  TimeUnit unit{};

  friend bool operator==(const TimeLimit&, const TimeLimit&) = default;
};

/// Times of day of one agency, each later than the one before.
struct OfficeHours {
  std::chrono::minutes morning_open{7 * 60 + 30};
  std::chrono::minutes morning_close{11 * 60 + 30};
  std::chrono::minutes afternoon_open{13 * 60 + 30};
  /// Limits in days end here.
  std::chrono::minutes afternoon_close{17 * 60};
  /// Same-day procedures received before this are answered the same day (NĐ 61/2018 Điều 18).
  /// Within the day; independent of the order of the others.
  std::chrono::minutes same_day_before{15 * 60};

  friend bool operator==(const OfficeHours&, const OfficeHours&) = default;
};

/// One year as a notice fixes it. Saturdays and Sundays are off without being named.
struct CalendarYear {
  int year{};
  std::vector<Date> days_off;
  std::vector<Date> worked_weekend_days;
};

/// Which days offices work, for known years only: holidays and swaps are fixed by yearly notices,
/// so an unknown year is an error and never a guess.
class WorkingCalendar {
 public:
  /// 2025 and 2026, usual hours.
  [[nodiscard]] static WorkingCalendar built_in();
  /// Knows no year.
  WorkingCalendar() = default;

  /// Adds a year or replaces it whole.
  /// Errors:
  ///   catalogue_malformed  a year outside 2000–9999, a date that is no day of the year, a worked
  ///                        day that is no Saturday or Sunday or is also off; nothing is changed
  [[nodiscard]] Result<void> add_year(const CalendarYear& year);
  /// Errors:
  ///   argument_invalid  times not in order or beyond 24:00; nothing is changed
  [[nodiscard]] Result<void> set_office_hours(const OfficeHours& hours);

  [[nodiscard]] bool knows_year(int year) const { return years_.contains(year); }

  /// Errors:
  ///   argument_invalid       not a date
  ///   calendar_year_unknown
  [[nodiscard]] Result<bool> is_working_day(Date date) const;

  /// The first working day after `date`. Errors: those of is_working_day(), also for the days
  /// passed on the way.
  [[nodiscard]] Result<Date> next_working_day(Date date) const;

  /// When a result is due (BLDS 2015 Điều 145–148, NĐ 61/2018 Điều 18):
  ///   working_day n   the day of receipt is not counted; n working days later, at closing time
  ///   calendar_day n  n days after the day of receipt, or the next working day, at closing time
  ///   hour n          n hours of office time from the moment of receipt
  ///   same_day        that day's closing time, if a working day and early enough; else the next
  ///                   working day's
  /// Pauses and extensions are not applied here.
  /// @param start_ms legal submission, unix milliseconds. @return unix milliseconds.
  /// Errors:
  ///   time_limit_unknown     count 0, or no known unit
  ///   calendar_year_unknown  the day of receipt, or a day counted, is in a year not known
  /// Cost: one step a day.
  [[nodiscard]] Result<std::uint64_t> due(std::uint64_t start_ms, TimeLimit limit) const;

 private:
  // One bit a day of the year, set when offices work.
  using WorkedDays = std::bitset<366>;

  [[nodiscard]] Result<Date> day_due(Date received, TimeLimit limit) const;
  [[nodiscard]] Result<Date> same_day_due(std::uint64_t start_ms) const;
  [[nodiscard]] Result<std::uint64_t> hours_due(std::uint64_t start_ms, std::uint32_t count) const;

  std::map<int, WorkedDays> years_;
  OfficeHours hours_;
};

}  // namespace tannha
