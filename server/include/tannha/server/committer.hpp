#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "tannha/engine/registry.hpp"
#include "tannha/server/metrics.hpp"

namespace tannha::server {

/// The one thread that uses the registry. Everything that waits goes into one durable transaction
/// (group commit); nobody is answered before it is on disk.
class Committer {
 public:
  /// Runs on the committer's thread, inside a transaction. When it returns an error, its own writes
  /// are undone, and nobody else's. May run twice: after trouble with the store, or when one of them
  /// fails that has written something, each piece of work of the group is tried again in a
  /// transaction of its own.
  using Work = std::function<Result<void>()>;
  /// Called after the commit, or with the error after a rollback; on the committer's thread.
  using Done = std::function<void(Result<void>)>;

  /// Called after each commit, before anybody is told of it; on the committer's thread.
  using AfterCommit = std::function<void()>;

  /// @param registry must outlive this and be used by nobody else @param queue_max pieces of work
  Committer(Registry& registry, Metrics& metrics, std::size_t queue_max,
            AfterCommit after_commit = {});
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// @return false, and takes nothing, when the queue is full or this is being stopped.
  [[nodiscard]] bool submit(Work work, Done done);
  /// Runs the work in a transaction of its own when nothing is queued, after what is queued now. At
  /// most one piece waits so: another takes its place. It is dropped when this is being stopped.
  void when_idle(Work work, Done done);
  /// Finishes what is queued, then ends the thread. Idempotent.
  void stop();

 private:
  struct Job {
    Work work;
    Done done;
    Result<void> result;
  };
  void run();
  void commit(std::vector<Job>& jobs);
  Result<void> transact(std::span<Job> jobs);

  Registry& registry_;
  Metrics& metrics_;
  const std::size_t queue_max_;
  const AfterCommit after_commit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> queue_;
  std::vector<Job> idle_;  ///< at most one
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tannha::server
