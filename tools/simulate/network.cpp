#include "tools/simulate/network.hpp"

#include <algorithm>
#include <utility>

namespace tannha::simulate {

Network::Link Network::add_link(std::string owner) {
  links_.push_back({.owner = std::move(owner), .sides = {}, .clogged = false, .waiting = {}});
  return links_.size() - 1;
}

void Network::send(Link link, Way way, Bytes message, Deliver deliver) {
  world_.trace.bytes(message);
  const FaultPlan& plan = world_.plan;
  const Fault loss = way == Way::to_server ? Fault::request_lost : Fault::response_lost;
  // Every chance is drawn each time, so that one fault switched off does not move the others.
  const bool lost = rng_.chance(plan.rate(loss));
  const bool late = rng_.chance(plan.rate(Fault::long_delay));
  const bool twice = rng_.chance(plan.rate(Fault::duplicated));
  Ms delay = rng_.any_magnitude(15, 900);
  const Ms very_late = rng_.any_magnitude(minute, 30 * day);
  const Ms again = delay + rng_.any_magnitude(1, rng_.chance(0.1) ? 30 * day : hour);
  if (links_[link].sides[static_cast<std::size_t>(way)].cut) {
    world_.say(links_[link].owner, [] { return std::string("(cut off: a message is lost)"); });
    return;
  }
  if (lost) {
    world_.struck(loss);
    world_.say(links_[link].owner, [&] { return "fault: " + std::string(name(loss)); });
    return;
  }
  if (late) {
    world_.struck(Fault::long_delay);
    delay = very_late;
  }
  if (twice) {
    world_.struck(Fault::duplicated);
    arrive(link, way, again, message, deliver);
  }
  arrive(link, way, delay, message, deliver);
}

void Network::arrive(Link link, Way way, Ms delay, const Bytes& message, const Deliver& deliver) {
  Side& side = links_[link].sides[static_cast<std::size_t>(way)];
  Ms at = world_.clock.now() + delay;
  if (at < side.newest) {
    // A stream keeps its order; what runs beside it on another connection may overtake.
    if (rng_.chance(world_.plan.rate(Fault::reordered))) {
      world_.struck(Fault::reordered);
    } else if (side.newest - at < minute) {
      at = side.newest;
    }
  }
  side.newest = std::max(side.newest, at);
  world_.clock.at(at, [this, link, message, deliver] {
    State& state = links_[link];
    if (state.clogged) {
      state.waiting.push_back([message, deliver] { deliver(message); });
    } else {
      deliver(message);
    }
  });
}

void Network::cut(Link link, Ms from, Ms until, bool up, bool down, Fault fault) {
  const auto set = [this, link, up, down](bool is_cut) {
    if (up) links_[link].sides[0].cut = is_cut;
    if (down) links_[link].sides[1].cut = is_cut;
  };
  world_.clock.at(from, [this, link, set, fault] {
    if (world_.healed) return;
    world_.struck(fault);
    world_.say(links_[link].owner, [&] { return "fault: " + std::string(name(fault)); });
    set(true);
  });
  world_.clock.at(until, [this, link, set] {
    world_.say(links_[link].owner, [] { return std::string("the network is back"); });
    set(false);
  });
}

// Several links stop one after the other and open again in another order: what was sent meanwhile
// arrives in heaps.
void Network::swizzle(Ms from) {
  std::vector<Link> chosen;
  for (Link link = 0; link < links_.size(); ++link) {
    if (rng_.chance(0.6)) chosen.push_back(link);
  }
  rng_.shuffle(chosen);
  Ms at = from;
  for (const Link link : chosen) {
    at += rng_.between(1, 2 * minute);
    world_.clock.at(at, [this, link] {
      if (world_.healed) return;
      world_.struck(Fault::clogged);
      world_.say(links_[link].owner, [] { return std::string("fault: clogged"); });
      links_[link].clogged = true;
    });
  }
  rng_.shuffle(chosen);
  at += rng_.any_magnitude(minute, 4 * hour);
  for (const Link link : chosen) {
    at += rng_.between(1, 5 * minute);
    world_.clock.at(at, [this, link] { unclog(link); });
  }
}

void Network::unclog(Link link) {
  State& state = links_[link];
  state.clogged = false;
  for (const auto& deliver : std::exchange(state.waiting, {})) world_.clock.in(0, deliver);
}

void Network::plan_troubles(Ms until) {
  const FaultPlan& plan = world_.plan;
  for (Link link = 0; link < links_.size(); ++link) {
    for (int i = 0; i < 3; ++i) {
      const Ms from = rng_.below(until);
      const Ms end = from + rng_.any_magnitude(minute, 12 * hour);
      if (rng_.chance(plan.rate(Fault::partition))) {
        cut(link, from, end, true, true, Fault::partition);
      }
      const bool up = rng_.chance(0.4);
      if (rng_.chance(plan.rate(Fault::one_way))) {
        cut(link, rng_.below(until), end, up, !up, Fault::one_way);
      }
    }
  }
  for (int i = 0; i < 3; ++i) {
    if (rng_.chance(plan.rate(Fault::clogged))) swizzle(rng_.below(until));
  }
}

void Network::heal() {
  for (Link link = 0; link < links_.size(); ++link) {
    for (Side& side : links_[link].sides) side.cut = false;
    unclog(link);
  }
}

}  // namespace tannha::simulate
