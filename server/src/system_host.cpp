#include "tannha/server/system_host.hpp"

#include <sodium.h>

#include <chrono>
#include <fstream>
#include <utility>

namespace tannha::server {
namespace {

std::uint64_t system_now_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(
      duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

}  // namespace

SystemHost::SystemHost(std::string clock_file, std::int64_t offset_ms)
    : clock_file_(std::move(clock_file)), offset_ms_(offset_ms) {
  init_crypto();
  random(boot_id_);
}

std::uint64_t SystemHost::now_ms() {
  std::uint64_t now = 0;
  if (clock_file_.empty()) {
    now = system_now_ms();
  } else {
    std::ifstream file(clock_file_);
    now = file >> now ? now : last_read_ms_.load();
    last_read_ms_ = now;
  }
  return now + static_cast<std::uint64_t>(offset_ms_);
}

std::uint64_t SystemHost::monotonic_ms() {
  using namespace std::chrono;
  static const auto start = steady_clock::now();
  return static_cast<std::uint64_t>(
      duration_cast<milliseconds>(steady_clock::now() - start).count());
}

void SystemHost::random(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace tannha::server
