#include "tannha/server/postgres_news.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <sstream>

#include "postgres.hpp"
#include "tannha/server/postgres_registry.hpp"

namespace tannha::server {
namespace {

constexpr int reconnect_ms = 2'000;

}  // namespace

PostgresNews::PostgresNews(std::string conninfo, std::string_view tenant, std::string own_name,
                           Changed changed, Connected connected)
    : conninfo_(std::move(conninfo)),
      listen_("LISTEN " + PostgresRegistry::schema_of(tenant)),
      own_name_(std::move(own_name)),
      changed_(std::move(changed)),
      connected_(std::move(connected)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { run(); }) {}

PostgresNews::~PostgresNews() {
  ::eventfd_write(wake_fd_, 1);
  thread_.join();
  ::close(wake_fd_);
}

void PostgresNews::run() {
  postgres::Connection db;
  bool is_first = true;
  for (;;) {
    pollfd wake{wake_fd_, POLLIN, 0};
    if (::poll(&wake, 1, is_first ? 0 : reconnect_ms) > 0) return;
    if (!db.connect(conninfo_) || !db.script(listen_)) {
      if (is_first) connected_(false);
      is_first = false;
      continue;
    }
    // Between two connections nobody listened.
    if (!is_first) {
      connected_(true);
      changed_({});
    }
    is_first = false;
    for (;;) {
      const auto payloads = db.wait_for_news(wake_fd_);
      if (!payloads) {
        connected_(false);
        break;
      }
      if (payloads->empty()) return;
      hear(*payloads);
    }
  }
}

void PostgresNews::hear(const std::vector<std::string>& payloads) const {
  std::vector<std::string> audiences;
  for (const std::string& payload : payloads) {
    std::istringstream words(payload);
    std::string word;
    words >> word;
    if (word == own_name_) continue;
    while (words >> word) {
      if (const auto bytes = from_hex(word)) audiences.emplace_back(as_text(*bytes));
    }
  }
  if (!audiences.empty()) changed_(audiences);
}

}  // namespace tannha::server
