#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tannha::simulate {

/// All chance of a simulation (SplitMix64, Steele et al. 2014): small, quick, the same everywhere.
/// Each part of a world draws from a stream of its own, so that a draw more in one does not change
/// the others.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}
  /// The stream of that name. FNV-1a turns the name into a number.
  Rng(std::uint64_t seed, std::string_view stream) : state_(seed) {
    std::uint64_t h = 0xcbf29ce484222325;
    for (const char c : stream) h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    state_ = next() ^ h;
    (void)next();
  }

  /// Uniform over all 64 bits.
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 … n - 1. Precondition: n > 0.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  /// Both ends included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  /// 0 ≤ x < 1.
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double p) { return p > 0 && unit() < p; }
  double real(double low, double high) { return low + (high - low) * unit(); }

  /// As long as waiting for something that happens by chance, with this mean.
  std::uint64_t waiting_ms(std::uint64_t mean_ms) {
    return static_cast<std::uint64_t>(-std::log(1.0 - unit()) * static_cast<double>(mean_ms));
  }
  /// Every order of magnitude between the two is as likely. Precondition: 0 < low ≤ high.
  std::uint64_t any_magnitude(std::uint64_t low, std::uint64_t high) {
    const double a = std::log(static_cast<double>(low));
    const double b = std::log(static_cast<double>(high));
    return static_cast<std::uint64_t>(std::exp(real(a, b)));
  }

  void fill(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(next());
  }
  /// Precondition: not empty.
  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace tannha::simulate
