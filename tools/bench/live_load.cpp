#include "tools/bench/live_load.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "tannha/protocol/exchange.hpp"

namespace tannha::tools {
namespace {

constexpr std::size_t per_address = 500;
constexpr std::string_view upgrade =
    "GET /v1/live HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

sockaddr_in loopback(std::uint32_t last, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl((127U << 24) | last);
  return address;
}

bool send_all(int socket, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool receive_exactly(int socket, std::span<std::uint8_t> out) {
  return ::recv(socket, out.data(), out.size(), MSG_WAITALL) == static_cast<ssize_t>(out.size());
}

bool receive_head(int socket) {
  std::string text;
  char c = 0;
  while (!text.ends_with("\r\n\r\n") && text.size() < 4096) {
    if (::recv(socket, &c, 1, 0) != 1) return false;
    text.push_back(c);
  }
  return text.starts_with("HTTP/1.1 101");
}

// RFC 6455 5.2, with a mask of zeros: what is masked stays what it is.
Bytes masked_frame(BytesView content) {
  Bytes frame{0x82};
  if (content.size() < 126) {
    frame.push_back(static_cast<std::uint8_t>(0x80 | content.size()));
  } else {
    frame.push_back(0x80 | 126);
    frame.push_back(static_cast<std::uint8_t>(content.size() >> 8));
    frame.push_back(static_cast<std::uint8_t>(content.size()));
  }
  frame.insert(frame.end(), 4, 0);
  frame.insert(frame.end(), content.begin(), content.end());
  return frame;
}

// What the server says here is short.
Result<exchange::LiveMessage> receive_message(int socket) {
  std::array<std::uint8_t, 2> head{};
  if (!receive_exactly(socket, head)) return fail(errc::network_lost);
  if (head[0] != 0x82 || head[1] >= 126) return fail(errc::server_reply_malformed, "frame");
  Bytes content(head[1]);
  if (!receive_exactly(socket, content)) return fail(errc::network_lost);
  return fields::decode<exchange::LiveMessage>(content, errc::server_reply_malformed);
}

}  // namespace

LiveLoad::LiveLoad() : events_(::epoll_create1(0)) {}

LiveLoad::~LiveLoad() {
  for (const int socket : sockets_) ::close(socket);
  ::close(events_);
}

Result<void> LiveLoad::add(std::uint16_t port, const std::string& token) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket < 0) return fail(errc::network_unreachable, "descriptors");
  sockets_.push_back(socket);
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const auto number = static_cast<std::uint32_t>(sockets_.size() / per_address);
  const sockaddr_in from = loopback(2 + number, 0);
  const sockaddr_in to = loopback(1, port);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    return fail(errc::network_unreachable);
  }
  if (!send_all(socket, as_bytes(upgrade)) || !receive_head(socket)) {
    return fail(errc::server_refused, "upgrade");
  }
  const exchange::LiveMessage hello{exchange::LiveKind::hello, 1, to_bytes(as_bytes(token))};
  if (!send_all(socket, masked_frame(fields::encode(hello)))) return fail(errc::network_lost);
  TN_TRY(const auto answer, receive_message(socket));
  if (answer.kind != exchange::LiveKind::welcome) return fail(errc::server_refused, "hello");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = sockets_.size() - 1;
  if (::epoll_ctl(events_, EPOLL_CTL_ADD, socket, &event) != 0) {
    return fail(errc::network_unreachable, "epoll");
  }
  return {};
}

void LiveLoad::send_unfinished(std::size_t bytes) {
  Bytes head{0x82, 0x80 | 127};
  for (int shift = 56; shift >= 0; shift -= 8) {
    head.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(bytes) >> shift));
  }
  head.insert(head.end(), 4, 0);
  for (const int socket : sockets_) (void)send_all(socket, head);
  const Bytes piece(64 * 1024);
  std::vector<std::size_t> left(sockets_.size(), bytes - 1);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
      const ssize_t count = ::send(sockets_[i], piece.data(), std::min(piece.size(), left[i]),
                                   MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count <= 0) continue;
      left[i] -= static_cast<std::size_t>(count);
      moved = true;
    }
  }
}

Result<void> LiveLoad::wait_changed(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<bool> told(sockets_.size());
  std::array<epoll_event, 256> ready{};
  for (std::size_t left = sockets_.size(); left > 0;) {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    const int count = rest.count() <= 0
                          ? 0
                          : ::epoll_wait(events_, ready.data(), ready.size(),
                                         static_cast<int>(rest.count()));
    if (count <= 0) return fail(errc::network_timeout, std::to_string(left) + " were not told");
    for (int i = 0; i < count; ++i) {
      const std::uint64_t at = ready[static_cast<std::size_t>(i)].data.u64;
      TN_TRY(const auto message, receive_message(sockets_[at]));
      if (message.kind != exchange::LiveKind::changed || told[at]) continue;
      told[at] = true;
      --left;
    }
  }
  return {};
}

void raise_descriptor_limit() {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return;
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
}

std::size_t resident_bytes(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Rss:")) return std::stoul(line.substr(4)) * 1024;
  }
  return 0;
}

}  // namespace tannha::tools
