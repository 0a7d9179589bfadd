#include "tannha/server/committer.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>

#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

/// Only transactions, which can be made to fail; everything else is not asked here.
class StubRegistry : public Registry {
 public:
  std::atomic<int> begins{0}, commits{0}, rollbacks{0};
  std::atomic<int> failing_begins{0}, failing_commits{0};
  std::atomic<bool> inside{false};

  Result<void> begin() override {
    ++begins;
    EXPECT_FALSE(inside.exchange(true)) << "a transaction in a transaction";
    if (failing_begins > 0) {
      --failing_begins;
      inside = false;
      return fail(errc::store_busy);
    }
    return {};
  }
  Result<void> commit() override {
    EXPECT_TRUE(inside.load());
    if (failing_commits > 0) {
      --failing_commits;
      return fail(errc::store_full);
    }
    inside = false;
    ++commits;
    return {};
  }
  void rollback() override {
    EXPECT_TRUE(inside.exchange(false)) << "nothing to roll back";
    ++rollbacks;
  }
  Result<std::uint64_t> journal_size() override { return 7; }
  std::uint64_t generation() const override { return 0; }
  Result<std::uint64_t> log_end(const Hash&) override { return none(); }
  Result<bool> is_any_waiting() override { return none(); }

  Result<std::optional<LogEntry>> log(const Hash&) override { return none(); }
  Result<void> put_log(const LogEntry&) override { return none(); }
  Result<void> move_head(const Hash&, std::uint64_t, const Hash&) override { return none(); }
  Result<std::optional<Evidence>> record(const Hash&) override { return none(); }
  Result<void> set_log_state(const Hash&, const LogState&) override { return none(); }
  Result<std::vector<Hash>> records_at(const Hash&, std::uint64_t) override { return none(); }
  Result<std::vector<Hash>> effective_since(const Hash&, std::uint64_t) override { return none(); }
  Result<std::vector<Hash>> held_for(errc, std::uint64_t, std::size_t) override {
    return none();
  }
  Result<std::optional<std::uint64_t>> received_ms(std::uint64_t) override { return none(); }
  Result<std::uint64_t> vote(const Hash&, const Id&) override { return none(); }
  Result<void> remove_audience(const Id&, std::string_view) override { return none(); }
  Result<void> note_forgotten(const Hash&, const Id&, std::uint64_t) override { return none(); }
  Result<std::vector<FeedItem>> read_feed_rest(std::string_view, std::uint64_t, std::uint64_t,
                                               std::size_t) override {
    return none();
  }
  Result<std::uint64_t> feed_end(std::string_view) override { return none(); }
  Result<std::vector<AudienceItem>> audience_before(std::string_view, std::uint64_t,
                                                    std::size_t) override {
    return none();
  }
  Result<void> return_lease(const Hash&, const body::LeaseReturned&) override { return none(); }
  Result<bool> may_return(const Hash&, const body::LeaseReturned&) override { return none(); }
  Result<std::optional<body::LeaseReturned>> take_returned(body::NumberKind, std::string_view,
                                                           std::uint32_t) override {
    return none();
  }
  Result<void> put_payout(const Id&, const Id&) override { return none(); }
  Result<bool> want_code_message(const Hash&, std::uint64_t) override { return none(); }
  Result<std::vector<Hash>> wanted_code_messages(std::uint64_t, std::uint64_t,
                                                 std::size_t) override {
    return none();
  }
  Result<void> code_message_kept(const Hash&) override { return none(); }
  Result<void> drop_code_message(const Hash&) override { return none(); }
  Result<std::vector<Id>> unleased_payouts(const Id&, std::size_t) override { return none(); }
  Result<std::vector<Id>> leased_payouts(const Id&) override { return none(); }
  Result<void> payout_leased(const Id&) override { return none(); }
  Result<std::uint64_t> append(const Evidence&, std::span<const Id>) override { return none(); }
  Result<void> set_ruling(const Hash&, const Ruling&) override { return none(); }
  Result<std::vector<Evidence>> dossier(const Id&) override { return none(); }
  Result<std::uint64_t> record_count() override { return none(); }
  Result<std::vector<Hash>> journal_entries(std::uint64_t, std::size_t) override { return none(); }
  Result<std::vector<Hash>> journal_nodes(std::uint32_t, std::uint64_t, std::size_t) override {
    return none();
  }
  Result<std::uint64_t> not_counting(const Id&, const Hash&, std::size_t) override {
    return none();
  }
  Result<Hash> journal_root(std::uint64_t) override { return none(); }
  Result<std::vector<Hash>> inclusion(std::uint64_t, std::uint64_t) override { return none(); }
  Result<std::vector<Hash>> consistency(std::uint64_t, std::uint64_t) override { return none(); }
  Result<void> wait_for(const Hash&, const Hash&) override { return none(); }
  Result<void> make_due(const Hash&) override { return none(); }
  Result<std::vector<Hash>> take_due(std::size_t) override { return none(); }
  Result<bool> is_any_due() override { return none(); }
  Result<void> add_audience(const Id&, std::string_view) override { return none(); }
  Result<std::vector<std::string>> audiences(const Id&) override { return none(); }
  Result<std::uint64_t> feed(std::string_view, const Hash&) override { return none(); }
  Result<std::vector<FeedItem>> read_feed(std::string_view, std::uint64_t, std::size_t) override {
    return none();
  }
  Result<std::uint64_t> take_numbers(std::string_view, std::uint32_t) override { return none(); }
  Result<void> put_lease(const body::LeaseGranted&, std::uint64_t) override { return none(); }
  Result<std::uint64_t> newest_lease(const Hash&, body::NumberKind) override { return none(); }
  Result<bool> is_leased(const Hash&, body::NumberKind, std::string_view, std::uint32_t) override {
    return none();
  }
  Result<std::optional<Id>> number_user(std::string_view) override { return none(); }
  Result<void> use_number(body::NumberKind, std::string_view, const Id&, const Hash&) override {
    return none();
  }
  Result<std::uint64_t> unused_numbers(const Hash&, body::NumberKind) override { return none(); }
  std::atomic<std::uint64_t> written{0};
  std::uint64_t writes() const override { return written; }
  Result<void> want_attachment(const body::AttachmentAdded&, const Id&, const Hash&) override {
    return none();
  }
  Result<std::optional<Attachment>> attachment(const Hash&) override { return none(); }
  Result<void> attachment_arrived(const Hash&) override { return none(); }
  Result<std::vector<Hash>> wanted_attachments(const Hash&, std::size_t) override { return none(); }
  Result<bool> attachment_in_audience(const Hash&, std::string_view) override { return none(); }
  Result<void> quarantine(const Hash&, BytesView, BytesView, errc) override { return none(); }
  Result<void> put_ticket(const Ticket&) override { return none(); }
  Result<std::optional<Ticket>> ticket(const Hash&) override { return none(); }
  Result<void> use_ticket(const Hash&, const Hash&) override { return none(); }
  Result<void> note_contact(const Hash&, std::uint64_t, const exchange::Holds&) override {
    return none();
  }

