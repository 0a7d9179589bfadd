#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace tannha::simulate {

/// Simulated milliseconds since the world began.
using Ms = std::uint64_t;

inline constexpr Ms second = 1000;
inline constexpr Ms minute = 60 * second;
inline constexpr Ms hour = 60 * minute;
inline constexpr Ms day = 24 * hour;

/// Runs events in the order of their time; those of one time in the order in which they came.
class Scheduler {
 public:
  using Event = std::function<void()>;

  [[nodiscard]] Ms now() const { return now_; }
  /// A time that has passed counts as now.
  void at(Ms time, Event event);
  void in(Ms delay, Event event) { at(now_ + delay, std::move(event)); }
  /// Runs the next event that is due by then. @return false when there is none; then it is `until`
  bool step(Ms until);
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  struct Entry {
    Ms time{};
    std::uint64_t sequence{};
    Event event;
  };
  static bool later(const Entry& a, const Entry& b);

  std::vector<Entry> heap_;
  Ms now_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace tannha::simulate
