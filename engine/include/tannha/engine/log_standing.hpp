#pragma once

#include "tannha/engine/registry.hpp"

namespace tannha {

/// Whether the device behind a log is still given something. It may always bring what it has.
[[nodiscard]] inline bool is_current(const LogEntry& log, std::uint64_t now_ms) {
  return !log.state.revoked && now_ms <= log.certificate.not_after_ms;
}

/// Whether the record at this leaf was in the journal before its log's key came into bad hands, as
/// the log's revocation says. @param leaf none: it comes now
[[nodiscard]] inline bool came_in_good_time(const LogState& state,
                                            std::optional<std::uint64_t> leaf) {
  return leaf && state.revoked && state.revoked->since_size && *leaf < *state.revoked->since_size;
}

/// What of a log's state speaks against what does not count of it yet, also where it came before
/// that was known. A log that only went out of use is in order. @param leaf the record's
[[nodiscard]] inline std::optional<errc> trouble_of(const LogState& state,
                                                    std::optional<std::uint64_t> leaf) {
  if (state.revoked && state.revoked->reason != body::RevocationReason::retired &&
      !came_in_good_time(state, leaf)) {
    return errc::log_revoked;
  }
  if (state.forked_at) return errc::log_forked;
  return std::nullopt;
}

}  // namespace tannha
