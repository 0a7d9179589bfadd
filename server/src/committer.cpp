#include "tannha/server/committer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tannha/server/log.hpp"

namespace tannha::server {
namespace {

/// A group ends after this time, whatever still waits: those in it get their answers and bring the
/// next work while the others' turn comes. Ten times what making it durable takes.
constexpr std::chrono::milliseconds group_time_max{10};

}  // namespace

Committer::Committer(Registry& registry, Metrics& metrics, std::size_t queue_max,
                     AfterCommit after_commit)
    : registry_(registry),
      metrics_(metrics),
      queue_max_(queue_max),
      after_commit_(std::move(after_commit)),
      answering_([this] { answer(); }),
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
  {
    const std::lock_guard lock(groups_mutex_);
    no_more_groups_ = true;
  }
  groups_changed_.notify_all();
  if (answering_.joinable()) answering_.join();
}

// Committing

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
    for (std::span<Job> rest(jobs); !rest.empty();) rest = rest.subspan(commit(rest));
    jobs.clear();
  }
}

void Committer::note(const Result<std::size_t>& result, std::size_t jobs, std::uint64_t records,
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
  metrics_.committed_jobs_total += *result;
  metrics_.commit_duration_s.observe(taken);
  metrics_.commit_records.observe(static_cast<double>(records));
  if (taken < std::chrono::milliseconds(log::slow_commit_ms_min())) return;
  log::write(log::Level::warning, "slow_commit",
             {{"duration_s", std::chrono::duration<double>(taken).count()},
              {"jobs", std::uint64_t{*result}},
              {"records", records}});
}

Result<std::size_t> Committer::transact(std::span<Job> jobs) {
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t records = 0;
  Result<std::size_t> result = run_group(jobs, records);
  note(result, jobs.size(), records, std::chrono::steady_clock::now() - begin);
  return result;
}

Result<std::size_t> Committer::run_group(std::span<Job> jobs, std::uint64_t& records) {
  is_reachable_ = false;
  TN_CHECK(registry_.begin());
  is_reachable_ = true;
  const auto end = std::chrono::steady_clock::now() + group_time_max;
  // Asked inside the transaction: between two of them other nodes append too.
  const auto size_before = registry_.journal_size();
  std::size_t count = 0;
  Result<void> result;
  for (Job& job : jobs) {
    ++count;
    const std::uint64_t writes = registry_.writes();
    job.result = job.work();
    // A refusal is the job's own affair; trouble with the store is everybody's, and so is what was
    // written before the refusal, which no part of the transaction can be rid of alone.
    if (!job.result &&
        (is_store_error(job.result.error().code) || registry_.writes() != writes)) {
      result = job.result;
      break;
    }
    if (std::chrono::steady_clock::now() >= end) break;
  }
  if (result) result = registry_.commit();
  if (!result) {
    registry_.rollback();
    return std::unexpected(result.error());
  }
  const auto size = registry_.journal_size();
  if (size) metrics_.journal_size = *size;
  if (size && size_before) records = *size - *size_before;
  return count;
}

std::size_t Committer::commit(std::span<Job> jobs) {
  const Result<std::size_t> together = transact(jobs);
  if (together) {
    answer_later(jobs.first(*together), true);
    return *together;
  }
  if (jobs.size() == 1) {
    jobs.front().result = std::unexpected(together.error());
    answer_later(jobs, false);
    return 1;
  }
  // One of them met the trouble, and with it the transaction: the others must not pay for it. But
  // where no transaction can begin, each of them would wait for the same connection in vain.
  Result<std::size_t> alone = together;
  for (Job& job : jobs) {
    if (is_reachable_) alone = transact(std::span(&job, 1));
    if (!alone) job.result = std::unexpected(alone.error());
    answer_later(std::span(&job, 1), alone.has_value());
  }
  return jobs.size();
}

// Answering

void Committer::answer_later(std::span<Job> jobs, bool committed) {
  Group group{.jobs = {}, .committed = committed};
  std::ranges::move(jobs, std::back_inserter(group.jobs));
  {
    std::unique_lock lock(groups_mutex_);
    groups_changed_.wait(lock, [this] { return groups_.size() < groups_max; });
    groups_.push_back(std::move(group));
  }
  groups_changed_.notify_all();
}

// One signature serves every group that is durable by then.
void Committer::answer() {
  for (;;) {
    std::vector<Group> groups;
    {
      std::unique_lock lock(groups_mutex_);
      groups_changed_.wait(lock, [this] { return no_more_groups_ || !groups_.empty(); });
      if (groups_.empty()) return;
      groups.swap(groups_);
    }
    groups_changed_.notify_all();
    if (after_commit_ && std::ranges::any_of(groups, &Group::committed)) after_commit_();
    for (Group& group : groups) {
      for (Job& job : group.jobs) job.done(std::move(job.result));
    }
  }
}

}  // namespace tannha::server
