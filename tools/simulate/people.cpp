#include "tools/simulate/people.hpp"

#include <algorithm>
#include <utility>

namespace tannha::simulate {

namespace {

constexpr std::string_view province = "H42";
constexpr std::string_view commune = "H42.101";

}  // namespace

People::People(World& world, Network& network, ServerNode& server)
    : world_(world),
      network_(network),
      server_(server),
      rng_(world.rng("people")),
      ways_(world.rng("ways round")) {
  dossiers_max_ = 1 + rng_.below(5);
  citizens_max_ = rng_.below(3);
  pause_ = rng_.any_magnitude(6 * minute, 20 * minute);
  sync_interval_ = rng_.any_magnitude(20 * minute, 3 * hour);
}

Phone* People::enrol(const std::string& machine, const exchange::TicketRequest& request,
                     const std::optional<Hash>& asker) {
  auto phone = std::make_unique<Phone>(world_, network_, server_, machine);
  if (!phone->enrol(request, asker)) return nullptr;
  phones_.push_back(std::move(phone));
  return phones_.back().get();
}

Phone* People::enrol_staff(const std::string& machine, Role role, const std::string& unit,
                           const std::optional<Id>& actor) {
  exchange::TicketRequest request;
  request.role = role;
  request.unit = unit;
  request.actor = actor;
  request.label = machine;
  return enrol(machine, request);
}

Phone* People::enrol_stranger(const std::string& machine) {
  return enrol_staff(machine, Role::courier, std::string(province));
}

void People::begin(Ms until) {
  until_ = until;
  enrol_staff("dispatcher", Role::dispatcher, std::string(province));
  const std::size_t couriers = 1 + rng_.below(3);
  for (std::size_t i = 1; i <= couriers; ++i) {
    enrol_staff("courier-" + std::to_string(i), Role::courier, std::string(province));
  }
  const std::size_t officers = 1 + rng_.below(2);
  for (std::size_t i = 1; i <= officers; ++i) {
    enrol_staff("officer-" + std::to_string(i), Role::officer, std::string(commune));
  }
  if (rng_.chance(world_.plan.rate(Fault::second_phone)) && phones_.size() > 1) {
    world_.struck(Fault::second_phone);
    enrol_staff("courier-1-again", Role::courier, std::string(province), phones_[1]->actor());
  }
  for (const auto& phone : phones_) employ(*phone);
  const Ms clone_at = until / 4 + rng_.below(until / 2);
  if (rng_.chance(world_.plan.rate(Fault::phone_cloned))) {
    world_.clock.at(clone_at, [this] { clone_one(); });
  }
  plan_trouble_with_keys();
  for (Ms at = hour; at < until; at += 2 * hour) {
    world_.clock.at(at, [this] { replace_broken(); });
  }
}

void People::employ(Phone& phone) {
  phone.age();
  phone.plan_troubles(until_);
  phone.sync_until(until_, sync_interval_);
  world_.clock.in(rng_.below(10 * minute), [&phone] { phone.start_session(); });
  const bool office = phone.role() == Role::dispatcher || phone.role() == Role::officer;
  work(phone, office ? pause_ * 2 : pause_);
}

void People::work(Phone& phone, Ms mean_pause) {
  world_.clock.in(rng_.waiting_ms(mean_pause), [this, &phone, mean_pause] {
    if (world_.clock.now() >= until_ || world_.healed || phone.is_given_up()) return;
    step(phone);
    work(phone, mean_pause);
  });
}

void People::step(Phone& phone) {
  if (!phone.is_open()) return;
  if (rng_.chance(0.02)) return phone.lock();
  switch (phone.role()) {
    case Role::dispatcher:
      return dispatcher_step(phone);
    case Role::courier:
      return courier_step(phone);
    case Role::officer:
      return officer_step(phone);
    case Role::citizen:
      return citizen_step(phone);
    case Role::registry:
      return;
  }
}

// Whoever's phone is beyond repair gets another one: the same person, a new key.
void People::replace_broken() {
  if (world_.healed || !server_.is_up()) return;
  for (std::size_t i = 0; i < phones_.size(); ++i) {
    Phone& broken = *phones_[i];
    if (broken.role() == Role::citizen || replaced_ >= 4 || broken.machine() == "mallory") continue;
    const bool has_one = std::ranges::any_of(phones_, [&](const auto& other) {
      return other->actor() == broken.actor() && !other->needs_replacement();
    });
    if (has_one) continue;
    if (enrol_again(broken)) continue;
    ++replaced_;
    Phone* fresh = enrol_staff("new-" + std::to_string(replaced_), broken.role(), broken.unit(),
                               broken.actor());
    if (fresh) employ(*fresh);
  }
}

// Its log went on without it, or its certificate ran out: with a new ticket it writes another log,
// and what it has not sent it sends.
bool People::enrol_again(Phone& stranded) {
  if (!stranded.is_stranded() || !ways_.chance(world_.plan.rate(Fault::enrolled_again))) {
    return false;
  }
  exchange::TicketRequest request;
  request.role = stranded.role();
  request.unit = stranded.unit();
  request.actor = stranded.actor();
  request.label = stranded.machine();
  if (!stranded.enrol(request, {})) return false;
  world_.struck(Fault::enrolled_again);
  return true;
}

void People::clone_one() {
  if (world_.healed) return;
  Phone* original =
      any(Role::courier, [](const Phone& p) { return p.is_open() && p.machine() != "mallory"; });
  if (!original) return;
  auto copy = std::make_unique<Phone>(world_, network_, server_, "clone");
  copy->become_clone_of(*original);
  world_.struck(Fault::phone_cloned);
  world_.say(original->machine(), [] { return std::string("fault: is cloned"); });
  phones_.push_back(std::move(copy));
  if (phones_.back()->is_open()) employ(*phones_.back());
}

std::optional<Dossier> People::some_dossier(Phone& phone) {
  if (!phone.is_open()) return std::nullopt;
  const auto ids = phone.replica().store().dossiers();
  if (!ids || ids->empty()) return std::nullopt;
  const auto shown = phone.shown(rng_.pick(*ids));
  if (!shown || !phone.is_open()) return std::nullopt;
  // What is a hand-over's or an actor's own id is no dossier.
  return *shown;
}

void People::give(Phone& from, Phone& to, const Hash& record) {
  if (!from.is_open() || !to.is_open()) return;
  const auto parcel = from.act("shows " + brief(record) + " as a code",
                               [&](Replica& r) { return r.make_parcel({record}); });
  if (!parcel || !to.is_open()) return;
  const auto read = exchange::parcel_from_text(exchange::parcel_text(*parcel));
  if (!world_.checks.require(read.has_value(), "protocol", "a parcel's text cannot be read"))
    return;
  const auto taken = to.act("reads the code", [&](Replica& r) { return r.take_parcel(*read); });
  if (taken) to.note_carried(*taken);
}

Phone* People::any(Role role, const std::function<bool(const Phone&)>& suits) {
  std::vector<Phone*> found;
  for (const auto& phone : phones_) {
    if (phone->role() == role && suits(*phone)) found.push_back(phone.get());
  }
  return found.empty() ? nullptr : rng_.pick(found);
}

std::string People::person_name() {
  return "Người Thứ " + std::to_string(rng_.below(90) + 10);
}

std::string People::phone_number() {
  return "091" + std::to_string(1'000'000 + rng_.below(9'000'000));
}

void People::note(Phone& phone, const Id& id) {
  const std::string text = "ghi chú " + std::to_string(rng_.below(1000));
  (void)phone
      .act("notes on " + brief(id), [&](Replica& r) { return core::Actor(r).add_note(id, text); })
      .has_value();
}

}  // namespace tannha::simulate
