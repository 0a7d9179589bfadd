#pragma once

#include <cstdint>
#include <string_view>

#include "tannha/engine/calendar.hpp"
#include "tannha/engine/catalogue.hpp"

namespace tannha::server {

/// The due date of a procedure from its catalogue entry and the calendar; nothing is guessed. Where
/// the catalogue offers a channel several times for cases that it does not name, with different
/// limits, there is no date.
/// Errors: procedure_unknown, time_limit_unknown, calendar_year_unknown.
[[nodiscard]] Result<std::uint64_t> due_date(const Catalogue& catalogue,
                                             const WorkingCalendar& calendar,
                                             std::string_view procedure, body::Channel channel,
                                             std::uint64_t submitted_ms);

}  // namespace tannha::server
