// The postal worker: at the door, at the desk, and on the way back.

#include <algorithm>

#include "tools/simulate/people.hpp"

namespace tannha::simulate {
namespace {

// Passes for a photo; different each time.
Bytes photo(std::size_t number) {
  Bytes bytes{0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46};
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
  return bytes;
}

std::string card_of(std::uint64_t person) {
  std::string serial = std::to_string(100'000 + person % 900'000);
  return "001090" + serial + "|012345678|Người Thứ Nhất|01011990|Nam|Thôn 1, Ninh Bình|15042021";
}

}  // namespace

void People::courier_step(Phone& phone) {
  if (dossiers_made_ < dossiers_max_ && rng_.chance(0.03)) return open_at_door(phone);
  if (rng_.chance(0.12)) return hand_over(phone);
  // A person looks at a few until there is something to do.
  for (int i = 0; i < 2; ++i) {
    if (!phone.is_open()) return;
    const auto d = some_dossier(phone);
    if (!d) return;
    if (d->courier != phone.actor() || d->stage == Stage::returned) continue;
    return courier_works_on(phone, *d);
  }
}

void People::open_at_door(Phone& phone) {
  const auto id = phone.act("opens a dossier at the door", [&](Replica& r) {
    return core::Courier(r, world_.catalogue)
        .open(std::nullopt, death_procedure, body::ServiceKind::both);
  });
  if (id) ++dossiers_made_;
}

void People::courier_works_on(Phone& phone, const Dossier& d) {
  if (d.payout) return pay(phone, d);
  if (rng_.chance(0.03)) return note(phone, d.id);
  if (!d.opened) {
    (void)phone.act("opens " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue).open(d.id, d.procedure, body::ServiceKind::both);
    }).has_value();
    return;
  }
  if (d.offer && d.offer->direction == body::Direction::to_courier) {
    (void)phone.act("takes back " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue).accept_return(d.offer->record);
    }).has_value();
    return;
  }
  if (!d.sealed || d.stage == Stage::needs_supplement || rng_.chance(0.02)) {
    return capture(phone, d);
  }
  if (d.stage == Stage::sealed && !d.confirmation) return confirm(phone, d);
  if (d.custodian != Custodian::courier) return;
  if (d.result || d.stage == Stage::refused) return bring_back(phone, d);
  if (!d.offer) hand_over(phone);
}

void People::capture(Phone& phone, const Dossier& d) {
  const bool has_name = !d.field("owner_name").empty();
  const std::size_t lines = d.procedure == birth_procedure ? 2 : 1;
  if (!has_name && rng_.chance(0.7)) {
    (void)phone.act("scans a card for " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue).scan_card(d.id, card_of(rng_.next()));
    }).has_value();
  } else if (d.documents.size() < lines) {
    const auto line = static_cast<std::uint32_t>(d.documents.size() + 1);
    (void)phone.act("counts the papers of " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue).check_document(d.id, line, "", 1, 0, 1);
    }).has_value();
  } else if (d.attachments.empty() || rng_.chance(0.15)) {
    photograph(phone, d.id);
  } else if (rng_.chance(0.3)) {
    write_something(phone, d.id);
  } else if (d.money_dong == 0 && rng_.chance(0.5)) {
    (void)phone.act("takes postage for " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue)
          .take_money(d.id, body::MoneyKind::postage, 26'000, true);
    }).has_value();
  } else if (d.supplement && rng_.chance(0.5)) {
    (void)phone.act("brings the supplement of " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue).supplement(d.id, "đã bổ sung");
    }).has_value();
  } else {
    (void)phone.act("seals " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue)
          .seal(d.id, "NP-" + std::to_string(rng_.below(10'000)));
    }).has_value();
  }
}

