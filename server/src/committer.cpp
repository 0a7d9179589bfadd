#include "tannha/server/committer.hpp"

namespace tannha::server {
Committer::Committer(Registry& registry, Metrics& metrics, std::size_t queue_max,
                     AfterCommit after_commit)
    : registry_(registry),
      metrics_(metrics),
      queue_max_(queue_max),
      after_commit_(std::move(after_commit)),
      thread_([this] { run(); }) {}

Committer::~Committer() { stop(); }

bool Committer::submit(Work work, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back({std::move(work), std::move(done), {}});
    metrics_.queue_now = queue_.size();
  }
  wake_.notify_one();
  return true;
}

void Committer::when_idle(Work work, Done done) {
  {
    const std::lock_guard lock(mutex_);
    idle_.clear();
    idle_.push_back({std::move(work), std::move(done), {}});
  }
  wake_.notify_one();
}

void Committer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Committer::run() {
  std::vector<Job> jobs;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty() || !idle_.empty(); });
      if (queue_.empty() && stopping_) return;
      jobs.swap(queue_.empty() ? idle_ : queue_);
      metrics_.queue_now = 0;
    }
    commit(jobs);
    jobs.clear();
  }
}

Result<void> Committer::transact(std::span<Job> jobs) {
  TN_CHECK(registry_.begin());
  Result<void> result;
  for (Job& job : jobs) {
    const std::uint64_t writes = registry_.writes();
    job.result = job.work();
    // A refusal is the job's own affair; trouble with the store is everybody's, and so is what was
    // written before the refusal, which no part of the transaction can be rid of alone.
    if (!job.result &&
        (is_store_error(job.result.error().code) || registry_.writes() != writes)) {
      result = job.result;
      break;
    }
  }
  if (result) result = registry_.commit();
  if (!result) {
    registry_.rollback();
    return result;
  }
  ++metrics_.commits_total;
  metrics_.committed_jobs_total += jobs.size();
  if (const auto size = registry_.journal_size()) metrics_.journal_size = *size;
  if (after_commit_) after_commit_();
  return result;
}

void Committer::commit(std::vector<Job>& jobs) {
  const Result<void> together = transact(jobs);
  if (together) {
    for (Job& job : jobs) job.done(std::move(job.result));
    return;
  }
  if (jobs.size() == 1) return jobs.front().done(together);
  // One of them met the trouble, and with it the transaction: the others must not pay for it.
  for (Job& job : jobs) {
    const Result<void> alone = transact(std::span(&job, 1));
    job.done(alone ? std::move(job.result) : alone);
  }
}

}  // namespace tannha::server
