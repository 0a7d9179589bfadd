#include "tannha/server/due_date.hpp"

#include <optional>

namespace tannha::server {
namespace {

std::optional<TimeLimit> clear_limit(const ProcedureTime& time) {
  const std::uint32_t count = time.count.value_or(0);
  switch (time.unit) {
    case ProcedureTime::Unit::working_day: return TimeLimit{count, TimeUnit::working_day};
    case ProcedureTime::Unit::calendar_day: return TimeLimit{count, TimeUnit::calendar_day};
    case ProcedureTime::Unit::hour: return TimeLimit{count, TimeUnit::hour};
    case ProcedureTime::Unit::same_day: return TimeLimit{0, TimeUnit::same_day};
    case ProcedureTime::Unit::month:
    case ProcedureTime::Unit::prose: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Result<std::uint64_t> due_date(const Catalogue& catalogue, const WorkingCalendar& calendar,
                               std::string_view procedure, body::Channel channel,
                               std::uint64_t submitted_ms) {
  const Procedure* entry = catalogue.find(procedure);
  if (!entry) return fail(errc::procedure_unknown);
  std::optional<TimeLimit> limit;
  for (const ProcedureOffer& offer : entry->offers) {
    if (offer.channel != channel) continue;
    if (offer.times.size() != 1) return fail(errc::time_limit_unknown);
    const auto one = clear_limit(offer.times.front());
    if (!one || (limit && *limit != *one)) return fail(errc::time_limit_unknown);
    limit = one;
  }
  if (!limit) return fail(errc::time_limit_unknown);
  return calendar.due(submitted_ms, *limit);
}

}  // namespace tannha::server
