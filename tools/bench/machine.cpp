#include "tools/bench/machine.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tannha/protocol/crypto.hpp"
#include "tools/bench/bench.hpp"

namespace tannha::tools {

using Clock = std::chrono::steady_clock;

double measure_verify_per_s(unsigned threads, std::size_t message_bytes, double seconds) {
  const KeyPair key = KeyPair::from_seed(Seed{7});
  std::vector<std::pair<Bytes, Signature>> messages;
  for (std::uint8_t i = 0; i < 64; ++i) {
    Bytes message(message_bytes, i);
    const Signature signature = key.sign(message);
    messages.emplace_back(std::move(message), signature);
  }
  std::atomic<std::uint64_t> done{0};
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration<double>(seconds);
  {
    std::vector<std::jthread> workers;
    for (unsigned t = 0; t < threads; ++t) {
      workers.emplace_back([&] {
        while (Clock::now() < end) {
          std::uint64_t good = 0;
          for (const auto& [message, signature] : messages) {
            good += verify(key.public_key(), message, signature) ? 1U : 0U;
          }
          done += good;
        }
      });
    }
  }
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - begin).count();
}

double cpu_seconds(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  // The name, in parentheses, may hold anything; user and system time are fields 14 and 15.
  const std::size_t end = text.rfind(')');
  if (end == std::string::npos) return 0;
  std::istringstream fields(text.substr(end + 2));
  std::string word;
  double ticks = 0;
  for (int field = 3; fields >> word && field <= 15; ++field) {
    if (field >= 14) ticks += std::stod(word);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

DiskLatency measure_fdatasync(const std::filesystem::path& folder, int count) {
  const std::filesystem::path path = folder / "fdatasync";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return {};
  const std::array<char, 4096> page{};
  std::vector<double> took_ms;
  for (int i = 0; i < count; ++i) {
    const auto begin = Clock::now();
    if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0) break;
    took_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  ::close(file);
  std::filesystem::remove(path);
  if (took_ms.empty()) return {};
  return {quantile(took_ms, 0.5), quantile(took_ms, 0.99)};
}

}  // namespace tannha::tools
