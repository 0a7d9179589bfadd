#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "tannha/protocol/errc.hpp"
#include "tannha/protocol/exchange.hpp"
#include "tannha/server/listener.hpp"

namespace tannha::server {

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
  std::atomic<std::uint64_t> checkpoint_microseconds_total{0};
  std::atomic<std::uint64_t> journal_stopped{0};

  /// Prometheus text format 0.0.4.
  [[nodiscard]] std::string text(const ListenerCounters& listener) const;
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
