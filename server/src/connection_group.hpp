#pragma once

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "tannha/server/listener.hpp"

namespace tannha::server {

/// One open socket as the one who shuts the listener down sees it. Both calls are thread-safe,
/// return at once and may be repeated.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Finish what is being answered, then close.
  virtual void drain() = 0;
  /// Close now.
  virtual void abort() = 0;
};

class ConnectionGroup;

/// A connection's place in the group; its destructor gives the place back.
class Admission {
 public:
  Admission(ConnectionGroup& group, std::uint64_t id, boost::asio::ip::address address);
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// HttpRequest::peer
  [[nodiscard]] const std::string& peer() const { return peer_; }
  /// Names who sits here: an HTTP connection, later perhaps the live one it became. Drains it at
  /// once when the group is already draining.
  void seat(const std::shared_ptr<Connection>& connection);

 private:
  ConnectionGroup& group_;
  std::uint64_t id_;
  boost::asio::ip::address address_;
  std::string peer_;
};

/// All connections of a listener: counts them, limits them, ends them. Thread-safe.
class ConnectionGroup {
 public:
  ConnectionGroup(const ListenerConfig& config, ListenerCounters& counters);

  /// @return nothing when the group or the address has its most, or when the group is draining.
  [[nodiscard]] std::unique_ptr<Admission> admit(const boost::asio::ip::address& address);
  void drain();
  void abort();
  /// Three quarters of the places are taken.
  [[nodiscard]] bool is_crowded() const {
    return counters_.connections_now.load() > connections_max_ / 4 * 3;
  }
  /// True before any connection is told to drain.
  [[nodiscard]] bool draining() const { return draining_; }
  /// @return true when no connection is left.
  bool wait_empty(std::chrono::milliseconds at_most);
  void wait_empty();

 private:
  friend class Admission;
  template <class Call>
  void for_each(Call call);

  const std::size_t connections_max_;
  const std::size_t per_address_max_;
  ListenerCounters& counters_;

  std::mutex mutex_;
  std::condition_variable emptied_;
  std::atomic<bool> draining_ = false;
  std::uint64_t next_id_ = 0;
  std::map<std::uint64_t, std::weak_ptr<Connection>> members_;
  std::map<boost::asio::ip::address, std::size_t> per_address_;
};

}  // namespace tannha::server
