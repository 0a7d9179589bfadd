#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tannha/core/citizen.hpp"
#include "tannha/core/courier.hpp"
#include "tannha/core/dispatcher.hpp"
#include "tannha/core/officer.hpp"
#include "tools/simulate/phone.hpp"

namespace tannha::simulate {

/// Everybody in one world and the envelopes that they hand to each other. A person looks at a
/// dossier on the phone every now and then and does something that may come next, or something
/// that should not. What the phone does not allow is told in the story and forgotten.
class People {
 public:
  /// All must outlive this.
  People(World& world, Network& network, ServerNode& server);

  /// Enrols the staff; what they do until then is planned.
  void begin(Ms until);
  [[nodiscard]] const std::vector<std::unique_ptr<Phone>>& phones() const { return phones_; }
  /// A courier's device that nobody works with; null when the registry is down.
  Phone* enrol_stranger(const std::string& machine);

 private:
  enum class Done : bool { nothing, something };

  Phone* enrol(const std::string& machine, const exchange::TicketRequest& request,
               const std::optional<Hash>& asker = {});
  Phone* enrol_staff(const std::string& machine, Role role, const std::string& unit,
                     const std::optional<Id>& actor = {});
  void employ(Phone& phone);
  void work(Phone& phone, Ms mean_pause);
  void step(Phone& phone);
  void replace_broken();
  /// Copies a phone to another machine; both go on.
  void clone_one();
  bool enrol_again(Phone& stranded);

  void dispatcher_step(Phone& phone);
  void courier_step(Phone& phone);
  void officer_step(Phone& phone);
  void citizen_step(Phone& phone);

  // Dispatcher
  void request_pickup(Phone& phone);
  void assign(Phone& phone, const Dossier& d);
  void let_citizen_in(Phone& phone, const Dossier& d);
  // Courier
  void courier_works_on(Phone& phone, const Dossier& d);
  void capture(Phone& phone, const Dossier& d);
  void write_something(Phone& phone, const Id& id);
  void photograph(Phone& phone, const Id& id);
  void confirm(Phone& phone, const Dossier& d);
  void hand_over(Phone& phone);
  void bring_back(Phone& phone, const Dossier& d);
  void open_at_door(Phone& phone);
  // Officer
  void take_bag(Phone& phone, std::size_t bag);
  void officer_works_on(Phone& phone, const Dossier& d);
  void decide(Phone& phone, const Dossier& d);
  void give_back(Phone& phone, const Dossier& d);
  bool decide_held(Phone& phone);
  void resolve_dispute(Phone& phone, const Dossier& d);
  // Devices in trouble
  void plan_trouble_with_keys();
  void revoke_one();
  void rotate_one();
  void carry_bundle();
  // Payouts
  void assign_payout(Phone& phone, const std::optional<Dossier>& again);
  void pay(Phone& phone, const Dossier& d);

  void note(Phone& phone, const Id& id);
  std::optional<Dossier> some_dossier(Phone& phone);
  /// Device to device, as the text of a QR code.
  void give(Phone& from, Phone& to, const Hash& record);
  Phone* any(Role role, const std::function<bool(const Phone&)>& suits);
  [[nodiscard]] std::string person_name();
  [[nodiscard]] std::string phone_number();

  /// An envelope on its way to a desk, or back to a courier.
  struct Bag {
    Hash offer{};
    std::string unit;
    std::vector<Id> dossiers;
    bool counted = false;
  };

  World& world_;
  Network& network_;
  ServerNode& server_;
  Rng rng_;
  Rng ways_;  ///< chance of its own, so that a new way round leaves the rest of a seed alone
  Ms until_ = 0;
  std::vector<std::unique_ptr<Phone>> phones_;
  std::vector<Bag> bags_;
  std::size_t dossiers_max_ = 1;
  std::size_t dossiers_made_ = 0;
  std::size_t citizens_max_ = 0;
  std::size_t citizens_ = 0;
  std::size_t replaced_ = 0;
  std::size_t photos_ = 0;
  std::size_t payouts_ = 0;
  Ms pause_ = 0;
  Ms sync_interval_ = 0;
};

}  // namespace tannha::simulate
