#include "core_host.hpp"

#include <sodium.h>

#include <chrono>
#include <cstdlib>

namespace tannha::core {
namespace {

template <class Clock>
std::uint64_t milliseconds_of() {
  const auto since = Clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace

CoreHost::CoreHost() {
  // Where it fails there is no source of randomness, and nothing may be signed.
  if (sodium_init() < 0) std::abort();
  random(boot_id_);
}

std::uint64_t CoreHost::now_ms() { return milliseconds_of<std::chrono::system_clock>(); }
std::uint64_t CoreHost::monotonic_ms() { return milliseconds_of<std::chrono::steady_clock>(); }
void CoreHost::random(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace tannha::core
