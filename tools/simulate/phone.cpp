#include "tools/simulate/phone.hpp"

#include <algorithm>
#include <utility>

#include "tools/simulate/shown.hpp"

namespace tannha::simulate {
namespace {

constexpr std::string_view database = "/device.db";

}  // namespace

Phone::Phone(World& world, Network& network, ServerNode& server, std::string machine)
    : world_(world),
      network_(network),
      server_(server),
      machine_(std::move(machine)),
      rng_(world.rng(machine_)),
      clock_(world.clock, world.rng(machine_ + " clock")),
      link_(network.add_link(machine_)),
      unlock_(random_array<Seed>(clock_)) {}

Phone::~Phone() = default;

bool Phone::open() {
  auto opened = Replica::open(machine_ + std::string(database), clock_, unlock_);
  if (!opened) {
    const errc code = opened.error().code;
    world_.say(machine_, [&] { return "does not open: " + std::string(name(code)); });
    // Opening repairs what a crash left behind; what cannot be opened then was damaged.
    const bool is_trouble =
        is_store_error(code) && code != errc::store_corrupt && code != errc::store_version_unknown;
    if (!is_trouble) {
      world_.checks.require(
          disk_lies_, "phone_is_whole",
          machine_ + ": does not open on a disk that does not lie, " + std::string(name(code)));
      give_up();
      return false;
    }
    world_.disk.crash(machine_, Crash::process_killed);
    world_.clock.in(minute, [this, life = ++life_] {
      if (life == life_ && !is_open() && !given_up_) open();
    });
    return false;
  }
  replica_ = std::make_unique<Replica>(std::move(*opened));
  note_identity();
  if (is_open()) check_saved();
  return is_open();
}

// Which log it writes now. A phone that was revoked has none in the end.
void Phone::note_identity() {
  if (replica_->is_locked()) return;
  const Identity* identity = replica_->identity();
  if (identity) {
    if (log_id_ != Hash{} && log_id_ != identity->log_id) {
      note_saved(log_id_, true);
      world_.say(machine_, [&] { return "goes on in log " + brief(identity->log_id); });
    }
    log_id_ = identity->log_id;
    certificate_ = identity->certificate;
    return;
  }
  if (log_id_ == Hash{}) return;  // Not enrolled yet.
  const bool revoked = world_.journal.is_revoked(log_id_);
  world_.checks.require(disk_lies_ || revoked, "phone_is_whole",
                        machine_ + ": it has lost its key");
  if (revoked && !disk_lies_) {
    for (const auto& [log, saved] : saved_) {
      for (std::size_t seq = 0; seq < saved.records.size(); ++seq) {
        world_.checks.require(!saved.promised[seq] || world_.journal.find(saved.records[seq]),
                              "conservation", machine_ + ": erased what the registry has not got");
      }
    }
    for (const Hash& hash : unsent_files_) {
      world_.checks.require(server_.has_file(hash), "unsent_file_is_kept",
                            machine_ + ": erased file " + brief(hash) + ", which was never sent");
    }
    world_.say(machine_, [] { return std::string("has erased itself"); });
  }
  give_up();
}

bool Phone::enrol(const exchange::TicketRequest& request, const std::optional<Hash>& asker) {
  if (!is_open() && !open()) return false;
  const auto ticket = server_.ticket(request, asker);
  if (!ticket) return false;
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (!is_open() && !open()) return false;
    if (replica_->is_locked()) (void)replica_->unlock(unlock_).has_value();
    const auto sent = replica_->begin_enrolment(ticket->ticket);
    if (!sent) return false;
    const auto answer = server_.enrol(*sent);
    if (!answer) return false;
    if (attempt < 4 && rng_.chance(world_.plan.rate(Fault::answer_of_enrolment_lost))) {
      world_.struck(Fault::answer_of_enrolment_lost);
      if (rng_.chance(0.5)) crash(Crash::process_killed);
      continue;
    }
    if (!replica_->finish_enrolment(*answer)) return false;
    note_identity();
    world_.say(machine_, [&] { return "is enrolled as " + std::string(name(role())); });
    return true;
  }
  return false;
}

