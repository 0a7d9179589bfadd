#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tannha {

/// A blocking socket that says exactly the bytes it is given, wrong ones too. Reads give up after
/// 30 s, so that a test that fails also ends.
class RawSocket {
 public:
  RawSocket() : RawSocket(::socket(AF_INET, SOCK_STREAM, 0)) {}
  static RawSocket to(std::uint16_t port) {
    RawSocket socket;
    socket.connect(port);
    return socket;
  }
  ~RawSocket() { close(); }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;

  static RawSocket adopt(int fd) { return RawSocket(fd); }

  bool connect(std::uint16_t port) {
    sockaddr_in address = loopback(port);
    return ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  /// Reads until `mark` has come, or the end.
  std::string read_until(std::string_view mark) {
    std::string text;
    char c = 0;
    while (text.find(mark) == std::string::npos && ::recv(fd_, &c, 1, 0) == 1) text.push_back(c);
    return text;
  }
  /// Reads until the peer closes or resets.
  std::string read_all() {
    std::string text;
    char data[4096];
    for (;;) {
      const ssize_t count = ::recv(fd_, data, sizeof data, 0);
      if (count <= 0) return text;
      text.append(data, static_cast<std::size_t>(count));
    }
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int fd() const { return fd_; }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

 private:
  explicit RawSocket(int fd) : fd_(fd) {
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  int fd_;
};

/// A listening socket for tests of clients.
class RawServer {
 public:
  RawServer() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = RawSocket::loopback(0);
    socklen_t size = sizeof address;
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(fd_, 8);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~RawServer() { ::close(fd_); }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  RawSocket accept() const { return RawSocket::adopt(::accept(fd_, nullptr, nullptr)); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

}  // namespace tannha
