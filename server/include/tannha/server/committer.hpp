#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "tannha/engine/registry.hpp"
#include "tannha/server/metrics.hpp"

namespace tannha::server {

/// The one thread that uses the registry, and one that answers. Everything that waits goes into one
/// durable transaction (group commit), or into several one after the other when it is much; nobody
/// is answered before it is on disk.
class Committer {
 public:
  /// Runs on the committer's thread, inside a transaction. When it returns an error, its own writes
  /// are undone, and nobody else's. May run twice: after trouble with the store, or when one of them
  /// fails that has written something, each piece of work of the group is tried again in a
  /// transaction of its own.
  using Work = std::function<Result<void>()>;
  /// Called after the commit, or with the error after a rollback; on a thread of their own, so that
  /// the next group is written meanwhile.
  using Done = std::function<void(Result<void>)>;

  /// Called after commits, before anybody is told of them; on the thread of Done.
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
  /// Finishes what is queued and answers it, then ends the threads. Idempotent.
  void stop();

 private:
  struct Job {
    Work work;
    Done done;
    Result<void> result;
  };
  void run();
  /// Makes the first of these durable, as many as one transaction takes, and gives them to the
  /// answering thread. @return how many
  std::size_t commit(std::span<Job> jobs);
  /// @return how many of the first are durable
  Result<std::size_t> transact(std::span<Job> jobs);
  /// @param records is set to how many were appended
  Result<std::size_t> run_group(std::span<Job> jobs, std::uint64_t& records);
  void note(const Result<std::size_t>& result, std::size_t jobs, std::uint64_t records,
            std::chrono::steady_clock::duration taken);
  void answer_later(std::span<Job> jobs, bool committed);
  void answer();

  Registry& registry_;
  Metrics& metrics_;
  const std::size_t queue_max_;
  const AfterCommit after_commit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> queue_;
  std::vector<Job> idle_;  ///< at most one
  bool stopping_ = false;
  bool is_reachable_ = true;  ///< the last transaction could begin; the thread's own

  /// Jobs that are done, one transaction's or one that failed.
  struct Group {
    std::vector<Job> jobs;
    bool committed = false;
  };
  /// More that wait for their answers hold the next commit up: what signs them must keep pace.
  static constexpr std::size_t groups_max = 2;
  std::mutex groups_mutex_;
  std::condition_variable groups_changed_;
  std::vector<Group> groups_;
  bool no_more_groups_ = false;
  std::thread answering_;
  std::thread thread_;
};

}  // namespace tannha::server
