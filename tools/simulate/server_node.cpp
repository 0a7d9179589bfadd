#include "tools/simulate/server_node.hpp"

#include <stdexcept>
#include <utility>

#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/media.hpp"
#include "tannha/server/due_date.hpp"
#include "tools/simulate/canary_registry.hpp"
#include "tools/simulate/difference.hpp"
#include "tools/simulate/older_program.hpp"
#include "tools/simulate/reference_fold.hpp"

namespace tannha::simulate {
namespace {

constexpr std::string_view machine = "server";

RegistryActor make_actor(Host& host) {
  const auto new_key = [&host] { return KeyPair::from_seed(random_array<Seed>(host)); };
  const KeyPair log_key = new_key();
  const KeyPair authority = new_key();
  const KeyPair journal = new_key();
  const BoxKeyPair bundle = BoxKeyPair::from_seed(derive_seed(log_key.seed(), "bundle"));
  const Certificate certificate{.tenant = "H42",
                                .actor = new_id(host),
                                .role = Role::registry,
                                .unit = "H42",
                                .public_key = log_key.public_key(),
                                .not_before_ms = host.now_ms(),
                                .not_after_ms = host.now_ms() + limits::certificate_life_ms,
                                .assurance = Assurance::software_key,
                                .scope = {},
                                .label = "registry"};
  const exchange::Tenant tenant{.code = "H42",
                                .name = "Ninh Bình",
                                .origin = "tannha.vn/H42",
                                .authority_key = authority.public_key(),
                                .journal_key = journal.public_key(),
                                .bundle_key = bundle.public_key()};
  return RegistryActor{.tenant = tenant,
                       .log = {sign_certificate(certificate, authority), random_array<Id>(host)},
                       .log_key = log_key,
                       .authority_key = authority,
                       .journal_key = journal,
                       .bundle_key = bundle};
}

}  // namespace

ServerNode::ServerNode(World& world)
    : world_(world),
      rng_(world.rng("server")),
      messages_rng_(world.rng("messages")),
      clock_(world.clock, world.rng("server clock")),
      calendar_(WorkingCalendar::built_in()),
      actor_(make_actor(clock_)),
      releases_(world.rng("releases").between(1, 2)) {
  actor_.sends_codes = true;
  start();
  LogEntry own;
  own.intro = actor_.log;
  own.id = own.intro.log_id();
  own.head = own.id;
  auto certificate = read_certificate(own.intro.certificate);
  if (!certificate) throw std::logic_error("the registry's certificate");
  own.certificate = std::move(*certificate);
  if (!simple_transaction([&] { return registry_->put_log(own); })) {
    throw std::logic_error("the registry's store cannot be made");
  }
}

ServerNode::~ServerNode() = default;

void ServerNode::start() {
  auto store =
      server::SqliteRegistry::open(std::string(machine) + "/registry.db", sqlite::Mode::exclusive);
  if (!store) {
    // A crash while it starts, or an error of the disk: the supervisor tries again.
    world_.say(machine, [&] { return "does not start: " + std::string(name(store.error().code)); });
    world_.checks.require(store.error().code != errc::store_corrupt, "server_is_whole",
                          "the registry's store is corrupt after a crash");
    world_.disk.crash(machine);
    world_.clock.in(second, [this, life = ++life_] {
      if (life == life_) start();
    });
    return;
  }
  store_ = std::move(*store);
  cached_ = std::make_unique<CachedRegistry>(*store_);
  watched_ = std::make_unique<WatchedRegistry>(*cached_, world_.journal);
  registry_ = make_canary_registry(*watched_, world_);
  logic_ = std::make_unique<SyncServer>(
      *registry_, actor_,
      [this](std::string_view code, body::Channel channel, std::uint64_t submitted_ms) {
        return server::due_date(world_.catalogue, calendar_, code, channel, submitted_ms);
      },
      clock_, world_.catalogue.version(), releases_);
  reconcile();
  if (is_up()) open_journal();
  if (!is_up()) return;
  // A server that cannot rule on what its older self left open does not start.
  if (!upgrade()) return crash(Crash::process_killed);
  plan_release();
  plan_messages();
}

Result<void> ServerNode::upgrade() {
  for (std::optional<std::uint64_t> next = 0; next;) {
    TN_CHECK(simple_transaction([&]() -> Result<void> {
      TN_TRY(next, logic_->upgrade(*next));
      return {};
    }));
  }
  return {};
}

// Its disk does not lie, so what was signed is always there.
void ServerNode::open_journal() {
  signer_ = std::make_unique<CheckpointSigner>(*store_, actor_.tenant.origin, actor_.journal_key,
                                               newest_checkpoint_);
  const Result<void> opened = signer_->open();
  world_.checks.require(!signer_->trouble() || world_.disk.is_down(machine), "journal_is_signed",
                        "the journal contradicts what was signed: " + signer_->trouble_detail());
  if (!opened) crash(Crash::power_loss);
}

Result<std::string> ServerNode::sign(const Checkpoint& head) {
  // The bug of this canary does not wait for the store either.
  if (world_.has(Canary::ack_before_fsync)) return sign_checkpoint(head, actor_.journal_key);
  auto note = signer_->sign(head);
  world_.checks.require(!signer_->trouble() || world_.disk.is_down(machine), "journal_is_signed",
                        "the journal is not what was written: " + signer_->trouble_detail());
  return note;
}

void ServerNode::crash(Crash how) {
  if (!is_up()) return;
  world_.say(machine, [] { return std::string("goes down"); });
  doubtful_ = watched_->take_doubtful();
  // The disk first: a store that could still close would tidy up, which a crash does not.
  world_.disk.crash(machine, how);
  note_disk_faults();
  signer_.reset();
  logic_.reset();
  registry_.reset();
  watched_.reset();
  cached_.reset();
  store_.reset();
  queue_.clear();
  commit_planned_ = false;
  release_planned_ = false;
  messages_planned_ = false;
  clock_.restart();
  world_.clock.in(rng_.any_magnitude(second, 10 * minute), [this, life = ++life_] {
    if (life == life_) start();
  });
}

// A transaction whose commit failed in a crash is there as a whole or not at all; anything that was
// acknowledged is there.
void ServerNode::reconcile() {
  const std::vector<Change> doubtful = std::exchange(doubtful_, {});
  auto size = store_->journal_size();
  if (!size) return crash(Crash::power_loss);
  std::uint64_t appended = 0;
  bool is_there = false;
  for (const Change& change : doubtful) {
    if (change.kind == Change::Kind::append) ++appended;
    if (change.kind == Change::Kind::log)
      is_there = store_->log(change.log.id).value_or(std::nullopt).has_value();
    if (change.kind == Change::Kind::ruling) {
      const auto found = store_->record(change.record).value_or(std::nullopt);
      is_there = found && found->ruling == change.ruling;
    }
  }
  const std::uint64_t known = world_.journal.size();
  if (appended > 0 ? *size == known + appended : is_there) world_.journal.committed(doubtful);
  const bool whole = *size == world_.journal.size();
  if (!world_.checks.require(whole, "conservation",
                             "after a crash the registry has " + std::to_string(*size) +
                                 " records and had acknowledged " + std::to_string(known))) {
    return;
  }
  const auto root = store_->journal_root(*size);
  world_.checks.require(root && *root == world_.journal.root(*size), "journal_root",
                        "after a crash the journal has another root");
  world_.say(machine, [&] { return "is up with " + std::to_string(*size) + " records"; });
}

void ServerNode::exchange(const Hash& sender, Bytes frame, Reply reply) {
  enqueue({.work = [this, sender, frame = std::move(frame)]() -> Result<Answer> {
             TN_TRY(const PreparedExchange prepared,
                    prepare_exchange(frame, actor_.tenant.code, actor_.authority_key.public_key()));
             TN_TRY(SyncServer::Outcome outcome, logic_->exchange(prepared, sender));
             return [this, outcome = std::move(outcome)]() mutable -> Result<Bytes> {
               if (!outcome.code_messages.empty()) plan_messages();
               TN_TRY(outcome.response.checkpoint, sign(outcome.head));
               return fields::encode(outcome.response);
             };
           },
           .reply = std::move(reply),
           .result = {}});
}

void ServerNode::bundle(const Hash& sender, Bytes bytes, Reply reply) {
  enqueue(
      {.work = [this, sender, bytes = std::move(bytes)]() -> Result<Answer> {
         TN_TRY(const PreparedBundle prepared, prepare_bundle(bytes, actor_));
         TN_TRY(const SyncServer::Delivered delivered, logic_->deliver_bundle(prepared, sender));
         for (const std::size_t i : delivered.wanted) {
           const BundleAttachment& file = prepared.bundle.attachments[i];
           files_.insert_or_assign(file.hash, file.bytes);
         }
         TN_TRY(BundleReceipts receipts, logic_->attachments_arrived(prepared, delivered));
         return [this, receipts = std::move(receipts), head = delivered.head,
                 has_messages = !delivered.code_messages.empty()]() mutable -> Result<Bytes> {
           if (has_messages) plan_messages();
           TN_TRY(receipts.checkpoint, sign(head));
           return sign_bundle_receipts(receipts, actor_.journal_key);
         };
       },
       .reply = std::move(reply),
       .result = {}});
}

void ServerNode::upload(const Hash& hash, Bytes bytes, Reply reply) {
  enqueue({.work = [this, hash, bytes = std::move(bytes)]() -> Result<Answer> {
             TN_TRY(const auto found, registry_->attachment(hash));
             if (!found) return fail(errc::attachment_not_wanted);
             if (blake2b_256(bytes) != hash) return fail(errc::attachment_mismatch);
             TN_CHECK(check_attachment(bytes, found->media_type));
             // The file is written and synced before the registry says that it is there.
             files_.insert_or_assign(hash, bytes);
             TN_CHECK(registry_->attachment_arrived(hash));
             return [] { return Result<Bytes>(Bytes{}); };
           },
           .reply = std::move(reply),
           .result = {}});
}

void ServerNode::enqueue(Job job) {
  if (!is_up()) return;
  if (world_.has(Canary::ack_before_fsync)) {
    // The bug: the answer is on its way while the transaction is not.
    std::vector<Job> jobs;
    jobs.push_back(std::move(job));
    if (!registry_->begin()) return;
    jobs.front().result = jobs.front().work();
    answer(jobs);
    registry_->rollback();
    job.work = std::move(jobs.front().work);
    job.reply = [](const Result<Bytes>&) {};
  }
  queue_.push_back(std::move(job));
  if (std::exchange(commit_planned_, true)) return;
  world_.clock.in(rng_.between(1, 40), [this, life = life_] {
    if (life == life_) commit();
  });
}

void ServerNode::plan_disk_fault() {
  const FaultPlan& plan = world_.plan;
  const bool crash = rng_.chance(plan.rate(Fault::server_crashed_in_commit));
  const bool error = rng_.chance(plan.rate(Fault::server_disk_error));
  const bool full = rng_.chance(plan.rate(Fault::server_disk_full));
  const std::uint64_t n = rng_.between(1, 25);
  if (crash) {
    world_.disk.crash_at(machine, n);
  } else if (error) {
    world_.disk.fail_at(machine, rng_.chance(0.5) ? DiskFault::write_error : DiskFault::sync_error,
                        1 + n % 6, Lasts::once);
  } else if (full) {
    world_.disk.fail_at(machine, DiskFault::full, 1 + n % 6, Lasts::once);
  }
}

void ServerNode::note_disk_faults() {
  const SimulatedDisk::Fired now = world_.disk.fired(machine);
  const auto since = [&](DiskFault fault) {
    const auto i = static_cast<std::size_t>(fault);
    return now[i] - fired_[i];
  };
  for (std::uint64_t n = since(DiskFault::crash); n > 0; --n) {
    world_.struck(Fault::server_crashed_in_commit);
  }
  for (std::uint64_t n = since(DiskFault::write_error) + since(DiskFault::sync_error); n > 0; --n) {
    world_.struck(Fault::server_disk_error);
  }
  for (std::uint64_t n = since(DiskFault::full); n > 0; --n) world_.struck(Fault::server_disk_full);
  for (std::uint64_t n = since(DiskFault::torn_write); n > 0; --n) world_.struck(Fault::torn_write);
  for (std::uint64_t n = since(DiskFault::dropped_write); n > 0; --n) {
    world_.struck(Fault::dropped_write);
  }
  for (std::uint64_t n = since(DiskFault::reordered_write); n > 0; --n) {
    world_.struck(Fault::reordered_write);
  }
  fired_ = now;
}

// The registry's program begins as an older one and is renewed some time later.
void ServerNode::plan_renewal(Ms until) {
  Rng rng = world_.rng("server version");
  if (!rng.chance(world_.plan.rate(Fault::server_older))) return;
  for (const RecordType type :
       {RecordType::note, RecordType::fields_written, RecordType::lease_returned,
        RecordType::dispute_resolved, RecordType::adjudicated, RecordType::erased,
        RecordType::payout_assigned, RecordType::paid, RecordType::payout_returned}) {
    if (rng.chance(0.4)) unknown_.push_back(type);
  }
  world_.clock.at(rng.below(until), [this] {
    if (world_.healed) return;
    world_.say(machine, [] { return std::string("gets a newer program"); });
    unknown_.clear();
    crash(Crash::process_killed);
  });
}

Result<void> ServerNode::transact(std::span<Job> jobs) {
  const OlderProgram program(unknown_);
  TN_CHECK(registry_->begin());
  Result<void> result;
  for (Job& job : jobs) {
    const std::uint64_t writes = registry_->writes();
    job.result = job.work();
    if (!job.result &&
        (is_store_error(job.result.error().code) || registry_->writes() != writes)) {
      result = std::unexpected(job.result.error());
      break;
    }
  }
  if (result) result = registry_->commit();
  if (!result) registry_->rollback();
  for (std::uint64_t n = program.puzzled(); n > 0; --n) world_.struck(Fault::server_older);
  return result;
}

void ServerNode::commit() {
  commit_planned_ = false;
  std::vector<Job> jobs = std::exchange(queue_, {});
  plan_disk_fault();
  Result<void> done = transact(jobs);
  if (done) {
    // What cannot be signed now is not answered; the answers say why.
    (void)signer_->advance().has_value();
    answer(jobs);
  } else if (!world_.disk.is_down(machine)) {
    // One of them met the trouble, and with it the transaction: each is tried again alone.
    world_.say(machine, [&] { return "commit failed: " + std::string(name(done.error().code)); });
    for (Job& job : jobs) {
      const Result<void> alone = transact(std::span(&job, 1));
      if (!alone) job.result = std::unexpected(alone.error());
      if (world_.disk.is_down(machine)) break;
      if (alone) (void)signer_->advance().has_value();
      answer(std::span(&job, 1));
    }
  }
  if (world_.disk.is_down(machine)) return crash(Crash::power_loss);
  note_disk_faults();
  plan_release();
}

// What one transaction has left due goes on when there is time, whether or not anybody asks.
void ServerNode::plan_release() {
  if (!is_up() || release_planned_) return;
  const auto due = store_->is_any_due();
  if (due && !*due) return;
  release_planned_ = true;
  world_.clock.in(rng_.between(1, second), [this, life = life_] {
    if (life == life_) release_due();
  });
}

void ServerNode::release_due() {
  release_planned_ = false;
  plan_disk_fault();
  bool has_messages = false;
  const Result<void> done = simple_transaction([&]() -> Result<void> {
    TN_TRY(const SyncServer::Released released, logic_->release_due());
    has_messages = !released.code_messages.empty();
    return {};
  });
  if (world_.disk.is_down(machine)) return crash(Crash::power_loss);
  if (!done) {
    world_.say(machine, [&] { return "releases nothing: " + std::string(name(done.error().code)); });
  }
  note_disk_faults();
  plan_release();
  if (done && has_messages) plan_messages();
}

// Messages go out some time after the commit, also when the node went down in between.
void ServerNode::plan_messages() {
  if (!is_up() || messages_planned_) return;
  messages_planned_ = true;
  world_.clock.in(messages_rng_.between(1, 5 * second), [this, life = life_] {
    if (life == life_) send_messages();
  });
}

void ServerNode::send_messages() {
  messages_planned_ = false;
  constexpr std::size_t at_once = 100;
  std::vector<CodeMessage> messages;
  const Result<void> asked = simple_transaction([&]() -> Result<void> {
    // All of them, whatever the clock says that a crash has set back.
    TN_TRY(messages, logic_->wanted_messages(INT64_MAX, at_once));
    return {};
  });
  if (asked) {
    for (const CodeMessage& message : messages) world_.journal.sent(message);
  }
  const Result<void> noted = simple_transaction([&]() -> Result<void> {
    for (const CodeMessage& message : messages) {
      TN_CHECK(registry_->code_message_kept(message.sent_on));
    }
    return {};
  });
  if (world_.disk.is_down(machine)) return crash(Crash::power_loss);
  note_disk_faults();
  if (!asked || !noted) plan_messages();
}

void ServerNode::answer(std::span<Job> jobs) {
  for (Job& job : jobs) {
    if (!job.result) {
      job.reply(std::unexpected(job.result.error()));
    } else if (auto bytes = (*job.result)(); bytes || !world_.disk.is_down(machine)) {
      job.reply(std::move(bytes));
    }
  }
}

Result<void> ServerNode::simple_transaction(const std::function<Result<void>()>& work) {
  if (!is_up()) return fail(errc::store_io, "down");
  const OlderProgram program(unknown_);
  TN_CHECK(registry_->begin());
  Result<void> done = work();
  if (done) done = registry_->commit();
  if (!done) registry_->rollback();
  return done;
}

Result<exchange::TicketAnswer> ServerNode::ticket(const exchange::TicketRequest& request,
                                                  const std::optional<Hash>& asker) {
  exchange::TicketAnswer out;
  TN_CHECK(simple_transaction([&]() -> Result<void> {
    TN_TRY(out, logic_->make_ticket(request, asker));
    return {};
  }));
  return out;
}

Result<exchange::EnrolAnswer> ServerNode::enrol(const exchange::EnrolRequest& request) {
  exchange::EnrolAnswer out;
  TN_CHECK(simple_transaction([&]() -> Result<void> {
    TN_TRY(SyncServer::Enrolled enrolled, logic_->enrol(request));
    out = std::move(enrolled.answer);
    return {};
  }));
  return out;
}

void ServerNode::plan_troubles(Ms until) {
  plan_renewal(until);
  const std::size_t count = rng_.below(3) + 1;
  for (std::size_t i = 0; i < count; ++i) {
    const Ms at = rng_.below(until);
    const Crash how = rng_.chance(0.5) ? Crash::power_loss : Crash::process_killed;
    if (!rng_.chance(world_.plan.rate(Fault::server_crashed))) continue;
    world_.clock.at(at, [this, how] {
      if (!is_up() || world_.healed) return;
      world_.struck(Fault::server_crashed);
      crash(how);
    });
  }
}

void ServerNode::heal() {
  world_.disk.heal(machine);
  if (!std::exchange(unknown_, {}).empty()) crash(Crash::process_killed);
  if (is_up()) return;
  ++life_;
  start();
}

void ServerNode::check_at_rest() {
  if (!is_up()) return;
  const auto due = store_->is_any_due();
  world_.checks.require(due && !*due, "released", "what waited for a record is left waiting");
}

void ServerNode::check_everything() {
  if (!is_up()) return;
  auto records = store_->all_records();
  if (!records) {
    world_.checks.require(records.error().code != errc::store_corrupt, "server_is_whole",
                          "the registry's records cannot be read");
    return;
  }
  const auto& facts = world_.journal.facts();
  if (!world_.checks.require(records->size() == facts.size(), "conservation",
                             "the registry has another number of records than it committed")) {
    return;
  }
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const Evidence& e = (*records)[i];
    world_.checks.require(e.record.hash == facts[i].record.hash && e.leaf_index == i &&
                              e.record.body == facts[i].record.body && e.ruling == facts[i].ruling,
                          "conservation", "leaf " + std::to_string(i) + " is not what it was");
  }
  const auto root = store_->journal_root(facts.size());
  world_.checks.require(root && *root == world_.journal.root(facts.size()), "journal_root",
                        "the journal's root is not that of its records");
  world_.journal.check_everything();
  check_states(*records);
}

// The state that the engine folds is the reference's, and no claimed time has a say in it.
void ServerNode::check_states(const std::vector<Evidence>& records) {
  std::unordered_map<Id, std::vector<Evidence>, ArrayHasher> by_dossier;
  for (const Evidence& e : records) {
    for (const Id& id : body::dossiers(e.record)) {
      auto& list = by_dossier[id];
      if (list.empty() || list.back().record.hash != e.record.hash) list.push_back(e);
    }
  }
  for (const Id& id : world_.journal.dossiers()) {
    std::vector<Evidence>& evidence = by_dossier[id];
    const std::string state = state_text(fold(id, evidence));
    const std::string reference = state_text(reference_fold(id, evidence));
    world_.checks.require(
        state == reference, "server_state",
        "dossier " + brief(id) + " is folded differently: " + difference(state, reference));
    for (Evidence& e : evidence) e.record.header.claimed_ms = rng_.next();
    world_.checks.require(state_text(fold(id, evidence)) == state, "clock_independence",
                          "dossier " + brief(id) + " changes with claimed times");
  }
}

}  // namespace tannha::simulate
