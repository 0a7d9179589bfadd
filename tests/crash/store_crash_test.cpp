#include "tests/crash/harness.hpp"
#include "tests/support/random_seed.hpp"

namespace tannha::test {

Effort Effort::from_environment() {
  Effort effort;
  if (const char* text = std::getenv("TANNHA_CRASH_FULL"); text && *text == '1') {
    effort = {.is_full = true,
              .draws = 16,
              .crash_stride = 1,
              .kill_stride = 1,
              .recovery_stride = 1,
              .error_stride = 1,
              .memory_stride = 1};
  }
  if (const char* text = std::getenv("TANNHA_CRASH_DRAWS")) {
    effort.draws = std::strtoull(text, nullptr, 10);
  }
  return effort;
}

namespace {

template <class Node>
const std::vector<Scenario<Node>>& scenarios() {
  if constexpr (std::is_same_v<Node, Phone>) {
    return phone_scenarios();
  } else {
    return registry_scenarios();
  }
}

template <class Node>
void crash_everywhere(Crash how) {
  Harness<Node> harness(Effort::from_environment());
  harness.each(scenarios<Node>(),
               [&](const Scenario<Node>& s) { harness.crash_everywhere(s, how); });
  EXPECT_GT(harness.tried(), 150U);
}

template <class Node>
void crash_in_recovery() {
  Harness<Node> harness(Effort::from_environment());
  harness.each(scenarios<Node>(), [&](const Scenario<Node>& s) { harness.crash_in_recovery(s); });
  EXPECT_GT(harness.tried(), 100U);
}

template <class Node>
void killed_after_failed_sync() {
  Harness<Node> harness(Effort::from_environment());
  harness.each(scenarios<Node>(),
               [&](const Scenario<Node>& s) { harness.killed_after_failed_sync(s); });
  EXPECT_EQ(harness.said(), std::set<errc>{errc::store_io});
}

template <class Node>
void disk_errors(std::initializer_list<DiskFault> faults, const std::set<errc>& may_say) {
  Harness<Node> harness(Effort::from_environment());
  harness.each(scenarios<Node>(), [&](const Scenario<Node>& s) {
    for (const DiskFault fault : faults) {
      harness.disk_error_everywhere(s, fault, Lasts::once);
      harness.disk_error_everywhere(s, fault, Lasts::for_ever);
    }
  });
  EXPECT_EQ(harness.said(), may_say);
}

template <class Node>
void memory_errors() {
  Harness<Node> harness(Effort::from_environment());
  harness.each(scenarios<Node>(), [&](const Scenario<Node>& s) {
    harness.memory_error_everywhere(s, false);
    harness.memory_error_everywhere(s, true);
  });
  EXPECT_EQ(harness.said(), std::set<errc>{errc::store_memory});
}

}  // namespace

TEST(ReplicaCrashTest, PowerLossAnywhereLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  crash_everywhere<Phone>(Crash::power_loss);
}
TEST(ReplicaCrashTest, KilledAnywhereLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  crash_everywhere<Phone>(Crash::process_killed);
}
TEST(ReplicaCrashTest, SecondPowerLossDuringRecoveryLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  crash_in_recovery<Phone>();
}
TEST(ReplicaCrashTest, KilledAfterFailedSyncLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  killed_after_failed_sync<Phone>();
}
TEST(ReplicaCrashTest, FailingDiskIsSaidAndLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  disk_errors<Phone>({DiskFault::write_error, DiskFault::sync_error, DiskFault::read_error},
                     {errc::store_io});
}
TEST(ReplicaCrashTest, FullDiskIsSaidAndLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  disk_errors<Phone>({DiskFault::full}, {errc::store_full});
}
TEST(ReplicaCrashTest, MissingMemoryIsSaidAndLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  memory_errors<Phone>();
}

TEST(SqliteRegistryCrashTest, PowerLossAnywhereLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  crash_everywhere<ServerNode>(Crash::power_loss);
}
TEST(SqliteRegistryCrashTest, KilledAnywhereLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  crash_everywhere<ServerNode>(Crash::process_killed);
}
TEST(SqliteRegistryCrashTest, SecondPowerLossDuringRecoveryLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  crash_in_recovery<ServerNode>();
}
TEST(SqliteRegistryCrashTest, KilledAfterFailedSyncLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  killed_after_failed_sync<ServerNode>();
}
TEST(SqliteRegistryCrashTest, FailingDiskIsSaidAndLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  disk_errors<ServerNode>({DiskFault::write_error, DiskFault::sync_error, DiskFault::read_error},
                          {errc::store_io});
}
TEST(SqliteRegistryCrashTest, FullDiskIsSaidAndLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  disk_errors<ServerNode>({DiskFault::full}, {errc::store_full});
}
TEST(SqliteRegistryCrashTest, MissingMemoryIsSaidAndLosesNothingSaved) {
  SCOPED_TRACE(seed_text(disk_seed()));
  memory_errors<ServerNode>();
}

}  // namespace tannha::test
