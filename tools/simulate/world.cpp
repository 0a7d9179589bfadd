#include "tools/simulate/world.hpp"

#include <stdexcept>

namespace tannha::simulate {
namespace {

Procedure procedure(std::string_view code, std::string_view name, ProcedureTime time,
                    std::uint32_t line_count) {
  Procedure p;
  p.code = code;
  p.name = name;
  p.level = "Cấp Xã";
  p.offers.push_back({Channel::postal, {std::move(time)}, {}});
  for (std::uint32_t i = 1; i <= line_count; ++i) {
    p.documents.push_back({i, DocumentLine::Kind::to_submit, "Giấy tờ phải nộp",
                           "Giấy tờ số " + std::to_string(i), 1, 0});
  }
  p.postal.submit = PostalPolicy::Answer::yes;
  p.postal.return_result = PostalPolicy::Answer::yes;
  return p;
}

}  // namespace

World::World(std::uint64_t seed_number, const Catalogue& procedures, Trace& story, Canary bug)
    : seed(seed_number),
      catalogue(procedures),
      trace(story),
      canary(bug),
      disk_rng(seed_number, "disk"),
      disk([this] { return disk_rng.next(); }),
      plan(rng("faults")),
      journal(checks) {
  disk.make_default();
}

Catalogue make_catalogue() {
  using Unit = ProcedureTime::Unit;
  auto made = Catalogue::make(
      {procedure(birth_procedure, "Đăng ký khai sinh", {5, Unit::working_day, "5 ngày"}, 2),
       procedure(death_procedure, "Đăng ký khai tử", {{}, Unit::same_day, "trong ngày"}, 1)});
  if (!made) throw std::logic_error("the simulation's catalogue is not sound");
  return std::move(*made);
}

}  // namespace tannha::simulate
