#pragma once

#include "tannha/engine/registry.hpp"

namespace tannha {

/// Whether the device behind a log is still given something. It may always bring what it has.
[[nodiscard]] inline bool is_current(const LogEntry& log, std::uint64_t now_ms) {
  return !log.state.revoked && now_ms <= log.certificate.not_after_ms;
}

}  // namespace tannha
