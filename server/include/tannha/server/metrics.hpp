#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tannha/protocol/errc.hpp"
#include "tannha/protocol/exchange.hpp"
#include "tannha/server/listener.hpp"

namespace tannha::server {

/// How often a measured value was at most each of some bounds, as Prometheus counts it. Thread-safe.
class Histogram {
 public:
  static constexpr std::size_t bounds_max = 16;
  /// @param bounds ascending, at most bounds_max, must outlive this
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds) {}
  void observe(double value);
  void observe(std::chrono::steady_clock::duration taken) {
    observe(std::chrono::duration<double>(taken).count());
  }
  /// Appends its lines.
  void text(std::string& out, std::string_view name) const;

 private:
  const std::span<const double> bounds_;
  std::array<std::atomic<std::uint64_t>, bounds_max + 1> counts_{};  ///< each for its range alone
  std::atomic<double> sum_{0};
};

/// From a millisecond, a commit on a good disk, to ten seconds, when phones have long given up.
inline constexpr std::array<double, 13> duration_bounds_s{0.001, 0.0025, 0.005, 0.01, 0.025,
                                                          0.05,  0.1,    0.25,  0.5,  1,
                                                          2.5,   5,      10};
/// From one record to a full queue of full exchanges.
inline constexpr std::array<double, 13> records_bounds{0,   1,   2,    5,    10,   20,    50,
                                                       100, 200, 500, 1000, 5000, 20000};

/// What is asked of the system when the page is asked for.
struct NodeGauges {
  double start_time_s = 0;  ///< Unix
  double cpu_s = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  std::uint64_t disk_free_bytes = 0;  ///< where the attachments are
  std::uint64_t verify_queue = 0;
};
/// Those of this process, from /proc; 0 where it does not say.
[[nodiscard]] NodeGauges read_process();

/// What the service counts. Thread-safe; no labels that could name a person.
class Metrics {
 public:
  /// One answer to one pushed record.
  void answered(const exchange::Answer& answer);
  /// One refused request or frame.
  void refused(errc code) { ++refused_[index(code)]; }

  std::atomic<std::uint64_t> exchanges_total{0};
  std::atomic<std::uint64_t> bundles_total{0};
  std::atomic<std::uint64_t> commits_total{0};
  std::atomic<std::uint64_t> committed_jobs_total{0};
  std::atomic<std::uint64_t> attachments_stored_total{0};
  std::atomic<std::uint64_t> attachment_bytes_total{0};
  std::atomic<std::uint64_t> devices_enrolled_total{0};
  std::atomic<std::uint64_t> queue_now{0};
  std::atomic<std::uint64_t> journal_size{0};
  std::atomic<std::uint64_t> checkpoints_total{0};
  std::atomic<std::uint64_t> journal_stopped{0};
  std::atomic<std::uint64_t> commits_failed_total{0};
  std::atomic<std::uint64_t> database_reachable{1};  ///< SQLite is, while it is open
  Histogram commit_duration_s{duration_bounds_s};
  Histogram commit_records{records_bounds};
  Histogram exchange_duration_s{duration_bounds_s};
  Histogram checkpoint_duration_s{duration_bounds_s};

  /// Prometheus text format 0.0.4.
  [[nodiscard]] std::string text(const ListenerCounters& listener, const NodeGauges& node) const;
  [[nodiscard]] std::uint64_t answers(Verdict verdict) const {
    return verdicts_[static_cast<std::size_t>(verdict)];
  }

 private:
  static std::size_t index(errc code) {
    return static_cast<std::size_t>(code) < codes_max ? static_cast<std::size_t>(code) : 0;
  }
  static constexpr std::size_t codes_max = 256;
  std::array<std::atomic<std::uint64_t>, codes_max> refused_{};
  std::array<std::atomic<std::uint64_t>, codes_max> reasons_{};
  std::array<std::atomic<std::uint64_t>, 8> verdicts_{};
};

}  // namespace tannha::server
