#include "tannha/engine/retry.hpp"

#include <algorithm>

namespace tannha {
namespace {

constexpr std::uint32_t hint_s_default = 2;
// A server that says more is not believed: whoever runs it may have mended it by then.
constexpr std::uint32_t hint_s_max = 600;
constexpr unsigned doublings_max = 6;
constexpr std::uint64_t span_ms_max = 600'000;

}  // namespace

std::uint64_t retry_wait_ms(std::optional<std::uint32_t> retry_after_s, unsigned refusals,
                            Host& host) {
  const std::uint64_t hint_ms =
      1000ULL * std::clamp(retry_after_s.value_or(hint_s_default), 1U, hint_s_max);
  const unsigned doublings = std::min(std::max(refusals, 1U) - 1, doublings_max);
  const std::uint64_t span_ms = std::min(hint_ms << doublings, span_ms_max);
  std::uint64_t drawn = 0;
  for (const std::uint8_t byte : random_array<std::array<std::uint8_t, 4>>(host)) {
    drawn = (drawn << 8) | byte;
  }
  return hint_ms + drawn % (span_ms + 1);
}

}  // namespace tannha
