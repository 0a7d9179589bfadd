#include "connection_group.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace tannha::server {
namespace {

// One household or handset usually owns a whole IPv6 /64, so that is what counts as an address.
boost::asio::ip::address counted_address(const boost::asio::ip::address& address) {
  if (!address.is_v6()) return address;
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return boost::asio::ip::address_v6(bytes);
}

}  // namespace

Admission::Admission(ConnectionGroup& group, std::uint64_t id, boost::asio::ip::address address)
    : group_(group), id_(id), address_(std::move(address)),
      peer_(address_.to_string()) {}

Admission::~Admission() {
  const std::scoped_lock lock(group_.mutex_);
  group_.members_.erase(id_);
  const auto found = group_.per_address_.find(address_);
  if (--found->second == 0) group_.per_address_.erase(found);
  group_.counters_.connections_now.fetch_sub(1);
  // Notified inside the lock: the group may be destroyed as soon as the waiter sees it empty.
  if (group_.members_.empty()) group_.emptied_.notify_all();
}

void Admission::seat(const std::shared_ptr<Connection>& connection) {
  bool draining = false;
  {
    const std::scoped_lock lock(group_.mutex_);
    group_.members_[id_] = connection;
    draining = group_.draining_;
  }
  if (draining) connection->drain();
}

ConnectionGroup::ConnectionGroup(const ListenerConfig& config, ListenerCounters& counters)
    : connections_max_(config.connections_max),
      per_address_max_(config.connections_per_address_max),
      counters_(counters) {}

std::unique_ptr<Admission> ConnectionGroup::admit(const boost::asio::ip::address& address) {
  const auto counted = counted_address(address);
  const std::scoped_lock lock(mutex_);
  if (draining_ || members_.size() >= connections_max_) return nullptr;
  const auto found = per_address_.find(counted);
  if (found != per_address_.end() && found->second >= per_address_max_) return nullptr;
  if (per_address_max_ == 0) return nullptr;

  auto admission = std::make_unique<Admission>(*this, next_id_, counted);
  members_.emplace(next_id_++, std::weak_ptr<Connection>{});
  ++per_address_[counted];
  counters_.connections_now.fetch_add(1);
  return admission;
}

template <class Call>
void ConnectionGroup::for_each(Call call) {
  std::vector<std::shared_ptr<Connection>> present;
  {
    const std::scoped_lock lock(mutex_);
    draining_ = true;
    present.reserve(members_.size());
    for (const auto& [id, member] : members_) {
      if (auto connection = member.lock()) present.push_back(std::move(connection));
    }
  }
  // Outside the lock, because the last reference may go here and give its place back.
  for (const auto& connection : present) call(*connection);
}

void ConnectionGroup::drain() {
  for_each([](Connection& connection) { connection.drain(); });
}

void ConnectionGroup::abort() {
  for_each([](Connection& connection) { connection.abort(); });
}

bool ConnectionGroup::wait_empty(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, at_most, [this] { return members_.empty(); });
}

void ConnectionGroup::wait_empty() {
  std::unique_lock lock(mutex_);
  emptied_.wait(lock, [this] { return members_.empty(); });
}

}  // namespace tannha::server
