#include "tannha/server/quotas.hpp"

#include <algorithm>
#include <cmath>

namespace tannha::server {
namespace {

constexpr double ms_per_minute = 60'000;

}  // namespace

QuotaLimits scaled(const QuotaLimits& limits, double factor) {
  const auto times = [factor](const QuotaLimits::Flow& flow) {
    return QuotaLimits::Flow{flow.most * factor, flow.per_minute * factor};
  };
  return {times(limits.requests), times(limits.bytes), times(limits.records)};
}

Quotas::Sender& Quotas::find(const std::string& sender, std::uint64_t now_ms) {
  const auto place = places_.find(sender);
  if (place != places_.end()) {
    senders_.splice(senders_.begin(), senders_, place->second);
    Sender& known = senders_.front();
    const double passed_ms = now_ms > known.at_ms ? static_cast<double>(now_ms - known.at_ms) : 0;
    for (std::size_t i = 0; i < limits_.size(); ++i) {
      const double back = limits_[i].per_minute * passed_ms / ms_per_minute;
      known.left[i] = std::min(limits_[i].most, known.left[i] + back);
    }
    known.at_ms = std::max(known.at_ms, now_ms);
    return known;
  }
  if (senders_.size() >= senders_max_) {
    places_.erase(senders_.back().name);
    senders_.pop_back();
  }
  senders_.push_front({sender, {}, now_ms});
  for (std::size_t i = 0; i < limits_.size(); ++i) senders_.front().left[i] = limits_[i].most;
  places_.emplace(sender, senders_.begin());
  return senders_.front();
}

void Quotas::pay(Sender& sender, const Cost& cost) {
  sender.left[0] -= static_cast<double>(cost.requests);
  sender.left[1] -= static_cast<double>(cost.bytes);
  sender.left[2] -= static_cast<double>(cost.records);
}

std::optional<std::uint32_t> Quotas::take(const std::string& sender, const Cost& cost,
                                          std::uint64_t now_ms) {
  const std::scoped_lock lock(mutex_);
  Sender& known = find(sender, now_ms);
  double wait_s = 0;
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    if (limits_[i].most <= 0 || known.left[i] >= 1) continue;
    wait_s = std::max(wait_s, (1 - known.left[i]) * 60 / limits_[i].per_minute);
  }
  if (wait_s > 0) return static_cast<std::uint32_t>(std::clamp(std::ceil(wait_s), 1.0, 3600.0));
  pay(known, cost);
  return std::nullopt;
}

void Quotas::spend(const std::string& sender, const Cost& cost, std::uint64_t now_ms) {
  const std::scoped_lock lock(mutex_);
  pay(find(sender, now_ms), cost);
}

std::size_t Quotas::senders() const {
  const std::scoped_lock lock(mutex_);
  return senders_.size();
}

}  // namespace tannha::server
