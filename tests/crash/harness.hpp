#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>

#include "tests/crash/memory_fault.hpp"
#include "tests/crash/scenario.hpp"

namespace tannha::test {

/// How much is tried: a sample by default, everything with TANNHA_CRASH_FULL=1. A stride of k means
/// every k-th point, beginning at a drawn one.
struct Effort {
  bool is_full = false;
  std::uint64_t draws = 1;  ///< power losses at each point; TANNHA_CRASH_DRAWS
  std::uint64_t crash_stride = 1;
  std::uint64_t kill_stride = 3;
  std::uint64_t recovery_stride = 23;
  std::uint64_t error_stride = 5;
  std::uint64_t memory_stride = 97;

  static Effort from_environment();
};

/// Plays scenarios on a machine whose disk or memory fails at one point after the other, and checks
/// after each that what was said to be saved is there, whole, and that the work can go on.
template <class Node>
class Harness {
 public:
  explicit Harness(Effort effort) : effort_(effort) {}
  ~Harness() {
    std::printf("[  points  ] %llu tried, errors said:", static_cast<unsigned long long>(points_));
    for (const errc code : said_) std::printf(" %s", std::string(name(code)).c_str());
    std::printf("\n");
  }
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  /// For each scenario, played once without a fault. `act` is given it with its moments.
  void each(const std::vector<Scenario<Node>>& scenarios,
            const std::function<void(const Scenario<Node>&)>& act) {
    for (Scenario<Node> scenario : scenarios) {
      SCOPED_TRACE(scenario.name);
      play(scenario);
      act(scenario);
      if (testing::Test::HasFailure()) return;
    }
  }

  /// Power loss, or a killed process, at every changing operation.
  void crash_everywhere(const Scenario<Node>& s, Crash how) {
    points(stride(how == Crash::power_loss ? effort_.crash_stride : effort_.kill_stride, s),
           [&](std::uint64_t n) {
             bool happened = false;
             for (std::uint64_t draw = 0; draw < effort_.draws; ++draw) {
               const std::size_t at = crash_at(s, n, how, happened);
               if (happened) finish(s, at);
             }
             return happened;
           });
  }

  /// A second power loss at every changing operation of what follows the first.
  void crash_in_recovery(const Scenario<Node>& s) {
    points(stride(effort_.recovery_stride, s), [&](std::uint64_t n) {
      bool happened = false;
      const std::size_t at = crash_at(s, n, Crash::power_loss, happened);
      if (!happened) return false;
      const DiskSnapshot after = disk().snapshot(Node::machine);
      points(stride(effort_.is_full ? 1 : 3, s), [&](std::uint64_t m) {
        disk().restore(Node::machine, after);
        const std::size_t reached = crash_from(s, at, m, Crash::power_loss, happened);
        if (happened) finish(s, reached);
        return happened;
      });
      return true;
    });
  }

  /// Every sync fails, and the process is killed before it can try again: what was not synced may
  /// be shown after that and never have reached the disk.
  void killed_after_failed_sync(const Scenario<Node>& s) {
    points(stride(1, s), [&](std::uint64_t n) {
      ++points_;
      disk().heal(Node::machine);
      disk().restore(Node::machine, s.start);
      const std::uint64_t before = disk().fired(Node::machine, DiskFault::sync_error);
      disk().fail_at(Node::machine, DiskFault::sync_error, n, Lasts::once);
      Node node(s);
      const Progress progress = advance(s, node, 0);
      note(progress);
      disk().crash(Node::machine, Crash::process_killed);
      node.close();
      disk().heal(Node::machine);
      finish(s, moment_on_disk(s, progress.at));
      return disk().fired(Node::machine, DiskFault::sync_error) > before;
    });
  }

  /// The disk fails at every operation that the fault can happen to.
  void disk_error_everywhere(const Scenario<Node>& s, DiskFault fault, Lasts lasts) {
    // A phone does some steps once more with its reserve, and draws other random numbers then.
    counts_only_ = fault == DiskFault::full;
    points(stride(effort_.error_stride, s), [&](std::uint64_t n) {
      SCOPED_TRACE(std::string(simulate::name(fault)) +
                   (lasts == Lasts::once ? " once" : " for ever"));
      const std::uint64_t before = disk().fired(Node::machine, fault);
      return trouble(s, {[&] { disk().fail_at(Node::machine, fault, n, lasts); },
                         [&] { disk().heal(Node::machine); },
                         [&] { return disk().fired(Node::machine, fault) > before; }});
    });
    counts_only_ = false;
  }

  /// SQLite is refused memory at every allocation.
  void memory_error_everywhere(const Scenario<Node>& s, bool for_ever) {
    points(stride(effort_.memory_stride, s), [&](std::uint64_t n) {
      return trouble(s, {[&] { refuse_memory_at(n, for_ever); }, [&] { give_memory_again(); },
                         [&] { return memory_refused() > 0; }});
    });
  }

  [[nodiscard]] std::uint64_t tried() const { return points_; }
  [[nodiscard]] const std::set<errc>& said() const { return said_; }

 private:
  struct Progress {
    std::size_t at = 0;  ///< the last moment that was reached
    std::optional<Error> error{};
  };
  struct Trouble {
    std::function<void()> begin;
    std::function<void()> end;
    std::function<bool()> happened;
  };

  [[nodiscard]] std::uint64_t stride(std::uint64_t usual, const Scenario<Node>& s) const {
    return usual * (effort_.is_full ? (s.stride + 7) / 8 : s.stride);
  }

  static std::uint64_t first_point(std::uint64_t stride) {
    static std::uint64_t turn = 0;
    return 1 + turn++ % stride;
  }

