#include "tools/simulate/simulation.hpp"

#include "tools/simulate/mischief.hpp"
#include "tools/simulate/network.hpp"
#include "tools/simulate/people.hpp"
#include "tools/simulate/server_node.hpp"
#include "tools/simulate/verify_cache.hpp"
#include "tools/simulate/world.hpp"

namespace tannha::simulate {
namespace {

/// Rounds in which everybody synchronises once. What the last one sends is news for the first, and
/// what a held record waited for lets others go.
constexpr int rounds_max = 8;
constexpr std::uint64_t exchanges_of_a_phone_max = 400;

class Simulation {
 public:
  Simulation(std::uint64_t seed, const RunOptions& options, Trace& trace)
      : options_(options),
        catalogue_(make_catalogue()),
        world_(seed, catalogue_, trace, options.canary),
        server_(world_),
        network_(world_),
        people_(world_, network_, server_),
        mischief_(world_, server_, people_) {}

  Outcome run() {
    const Ms end = options_.hours * hour;
    people_.begin(end);
    mischief_.plan(end);
    network_.plan_troubles(end);
    server_.plan_troubles(end);
    for (int checkpoint = 1; checkpoint <= 2; ++checkpoint) {
      world_.clock.at(end * static_cast<Ms>(checkpoint) / 3, [this] { check_everything(); });
    }
    run_until(end);
    if (good()) heal();
    if (good()) settle();
    return outcome();
  }

 private:
  [[nodiscard]] bool good() const { return world_.checks.good(); }

  void run_until(Ms end) {
    while (good() && world_.clock.step(end)) {
    }
  }

  void check_everything() {
    server_.check_everything();
    for (const auto& phone : people_.phones()) phone->check_everything();
  }

  // Faults stop. What is still on its way arrives, be it weeks later, and the last citizens come
  // home.
  void heal() {
    world_.healed = true;
    world_.plan.heal();
    network_.heal();
    server_.heal();
    for (const auto& phone : people_.phones()) phone->heal();
    world_.say("world", [] { return std::string("the faults stop"); });
    run_until(world_.clock.now() + 62 * day);
  }

  void settle() {
    for (int round = 0; round < rounds_max && good(); ++round) {
      const std::uint64_t before = moves();
      for (const auto& phone : people_.phones()) {
        if (phone->is_given_up()) continue;
        const std::uint64_t exchanges = phone->exchanges();
        phone->start_session();
        run_until(world_.clock.now() + hour);
        if (phone->exchanges() - exchanges > exchanges_of_a_phone_max) unconverged_ = true;
      }
      if (moves() == before) break;
      if (round == rounds_max - 1) unconverged_ = true;
    }
    if (!good()) return;
    check_everything();
    server_.check_at_rest();
    for (const auto& phone : people_.phones()) phone->check_converged();
  }

  std::uint64_t moves() const {
    std::uint64_t sum = world_.journal.size();
    for (const auto& phone : people_.phones()) sum += phone->moves();
    return sum;
  }

  // What the registry had when it ended: for whoever replays the seed.
  void tell_journal() {
    for (const Fact& f : world_.journal.facts()) {
      world_.say("journal", [&] {
        std::string line = std::to_string(f.leaf.value_or(0)) + " " + brief(f.record.hash) +
                           " log " + brief(f.record.header.log_id) + " #" +
                           std::to_string(f.record.header.seq) + " " + std::string(name(f.type()));
        for (const Id& id : body::dossiers(f.record)) line += " " + brief(id);
        line += ": " + std::string(name(f.ruling.verdict));
        if (f.ruling.reason) line += " " + std::string(name(*f.ruling.reason));
        for (const Hash& ref : f.record.header.refs) line += " <" + brief(ref);
        return line;
      });
    }
  }

  Outcome outcome() {
    tell_journal();
    Outcome out;
    out.violation = world_.checks.first();
    out.unconverged = unconverged_;
    out.records = world_.journal.size();
    out.events = world_.clock.events();
    for (const auto& phone : people_.phones()) out.exchanges += phone->exchanges();
    out.faults = world_.counts;
    return out;
  }

  RunOptions options_;
  Catalogue catalogue_;
  World world_;
  ServerNode server_;
  Network network_;
  People people_;
  Mischief mischief_;
  bool unconverged_ = false;
};

void set_canary(Canary canary) {
  if (canary != Canary::countersignature_unchecked) return set_verify_canary({});
  // The context of RFC 9338 stands in front of what a countersignature covers.
  set_verify_canary([](BytesView message) {
    return as_text(message.first(std::min<std::size_t>(message.size(), 24)))
               .find("CounterSignatureV2") != std::string_view::npos;
  });
}

}  // namespace

Outcome simulate(std::uint64_t seed, const RunOptions& options) {
  clear_verify_cache();
  set_canary(options.canary);
  Trace trace(options.story, options.trace_hash);
  Outcome out = Simulation(seed, options, trace).run();
  if (options.trace_hash) out.trace_hash = to_hex(trace.hash());
  return out;
}

}  // namespace tannha::simulate
