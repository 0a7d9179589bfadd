#include "tannha/server/memory_budget.hpp"

namespace tannha::server {

std::size_t MemoryBudget::part_of(MemoryUse use) const {
  switch (use) {
    case MemoryUse::stranger: return bytes_max_ / 4;
    case MemoryUse::file: return bytes_max_ / 4 * 3;
    case MemoryUse::record: return bytes_max_ / 8 * 7;
    case MemoryUse::answer: break;
  }
  return bytes_max_;
}

std::size_t MemoryBudget::holder_part_of(MemoryUse use) {
  switch (use) {
    case MemoryUse::stranger: return stranger_bytes_max;
    case MemoryUse::record: return record_bytes_max;
    case MemoryUse::file:
    case MemoryUse::answer: break;
  }
  return holder_bytes_max;
}

bool MemoryBudget::grow(MemoryUse use, const std::string& holder, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  const std::size_t part = part_of(use);
  // In this order nothing can overflow.
  bool fits = bytes_now_ <= part && bytes <= part - bytes_now_;
  if (fits && !holder.empty()) {
    const std::size_t most = holder_part_of(use);
    std::size_t& held = holders_[holder];
    fits = held <= most && bytes <= most - held;
    if (fits) held += bytes;
    if (held == 0) holders_.erase(holder);
  }
  if (fits) {
    bytes_now_ += bytes;
  } else {
    ++refused_total_;
  }
  return fits;
}

void MemoryBudget::shrink(const std::string& holder, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  bytes_now_ -= bytes;
  const auto found = holder.empty() ? holders_.end() : holders_.find(holder);
  if (found == holders_.end()) return;
  found->second -= bytes;
  if (found->second == 0) holders_.erase(found);
}

std::shared_ptr<MemoryShare> MemoryBudget::take(MemoryUse use, const std::string& holder,
                                                std::size_t bytes) {
  if (!grow(use, holder, bytes)) return nullptr;
  return std::make_shared<MemoryShare>(shared_from_this(), use, holder, bytes);
}

std::size_t MemoryBudget::bytes_now() const {
  const std::scoped_lock lock(mutex_);
  return bytes_now_;
}

std::uint64_t MemoryBudget::refused_total() const {
  const std::scoped_lock lock(mutex_);
  return refused_total_;
}

bool MemoryShare::resize(std::size_t bytes) {
  if (bytes > bytes_) {
    if (!budget_->grow(use_, holder_, bytes - bytes_)) return false;
  } else {
    budget_->shrink(holder_, bytes_ - bytes);
  }
  bytes_ = bytes;
  return true;
}

}  // namespace tannha::server
