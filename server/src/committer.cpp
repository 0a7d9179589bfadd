#include "tannha/server/committer.hpp"

#include <chrono>

#include "tannha/server/log.hpp"

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

void Committer::note(const Result<void>& result, std::size_t jobs, std::uint64_t records,
                     std::chrono::steady_clock::duration taken) {
  if (!result) {
    ++metrics_.commits_failed_total;
    log::write(log::Level::error, "commit_failed",
               {{"code", name(result.error().code)},
                {"detail", result.error().detail},
                {"jobs", std::uint64_t{jobs}}});
    return;
  }
  ++metrics_.commits_total;
  metrics_.committed_jobs_total += jobs;
  metrics_.commit_duration_s.observe(taken);
  metrics_.commit_records.observe(static_cast<double>(records));
  if (taken < std::chrono::milliseconds(log::slow_commit_ms_min())) return;
  log::write(log::Level::warning, "slow_commit",
             {{"duration_s", std::chrono::duration<double>(taken).count()},
              {"jobs", std::uint64_t{jobs}},
              {"records", records}});
}

Result<void> Committer::transact(std::span<Job> jobs) {
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t records = 0;
  const Result<void> result = run_all(jobs, records);
  note(result, jobs.size(), records, std::chrono::steady_clock::now() - begin);
  if (result && after_commit_) after_commit_();
  return result;
}

Result<void> Committer::run_all(std::span<Job> jobs, std::uint64_t& records) {
  TN_CHECK(registry_.begin());
  // Asked inside the transaction: between two of them other nodes append too.
  const auto size_before = registry_.journal_size();
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
  const auto size = registry_.journal_size();
  if (size) metrics_.journal_size = *size;
  if (size && size_before) records = *size - *size_before;
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
