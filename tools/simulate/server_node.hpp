#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "tannha/engine/cached_registry.hpp"
#include "tannha/engine/checkpoint_signer.hpp"
#include "tannha/engine/sync_server.hpp"
#include "tannha/server/sqlite_registry.hpp"
#include "tools/simulate/clock.hpp"
#include "tools/simulate/watched_registry.hpp"
#include "tools/simulate/world.hpp"

namespace tannha::simulate {

/// The registry's machine: the real logic on the real store. Requests that come close together
/// share a transaction, and nobody is answered before it is durable, as tannhad does it.
///
/// Its disk tears, loses what was not synced, fills up and fails, but it does not lie: what is
/// acknowledged cannot survive a disk that lies, on one machine.
class ServerNode {
 public:
  /// The encoded response, or why there is none.
  using Reply = std::function<void(Result<Bytes>)>;

  explicit ServerNode(World& world);
  ~ServerNode();

  [[nodiscard]] const RegistryActor& actor() const { return actor_; }
  [[nodiscard]] bool is_up() const { return registry_ != nullptr; }

  /// An exchange of the signed-in log. A node that is down says nothing.
  void exchange(const Hash& sender, Bytes frame, Reply reply);
  /// What somebody else's phone could not send itself, brought by the signed-in log.
  void bundle(const Hash& sender, Bytes bytes, Reply reply);
  /// A file that some record names.
  void upload(const Hash& hash, Bytes bytes, Reply reply);
  /// At once, each in a transaction of its own. Errors: the logic's; store_io when down.
  [[nodiscard]] Result<exchange::TicketAnswer> ticket(const exchange::TicketRequest& request,
                                                      const std::optional<Hash>& asker);
  [[nodiscard]] Result<exchange::EnrolAnswer> enrol(const exchange::EnrolRequest& request);

  /// Takes the node down; it comes back by itself.
  void crash(Crash how);
  void plan_troubles(Ms until);
  /// Up, and with a disk that works.
  void heal();

  [[nodiscard]] bool has_file(const Hash& hash) const { return files_.contains(hash); }
  /// Nothing is left due that waited for something that has come.
  void check_at_rest();
  /// Compares everything stored with the model, and every dossier's state with the reference.
  void check_everything();

 private:
  using Answer = std::function<Result<Bytes>()>;
  struct Job {
    /// @return what makes the answer once the transaction is durable
    std::function<Result<Answer>()> work;
    Reply reply;
    Result<Answer> result;
  };
  void start();
  void open_journal();
  Result<std::string> sign(const Checkpoint& head);
  void reconcile();
  void enqueue(Job job);
  void commit();
  void plan_release();
  void release_due();
  void plan_messages();
  void send_messages();
  Result<void> upgrade();
  void plan_renewal(Ms until);
  Result<void> transact(std::span<Job> jobs);
  void answer(std::span<Job> jobs);
  void plan_disk_fault();
  void note_disk_faults();
  Result<void> simple_transaction(const std::function<Result<void>()>& work);
  void check_states(const std::vector<Evidence>& records);

  World& world_;
  Rng rng_;
  Rng messages_rng_;
  MachineClock clock_;
  WorkingCalendar calendar_;
  RegistryActor actor_;
  std::unique_ptr<server::SqliteRegistry> store_;
  std::unique_ptr<CachedRegistry> cached_;
  std::unique_ptr<WatchedRegistry> watched_;
  std::unique_ptr<Registry> registry_;  ///< what the logic sees
  std::unique_ptr<SyncServer> logic_;
  MemoryCheckpointStore newest_checkpoint_;  ///< apart from the machine's disk
  std::unique_ptr<CheckpointSigner> signer_;
  std::vector<Job> queue_;
  bool commit_planned_ = false;
  bool release_planned_ = false;
  bool messages_planned_ = false;
  std::size_t releases_;  ///< few: a day's records must not all be released at once
  std::uint64_t life_ = 0;  ///< counts starts: what was planned before a crash is void
  std::vector<RecordType> unknown_;  ///< to the registry's program, until it is renewed
  std::unordered_map<Hash, Bytes, ArrayHasher> files_;
  SimulatedDisk::Fired fired_{};
  std::vector<Change> doubtful_;  ///< of a commit that failed in a crash
};

}  // namespace tannha::simulate
