#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tannha/protocol/bytes.hpp"

namespace tannha {

/// Many sockets from many loopback addresses, which send what they are told and read nothing.
class Attackers {
 public:
  explicit Attackers(std::uint16_t port) : port_(port) {}
  ~Attackers();
  Attackers(const Attackers&) = delete;
  Attackers& operator=(const Attackers&) = delete;

  /// One more socket, with little room for what the server sends it.
  /// @param head sent at once @param body sent by push() @param body_bytes of it
  void add(const std::string& head, std::uint8_t body = 'x', std::size_t body_bytes = 0);
  /// The same with these very bytes.
  void add(const Bytes& bytes);
  /// Sends as much as the server takes now, of each one's body at most so many bytes.
  /// @return bytes sent
  std::size_t push(std::size_t bytes_max);
  [[nodiscard]] std::size_t size() const { return sockets_.size(); }
  /// The status of each answer that has come so far; 0 where there is none.
  [[nodiscard]] std::vector<unsigned> statuses() const;

 private:
  struct Socket {
    int descriptor = -1;
    std::uint8_t body = 0;
    std::size_t left = 0;
  };
  int connect();

  std::uint16_t port_;
  std::vector<Socket> sockets_;
};

/// A line of /proc/<pid>/status in bytes: "VmHWM", "VmRSS".
[[nodiscard]] std::size_t status_bytes(int pid, const std::string& name);

}  // namespace tannha