 private:
  static std::unexpected<Failure> none() { return fail(errc::store_not_found, "stub"); }
};

class CommitterTest : public ::testing::Test {
 protected:
  /// Holds the committer up, so that what is submitted meanwhile is one group.
  void hold() {
    ASSERT_TRUE(committer.submit(
        [this]() -> Result<void> {
          held_.count_down();
          release_.wait();
          return {};
        },
        [](const Result<void>&) {}));
    held_.wait();
  }
  void release() { release_.count_down(); }

  /// A piece of work and what became of it.
  struct Job {
    std::atomic<int> runs{0};
    std::atomic<int> answers{0};
    std::promise<errc> answer;
    errc wait() { return answer.get_future().get(); }
  };
  bool submit(Job& job, errc fails_with = errc{}) {
    return committer.submit(
        [&job, fails_with]() -> Result<void> {
          ++job.runs;
          if (fails_with != errc{}) return fail(fails_with);
          return {};
        },
        [&job](const Result<void>& done) {
          EXPECT_EQ(++job.answers, 1) << "answered twice";
          if (job.answers == 1) job.answer.set_value(code_of(done));
        });
  }

  static constexpr std::size_t queue_max = 8;
  StubRegistry registry;
  Metrics metrics;

 private:
  std::latch held_{1};
  std::latch release_{1};

 protected:
  Committer committer{registry, metrics, queue_max};
};

