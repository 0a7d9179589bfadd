#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/province.hpp"
#include "tools/simulate/disk.hpp"

/// Stores on a simulated disk, and what is done to them while the disk fails.
namespace tannha::test {

using simulate::Crash;
using simulate::DiskFault;
using simulate::DiskSnapshot;
using simulate::Lasts;
using simulate::SimulatedDisk;

/// One disk for the whole program and the default of SQLite in it.
SimulatedDisk& disk();
/// With which its draws begin.
[[nodiscard]] std::uint64_t disk_seed();

/// Every row of every table of a store, whatever its schema is.
struct Rows {
  Hash hash{};
  std::string counts;  ///< of rows by table, to be read by people
  friend bool operator==(const Rows&, const Rows&) = default;
};
/// Opens a copy of the machine's store; checks the file's integrity and its foreign keys.
[[nodiscard]] Result<Rows> inspect(std::string_view machine, std::string_view path);

/// What holds between two steps.
struct Moment {
  Rows rows;
  FakeHost host;
  Beacon beacon;  ///< the newest checkpoint that the store had signed or verified
};

/// Steps that each either happen whole or not at all. Node is Phone or ServerNode.
template <class Node>
struct Scenario {
  std::string name;
  DiskSnapshot start;
  FakeHost host;
  typename Node::Keys keys;
  std::vector<std::function<Result<void>(Node&)>> steps;
  /// Of thousands of points that are alike only every so manieth is tried.
  std::uint64_t stride = 1;
  /// [0] before the store is opened, [1] after, then one after each step; without any fault.
  std::vector<Moment> moments{};
  [[nodiscard]] std::size_t end() const { return moments.size() - 1; }
};

struct Phone {
  static constexpr std::string_view machine = "phone";
  static constexpr const char* path = "phone/store.db";

  using Keys = Unlock;
  explicit Phone(const Scenario<Phone>& s) : host(s.host), keys(s.keys) {}
  [[nodiscard]] Result<void> open();
  void close() { replica.reset(); }
  [[nodiscard]] bool is_open() const { return replica != nullptr; }
  [[nodiscard]] Result<Beacon> beacon() { return replica->checkpoint(); }
  /// Everything can be read, the own log has no gap, and every hash is that of its bytes.
  [[nodiscard]] Result<void> read_all();
  void verify(const Beacon& newest);

  FakeHost host;
  Unlock keys;
  std::unique_ptr<Replica> replica;
};

struct ServerNode {
  static constexpr std::string_view machine = "server";
  static constexpr const char* path = "server/registry.db";

  struct Keys {};
  explicit ServerNode(const Scenario<ServerNode>& s) : host(s.host) {}
  [[nodiscard]] Result<void> open();
  void close();
  [[nodiscard]] bool is_open() const { return server != nullptr; }
  [[nodiscard]] Result<Beacon> beacon();
  [[nodiscard]] Result<void> read_all();
  void verify(const Beacon& signed_before);
  /// One transaction, rolled back on an error.
  [[nodiscard]] Result<void> transact(const std::function<Result<void>()>& act);
  [[nodiscard]] Result<void> exchange(const exchange::Request& request, const Hash& sender);

  /// Keys and rules of the province that wrote the scenarios.
  static const RegistryActor* actor;
  static const DuePolicy* due;

  FakeHost host;
  std::unique_ptr<server::SqliteRegistry> registry;
  std::unique_ptr<SyncServer> server;
};

[[nodiscard]] const std::vector<Scenario<Phone>>& phone_scenarios();
[[nodiscard]] const std::vector<Scenario<ServerNode>>& registry_scenarios();

}  // namespace tannha::test
