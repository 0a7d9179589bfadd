#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>

#include "tannha/protocol/result.hpp"

/// What HttpClient and LiveClient share. Not for other users.
namespace tannha::tools {

struct ServerAddress {
  std::string host;  ///< a name or an address, IPv6 without brackets
  std::string port;
  /// As the Host header wants it.
  [[nodiscard]] std::string authority() const;
};

/// Reads "http://host", "http://host:port" and "http://[::1]:port", with an optional "/" behind.
/// Errors: argument_invalid, also for https, which a tool on this machine does not need.
[[nodiscard]] Result<ServerAddress> parse_base_url(std::string_view url);

/// Looks the host up and connects. The caller sets the deadline by cancelling both.
boost::asio::awaitable<boost::system::error_code> connect_to(
    ServerAddress address, boost::asio::ip::tcp::resolver* resolver,
    boost::beast::tcp_stream* stream);

/// Errors: network_unreachable before a connection is there, network_lost after; network_timeout.
[[nodiscard]] Error connect_error(boost::system::error_code failed);
[[nodiscard]] Error exchange_error(boost::system::error_code failed);

}  // namespace tannha::tools