TEST_F(CommitterTest, WhatWaitsIsOneTransaction) {
  hold();
  std::array<Job, queue_max> jobs;
  for (Job& job : jobs) ASSERT_TRUE(submit(job));
  EXPECT_EQ(metrics.queue_now, queue_max);
  release();
  for (Job& job : jobs) EXPECT_EQ(job.wait(), errc{});
  committer.stop();
  EXPECT_EQ(registry.commits, 2);
  EXPECT_EQ(metrics.commits_total, 2U);
  EXPECT_EQ(metrics.committed_jobs_total, queue_max + 1);
  EXPECT_EQ(metrics.queue_now, 0U);
  EXPECT_EQ(metrics.journal_size, 7U);
  for (Job& job : jobs) EXPECT_EQ(job.runs, 1);
}

TEST_F(CommitterTest, FailingWorkDoesNotCostTheOthers) {
  hold();
  Job before, failing, after;
  ASSERT_TRUE(submit(before));
  ASSERT_TRUE(submit(failing, errc::certificate_unknown));
  ASSERT_TRUE(submit(after));
  release();
  EXPECT_EQ(before.wait(), errc{});
  EXPECT_EQ(failing.wait(), errc::certificate_unknown);
  EXPECT_EQ(after.wait(), errc{});
  committer.stop();
  // It has written nothing; the group is committed once, as one.
  EXPECT_EQ(before.runs, 1);
  EXPECT_EQ(after.runs, 1);
  EXPECT_EQ(registry.commits, 2);
  EXPECT_EQ(registry.rollbacks, 0);
}

TEST_F(CommitterTest, WhatFailsAfterItHasWrittenIsUndoneAlone) {
  hold();
  Job before, after;
  std::promise<errc> refused;
  ASSERT_TRUE(submit(before));
  ASSERT_TRUE(committer.submit(
      [&]() -> Result<void> {
        ++registry.written;
        return fail(errc::ticket_unknown);
      },
      [&](const Result<void>& done) { refused.set_value(code_of(done)); }));
  ASSERT_TRUE(submit(after));
  release();
  EXPECT_EQ(before.wait(), errc{});
  EXPECT_EQ(refused.get_future().get(), errc::ticket_unknown);
  EXPECT_EQ(after.wait(), errc{});
  committer.stop();
  // The group, and then the one alone, were rolled back; the other two and the first were committed.
  EXPECT_EQ(registry.commits, 3);
  EXPECT_EQ(registry.rollbacks, 2);
}

TEST_F(CommitterTest, TroubleWithTheStoreIsTriedWorkByWork) {
  hold();
  Job before, failing, after;
  ASSERT_TRUE(submit(before));
  ASSERT_TRUE(submit(failing, errc::store_io));
  ASSERT_TRUE(submit(after));
  release();
  EXPECT_EQ(before.wait(), errc{});
  EXPECT_EQ(failing.wait(), errc::store_io);
  EXPECT_EQ(after.wait(), errc{});
  committer.stop();
  EXPECT_EQ(registry.commits, 3);
  EXPECT_EQ(registry.rollbacks, 2);
}

TEST_F(CommitterTest, FailedCommitIsTriedWorkByWork) {
  hold();
  std::array<Job, 3> jobs;
  for (Job& job : jobs) ASSERT_TRUE(submit(job));
  // What holds is committed alone; its commit fails, and so does the first of the group.
  registry.failing_commits = 2;
  release();
  for (Job& job : jobs) EXPECT_EQ(job.wait(), errc{});
  committer.stop();
  for (Job& job : jobs) EXPECT_EQ(job.runs, 2);
  EXPECT_EQ(registry.commits, 3);
  EXPECT_EQ(registry.rollbacks, 2);
}

TEST_F(CommitterTest, FailedCommitIsToldToEachWhoseWorkItWas) {
  Job alone;
  registry.failing_commits = 1;
  ASSERT_TRUE(submit(alone));
  EXPECT_EQ(alone.wait(), errc::store_full);
  EXPECT_EQ(registry.rollbacks, 1);
  // The store has room again: nothing is left over from the failure.
  Job later;
  ASSERT_TRUE(submit(later));
  EXPECT_EQ(later.wait(), errc{});
}

TEST_F(CommitterTest, FailedBeginIsToldAndNothingIsRun) {
  Job job;
  registry.failing_begins = 1;
  ASSERT_TRUE(submit(job));
  EXPECT_EQ(job.wait(), errc::store_busy);
  EXPECT_EQ(job.runs, 0);
  EXPECT_EQ(registry.rollbacks, 0);
}

