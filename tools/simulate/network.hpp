#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/simulate/world.hpp"

namespace tannha::simulate {

enum class Way : std::uint8_t { to_server = 0, to_phone = 1 };

/// The links between the phones and the registry, one each. Messages are lost, late, doubled, out
/// of order, or wait behind a stopped link; what arrives is what was sent.
class Network {
 public:
  using Deliver = std::function<void(const Bytes&)>;
  using Link = std::size_t;

  explicit Network(World& world) : world_(world), rng_(world.rng("network")) {}

  [[nodiscard]] Link add_link(std::string owner);
  /// @param deliver called once for every copy that arrives
  void send(Link link, Way way, Bytes message, Deliver deliver);

  /// Draws when links are cut and stopped until then.
  void plan_troubles(Ms until);
  /// Every link works and what waits behind one arrives.
  void heal();

 private:
  struct Side {
    bool cut = false;
    Ms newest = 0;  ///< when the latest of what is on its way arrives
  };
  struct State {
    std::string owner;
    Side sides[2];
    bool clogged = false;
    std::vector<std::function<void()>> waiting;
  };
  void arrive(Link link, Way way, Ms delay, const Bytes& message, const Deliver& deliver);
  void cut(Link link, Ms from, Ms until, bool up, bool down, Fault fault);
  void swizzle(Ms from);
  void unclog(Link link);

  World& world_;
  Rng rng_;
  std::vector<State> links_;
};

}  // namespace tannha::simulate
