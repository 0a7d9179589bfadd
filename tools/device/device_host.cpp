#include "tools/device/device_host.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>

#include "tannha/protocol/crypto.hpp"

namespace tannha::tools {

DeviceHost::DeviceHost(Host& host, const std::filesystem::path& folder)
    : host_(host), boot_id_(host.boot_id()) {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string boot;
  if (!(file >> boot)) return;
  std::error_code error;
  boot += "\n" + std::filesystem::weakly_canonical(folder, error).string();
  const Hash digest = blake2b_256(as_bytes(boot));
  std::copy_n(digest.begin(), boot_id_.size(), boot_id_.begin());
  is_of_machine_ = true;
}

std::uint64_t DeviceHost::monotonic_ms() {
  // Counts while the machine sleeps, as a wait must.
  std::timespec now{};
  if (!is_of_machine_ || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return host_.monotonic_ms();
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

}  // namespace tannha::tools