void Phone::age() {
  is_aged_ = true;
  const FaultPlan& plan = world_.plan;
  const auto rate = [&](Fault fault) { return rng_.chance(0.5) ? plan.rate(fault) : 0.0; };
  DiskRates rates{.read_error = rate(Fault::read_error),
                  .write_error = rate(Fault::write_error),
                  .sync_error = rate(Fault::sync_error),
                  .full = rate(Fault::disk_full),
                  .lying_sync = rate(Fault::lying_sync),
                  .lost_write = rate(Fault::lost_write),
                  .misdirected_write = rate(Fault::misdirected_write),
                  .flipped_read = rate(Fault::flipped_read),
                  .stays = 0.02};
  // Music and films have taken the rest: what it has it must bring with that.
  if (plan.is_on(Fault::disk_full) && rng_.chance(0.3)) {
    rates.capacity_bytes = rng_.below(1024 * 1024);
    for (const std::string& file : world_.disk.files(machine_)) {
      rates.capacity_bytes += world_.disk.bytes(file).size();
    }
  }
  // Whoever was copied from a disk that lied has its lies.
  disk_lies_ |=
      rates.lying_sync + rates.lost_write + rates.misdirected_write + rates.flipped_read > 0;
  world_.disk.set_rates(machine_, rates);
  if (rng_.chance(plan.rate(Fault::clock_wrong))) {
    world_.struck(Fault::clock_wrong);
    const auto years = static_cast<std::int64_t>(10 * 365 * day);
    const auto offset = static_cast<std::int64_t>(rng_.below(20 * 365 * day));
    clock_.set_wrong(offset - years, static_cast<std::int64_t>(rng_.below(400)) - 200);
  }
}

void Phone::lock() {
  if (!is_open()) return;
  world_.say(machine_, [] { return std::string("is locked"); });
  replica_->lock();
}

bool Phone::needs_replacement() {
  if (given_up_) return true;
  if (!is_open()) return false;
  const auto now = replica_->condition();
  return now && (now->stranded || now->revoked);
}

bool Phone::is_stranded() {
  if (given_up_ || !is_open()) return false;
  const auto now = replica_->condition();
  return now && now->stranded && !now->revoked;
}

void Phone::before_call() {
  unlock_failed_ = {};
  if (replica_->is_locked()) {
    if (const auto open = replica_->unlock(unlock_); !open) unlock_failed_ = open.error().code;
  }
  const FaultPlan& plan = world_.plan;
  const bool killed = rng_.chance(0.02 * plan.rate(Fault::phone_killed));
  const bool unpowered = rng_.chance(0.02 * plan.rate(Fault::phone_power_loss));
  if (is_aged_ && (killed || unpowered)) {
    world_.disk.crash_at(machine_, rng_.between(1, 16));
  }
}

void Phone::after_call(const std::string& what, errc code) {
  world_.say(machine_,
             [&] { return code == errc{} ? what : what + ": " + std::string(name(code)); });
  if (is_open() && !replica_->is_locked()) note_identity();
  if (is_open()) note_saved(log_id_, code == errc{});
  if (is_open()) note_files(code == errc{});
  if (world_.disk.is_down(machine_)) {
    const bool killed = world_.plan.is_on(Fault::phone_killed) &&
                        (!world_.plan.is_on(Fault::phone_power_loss) || rng_.chance(0.5));
    world_.struck(killed ? Fault::phone_killed : Fault::phone_power_loss);
    return crash(killed ? Crash::process_killed : Crash::power_loss);
  }
  note_disk_faults();
  if (code == errc{}) {
    store_errors_ = 0;
  } else if (code == errc::store_corrupt) {
    world_.checks.require(disk_lies_, "phone_is_whole",
                          machine_ + ": the store is corrupt on a disk that does not lie");
    give_up();
  } else if (is_store_error(code) && ++store_errors_ >= 3) {
    // Somebody switches it off and on again.
    store_errors_ = 0;
    crash(Crash::process_killed);
  }
}

void Phone::note_disk_faults() {
  struct Pair {
    DiskFault disk;
    Fault fault;
  };
  static constexpr auto pairs = std::to_array<Pair>({
      {DiskFault::read_error, Fault::read_error},
      {DiskFault::write_error, Fault::write_error},
      {DiskFault::sync_error, Fault::sync_error},
      {DiskFault::full, Fault::disk_full},
      {DiskFault::lying_sync, Fault::lying_sync},
      {DiskFault::lost_write, Fault::lost_write},
      {DiskFault::misdirected_write, Fault::misdirected_write},
      {DiskFault::flipped_read, Fault::flipped_read},
      {DiskFault::torn_write, Fault::torn_write},
      {DiskFault::dropped_write, Fault::dropped_write},
      {DiskFault::reordered_write, Fault::reordered_write},
      {DiskFault::lost_entry, Fault::lost_entry},
  });
  const SimulatedDisk::Fired& now = world_.disk.fired(machine_);
  if (now == fired_) return;
  for (const Pair& pair : pairs) {
    const auto i = static_cast<std::size_t>(pair.disk);
    if (fired_[i] == now[i]) continue;
    world_.say(machine_, [&] {
      return "fault: " + std::string(name(pair.fault)) + " x" + std::to_string(now[i] - fired_[i]);
    });
    for (std::uint64_t n = fired_[i]; n < now[i]; ++n) world_.struck(pair.fault);
  }
  fired_ = now;
}

