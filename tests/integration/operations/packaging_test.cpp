#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <regex>

#include "tests/support/real_server.hpp"
#include "tools/net/http_client.hpp"

// The service unit, as systemd's own tool sees it, and what the server tells systemd. The package
// itself is tested by tools/package --check.

namespace tannha::process {
namespace {

namespace fs = std::filesystem;

const fs::path packaging = fs::path(TANNHA_SOURCE_DIR) / "server/packaging";

/// Hundredths of systemd's scale, on which 0 is a service that can do nothing; rounded up from what
/// it is now, so that a line that is lost is noticed.
constexpr const char* exposure_max = "--threshold=15";

/// The other end of NOTIFY_SOCKET.
class ServiceManager {
 public:
  explicit ServiceManager(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const void* const raw = &address;
    EXPECT_EQ(::bind(fd_, static_cast<const sockaddr*>(raw), sizeof address), 0);
  }
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;
  ~ServiceManager() { ::close(fd_); }

  /// The next message; empty when none comes for a minute.
  std::string receive() {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, 60'000) != 1) return "";
    std::array<char, 256> text{};
    const ssize_t size = ::recv(fd_, text.data(), text.size(), 0);
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  int fd_;
};

TEST(PackagingTest, ServiceManagerIsToldWhenItIsReadyAndWhenItStops) {
  const TempFolder folder = TempFolder::in_memory();
  const std::string path = (folder / "notify").string();
  ServiceManager manager(path);
  tools::Process server({"/usr/bin/env", "NOTIFY_SOCKET=" + path, program("tannhad"), "--data",
                         (folder / "data").string(), "--tenant", "H42", "--port", "0"});
  EXPECT_EQ(manager.receive(), "READY=1");
  // What is ordered after it finds it there.
  const std::string line = server.read_line().value_or("");
  ASSERT_NE(line.find("http://"), std::string::npos);
  tools::HttpClient client(line.substr(line.find("http://")));
  EXPECT_EQ(must(client.send({.path = "/healthz"})).status, 200U);
  server.signal(SIGTERM);
  EXPECT_EQ(manager.receive(), "STOPPING=1");
  EXPECT_EQ(server.wait(), 0);
}

TEST(PackagingTest, ServerThatDoesNotStartIsNotReady) {
  const TempFolder folder = TempFolder::in_memory();
  const std::string path = (folder / "notify").string();
  ServiceManager manager(path);
  EXPECT_EQ(run({"/usr/bin/env", "NOTIFY_SOCKET=" + path, program("tannhad"), "--data",
                 "/proc/nowhere", "--tenant", "H42", "--port", "0"})
                .code,
            1);
  // A socket that nobody reads from does not keep it from starting either.
  tools::Process server({"/usr/bin/env", "NOTIFY_SOCKET=/nowhere", program("tannhad"), "--data",
                         (folder / "data").string(), "--tenant", "H42", "--port", "0"});
  EXPECT_TRUE(server.read_line().has_value());
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

TEST(PackagingTest, ServiceUnitIsUnderstoodAndHardened) {
  if (run({"/bin/sh", "-c", "command -v systemd-analyze"}).code != 0) GTEST_SKIP() << "no systemd";
  std::ifstream file(packaging / "tannhad.service");
  std::string unit{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const TempFolder folder;
  const std::string path = (folder / "tannhad.service").string();
  std::ofstream(path) << std::regex_replace(unit, std::regex("/usr/bin/tannhad"),
                                            program("tannhad"));
  const Outcome verified = run({"systemd-analyze", "verify", "--man=no", path});
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_EQ(verified.err.find("tannhad.service"), std::string::npos) << verified.err;
  const Outcome security =
      run({"systemd-analyze", "security", "--offline=true", exposure_max, path});
  EXPECT_EQ(security.code, 0) << security.out;
}

}  // namespace
}  // namespace tannha::process
