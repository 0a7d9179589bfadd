#pragma once

#include <cstddef>
#include <filesystem>

#include <sys/types.h>

namespace tannha::tools {

/// What bounds us on this machine, measured now.

/// Ed25519 verifications of different messages of this size a second, on so many threads at once.
[[nodiscard]] double measure_verify_per_s(unsigned threads, std::size_t message_bytes,
                                          double seconds);

struct DiskLatency {
  double p50_ms{};
  double p99_ms{};
};
/// Appending 4 KiB to a file in this folder and fdatasync, again and again.
[[nodiscard]] DiskLatency measure_fdatasync(const std::filesystem::path& folder, int count);

/// Time on a processor that a process has used so far, in user and system mode.
[[nodiscard]] double cpu_seconds(pid_t process);

}  // namespace tannha::tools
