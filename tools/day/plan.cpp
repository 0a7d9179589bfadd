#include "tools/day/plan.hpp"

#include <array>
#include <string_view>

namespace tannha::tools {
namespace {

struct Errand {
  std::string_view procedure;
  std::uint64_t charge_dong;
};
// Curated procedures that may be submitted by post.
constexpr std::array<Errand, 10> errands{{{"1.001193", 0},
                                          {"1.000656", 0},
                                          {"1.004873", 15'000},
                                          {"2.000635", 8'000},
                                          {"2.002516", 8'000},
                                          {"1.014027", 0},
                                          {"1.001776", 0},
                                          {"1.001731", 0},
                                          {"1.001699", 0},
                                          {"1.001601", 0}}};
constexpr std::array<std::string_view, 6> family{"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ"};
constexpr std::array<std::string_view, 5> middle{"Thị", "Văn", "Đức", "Ngọc", "Minh"};
constexpr std::array<std::string_view, 7> given{"Phúc", "An", "Hạnh", "Tâm", "Quý", "Bình", "Thuận"};
constexpr std::array<std::string_view, 4> hamlets{"Thôn Đoài", "Thôn Đông", "Xóm Chùa", "Ấp Tân Lập"};

std::string digits(unsigned number, std::size_t width) {
  const std::string text = std::to_string(number);
  return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

PlannedDossier make(unsigned i) {
  PlannedDossier d;
  d.courier = i < 11 ? 0 : i < 21 ? 1 : 2;
  d.unit = d.courier == 2 ? "H42.102" : "H42.101";
  const Errand& errand = errands[i % errands.size()];
  d.procedure = errand.procedure;
  d.charge_dong = errand.charge_dong;
  const bool female = middle[i % middle.size()] == "Thị";
  d.name = std::string(family[i % family.size()]) + " " + std::string(middle[i % middle.size()]) +
           " " + std::string(given[i % given.size()]);
  d.phone = "091" + digits(2'345'000 + i * 37, 7);
  d.address = std::string(hamlets[i % hamlets.size()]) + (d.courier == 2 ? ", xã B" : ", xã A") +
              ", Ninh Bình";
  // Province of registration 037 (Ninh Bình), century and sex, year, six digits.
  const unsigned year = 60 + i;
  d.card_text = std::string("037") + (female ? "1" : "0") + digits(year, 2) +
                digits(100'200 + i * 7, 6) + "||" + d.name + "|" + digits(1 + i % 28, 2) +
                digits(1 + i % 12, 2) + "19" + digits(year, 2) + "|" + (female ? "Nữ" : "Nam") + "|" +
                d.address + "|15042021";
  d.photos = 5 + i % 3;
  d.walk_up = i == 10 || i == 20 || i == 29;
  d.has_phone = !d.walk_up && i % 3 == 0;
  return d;
}

}  // namespace

std::vector<PlannedDossier> plan_day() {
  std::vector<PlannedDossier> day;
  for (unsigned i = 0; i < 30; ++i) day.push_back(make(i));
  return day;
}

}  // namespace tannha::tools
