#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tannha::tools {

/// One synthetic dossier of the demonstration. No real person has these numbers.
struct PlannedDossier {
  std::size_t courier{};        ///< 0, 1 or 2
  std::string unit;             ///< agency code of the commune
  std::string procedure;
  std::string name;
  std::string phone;
  std::string address;
  std::string card_text;        ///< what the QR on the card says
  std::uint64_t charge_dong{};
  std::size_t photos{};
  bool walk_up = false;         ///< nobody asked in advance
  bool has_phone = false;       ///< the citizen confirms with their own key
};

/// The thirty dossiers of the day, over ten procedures, two communes and three couriers.
[[nodiscard]] std::vector<PlannedDossier> plan_day();

}  // namespace tannha::tools
