#pragma once

#include <vector>

#include "tannha/engine/forwarding_registry.hpp"
#include "tools/simulate/journal_model.hpp"

namespace tannha::simulate {

/// Sees what the registry's logic does to the store, and tells the model when it became durable.
class WatchedRegistry : public ForwardingRegistry {
 public:
  /// Both must outlive this.
  WatchedRegistry(Registry& to, JournalModel& model) : ForwardingRegistry(to), model_(model) {}

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  Result<void> put_log(const LogEntry& log) override;
  Result<void> move_head(const Hash& log, std::uint64_t next_seq, const Hash& head) override;
  Result<std::uint64_t> append(const Evidence& evidence, std::span<const Id> dossiers) override;
  Result<void> set_ruling(const Hash& hash, const Ruling& ruling) override;
  Result<void> put_lease(const body::LeaseGranted& lease, std::uint64_t position) override;

  /// Of a commit that failed: it may have become durable all the same, as a whole.
  [[nodiscard]] std::vector<Change> take_doubtful();

 private:
  JournalModel& model_;
  std::vector<Change> changes_;
  std::vector<Change> doubtful_;
};

}  // namespace tannha::simulate
