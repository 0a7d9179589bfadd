#include "tools/net/patience.hpp"

#include <thread>
#include <utility>

#include "tannha/core/server_answer.hpp"
#include "tannha/engine/retry.hpp"

namespace tannha::tools {

Patience::Patience(Host& host, std::chrono::milliseconds in_all, Wait wait)
    : host_(&host), in_all_(in_all), wait_(std::move(wait)) {
  if (!wait_) wait_ = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
}

Result<HttpAnswer> Patience::send(HttpClient& client, const HttpCall& call) const {
  std::chrono::milliseconds waited{0};
  for (unsigned refusals = 1;; ++refusals) {
    TN_TRY(HttpAnswer answer, client.send(call));
    if (!core::is_busy(answer.status, answer.body)) return answer;
    const std::chrono::milliseconds pause(retry_wait_ms(answer.retry_after_s, refusals, *host_));
    waited += pause;
    if (waited > in_all_) return answer;
    wait_(pause);
  }
}

}  // namespace tannha::tools
