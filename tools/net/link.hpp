#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tannha::tools {

/// The radio link between one phone and the server, as a TCP proxy on 127.0.0.1 with its own
/// thread: it can be taken down, and cut after a given byte. For demonstrations and fault tests.
/// Thread-safe; a change has taken effect when its call returns.
class Link {
 public:
  /// @param target_host an address, not a name. Starts with the link up.
  /// Throws boost::system::system_error when it cannot listen or the address is not one.
  Link(const std::string& target_host, std::uint16_t target_port);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// "http://127.0.0.1:<port>", for HttpClient.
  [[nodiscard]] std::string url() const;

  /// Down: what is open is reset, and what comes is reset as soon as it is accepted.
  void set_up(bool up);
  /// Passes `bytes_up` more bytes from the phone to the server, then resets that connection on
  /// both sides, once. A second call replaces the first. 0: the next byte cuts and is not passed.
  void cut_after(std::uint64_t bytes_up);

  /// Bytes passed from the phone to the server, and back.
  [[nodiscard]] std::uint64_t bytes_up() const;
  [[nodiscard]] std::uint64_t bytes_down() const;
  /// Connections reset by cut_after and by taking the link down.
  [[nodiscard]] std::uint64_t cuts_count() const;
  [[nodiscard]] std::uint64_t connections_count() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tannha::tools
