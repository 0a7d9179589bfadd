#include "tools/simulate/canary_registry.hpp"

#include <algorithm>

#include "tannha/engine/forwarding_registry.hpp"

namespace tannha::simulate {
namespace {

class AcceptForkedLog : public ForwardingRegistry {
 public:
  using ForwardingRegistry::ForwardingRegistry;
  Result<std::uint64_t> append(const Evidence& evidence, std::span<const Id> dossiers) override {
    Evidence changed = evidence;
    if (changed.ruling.reason == errc::log_forked) changed.ruling = {Verdict::effective, {}};
    return ForwardingRegistry::append(changed, dossiers);
  }
};

class ReuseLease : public ForwardingRegistry {
 public:
  using ForwardingRegistry::ForwardingRegistry;
  Result<std::uint64_t> take_numbers(std::string_view sequence, std::uint32_t count) override {
    if (sequence.starts_with("lease:")) return 1;
    return ForwardingRegistry::take_numbers(sequence, count);
  }
  Result<void> put_lease(const body::LeaseGranted& lease, std::uint64_t position) override {
    // The store itself refuses the second of two equal leases; the bug gets round that.
    (void)ForwardingRegistry::put_lease(lease, position).has_value();
    return {};
  }
};

class DropHeldRecord : public ForwardingRegistry {
 public:
  using ForwardingRegistry::ForwardingRegistry;
  Result<void> wait_for(const Hash&, const Hash&) override { return {}; }
};

class DoubleCustodian : public ForwardingRegistry {
 public:
  using ForwardingRegistry::ForwardingRegistry;
  Result<std::vector<Evidence>> dossier(const Id& id) override {
    TN_TRY(std::vector<Evidence> evidence, ForwardingRegistry::dossier(id));
    std::erase_if(evidence, [](const Evidence& e) {
      return e.record.header.type == RecordType::handover_accepted;
    });
    return evidence;
  }
  Result<std::shared_ptr<const Dossier>> folded(const Id& id) override {
    TN_TRY(const std::vector<Evidence> evidence, dossier(id));
    return std::make_shared<const Dossier>(fold(id, evidence));
  }
};

}  // namespace

std::unique_ptr<Registry> make_canary_registry(Registry& to, World& world) {
  switch (world.canary) {
    case Canary::accept_forked_log: return std::make_unique<AcceptForkedLog>(to);
    case Canary::reuse_lease: return std::make_unique<ReuseLease>(to);
    case Canary::drop_held_record: return std::make_unique<DropHeldRecord>(to);
    case Canary::double_custodian: return std::make_unique<DoubleCustodian>(to);
    default: return std::make_unique<ForwardingRegistry>(to);
  }
}

}  // namespace tannha::simulate
