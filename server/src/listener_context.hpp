#pragma once

#include "connection_group.hpp"
#include "tannha/server/listener.hpp"

namespace tannha::server {

/// What every connection of a listener shares. Outlives the I/O threads.
struct ListenerContext {
  ListenerContext(const ListenerConfig& config_in, Handler& handler_in)
      : config(config_in), handler(handler_in), group(config, counters),
        memory(config.memory ? config.memory
                             : std::make_shared<MemoryBudget>(memory_bytes_max)) {}

  const ListenerConfig config;
  Handler& handler;
  ListenerCounters counters;
  ConnectionGroup group;
  const std::shared_ptr<MemoryBudget> memory;
};

}  // namespace tannha::server