void People::write_something(Phone& phone, const Id& id) {
  static constexpr std::string_view names[] = {"owner_phone", "owner_address", "owner_name"};
  const std::string_view field = names[rng_.below(3)];
  const std::string value = field == "owner_phone"
                                ? phone_number()
                                : "Thôn " + std::to_string(rng_.below(100));
  (void)phone.act("writes " + std::string(field) + " of " + brief(id), [&](Replica& r) {
    return core::Courier(r, world_.catalogue).write_field(id, field, value);
  }).has_value();
}

void People::photograph(Phone& phone, const Id& id) {
  const Bytes picture = photo(++photos_);
  (void)phone.act("photographs for " + brief(id), [&](Replica& r) {
    return core::Courier(r, world_.catalogue)
        .add_photo(id, picture, body::AttachmentRole::page, 1);
  }).has_value();
}

// On the citizen's own phone when there is one; the courier's word otherwise.
void People::confirm(Phone& phone, const Dossier& d) {
  Phone* citizen = any(Role::citizen, [&](const Phone& p) {
    return p.certificate().scope == d.id && p.is_open();
  });
  if (citizen && rng_.chance(0.7)) {
    give(phone, *citizen, *d.sealed);
    if (!citizen->is_open()) return;
    const auto confirmed = citizen->act("confirms " + brief(d.id), [&](Replica& r) {
      return core::Citizen(r).confirm(*d.sealed);
    });
    if (confirmed) give(*citizen, phone, confirmed->hash);
    return;
  }
  if (d.code_claimed || d.confirmation) return;
  // The citizen reads out what the text message says, and now and then something else.
  const std::string* code =
      d.code_sent_on ? world_.journal.code_sent(d.id, *d.code_sent_on) : nullptr;
  if (code && rng_.chance(0.5)) {
    const std::string read_out =
        rng_.chance(0.3) ? std::to_string(100'000 + rng_.below(900'000)) : *code;
    (void)phone.act("types the code of " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue).confirm_by_code(d.id, read_out);
    }).has_value();
    return;
  }
  const Bytes picture = photo(++photos_);
  (void)phone.act("states the confirmation of " + brief(d.id), [&](Replica& r) {
    return core::Courier(r, world_.catalogue).confirm_by_statement(d.id, picture);
  }).has_value();
}

void People::hand_over(Phone& phone) {
  const auto ids = phone.replica().store().dossiers();
  if (!ids) return;
  std::vector<Id> bag;
  for (const Id& id : *ids) {
    const auto d = phone.shown(id);
    if (!phone.is_open()) return;
    if (d && d->courier == phone.actor() && d->sealed && d->unit == "H42.101" && !d->offer &&
        d->custodian == Custodian::courier && !d->result && d->stage != Stage::refused) {
      bag.push_back(id);
    }
  }
  if (bag.empty()) return;
  const auto offer = phone.act("hands over a bag of " + std::to_string(bag.size()),
                               [&](Replica& r) {
                                 return core::Courier(r, world_.catalogue)
                                     .offer_handover("H42.101", bag);
                               });
  if (!offer) return;
  bags_.push_back({offer->hash, "H42.101", bag, false});
  Phone* officer = any(Role::officer, [](const Phone& p) { return p.is_open(); });
  if (!officer || !rng_.chance(0.7)) return;
  give(phone, *officer, offer->hash);
  if (rng_.chance(0.5) && officer->is_open()) take_bag(*officer, bags_.size() - 1);
}

void People::bring_back(Phone& phone, const Dossier& d) {
  if (d.delivery_attempts < 2 && rng_.chance(0.3)) {
    (void)phone.act("finds nobody in for " + brief(d.id), [&](Replica& r) {
      return core::Courier(r, world_.catalogue).attempt_delivery(d.id, "vắng nhà");
    }).has_value();
    return;
  }
  const Bytes picture = photo(++photos_);
  (void)phone.act("delivers " + brief(d.id), [&](Replica& r) {
    return core::Courier(r, world_.catalogue).deliver(d.id, "can_cuoc", picture);
  }).has_value();
}

}  // namespace tannha::simulate
