#include "tools/net/patience.hpp"

#include <thread>
#include <utility>

#include "tannha/engine/retry.hpp"
#include "tannha/protocol/exchange.hpp"

namespace tannha::tools {

bool is_busy(const HttpAnswer& answer) {
  if (answer.status == 429) return true;
  if (answer.status != 503) return false;
  const auto refusal = exchange::decode<exchange::Refusal>(answer.body);
  // A server that is full of connections has no time for words.
  return !refusal || refusal->code == static_cast<std::uint16_t>(errc::overloaded);
}

Patience::Patience(Host& host, std::chrono::milliseconds in_all, Wait wait)
    : host_(&host), in_all_(in_all), wait_(std::move(wait)) {
  if (!wait_) wait_ = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
}

Result<HttpAnswer> Patience::send(HttpClient& client, const HttpCall& call) const {
  std::chrono::milliseconds waited{0};
  for (unsigned refusals = 1;; ++refusals) {
    TN_TRY(HttpAnswer answer, client.send(call));
    if (!is_busy(answer)) return answer;
    const std::chrono::milliseconds pause(retry_wait_ms(answer.retry_after_s, refusals, *host_));
    waited += pause;
    if (waited > in_all_) return answer;
    wait_(pause);
  }
}

}  // namespace tannha::tools
