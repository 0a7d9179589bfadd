// People in offices: the dispatcher and the officers at the desk; and the citizens.

#include <algorithm>

#include "tools/simulate/people.hpp"

namespace tannha::simulate {

// Dispatcher

void People::dispatcher_step(Phone& phone) {
  if (dossiers_made_ < dossiers_max_ && rng_.chance(0.6)) return request_pickup(phone);
  const auto d = some_dossier(phone);
  if (payouts_ < 2 && rng_.chance(0.05)) return assign_payout(phone, std::nullopt);
  if (!d) return;
  if (d->payout) {
    if (d->payout->returned && !d->payout->paid) assign_payout(phone, d);
    return;
  }
  const bool again = d->courier && d->custodian == Custodian::citizen &&
                     rng_.chance(0.2 * world_.plan.rate(Fault::reassigned));
  if (d->stage == Stage::requested || again) {
    if (again) world_.struck(Fault::reassigned);
    return assign(phone, *d);
  }
  if (citizens_ < citizens_max_ && !d->citizen_log && !d->unit.empty()) {
    return let_citizen_in(phone, *d);
  }
  if (rng_.chance(0.1)) note(phone, d->id);
}

void People::request_pickup(Phone& phone) {
  body::PickupRequested request;
  request.procedure = rng_.chance(0.7) ? birth_procedure : death_procedure;
  request.unit = "H42.101";
  request.service = body::ServiceKind::both;
  request.applicant = body::Applicant{person_name(), phone_number(),
                       "Thôn " + std::to_string(rng_.below(20)), std::nullopt};
  const auto id = phone.act("takes a pickup request", [&](Replica& r) {
    return core::Dispatcher(r).request_pickup(request);
  });
  if (!id) return;
  ++dossiers_made_;
  if (!phone.is_open() || rng_.chance(0.2)) return;
  const auto d = phone.shown(*id);
  if (d) assign(phone, *d);
}

void People::assign(Phone& phone, const Dossier& d) {
  const Phone* courier = any(
      Role::courier, [](const Phone& p) { return !p.is_given_up() && p.machine() != "mallory"; });
  if (!courier) return;
  (void)phone.act("assigns " + brief(d.id) + " to " + courier->machine(), [&](Replica& r) {
    return core::Dispatcher(r).assign(d.id, courier->actor());
  }).has_value();
}

void People::let_citizen_in(Phone& phone, const Dossier& d) {
  exchange::TicketRequest request;
  request.role = Role::citizen;
  request.unit = d.unit;
  request.scope = d.id;
  request.label = "citizen";
  Phone* citizen = enrol("citizen-" + std::to_string(citizens_ + 1), request, phone.log_id());
  if (!citizen) return;
  ++citizens_;
  if (rng_.chance(world_.plan.rate(Fault::citizen_away))) {
    world_.struck(Fault::citizen_away);
    const Ms back = until_ + rng_.below(60 * day);
    citizen->stay_away(back);
    world_.clock.at(back, [this, citizen] {
      citizen_step(*citizen);
      citizen->start_session();
    });
  }
  employ(*citizen);
}

// Officer

void People::officer_step(Phone& phone) {
  for (std::size_t i = 0; i < bags_.size(); ++i) {
    const bool again =
        bags_[i].counted && rng_.chance(0.3 * world_.plan.rate(Fault::bag_counted_twice));
    if (bags_[i].counted && !again) continue;
    if (!rng_.chance(0.7)) continue;
    if (again) world_.struck(Fault::bag_counted_twice);
    return take_bag(phone, i);
  }
  if (rng_.chance(0.25) && decide_held(phone)) return;
  const auto d = some_dossier(phone);
  if (d) officer_works_on(phone, *d);
}

void People::take_bag(Phone& phone, std::size_t bag) {
  std::vector<Id> missing;
  if (rng_.chance(0.1)) missing.push_back(rng_.pick(bags_[bag].dossiers));
  const auto taken = phone.act("counts the bag " + brief(bags_[bag].offer), [&](Replica& r) {
    return core::Officer(r).accept_handover(bags_[bag].offer, missing);
  });
  if (taken) bags_[bag].counted = true;
}

void People::officer_works_on(Phone& phone, const Dossier& d) {
  if (d.payout) return;
  if (d.custodian == Custodian::disputed) return resolve_dispute(phone, d);
  if (rng_.chance(0.05)) return note(phone, d.id);
  const bool here = d.custodian == Custodian::desk;
  if (here && !d.acceptance && d.stage >= Stage::handed_over && d.stage < Stage::refused) {
    decide(phone, d);
    // The colleague at the next desk does not know yet.
    Phone* colleague = any(Role::officer, [&](const Phone& p) { return &p != &phone && p.is_open(); });
    if (colleague && rng_.chance(world_.plan.rate(Fault::officers_raced))) {
      const auto other = colleague->shown(d.id);
      if (other && !other->acceptance && colleague->is_open()) {
        world_.struck(Fault::officers_raced);
        decide(*colleague, *other);
      }
    }
    return;
  }
  if (d.acceptance && !d.result && d.stage != Stage::refused) {
    if (rng_.chance(0.2)) {
      (void)phone.act("forwards " + brief(d.id), [&](Replica& r) {
        return core::Officer(r).forward(d.id, "thẩm định");
      }).has_value();
    } else {
      (void)phone.act("finishes " + brief(d.id), [&](Replica& r) {
        return core::Officer(r).finish(d.id, "Giấy chứng nhận");
      }).has_value();
    }
  } else if ((d.result || d.stage == Stage::refused) && here && !d.offer) {
    give_back(phone, d);
  }
}

void People::decide(Phone& phone, const Dossier& d) {
  const std::uint64_t choice = rng_.below(100);
  if (choice < 70) {
    (void)phone.act("accepts " + brief(d.id), [&](Replica& r) {
      return core::Officer(r).accept(d.id);
    }).has_value();
  } else if (choice < 90) {
    (void)phone.act("asks for a supplement to " + brief(d.id), [&](Replica& r) {
      return core::Officer(r).request_supplement(d.id, {"Bản sao"}, "thiếu giấy tờ");
    }).has_value();
  } else {
    (void)phone.act("refuses " + brief(d.id), [&](Replica& r) {
      return core::Officer(r).refuse(d.id, "không thuộc thẩm quyền");
    }).has_value();
  }
}

void People::give_back(Phone& phone, const Dossier& d) {
  const auto offer = phone.act("gives back " + brief(d.id), [&](Replica& r) {
    return core::Officer(r).offer_return({d.id});
  });
  if (!offer) return;
  Phone* courier = any(Role::courier, [&](const Phone& p) { return d.courier == p.actor(); });
  if (courier && rng_.chance(0.6)) give(phone, *courier, offer->hash);
}

// Citizen

void People::citizen_step(Phone& phone) {
  if (!phone.is_open() || !phone.certificate().scope) return;
  const auto d = phone.shown(*phone.certificate().scope);
  if (!d || !phone.is_open()) return;
  const Dossier& dossier = *d;
  if (dossier.sealed && dossier.confirmation != body::Grade::countersigned) {
    (void)phone.act("confirms " + brief(dossier.id), [&](Replica& r) {
      return core::Citizen(r).confirm(*dossier.sealed);
    }).has_value();
  } else if (dossier.delivered && !dossier.delivery_confirmed) {
    (void)phone.act("confirms the delivery of " + brief(dossier.id), [&](Replica& r) {
      return core::Citizen(r).confirm_delivery(*dossier.delivered);
    }).has_value();
  } else if (rng_.chance(0.1)) {
    (void)phone.act("rates " + brief(dossier.id), [&](Replica& r) {
      return core::Citizen(r).rate(dossier.id, 5, "cảm ơn");
    }).has_value();
  }
}

}  // namespace tannha::simulate