void Phone::crash(Crash how) {
  if (given_up_) return;
  world_.say(machine_, [&] {
    return std::string(how == Crash::power_loss ? "loses its power" : "is killed");
  });
  // The disk first: a store that could still close would tidy up, which a crash does not.
  world_.disk.crash(machine_, how);
  note_disk_faults();
  replica_.reset();
  session_ = {};
  clock_.restart();
  if (world_.has(Canary::forget_on_torn_write) && how == Crash::power_loss) forget_newest();
  const Ms pause = rng_.any_magnitude(second, 20 * minute);
  world_.clock.in(pause, [this, life = ++life_] {
    if (life == life_ && !is_open() && !given_up_) open();
  });
}

// The bug: the newest page of the log that was synced is gone after the power came back.
void Phone::forget_newest() {
  for (const std::string& file : world_.disk.files(machine_)) {
    if (!file.ends_with("-wal")) continue;
    Bytes content = to_bytes(world_.disk.bytes(file));
    content.resize(content.size() - std::min<std::size_t>(content.size(), 2 * 4120));
    world_.disk.put(file, std::move(content));
  }
}

void Phone::give_up() {
  world_.say(machine_, [] { return std::string("is beyond repair"); });
  given_up_ = true;
  ++life_;
  session_ = {};
  replica_.reset();
}

void Phone::plan_troubles(Ms until) {
  const FaultPlan& plan = world_.plan;
  const auto later = [&](Fault fault, auto what) {
    const Ms at = rng_.below(until);
    if (!rng_.chance(plan.rate(fault))) return;
    world_.clock.at(at, [this, fault, what] {
      if (world_.healed || given_up_) return;
      if (what()) world_.struck(fault);
    });
  };
  const auto when_open = [this](Crash how) {
    return [this, how] {
      if (!is_open()) return false;
      crash(how);
      return true;
    };
  };
  later(Fault::phone_killed, when_open(Crash::process_killed));
  later(Fault::phone_power_loss, when_open(Crash::power_loss));
  later(Fault::phone_power_loss, when_open(Crash::power_loss));
  const auto years = static_cast<std::int64_t>(rng_.any_magnitude(minute, 3650 * day));
  const std::int64_t by = rng_.chance(0.6) ? -years : years;
  later(Fault::clock_jumped, [this, by] {
    world_.say(machine_, [] { return std::string("fault: its clock jumps"); });
    clock_.jump(by);
    return true;
  });
  later(Fault::clock_frozen, [this] {
    clock_.freeze();
    return true;
  });
  if (rng_.chance(plan.rate(Fault::phone_restored))) {
    world_.clock.at(rng_.below(until / 2), [this] { take_backup(); });
    world_.clock.at(until / 2 + rng_.below(until / 2), [this] { restore_backup(); });
  }
}

void Phone::heal() {
  clock_.thaw();
  world_.disk.heal(machine_);
  if (!is_open() && !given_up_) {
    ++life_;
    open();
  }
}

void Phone::take_backup() {
  if (is_open() && !world_.healed) backup_ = world_.disk.snapshot(machine_);
}

void Phone::restore_backup() {
  if (!backup_ || !is_open() || world_.healed || given_up_) return;
  world_.say(machine_, [] { return std::string("fault: restored from an old backup"); });
  world_.struck(Fault::phone_restored);
  world_.disk.restore(machine_, *backup_);
  saved_.clear();
  unsent_files_.clear();
  carried_.clear();
  newest_checkpoint_ = {};
  // Before it goes on in a new log it has the one that it had then.
  log_id_ = {};
  adopts_ = true;
  crash(Crash::process_killed);
}

void Phone::become_clone_of(Phone& other) {
  world_.disk.copy(other.machine_, machine_);
  unlock_ = other.unlock_;
  adopts_ = true;
  // A copy of a file that is damaged is damaged.
  disk_lies_ = other.disk_lies_;
  open();
}

Result<Dossier> Phone::shown(const Id& id) {
  return act("looks at " + brief(id), [&](Replica& r) -> Result<Dossier> {
    TN_TRY(const std::vector<Evidence> evidence, r.store().dossier(id));
    if (evidence.empty()) return fail(errc::dossier_unknown);
    // The screen before it was the list.
    TN_TRY(const std::vector<DossierSummary> list, r.summaries(1));
    const auto line = std::ranges::find(list, id, &DossierSummary::id);
    if (line != list.end()) check_listed(*line, evidence);
    return show(id, evidence, world_);
  });
}

}  // namespace tannha::simulate