// Each of them alone would wait for the same connection in vain.
TEST_F(CommitterTest, WhereNoTransactionCanBeginAllWhoWaitAreToldTogether) {
  hold();
  std::array<Job, 3> jobs;
  for (Job& job : jobs) ASSERT_TRUE(submit(job));
  const int begins = registry.begins;
  registry.failing_begins = 1;
  release();
  for (Job& job : jobs) {
    EXPECT_EQ(job.wait(), errc::store_busy);
    EXPECT_EQ(job.runs, 0);
  }
  EXPECT_EQ(registry.begins, begins + 1);
}

TEST_F(CommitterTest, RefusesBeyondItsQueue) {
  hold();
  std::array<Job, queue_max> jobs;
  for (Job& job : jobs) ASSERT_TRUE(submit(job));
  Job refused;
  EXPECT_FALSE(submit(refused));
  release();
  for (Job& job : jobs) EXPECT_EQ(job.wait(), errc{});
  committer.stop();
  EXPECT_EQ(refused.runs, 0);
  EXPECT_EQ(refused.answers, 0);
}

TEST_F(CommitterTest, StopFinishesTheQueue) {
  hold();
  std::array<Job, 3> jobs;
  for (Job& job : jobs) ASSERT_TRUE(submit(job));
  std::thread stopping([this] { committer.stop(); });
  release();
  stopping.join();
  for (Job& job : jobs) EXPECT_EQ(job.answers, 1);
  Job late;
  EXPECT_FALSE(submit(late));
  committer.stop();
  EXPECT_EQ(late.answers, 0);
}

TEST_F(CommitterTest, IdleWorkComesAfterWhatIsQueuedAndInItsOwnTransaction) {
  hold();
  std::atomic<int> commits_before{-1};
  std::promise<int> done;
  committer.when_idle(
      [&]() -> Result<void> {
        commits_before = registry.commits.load();
        return {};
      },
      [&](const Result<void>&) { done.set_value(registry.commits); });
  Job asked;
  ASSERT_TRUE(submit(asked));
  release();
  EXPECT_EQ(asked.wait(), errc{});
  EXPECT_EQ(done.get_future().get(), 3);
  EXPECT_EQ(commits_before, 2);
}

TEST_F(CommitterTest, StopDoesNotWaitForIdleWork) {
  hold();
  std::atomic<int> runs{0};
  const std::function<void()> again = [&] {
    committer.when_idle(
        [&]() -> Result<void> {
          ++runs;
          return {};
        },
        [&](const Result<void>&) { again(); });
  };
  again();
  std::thread stopping([this] { committer.stop(); });
  release();
  stopping.join();
  again();
  SUCCEED() << runs;
}

TEST_F(CommitterTest, AnswerMaySubmitMore) {
  std::promise<errc> second;
  ASSERT_TRUE(committer.submit([]() -> Result<void> { return {}; },
                               [&](const Result<void>&) {
                                 EXPECT_TRUE(committer.submit(
                                     []() -> Result<void> { return {}; },
                                     [&](const Result<void>& done) {
                                       second.set_value(code_of(done));
                                     }));
                               }));
  EXPECT_EQ(second.get_future().get(), errc{});
}

TEST_F(CommitterTest, AnswersComeOnlyAfterTheCommit) {
  std::promise<int> commits;
  ASSERT_TRUE(committer.submit(
      [this]() -> Result<void> {
        EXPECT_EQ(registry.commits, 0);
        return {};
      },
      [&](const Result<void>&) { commits.set_value(registry.commits); }));
  EXPECT_EQ(commits.get_future().get(), 1);
}

TEST_F(CommitterTest, AnswersEachOnceUnderLoad) {
  constexpr int per_thread = 500;
  std::atomic<int> taken{0}, answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < per_thread; ++i) {
        const bool bad = i % 17 == t;
        if (committer.submit(
                [bad]() -> Result<void> {
                  if (bad) return fail(errc::ticket_unknown);
                  return {};
                },
                [&, bad](const Result<void>& done) {
                  ++answered;
                  EXPECT_EQ(done.has_value(), !bad);
                })) {
          ++taken;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  committer.stop();
  EXPECT_EQ(answered, taken);
  EXPECT_GT(taken, 0);
  EXPECT_EQ(metrics.committed_jobs_total, static_cast<std::uint64_t>(taken.load()));
}

}  // namespace
}  // namespace tannha::server
