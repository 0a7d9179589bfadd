#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "tannha/server/http.hpp"

namespace tannha::server {

/// Where the service puts an answer and the connection takes it. The service may keep its side as
/// long as it likes: once the connection has called close(), the slot holds nothing of Asio's and
/// an answer put into it vanishes.
class ReplySlot : public std::enable_shared_from_this<ReplySlot> {
 public:
  /// Any thread. Only the first answer counts.
  void put(HttpResponse response) {
    const std::scoped_lock lock(mutex_);
    if (closed_ || response_) return;
    response_ = std::move(response);
    if (waiter_ == nullptr) return;
    // The timer is touched only on its own strand. Posting inside the lock keeps the connection,
    // and with it the executor, from going away in between.
    boost::asio::post(waiter_->get_executor(), [slot = shared_from_this()] { slot->wake(); });
  }

  /// The connection's strand. The timer is cancelled when an answer comes.
  /// @return false when the answer is there already and nothing is to be waited for.
  [[nodiscard]] bool begin_wait(boost::asio::steady_timer& timer) {
    const std::scoped_lock lock(mutex_);
    if (response_) return false;
    waiter_ = &timer;
    return true;
  }

  /// The connection's strand. Ends the wait for good.
  std::optional<HttpResponse> close() {
    const std::scoped_lock lock(mutex_);
    waiter_ = nullptr;
    closed_ = true;
    return std::exchange(response_, std::nullopt);
  }

 private:
  void wake() {
    const std::scoped_lock lock(mutex_);
    if (waiter_ != nullptr) waiter_->cancel();
  }

  std::mutex mutex_;
  std::optional<HttpResponse> response_;
  boost::asio::steady_timer* waiter_ = nullptr;
  bool closed_ = false;
};

}  // namespace tannha::server
