// What people do when something is out of order: held records, disputes, keys, payouts.

#include <algorithm>

#include "tools/simulate/people.hpp"

namespace tannha::simulate {
namespace {

// Passes for a drawn signature.
Bytes drawing(std::size_t number) {
  Bytes bytes{0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46};
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
  return bytes;
}

}  // namespace

bool People::decide_held(Phone& phone) {
  const auto items =
      phone.act("looks at what is held", [](Replica& r) { return core::Officer(r).work_items(); });
  if (!items || !phone.is_open()) return false;
  std::vector<core::Officer::WorkItem> open;
  for (const auto& item : *items) {
    if (item.officers_needed > 0) open.push_back(item);
  }
  if (open.empty()) return false;
  const auto& item = rng_.pick(open);
  const bool yes = rng_.chance(0.7);
  (void)phone
      .act(
          std::string(yes ? "lets " : "refuses ") + brief(item.record.hash) + (yes ? " count" : ""),
          [&](Replica& r) {
            return core::Officer(r).adjudicate(
                item.record.hash, yes ? body::Outcome::counts : body::Outcome::does_not_count,
                "đã xem xét");
          })
      .has_value();
  return true;
}

// Most look for the same reason; some see it differently, and then it stays open.
void People::resolve_dispute(Phone& phone, const Dossier& d) {
  if (d.disputed.empty()) return;
  const Hash link =
      rng_.chance(0.8) ? *std::ranges::min_element(d.disputed) : rng_.pick(d.disputed);
  (void)phone
      .act("says which hand-over of " + brief(d.id) + " stands",
           [&](Replica& r) { return core::Officer(r).resolve_dispute(d.id, link, "đã đối chiếu"); })
      .has_value();
}

void People::plan_trouble_with_keys() {
  for (int i = 0; i < 2; ++i) {
    const Ms revoked = until_ / 4 + rng_.below(until_ / 2);
    const Ms rotated = rng_.below(until_);
    if (rng_.chance(world_.plan.rate(Fault::phone_revoked)) && i == 0) {
      world_.clock.at(revoked, [this] { revoke_one(); });
    }
    if (rng_.chance(world_.plan.rate(Fault::key_rotated))) {
      world_.clock.at(rotated, [this] { rotate_one(); });
    }
  }
  for (int i = 0; i < 3; ++i) {
    const Ms carried = ways_.below(until_);
    if (!ways_.chance(world_.plan.rate(Fault::bundle_carried))) continue;
    world_.clock.at(carried, [this] { carry_bundle(); });
  }
}

// Whoever has no network gives what they have to somebody who has.
void People::carry_bundle() {
  if (world_.healed) return;
  static constexpr Role roles[] = {Role::courier, Role::courier, Role::officer, Role::citizen};
  Phone* maker = any(roles[ways_.below(4)], [](const Phone& p) { return p.is_open(); });
  if (!maker) return;
  Phone* carrier = any(Role::courier, [&](const Phone& p) { return &p != maker && p.is_open(); });
  if (!carrier) carrier = any(Role::dispatcher, [](const Phone& p) { return p.is_open(); });
  if (carrier && maker->send_by(*carrier)) world_.struck(Fault::bundle_carried);
}

void People::revoke_one() {
  if (world_.healed) return;
  Phone* boss = any(Role::dispatcher, [](const Phone& p) { return p.is_open(); });
  Phone* lost = any(Role::courier, [](const Phone& p) { return p.machine() != "mallory"; });
  if (!boss || !lost) return;
  static constexpr body::RevocationReason reasons[] = {body::RevocationReason::retired,
                                                       body::RevocationReason::lost,
                                                       body::RevocationReason::compromised};
  const auto reason = reasons[rng_.below(3)];
  std::optional<std::uint64_t> since;
  if (reason == body::RevocationReason::compromised) since = rng_.below(world_.journal.size() + 1);
  const Hash log = lost->log_id();
  const auto done =
      boss->act("revokes the log " + brief(log) + " of " + lost->machine(),
                [&](Replica& r) { return core::Actor(r).revoke(log, reason, since); });
  if (!done) return;
  world_.struck(Fault::phone_revoked);
  // The news and the lost phone's last upload cross.
  boss->start_session();
  if (rng_.chance(0.5)) lost->start_session();
}

void People::rotate_one() {
  if (world_.healed) return;
  static constexpr Role roles[] = {Role::courier, Role::courier, Role::officer, Role::citizen};
  Phone* phone = any(roles[rng_.below(4)], [](const Phone& p) { return p.is_open(); });
  if (!phone) return;
  const auto done = phone->act("wants a new key", [](Replica& r) { return r.rotate_key(); });
  if (!done) return;
  world_.struck(Fault::key_rotated);
  phone->start_session();
}

// Payouts

void People::assign_payout(Phone& phone, const std::optional<Dossier>& again) {
  const Phone* courier = any(
      Role::courier, [](const Phone& p) { return !p.is_given_up() && p.machine() != "mallory"; });
  if (!courier) return;
  body::PayoutAssigned assignment;
  assignment.unit = "H42.101";
  assignment.beneficiary = "BH" + std::to_string(rng_.below(3));
  assignment.period = "2026-03";
  assignment.amount_dong = 3'000'000;
  std::optional<Id> payout;
  if (again) {
    payout = again->id;
    assignment.beneficiary = again->payout->beneficiary;
    assignment.period = again->payout->period;
    assignment.amount_dong = again->payout->amount_dong;
  }
  assignment.courier = courier->actor();
  assignment.recipient =
      body::Applicant{person_name(), phone_number(), "Thôn " + std::to_string(rng_.below(20)), {}};
  const auto done = phone.act("gives a payout to " + courier->machine(), [&](Replica& r) {
    return core::Dispatcher(r).assign_payout(payout, assignment);
  });
  if (done && !again) ++payouts_;
}

void People::pay(Phone& phone, const Dossier& d) {
  if (d.payout->paid || d.payout->returned) return;
  if (rng_.chance(0.25)) {
    (void)phone
        .act("brings back the money of " + brief(d.id),
             [&](Replica& r) {
               return core::Courier(r, world_.catalogue).return_payout(d.id, "vắng nhà");
             })
        .has_value();
    return;
  }
  const Bytes picture = drawing(1'000'000 + ++photos_);
  (void)phone
      .act("pays " + brief(d.id),
           [&](Replica& r) {
             return core::Courier(r, world_.catalogue).pay(d.id, "can_cuoc", picture);
           })
      .has_value();
}

}  // namespace tannha::simulate
