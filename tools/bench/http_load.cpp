#include "tools/bench/http_load.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace tannha::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view length_field = "content-length: ";

/// A connection and how far it is: sending its next request, or reading the answer.
struct Line {
  int socket = -1;
  const Requests* requests = nullptr;
  std::size_t next = 0;       ///< request that is being sent or answered
  std::size_t sent = 0;       ///< of it
  bool busy = false;
  Clock::time_point due;
  Bytes in;
  std::size_t whole = 0;      ///< size of the answer; 0 while its head is not there
  std::size_t head = 0;
  unsigned status = 0;

  Line() = default;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() {
    if (socket >= 0) ::close(socket);
  }
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

class Runner {
 public:
  Runner(const std::vector<Requests>& connections, double per_second, bool keep_bodies)
      : lines_(connections.size()), per_second_(per_second), keep_bodies_(keep_bodies) {
    load_.answers.resize(connections.size());
    for (std::size_t i = 0; i < connections.size(); ++i) {
      lines_[i].requests = &connections[i];
      left_ += connections[i].size();
    }
  }
  ~Runner() {
    if (epoll_ >= 0) ::close(epoll_);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Result<Load> run(std::uint16_t port) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (std::size_t i = 0; i < lines_.size(); ++i) TN_CHECK(connect(i, port));
    begin_ = Clock::now();
    while (left_ > 0) {
      TN_CHECK(begin_due());
      TN_CHECK(wait());
    }
    load_.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    return std::move(load_);
  }

 private:
  Result<void> connect(std::size_t i, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Line& line = lines_[i];
    line.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // The interface of sockets is C's.
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (line.socket < 0 || ::connect(line.socket, generic, sizeof address) != 0) {
      return fail(errc::network_unreachable, std::string(std::strerror(errno)));
    }
    const int on = 1;
    ::setsockopt(line.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, line.socket, &event);
    return {};
  }

  Clock::time_point due_at(std::uint64_t number) const {
    return begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                        static_cast<double>(number) / per_second_));
  }

  // Gives what is due to lines that are free, in turn.
  Result<void> begin_due() {
    const auto now = Clock::now();
    for (std::size_t tried = 0; tried < lines_.size(); ++tried) {
      if (per_second_ > 0 && due_at(begun_) > now) return {};
      Line& line = lines_[turn_];
      turn_ = (turn_ + 1) % lines_.size();
      if (line.busy || line.next == line.requests->size()) continue;
      line.due = per_second_ > 0 ? due_at(begun_) : now;
      ++begun_;
      TN_CHECK(begin(line));
    }
    return {};
  }

  Result<void> begin(Line& line) {
    line.busy = true;
    line.sent = 0;
    return send(line);
  }

  Result<void> send(Line& line) {
    const Bytes& request = (*line.requests)[line.next];
    while (line.sent < request.size()) {
      const ssize_t n = ::send(line.socket, request.data() + line.sent,
                               request.size() - line.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        watch(line, EPOLLIN | EPOLLOUT);
        return {};
      }
      if (n < 0) return fail(errc::network_lost, std::string(std::strerror(errno)));
      line.sent += static_cast<std::size_t>(n);
    }
    return {};
  }

  void watch(Line& line, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(&line - lines_.data());
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, line.socket, &event);
  }

  // To the next that is due, when a line is free for it: a generator that spins would take from the
  // server what it measures.
  std::chrono::nanoseconds patience() const {
    constexpr std::chrono::minutes no_answer_at_all{1};
    if (per_second_ <= 0 || !is_any_free()) return no_answer_at_all;
    const auto rest = due_at(begun_) - Clock::now();
    return std::clamp<std::chrono::nanoseconds>(rest, {}, no_answer_at_all);
  }

  bool is_any_free() const {
    return std::ranges::any_of(lines_, [](const Line& line) {
      return !line.busy && line.next < line.requests->size();
    });
  }

  Result<void> wait() {
    std::array<epoll_event, 64> events{};
    const auto rest = patience();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(rest);
    const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (rest - seconds).count()};
    const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()),
                                     &timeout, nullptr);
    if (count == 0 && !is_any_free()) return fail(errc::network_timeout);
    for (int e = 0; e < count; ++e) {
      const epoll_event& event = events[static_cast<std::size_t>(e)];
      Line& line = lines_[static_cast<std::size_t>(event.data.u64)];
      if ((event.events & EPOLLOUT) != 0) {
        watch(line, EPOLLIN);
        TN_CHECK(send(line));
      }
      if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) TN_CHECK(receive(line));
    }
    return {};
  }

  Result<void> receive(Line& line) {
    const ssize_t n = ::recv(line.socket, piece_.data(), piece_.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    if (n <= 0) return fail(errc::network_lost, std::string(n < 0 ? std::strerror(errno) : "closed"));
    line.in.insert(line.in.end(), piece_.begin(), piece_.begin() + n);
    if (line.whole == 0) TN_CHECK(read_head(line));
    if (line.whole == 0 || line.in.size() < line.whole) return {};
    if (!line.busy || line.in.size() > line.whole) return fail(errc::server_reply_malformed);
    finish(line);
    // As fast as it goes: the next follows at once.
    if (per_second_ > 0 || line.next == line.requests->size()) return {};
    line.due = Clock::now();
    ++begun_;
    return begin(line);
  }

  static Result<void> read_head(Line& line) {
    const std::string_view text = as_text(line.in);
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return {};
    const std::string head = lower(text.substr(0, end));
    const std::size_t at = head.find(length_field);
    if (at == std::string::npos || head.size() < 12) return fail(errc::server_reply_malformed);
    std::size_t length = 0;
    std::from_chars(head.data() + at + length_field.size(), head.data() + head.size(), length);
    std::from_chars(head.data() + 9, head.data() + 12, line.status);
    line.head = end + 4;
    line.whole = line.head + length;
    return {};
  }

  void finish(Line& line) {
    LoadAnswer answer;
    answer.status = line.status;
    answer.took_ms = std::chrono::duration<double, std::milli>(Clock::now() - line.due).count();
    if (keep_bodies_) {
      answer.body.assign(line.in.begin() + static_cast<std::ptrdiff_t>(line.head), line.in.end());
    }
    load_.answers[static_cast<std::size_t>(&line - lines_.data())].push_back(std::move(answer));
    line.in.clear();
    line.whole = 0;
    line.busy = false;
    ++line.next;
    --left_;
  }

  std::vector<Line> lines_;
  const double per_second_;
  const bool keep_bodies_;
  int epoll_ = -1;
  Clock::time_point begin_;
  std::uint64_t begun_ = 0;
  std::size_t turn_ = 0;
  std::size_t left_ = 0;
  Load load_;
  std::array<std::uint8_t, 256 * 1024> piece_{};
};

}  // namespace

Bytes post_request(const std::string& path, const std::string& bearer, BytesView body,
                   const std::string& encoding) {
  std::string head = "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (!bearer.empty()) head += "Authorization: Bearer " + bearer + "\r\n";
  if (!encoding.empty()) head += "Content-Encoding: " + encoding + "\r\n";
  head += "Content-Type: application/cbor\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n\r\n";
  Bytes out = to_bytes(as_bytes(head));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Result<Load> run_load(std::uint16_t port, const std::vector<Requests>& connections,
                      double per_second, bool keep_bodies) {
  const auto runner = std::make_unique<Runner>(connections, per_second, keep_bodies);
  return runner->run(port);
}

}  // namespace tannha::tools
