#pragma once

#include <chrono>

namespace tannha {

/// A day of the proleptic Gregorian calendar, as written on papers: no time of day, no time zone.
/// Values made by this project's functions satisfy ok().
using Date = std::chrono::year_month_day;

}  // namespace tannha
