#pragma once

#include "tannha/engine/registry.hpp"

namespace tannha {

/// Whether the device behind a log is still given something. It may always bring what it has.
[[nodiscard]] inline bool is_current(const LogEntry& log, std::uint64_t now_ms) {
  return !log.state.revoked && now_ms <= log.certificate.not_after_ms;
}

/// What of a log's state speaks against everything of it that does not count yet, also where it
/// came before that was known. A log that only went out of use is in order.
[[nodiscard]] inline std::optional<errc> trouble_of(const LogState& state) {
  if (state.revoked && state.revoked->reason != body::RevocationReason::retired) {
    return errc::log_revoked;
  }
  if (state.forked_at) return errc::log_forked;
  return std::nullopt;
}

}  // namespace tannha
