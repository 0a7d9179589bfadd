#include "tests/integration/overload/attackers.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string_view>

namespace tannha {
namespace {

constexpr std::size_t per_address = 200;

sockaddr_in loopback(std::uint32_t last, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl((127U << 24) | last);
  return address;
}

std::size_t send_now(int socket, std::span<const std::uint8_t> bytes) {
  const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace

Attackers::~Attackers() {
  for (const Socket& socket : sockets_) ::close(socket.descriptor);
}

int Attackers::connect() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  const int small = 4096;
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  const auto number = static_cast<std::uint32_t>(sockets_.size() / per_address);
  const sockaddr_in from = loopback(100 + number, 0);
  const sockaddr_in to = loopback(1, port_);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("attackers cannot connect");
  }
  return descriptor;
}

void Attackers::add(const std::string& head, std::uint8_t body, std::size_t body_bytes) {
  const int descriptor = connect();
  send_now(descriptor, as_bytes(head));
  sockets_.push_back({descriptor, body, body_bytes});
}

void Attackers::add(const Bytes& bytes) {
  const int descriptor = connect();
  send_now(descriptor, bytes);
  sockets_.push_back({descriptor, 0, 0});
}

std::size_t Attackers::push(std::size_t bytes_max) {
  std::size_t sent = 0;
  for (Socket& socket : sockets_) {
    const Bytes piece(std::min(bytes_max, socket.left), socket.body);
    const std::size_t count = send_now(socket.descriptor, piece);
    socket.left -= count;
    sent += count;
  }
  return sent;
}

std::vector<unsigned> Attackers::statuses() const {
  std::vector<unsigned> out;
  for (const Socket& socket : sockets_) {
    char head[12]{};
    const ssize_t count = ::recv(socket.descriptor, head, sizeof head, MSG_DONTWAIT | MSG_PEEK);
    const bool is_answer = count == sizeof head && std::string_view(head, 9) == "HTTP/1.1 ";
    out.push_back(is_answer ? static_cast<unsigned>(std::stoul(std::string(head + 9, 3))) : 0);
  }
  return out;
}

std::size_t status_bytes(int pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::stoul(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

}  // namespace tannha
