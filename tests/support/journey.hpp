#pragma once

#include <string>
#include <vector>

#include "tannha/core/citizen.hpp"
#include "tannha/core/courier.hpp"
#include "tannha/core/dispatcher.hpp"
#include "tannha/core/officer.hpp"
#include "tests/support/province.hpp"

namespace tannha::test {

inline constexpr std::string_view unit = "H42.101";
inline constexpr std::string_view other_unit = "H42.102";
/// A synthetic person's card.
inline constexpr std::string_view card =
    "001090000001|012345678|Nguyễn Văn A|01011990|Nam|Thôn 1, Xã B, Ninh Bình|15042021";

/// The people of one unit, and the steps of a dossier's way through their hands. A step acts on the
/// device alone; who synchronises when is the test's to say, except where a step says so.
class Journey {
 public:
  explicit Journey(Province& province);

  Province& province;
  Device& dispatcher;
  Device& courier;
  Device& officer;

  [[nodiscard]] core::Dispatcher as_dispatcher() { return core::Dispatcher(*dispatcher); }
  [[nodiscard]] core::Courier as_courier() { return core::Courier(*courier, province.catalogue()); }
  [[nodiscard]] core::Officer as_officer() { return core::Officer(*officer); }

  /// Requested and assigned, with both devices synchronised.
  Id assigned();
  /// … and everything captured but the seal, on the courier's device only.
  Id collected();
  /// … and sealed. The courier has numbers since assigned().
  Id sealed();
  /// The dossier's citizen with a new device, synchronised. The dossier must be at the registry.
  Device& let_in(const Id& dossier);
  /// Device to device, as the text of a QR code.
  static void give(Device& from, Device& to, const std::vector<Hash>& records);
  /// The courier offers the bag, the officer countersigns it from a parcel. @return the acceptance
  Record hand_over(const std::vector<Id>& bag);
  /// sealed(), handed over, everything synchronised and uploaded.
  Id at_desk();
  /// at_desk() and accepted.
  Id accepted();
  /// accepted() with a result that is with the courier.
  Id on_its_way_back();
  Record give_back(const Id& dossier);

  [[nodiscard]] static body::PickupRequested request();
};

}  // namespace tannha::test
