#pragma once

#include <cstdint>
#include <span>

#include "tannha/protocol/bytes.hpp"

namespace tannha {

/// What the engine may not reach by itself: clocks and randomness. The host hands them in; a
/// simulation hands in its own.
class Host {
 public:
  virtual ~Host() = default;
  /// Unix milliseconds as the device believes them. May be wrong, jump or run backwards.
  [[nodiscard]] virtual std::uint64_t now_ms() = 0;
  /// Milliseconds since boot_id began; never runs backwards.
  [[nodiscard]] virtual std::uint64_t monotonic_ms() = 0;
  /// Random; a new one at every start of the process or device.
  [[nodiscard]] virtual Id boot_id() = 0;
  /// Cryptographically secure.
  virtual void random(std::span<std::uint8_t> out) = 0;
};

/// A fixed array of random bytes, and a new UUID version 7.
template <class Array>
[[nodiscard]] Array random_array(Host& host) {
  Array out{};
  host.random(out);
  return out;
}
[[nodiscard]] inline Id new_id(Host& host) {
  return make_uuid_v7(host.now_ms(), random_array<std::array<std::uint8_t, 10>>(host));
}

}  // namespace tannha
