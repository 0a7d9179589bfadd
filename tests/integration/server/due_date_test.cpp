#include "tannha/server/due_date.hpp"

#include <gtest/gtest.h>

#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

using Unit = ProcedureTime::Unit;
using namespace std::chrono_literals;

ProcedureTime time(std::optional<std::uint32_t> count, Unit unit) { return {count, unit, "x"}; }
ProcedureOffer offer(Channel channel, std::vector<ProcedureTime> times) {
  return {channel, std::move(times), {}};
}

class DueDateTest : public ::testing::Test {
 protected:
  /// @return when a procedure with these offers, submitted on Monday 2 March 2026 at 08:00, is due
  Result<std::uint64_t> due(std::vector<ProcedureOffer> offers,
                            std::uint64_t submitted_ms = TestHost::start_ms) {
    Procedure procedure;
    procedure.code = "1.000001";
    procedure.name = "Khai sinh";
    procedure.offers = std::move(offers);
    const Catalogue catalogue = must(Catalogue::make({procedure}));
    return due_date(catalogue, WorkingCalendar::built_in(), "1.000001", Channel::postal,
                    submitted_ms);
  }
  static std::uint64_t at(unsigned month, unsigned day, std::chrono::minutes time_of_day) {
    using namespace std::chrono;
    return unix_ms_of(year{2026} / std::chrono::month(month) / std::chrono::day(day), time_of_day);
  }
};

TEST_F(DueDateTest, UnknownProcedureHasNone) {
  EXPECT_EQ(code_of(due_date(Catalogue(), WorkingCalendar::built_in(), "1.000001", Channel::postal,
                             TestHost::start_ms)),
            errc::procedure_unknown);
}

TEST_F(DueDateTest, NothingIsGuessed) {
  EXPECT_EQ(code_of(due({})), errc::time_limit_unknown) << "no offer";
  EXPECT_EQ(code_of(due({offer(Channel::direct, {time(3, Unit::working_day)})})),
            errc::time_limit_unknown)
      << "another channel";
  EXPECT_EQ(code_of(due({offer(Channel::postal, {})})), errc::time_limit_unknown) << "no time";
  EXPECT_EQ(code_of(due({offer(Channel::postal,
                               {time(3, Unit::working_day), time(3, Unit::working_day)})})),
            errc::time_limit_unknown)
      << "several";
  EXPECT_EQ(code_of(due({offer(Channel::postal, {time(2, Unit::month)})})),
            errc::time_limit_unknown);
  EXPECT_EQ(code_of(due({offer(Channel::postal, {time({}, Unit::prose)})})),
            errc::time_limit_unknown);
  EXPECT_EQ(code_of(due({offer(Channel::postal, {time({}, Unit::working_day)})})),
            errc::time_limit_unknown)
      << "a fraction";
}

TEST_F(DueDateTest, UnnamedCasesWithDifferentLimitsHaveNone) {
  EXPECT_EQ(code_of(due({offer(Channel::postal, {time(3, Unit::working_day)}),
                         offer(Channel::postal, {time(5, Unit::working_day)})})),
            errc::time_limit_unknown);
  EXPECT_EQ(code_of(due({offer(Channel::postal, {time(3, Unit::working_day)}),
                         offer(Channel::postal, {time(3, Unit::calendar_day)})})),
            errc::time_limit_unknown);
  EXPECT_EQ(code_of(due({offer(Channel::postal, {time(3, Unit::working_day)}),
                         offer(Channel::postal, {time({}, Unit::prose)})})),
            errc::time_limit_unknown);
}

TEST_F(DueDateTest, YearWithoutCalendarHasNone) {
  using namespace std::chrono;
  EXPECT_EQ(code_of(due({offer(Channel::postal, {time(3, Unit::working_day)})},
                        unix_ms_of(year{2031} / March / 3, 8h))),
            errc::calendar_year_unknown);
}

TEST_F(DueDateTest, CountsEachUnit) {
  const auto one = [&](std::optional<std::uint32_t> count, Unit unit) {
    return must(due({offer(Channel::postal, {time(count, unit)})}));
  };
  EXPECT_EQ(one(3, Unit::working_day), at(3, 5, 17h));
  EXPECT_EQ(one(5, Unit::working_day), at(3, 9, 17h)) << "over a weekend";
  EXPECT_EQ(one(2, Unit::calendar_day), at(3, 4, 17h));
  EXPECT_EQ(one(2, Unit::hour), at(3, 2, 10h));
  EXPECT_EQ(one({}, Unit::same_day), at(3, 2, 17h));
}

TEST_F(DueDateTest, OtherChannelsAndEqualCasesDoNotMatter) {
  EXPECT_EQ(must(due({offer(Channel::direct, {time(1, Unit::working_day)}),
                      offer(Channel::postal, {time(3, Unit::working_day)}),
                      offer(Channel::postal, {time(3, Unit::working_day)})})),
            at(3, 5, 17h));
}

}  // namespace
}  // namespace tannha::server
