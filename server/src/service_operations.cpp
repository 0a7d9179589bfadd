// What operators are shown: the page of metrics, and what of requests is logged.

#include <filesystem>

#include "tannha/server/log.hpp"
#include "tannha/server/service.hpp"

namespace tannha::server {

std::string Service::metrics_page() const {
  static const ListenerCounters none;
  NodeGauges node = read_process();
  std::error_code failed;
  const auto space = std::filesystem::space(blobs_.folder(), failed);
  if (!failed) node.disk_free_bytes = space.available;
  node.verify_queue = pool_waiting();
  return metrics_.text(listener_ ? listener_->counters() : none, node);
}

void Service::note_failure(const Error& error) {
  const auto number = static_cast<std::uint16_t>(error.code);
  const bool is_store = number >= static_cast<std::uint16_t>(errc::store_full) &&
                        number < static_cast<std::uint16_t>(errc::store_full) + 10;
  if (error.code != errc::overloaded && (!is_store || error.code == errc::store_not_found)) return;
  log::write(log::Level::warning, "request_failed",
             {{"code", name(error.code)}, {"detail", error.detail}});
}

Handler::Reply Service::noting(const char* event, Reply reply) {
  return [event, reply = std::move(reply)](HttpResponse response) {
    if (response.refused) {
      log::write(log::Level::info, event, {{"code", name(*response.refused)}});
    }
    reply(std::move(response));
  };
}

Service::Respond Service::timed(Respond respond) {
  return [this, begin = std::chrono::steady_clock::now(),
          respond = std::move(respond)](Result<Bytes> answer) {
    if (answer) metrics_.exchange_duration_s.observe(std::chrono::steady_clock::now() - begin);
    respond(std::move(answer));
  };
}

}  // namespace tannha::server
