#include "tools/simulate/scheduler.hpp"

#include <algorithm>

namespace tannha::simulate {

bool Scheduler::later(const Entry& a, const Entry& b) {
  return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
}

void Scheduler::at(Ms time, Event event) {
  heap_.push_back({std::max(time, now_), sequence_++, std::move(event)});
  std::ranges::push_heap(heap_, later);
}

bool Scheduler::step(Ms until) {
  if (heap_.empty() || heap_.front().time > until) {
    now_ = std::max(now_, until);
    return false;
  }
  std::ranges::pop_heap(heap_, later);
  Entry entry = std::move(heap_.back());
  heap_.pop_back();
  now_ = entry.time;
  ++events_;
  entry.event();
  return true;
}

}  // namespace tannha::simulate