  // Calls until there is no such point any more.
  void points(std::uint64_t stride, const std::function<bool(std::uint64_t)>& act) {
    for (std::uint64_t n = first_point(stride);; n += stride) {
      SCOPED_TRACE("point " + std::to_string(n));
      if (!act(n) || testing::Test::HasFailure()) return;
    }
  }

  static Rows rows_now() { return must(inspect(Node::machine, Node::path)); }

  static void play(Scenario<Node>& s) {
    disk().heal(Node::machine);
    disk().restore(Node::machine, s.start);
    Node node(s);
    s.moments = {{rows_now(), s.host, {}}};
    must(node.open());
    s.moments.push_back({rows_now(), node.host, must(node.beacon())});
    for (const auto& step : s.steps) {
      must(step(node));
      s.moments.push_back({rows_now(), node.host, must(node.beacon())});
    }
    node.verify(s.moments.back().beacon);
    node.close();
    EXPECT_EQ(rows_now(), s.moments.back().rows) << "closing changes nothing";
  }

  static Progress advance(const Scenario<Node>& s, Node& node, std::size_t at) {
    if (!node.is_open()) {
      node.host = s.moments[at].host;
      if (auto opened = node.open(); !opened) {
        node.close();
        return {at, opened.error()};
      }
      at = std::max<std::size_t>(at, 1);
    }
    for (; at < s.end(); ++at) {
      node.host = s.moments[at].host;
      if (auto result = s.steps[at - 1](node); !result) return {at, result.error()};
    }
    return {at, std::nullopt};
  }

  static bool are_equal(const Rows& a, const Rows& b) {
    return counts_only_ ? a.counts == b.counts : a == b;
  }

  // The moment that the disk shows. Nothing that was reached may be missing; of what was under way
  // all may be there or nothing.
  static std::size_t moment_on_disk(const Scenario<Node>& s, std::size_t reached) {
    const Result<Rows> rows = inspect(Node::machine, Node::path);
    if (!rows) {
      ADD_FAILURE() << "after moment " << reached << ": " << name(rows.error().code) << " "
                    << rows.error().detail;
      return reached;
    }
    // Of a new store that was never opened whole any part may be there.
    if (reached == 0 && s.start.empty()) return are_equal(*rows, s.moments[1].rows) ? 1 : 0;
    if (are_equal(*rows, s.moments[reached].rows)) return reached;
    if (reached < s.end() && are_equal(*rows, s.moments[reached + 1].rows)) return reached + 1;
    ADD_FAILURE() << "after moment " << reached << " of " << s.end() << " the store has "
                  << rows->counts << "; it should have " << s.moments[reached].rows.counts;
    return reached;
  }

  std::size_t crash_at(const Scenario<Node>& s, std::uint64_t n, Crash how, bool& happened) {
    disk().heal(Node::machine);
    disk().restore(Node::machine, s.start);
    return crash_from(s, 0, n, how, happened);
  }

  std::size_t crash_from(const Scenario<Node>& s, std::size_t at, std::uint64_t n, Crash how,
                         bool& happened) {
    ++points_;
    disk().crash_at(Node::machine, n);
    Node node(s);
    const Progress progress = advance(s, node, at);
    note(progress);
    node.close();
    happened = disk().is_down(Node::machine);
    EXPECT_TRUE(happened || !progress.error);
    disk().heal(Node::machine);
    disk().crash(Node::machine, how);
    return moment_on_disk(s, progress.at);
  }

  // The work goes on from what is on the disk, and survives another power loss.
  static void finish(const Scenario<Node>& s, std::size_t at) {
    Node node(s);
    const Progress progress = advance(s, node, at);
    if (progress.error) {
      ADD_FAILURE() << "the work does not go on after moment " << progress.at << " of " << s.end()
                    << ": " << name(progress.error->code) << " " << progress.error->detail;
      return;
    }
    node.verify(s.moments.back().beacon);
    disk().crash(Node::machine);
    node.close();
    EXPECT_EQ(moment_on_disk(s, s.end()), s.end());
  }

  // @return whether the trouble came
  bool trouble(const Scenario<Node>& s, const Trouble& trouble) {
    ++points_;
    disk().heal(Node::machine);
    disk().restore(Node::machine, s.start);
    const std::int64_t memory = memory_in_use();
    std::size_t at = 0;
    {
      Node node(s);
      trouble.begin();
      Progress progress = advance(s, node, 0);
      note(progress);
      // Once more while it lasts, which must be refused again or be true.
      if (progress.error) {
        progress = advance(s, node, progress.at);
        note(progress);
      }
      if (trouble.happened()) {
        trouble.end();
        at = carry_on(s, node, progress);
      } else {
        // It may still come while the store is closed.
        EXPECT_FALSE(progress.error);
        at = progress.at;
      }
      node.close();
    }
    trouble.end();
    EXPECT_EQ(memory_in_use(), memory) << "SQLite's memory leaks";
    const bool happened = trouble.happened();
    disk().crash(Node::machine);
    EXPECT_EQ(moment_on_disk(s, at), s.end());
    return happened;
  }

  // The trouble is over, and the same store goes on.
  static std::size_t carry_on(const Scenario<Node>& s, Node& node, Progress progress) {
    if (progress.error) progress = advance(s, node, progress.at);
    if (progress.error) {
      ADD_FAILURE() << "no work after the trouble: " << name(progress.error->code) << " "
                    << progress.error->detail;
    } else {
      node.verify(s.moments.back().beacon);
    }
    return progress.at;
  }

  void note(const Progress& progress) {
    if (progress.error) said_.insert(progress.error->code);
  }

  static inline bool counts_only_ = false;
  Effort effort_;
  std::uint64_t points_ = 0;
  std::set<errc> said_;
};

}  // namespace tannha::test
