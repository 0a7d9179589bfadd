#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "tannha/protocol/limits.hpp"

namespace tannha::server {

/// Whose bytes they are. Each kind may fill the budget only up to its own part, the less urgent
/// ones less, so that what anybody can send never keeps out the records of those who are known.
enum class MemoryUse : std::uint8_t {
  stranger,  ///< a quarter: requests of whoever has not signed in
  file,      ///< three quarters: attachments, bundles, long exchanges: they can wait for records
  record,    ///< seven eighths: exchanges as phones make them
  answer,    ///< all of it: what must leave for a request to be over
};

class MemoryShare;

/// How many bytes of clients' requests and answers the server holds at one time: bodies being read,
/// frames waiting for a thread or a transaction, outboxes. Counted before the memory is taken;
/// what does not fit is refused and comes again. Thread-safe. Made by std::make_shared: its shares
/// keep it.
class MemoryBudget : public std::enable_shared_from_this<MemoryBudget> {
 public:
  /// One holder may have this much, so that no single one can keep all others out: a signed-in log
  /// one bundle, held four times, and its reading; a stranger's address 6 MiB, which is three
  /// thousand requests to sign in at one time, or two dozen of the longest that it may send.
  static constexpr std::size_t holder_bytes_max = 4 * limits::bundle_bytes_max + 1024 * 1024;
  static constexpr std::size_t stranger_bytes_max = 6 * 1024 * 1024;
  /// Of its records while they come: twenty full pushes (limits::push_bytes_target), held three
  /// times. More is no phone's, and a few such must not keep out the others.
  static constexpr std::size_t record_bytes_max = 16 * 1024 * 1024;
  /// What a budget must have at least: files may fill three quarters, and a bundle must fit.
  static constexpr std::size_t bytes_min = 192ULL * 1024 * 1024;

  explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// @param holder whom a part is counted for; empty: nobody @return nothing when it does not fit
  [[nodiscard]] std::shared_ptr<MemoryShare> take(MemoryUse use, const std::string& holder,
                                                  std::size_t bytes);
  [[nodiscard]] std::size_t bytes_max() const { return bytes_max_; }
  [[nodiscard]] std::size_t bytes_now() const;
  /// How often something did not fit.
  [[nodiscard]] std::uint64_t refused_total() const;

 private:
  friend class MemoryShare;
  bool grow(MemoryUse use, const std::string& holder, std::size_t bytes);
  void shrink(const std::string& holder, std::size_t bytes);
  [[nodiscard]] std::size_t part_of(MemoryUse use) const;
  static std::size_t holder_part_of(MemoryUse use);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::size_t bytes_now_ = 0;
  std::uint64_t refused_total_ = 0;
  std::map<std::string, std::size_t> holders_;  ///< those who hold something now
};

/// A part of the budget, given back when the last who holds it lets go. Used by one thread at a
/// time.
class MemoryShare {
 public:
  MemoryShare(std::shared_ptr<MemoryBudget> budget, MemoryUse use, std::string holder,
              std::size_t bytes)
      : budget_(std::move(budget)), use_(use), holder_(std::move(holder)), bytes_(bytes) {}
  ~MemoryShare() { budget_->shrink(holder_, bytes_); }
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;

  /// @return false, and changes nothing, when there is no room. Smaller always fits.
  [[nodiscard]] bool resize(std::size_t bytes);
  /// resize() upwards only.
  [[nodiscard]] bool cover(std::size_t bytes) { return bytes <= bytes_ || resize(bytes); }
  /// An answer is more urgent than the request that it ends.
  void becomes(MemoryUse use) { use_ = use; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  const std::shared_ptr<MemoryBudget> budget_;
  MemoryUse use_;
  const std::string holder_;
  std::size_t bytes_;
};

static_assert(MemoryBudget::bytes_min / 4 * 3 >= MemoryBudget::holder_bytes_max);

}  // namespace tannha::server
