#include "tools/simulate/mischief.hpp"

#include <algorithm>

#include "tannha/protocol/fields.hpp"

namespace tannha::simulate {
namespace {

constexpr Fault kinds[] = {Fault::device_forked,
                           Fault::device_left_gap,
                           Fault::device_sent_bad_cbor,
                           Fault::device_sent_wrong_beacon,
                           Fault::device_used_foreign_name,
                           Fault::device_forged_countersignature,
                           Fault::device_replayed,
                           Fault::device_overreached,
                           Fault::device_sent_unknown_type};

}  // namespace

void Mischief::plan(Ms until) {
  device_ = people_.enrol_stranger("mallory");
  if (!device_) return;
  for (const Fault kind : kinds) {
    for (int i = 0; i < 2; ++i) {
      const Ms at = rng_.below(until);
      if (!rng_.chance(world_.plan.rate(kind))) continue;
      world_.clock.at(at, [this, kind] {
        const bool ready = device_->is_open() && device_->replica().identity();
        if (!world_.healed && server_.is_up() && ready) commit(kind);
      });
    }
  }
}

void Mischief::commit(Fault fault) {
  if (world_.journal.dossiers().empty()) return;
  if (device_->log_id() != log_) {
    log_ = head_ = device_->log_id();
    next_seq_ = 0;
  }
  world_.say("mallory", [&] { return "mischief: " + std::string(name(fault)); });
  switch (fault) {
    case Fault::device_forked: fork(); break;
    case Fault::device_left_gap: leave_gap(); break;
    case Fault::device_sent_bad_cbor: send_bad_cbor(); break;
    case Fault::device_sent_wrong_beacon: send_wrong_beacon(); break;
    case Fault::device_used_foreign_name: use_foreign_name(); break;
    case Fault::device_replayed: replay(); break;
    case Fault::device_sent_unknown_type: send_unknown_type(); break;
    case Fault::device_forged_countersignature:
      if (!forge_countersignature()) return;
      break;
    default:
      if (!overreach()) return;
  }
  world_.struck(fault);
}

Id Mischief::some_dossier() { return rng_.pick(world_.journal.dossiers()); }

RecordHeader Mischief::next_header() {
  RecordHeader header;
  header.seq = next_seq_++;
  header.prev = head_;
  header.subject = some_dossier();
  header.type = RecordType::note;
  return header;
}

Record Mischief::forge(RecordHeader header, const std::string& text) {
  const Identity& me = *device_->replica().identity();
  header.tenant = me.tenant.code;
  if (header.log_id == Hash{}) header.log_id = me.log_id;
  header.claimed_ms = rng_.next() >> 20;
  header.boot_id = device_->clock().boot_id();
  return sign_record(std::move(header), body::encode(body::Note{text}, random_array<Id>(device_->clock())),
                     me.key);
}

void Mischief::push(const std::vector<Record>& records) {
  exchange::Request request;
  request.tenant = device_->replica().identity()->tenant.code;
  request.logs.push_back(device_->replica().identity()->log);
  for (const Record& record : records) {
    request.records.push_back({record.envelope, record.body});
    written_.push_back(record);
  }
  send(fields::encode(request));
}

void Mischief::send(Bytes frame) {
  world_.trace.bytes(frame);
  server_.exchange(device_->log_id(), std::move(frame), [](const Result<Bytes>&) {});
}

// Two records for one place, and a successor of each.
void Mischief::fork() {
  const RecordHeader header = next_header();
  const Record one = forge(header, "một");
  const Record other = forge(header, "hai");
  RecordHeader after_one = next_header();
  after_one.prev = one.hash;
  RecordHeader after_other = after_one;
  after_other.prev = other.hash;
  head_ = forge(after_one, "ba").hash;
  std::vector<Record> records{one, other, forge(after_one, "ba"), forge(after_other, "bốn")};
  if (rng_.chance(0.5)) rng_.shuffle(records);
  push(records);
}

void Mischief::leave_gap() {
  RecordHeader header = next_header();
  header.seq = next_seq_ + rng_.below(3);
  rng_.fill(header.prev);
  push({forge(header, "sau chỗ trống")});
}

void Mischief::send_bad_cbor() {
  Record record = forge(next_header(), "hỏng");
  --next_seq_;
  if (rng_.chance(0.3)) {
    Bytes noise(rng_.between(1, 600));
    rng_.fill(noise);
    return send(std::move(noise));
  }
  if (rng_.chance(0.5)) {
    record.envelope.resize(rng_.below(record.envelope.size()));
  } else {
    record.envelope[rng_.below(record.envelope.size())] ^=
        static_cast<std::uint8_t>(1U << rng_.below(8));
  }
  push({record});
  written_.pop_back();
}

void Mischief::send_wrong_beacon() {
  RecordHeader header = next_header();
  header.beacon = Beacon{world_.journal.size() + rng_.below(1000), {}};
  rng_.fill(header.beacon->root);
  const Record record = forge(header, "mốc sai");
  head_ = record.hash;
  push({record});
}

// A newer program's record: kept and held until the registry knows the type.
void Mischief::send_unknown_type() {
  RecordHeader header = next_header();
  header.type = static_cast<RecordType>(900 + rng_.below(10));
  const Record record = forge(header, "mới");
  head_ = record.hash;
  push({record});
}

// Somebody else's log, one's own key.
void Mischief::use_foreign_name() {
  Phone* victim = somebody(rng_.chance(0.5) ? Role::officer : Role::courier);
  if (!victim) return;
  RecordHeader header;
  header.log_id = victim->log_id();
  header.seq = world_.journal.chain(victim->log_id()).size();
  header.prev = header.seq == 0 ? victim->log_id() : world_.journal.chain(victim->log_id()).back();
  header.subject = some_dossier();
  header.type = RecordType::note;
  push({forge(header, "mạo danh")});
}

void Mischief::replay() {
  std::vector<Record> records;
  for (int i = 0; i < 4 && world_.journal.size() > 0; ++i) {
    records.push_back(world_.journal.facts()[rng_.below(world_.journal.size())].record);
  }
  push(records);
  written_.clear();
}

Phone* Mischief::somebody(Role role) {
  std::vector<Phone*> found;
  for (const auto& phone : people_.phones()) {
    if (phone->role() == role && phone->is_open() && phone.get() != device_) {
      found.push_back(phone.get());
    }
  }
  return found.empty() ? nullptr : rng_.pick(found);
}

// An honest phone in the wrong hands: the person confirms or takes over with a countersignature of
// something else.
bool Mischief::forge_countersignature() {
  for (const Id& id : world_.journal.dossiers()) {
    const Dossier d = fold(id, evidence_of(world_.journal.dossier(id)));
    const bool as_citizen =
        d.sealed && d.citizen_log && d.confirmation != body::Grade::countersigned;
    if (!as_citizen && !d.offer) continue;
    for (const auto& phone : people_.phones()) {
      const bool suits =
          as_citizen ? phone->log_id() == *d.citizen_log : phone->role() == Role::officer;
      if (suits && phone->is_open()) return forge_countersignature(*phone, d, as_citizen);
    }
  }
  return false;
}

bool Mischief::forge_countersignature(Phone& phone, const Dossier& d, bool as_citizen) {
  const Hash paper = as_citizen ? *d.sealed : d.offer->record;
  // The signature covers another record than the one that is answered.
  const Record& other = world_.journal.facts().front().record;
  const auto done =
      phone.act("countersigns the wrong paper", [&](Replica& replica) -> Result<Record> {
        TN_TRY(Bytes signature, replica.countersign(other));
        TN_TRY(auto change, replica.begin());
        Result<Record> record = fail(errc::argument_invalid);
        if (as_citizen) {
          record = change.append(d.id, {paper},
                                 body::Confirmed{body::Grade::countersigned, signature, {}});
        } else {
          record = change.append(replica.make_id(), {paper},
                                 body::HandoverAccepted{signature, {d.id}, {}});
        }
        if (record) TN_CHECK(change.commit());
        return record;
      });
  return done.has_value();
}

// Every role tries what only another may do.
bool Mischief::overreach() {
  static constexpr Role roles[] = {Role::courier, Role::officer, Role::citizen, Role::dispatcher};
  Phone* phone = somebody(roles[rng_.below(4)]);
  if (!phone) return false;
  const Id id = some_dossier();
  const Dossier d = fold(id, evidence_of(world_.journal.dossier(id)));
  const std::uint64_t choice = rng_.below(7);
  const auto done = phone->act("oversteps", [&](Replica& replica) -> Result<Record> {
    TN_TRY(auto change, replica.begin());
    Result<Record> record = fail(errc::argument_invalid);
    switch (choice) {
      case 0: record = change.append(id, {}, body::Accepted{d.decision, {}}); break;
      case 1: record = change.append(id, {}, body::Assigned{phone->actor()}); break;
      case 2: record = change.append(id, {}, body::FieldsWritten{{{"owner_name", "Kẻ Khác"}}}); break;
      case 3: record = change.append(id, {}, body::Registered{"H42.101-260302-9999", 1, {}, {}}); break;
      case 4: record = change.append(id, {}, body::ResultReady{d.decision, "Giả"}); break;
      case 5:
        record = change.append(phone->actor(), {},
                               body::LogRevoked{world_.journal.facts().front().record.header.log_id,
                                                body::RevocationReason::lost, {}});
        break;
      default: {
        // A guess, or another dossier's code.
        const Id neighbour = some_dossier();
        const Dossier other = fold(neighbour, evidence_of(world_.journal.dossier(neighbour)));
        const auto sent_on = d.code_sent_on ? d.code_sent_on : other.code_sent_on;
        std::vector<Hash> refs;
        if (d.sealed) refs.push_back(*d.sealed);
        if (sent_on) refs.push_back(*sent_on);
        record = change.append(id, refs,
                               body::Confirmed{body::Grade::one_time_code, {}, {}, "000000"});
      }
    }
    if (record) TN_CHECK(change.commit());
    return record;
  });
  return done.has_value();
}

}  // namespace tannha::simulate
