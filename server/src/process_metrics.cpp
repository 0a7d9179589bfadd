// What the system says of this process. Source: proc(5).

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "tannha/server/metrics.hpp"

namespace tannha::server {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Field 22 of /proc/self/stat: clock ticks from the system's start to this process's.
double start_time_s() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  // The second field is the program's name in brackets, which may hold anything.
  std::size_t at = text.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  if (at == std::string::npos) return 0;
  const double ticks = std::strtod(text.c_str() + at, nullptr);
  timespec now{};
  timespec since_start{};
  clock_gettime(CLOCK_REALTIME, &now);
  clock_gettime(CLOCK_BOOTTIME, &since_start);
  return static_cast<double>(now.tv_sec - since_start.tv_sec) +
         ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

NodeGauges read_process() {
  NodeGauges node;
  // It does not change, but the wall clock against which it is computed may.
  static const double started = start_time_s();
  node.start_time_s = started;
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) {
    node.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
  }
  std::ifstream memory("/proc/self/statm");
  std::uint64_t whole = 0;
  std::uint64_t resident = 0;
  if (memory >> whole >> resident) {
    node.resident_bytes = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  std::error_code failed;
  for (std::filesystem::directory_iterator fd("/proc/self/fd", failed), end; !failed && fd != end;
       fd.increment(failed)) {
    ++node.open_fds;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) node.max_fds = limit.rlim_cur;
  return node;
}

}  // namespace tannha::server
