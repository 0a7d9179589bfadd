#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tannha::server {

/// Hears from the other nodes of a PostgreSQL registry which audiences their commits have changed,
/// on a thread and a connection of its own; connects again when that is lost.
class PostgresNews {
 public:
  /// Called on that thread. Nothing in it: something may have been missed, so anything may have
  /// changed.
  using Changed = std::function<void(const std::vector<std::string>& audiences)>;

  /// Called on that thread when the connection is lost or cannot be made, and when it is back.
  using Connected = std::function<void(bool is_connected)>;

  /// @param own_name node_name() of this node's registry, whose news are left out
  PostgresNews(std::string conninfo, std::string_view tenant, std::string own_name,
               Changed changed, Connected connected = [](bool) {});
  PostgresNews(const PostgresNews&) = delete;
  PostgresNews& operator=(const PostgresNews&) = delete;
  /// Ends the thread.
  ~PostgresNews();

 private:
  void run();
  void hear(const std::vector<std::string>& payloads) const;

  const std::string conninfo_;
  const std::string listen_;
  const std::string own_name_;
  const Changed changed_;
  const Connected connected_;
  int wake_fd_;
  std::thread thread_;
};

}  // namespace tannha::server
