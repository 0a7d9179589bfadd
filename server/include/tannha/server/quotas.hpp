#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tannha::server {

/// What one sender may use of the server: each thing flows back at a steady rate up to its most.
struct QuotaLimits {
  struct Flow {
    double most = 0;        ///< at one time; 0: not limited
    double per_minute = 0;  ///< flows back
  };
  Flow requests;  ///< HTTP requests and WebSocket messages
  Flow bytes;     ///< of bodies, both ways
  Flow records;   ///< pushed
};

/// A signed-in log. The largest honest load is an evening of 30 dossiers after a day without a
/// network: 30 × 19 = 570 records, and at most 30 × 12 photographs of 1 MB = 360 requests and
/// 360 MB. Records and 90 % of days (300 KB a photograph: 108 MB) go in one go; 360 MB take
/// (360 - 256) / 256 of a minute more than the link itself needs, some 25 s.
/// A new office's first synchronisation is 200 records an answer: 100,000 records are 500 requests.
inline constexpr QuotaLimits device_quota{
    .requests = {.most = 2000, .per_minute = 1200},
    .bytes = {.most = 256.0 * 1024 * 1024, .per_minute = 256.0 * 1024 * 1024},
    .records = {.most = 10'000, .per_minute = 4000}};

/// An address from which nobody has signed in yet. Mobile operators put thousands of phones behind
/// one: a province's 8,000 phones that all begin their morning behind a single one need a
/// challenge, a token and the catalogue each, 24,000 requests. They get through in
/// (24,000 - 12,000) / 12,000 = one minute. At the steady rate of 200/s their signatures cost a fifth of one core at the most.
inline constexpr QuotaLimits address_quota{
    .requests = {.most = 12'000, .per_minute = 12'000},
    .bytes = {.most = 256.0 * 1024 * 1024, .per_minute = 64.0 * 1024 * 1024},
    .records = {}};

/// So many times as much of everything. @param factor 0: not limited
[[nodiscard]] QuotaLimits scaled(const QuotaLimits& limits, double factor);

/// Whom the quotas remember: more than a province has phones. Beyond, who has been away the
/// longest is forgotten, and begins again with a full quota.
inline constexpr std::size_t quota_senders_max = 20'000;

/// How much each sender has left. Whoever has something left of everything is let in, whatever that
/// costs, and may so come into debt: a request of any size gets in some time. Thread-safe.
class Quotas {
 public:
  struct Cost {
    std::uint64_t requests = 0;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
  };

  explicit Quotas(const QuotaLimits& limits, std::size_t senders_max = quota_senders_max)
      : limits_{limits.requests, limits.bytes, limits.records}, senders_max_(senders_max) {}

  /// @param now_ms monotonic @return nothing when let in; else the seconds after which to come
  /// again, at least one, and nothing was taken
  [[nodiscard]] std::optional<std::uint32_t> take(const std::string& sender, const Cost& cost,
                                                  std::uint64_t now_ms);
  /// Takes what a request that was let in has cost beyond what its head said.
  void spend(const std::string& sender, const Cost& cost, std::uint64_t now_ms);
  [[nodiscard]] std::size_t senders() const;

 private:
  struct Sender {
    std::string name;
    std::array<double, 3> left{};
    std::uint64_t at_ms = 0;
  };
  Sender& find(const std::string& sender, std::uint64_t now_ms);
  static void pay(Sender& sender, const Cost& cost);

  const std::array<QuotaLimits::Flow, 3> limits_;
  const std::size_t senders_max_;
  mutable std::mutex mutex_;
  std::list<Sender> senders_;  ///< the latest first
  std::unordered_map<std::string, std::list<Sender>::iterator> places_;
};

}  // namespace tannha::server
