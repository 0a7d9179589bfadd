#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tannha/server/http.hpp"

namespace tannha::server {

/// A service for the listener's tests. What it does stands in the path.
class EchoHandler : public Handler {
 public:
  static constexpr std::size_t echo_bytes_max = 64 * 1024;
  static constexpr std::size_t large_bytes_max = 8 * 1024 * 1024;

  ~EchoHandler() override {
    for (std::thread& thread : threads_) thread.join();
  }

  std::expected<Terms, HttpResponse> admit(const HttpRequest& head) override {
    Terms terms;
    if (head.path == "/none") return terms;
    if (head.path == "/over") {
      HttpResponse refused;
      refused.status = 429;
      refused.retry_after_s = 7;
      return std::unexpected(std::move(refused));
    }
    terms.body_bytes_max = head.path == "/large" ? large_bytes_max : echo_bytes_max;
    terms.use = head.path == "/large" ? MemoryUse::file : MemoryUse::record;
    terms.holder = head.bearer;
    return terms;
  }

  void handle(HttpRequest request, Reply reply) override {
    if (request.path == "/throws") throw std::runtime_error("test");
    if (request.path == "/held") {
      const std::scoped_lock lock(mutex_);
      held_.push_back(std::move(reply));
      changed_.notify_all();
      return;
    }
    HttpResponse response;
    response.content_type = "application/octet-stream";
    if (request.path == "/head") {
      response.body = to_bytes(as_bytes(request.method + "|" + request.query + "|" +
                                        request.bearer + "|" + request.if_none_match));
    } else if (request.path == "/file") {
      response.attachment = true;
      response.etag = "\"abc\"";
      response.body = {1, 2, 3};
    } else if (request.path == "/busy") {
      response.status = 429;
      response.retry_after_s = 7;
    } else if (request.path == "/unchanged") {
      response.status = 304;
      response.etag = "\"abc\"";
      response.body = {1};
    } else if (request.path == "/huge") {
      response.body.assign(16 * 1024 * 1024 + (request.query.empty() ? 0U : 1U), 7);
    } else {
      response.body = std::move(request.body);
    }
    if (request.path == "/twice") reply(response);
    if (request.path != "/thread") {
      reply(std::move(response));
      return;
    }
    const std::scoped_lock lock(mutex_);
    threads_.emplace_back(
        [reply = std::move(reply), response = std::move(response)] { reply(response); });
  }

  HttpResponse transport_error(unsigned status) override {
    const std::scoped_lock lock(mutex_);
    ++errors_[status];
    changed_.notify_all();
    HttpResponse response;
    response.status = status;
    response.body = to_bytes(as_bytes("transport"));
    return response;
  }

  /// Nobody who opens a live connection is signed in.
  std::atomic<bool> keeps_strangers{false};
  std::atomic<std::chrono::milliseconds> valid_for{std::chrono::hours(1)};
  void live_opened(std::shared_ptr<LiveChannel> channel) override {
    if (!keeps_strangers) channel->signed_in("device", valid_for.load());
    const std::scoped_lock lock(mutex_);
    channel_ = std::move(channel);
    ++opened_;
    changed_.notify_all();
  }
  void live_message(const std::shared_ptr<LiveChannel>& channel, Bytes message,
                    std::shared_ptr<MemoryShare>) override {
    if (as_text(message) == "throw") throw std::runtime_error("test");
    if (as_text(message) == "bye") {
      channel->send(std::move(message));
      channel->close("done");
      return;
    }
    channel->send(std::move(message));
  }
  void live_closed(const std::shared_ptr<LiveChannel>&) override {
    const std::scoped_lock lock(mutex_);
    ++closed_;
    changed_.notify_all();
  }

  /// Waits for a request on /held and hands out its reply.
  Reply wait_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !held_.empty(); });
    Reply reply = std::move(held_.back());
    held_.pop_back();
    return reply;
  }
  std::shared_ptr<LiveChannel> wait_opened() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return opened_ > 0; });
    return channel_;
  }
  void wait_closed(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, count] { return closed_ >= count; });
  }
  void wait_error(unsigned status) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, status] { return errors_[status] > 0; });
  }
  int errors(unsigned status) {
    const std::scoped_lock lock(mutex_);
    return errors_[status];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Reply> held_;
  std::vector<std::thread> threads_;
  std::map<unsigned, int> errors_;
  std::shared_ptr<LiveChannel> channel_;
  int opened_ = 0;
  int closed_ = 0;
};

inline HttpResponse text_response(std::string_view text) {
  HttpResponse response;
  response.body = to_bytes(as_bytes(text));
  return response;
}

}  // namespace tannha::server
