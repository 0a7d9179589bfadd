#pragma once

#include <cstdint>
#include <optional>

#include "tannha/engine/host.hpp"

namespace tannha {

/// How long a device waits before it asks a busy server again: never less than the server said,
/// and then somewhere in a span that doubles with every refusal. So thousands of phones that were
/// refused in one moment do not come back in one.
/// @param retry_after_s the server's word; none: two seconds, and it is bounded by ten minutes
/// @param refusals one after the other so far, this one included
/// @return milliseconds
[[nodiscard]] std::uint64_t retry_wait_ms(std::optional<std::uint32_t> retry_after_s,
                                          unsigned refusals, Host& host);

}  // namespace tannha
