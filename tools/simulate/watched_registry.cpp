#include "tools/simulate/watched_registry.hpp"

#include <utility>

namespace tannha::simulate {

Result<void> WatchedRegistry::begin() {
  changes_.clear();
  return ForwardingRegistry::begin();
}

Result<void> WatchedRegistry::commit() {
  auto done = ForwardingRegistry::commit();
  std::vector<Change> changes = std::exchange(changes_, {});
  if (done) {
    // What failed before was undone: it is not found again behind this.
    doubtful_.clear();
    model_.committed(changes);
  } else {
    doubtful_ = std::move(changes);
  }
  return done;
}

void WatchedRegistry::rollback() {
  changes_.clear();
  ForwardingRegistry::rollback();
}

Result<void> WatchedRegistry::put_log(const LogEntry& log) {
  changes_.push_back({.kind = Change::Kind::log, .log = log});
  return ForwardingRegistry::put_log(log);
}

Result<void> WatchedRegistry::move_head(const Hash& log, std::uint64_t next_seq,
                                        const Hash& head) {
  changes_.push_back({.kind = Change::Kind::head, .log_id = log, .record = head});
  return ForwardingRegistry::move_head(log, next_seq, head);
}

Result<std::uint64_t> WatchedRegistry::append(const Evidence& evidence,
                                              std::span<const Id> dossiers) {
  auto leaf = ForwardingRegistry::append(evidence, dossiers);
  if (leaf) {
    Evidence stored = evidence;
    stored.leaf_index = *leaf;
    changes_.push_back({.kind = Change::Kind::append, .evidence = std::move(stored)});
  }
  return leaf;
}

Result<void> WatchedRegistry::set_ruling(const Hash& hash, const Ruling& ruling) {
  changes_.push_back({.kind = Change::Kind::ruling, .record = hash, .ruling = ruling});
  return ForwardingRegistry::set_ruling(hash, ruling);
}

Result<void> WatchedRegistry::put_lease(const body::LeaseGranted& lease, std::uint64_t position) {
  changes_.push_back({.kind = Change::Kind::lease, .lease = lease});
  return ForwardingRegistry::put_lease(lease, position);
}

std::vector<Change> WatchedRegistry::take_doubtful() { return std::exchange(doubtful_, {}); }

}  // namespace tannha::simulate
