#include "tools/net/connect.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <charconv>
#include <cstdint>

namespace tannha::tools {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

bool is_port(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && end == text.data() + text.size() && number != 0;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.find_first_of("/?#@[]\\ \t\r\n") == std::string_view::npos;
}

}  // namespace

std::string ServerAddress::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + port;
}

Result<ServerAddress> parse_base_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return fail(errc::argument_invalid, "url: no http://");
  url.remove_prefix(scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);

  ServerAddress address{.host = {}, .port = "80"};
  std::string_view rest;
  if (url.starts_with('[')) {
    const auto end = url.find(']');
    if (end == std::string_view::npos) return fail(errc::argument_invalid, "url: no ]");
    address.host = url.substr(1, end - 1);
    rest = url.substr(end + 1);
  } else {
    const auto colon = std::min(url.find(':'), url.size());
    address.host = url.substr(0, colon);
    rest = url.substr(colon);
  }
  if (!is_host(address.host)) return fail(errc::argument_invalid, "url: host");
  if (rest.empty()) return address;
  if (rest.front() != ':' || !is_port(rest.substr(1))) {
    return fail(errc::argument_invalid, "url: port");
  }
  address.port = rest.substr(1);
  return address;
}

asio::awaitable<error_code> connect_to(ServerAddress address, tcp::resolver* resolver,
                                       beast::tcp_stream* stream) {
  error_code failed;
  tcp::resolver::results_type endpoints;
  const auto numeric = asio::ip::make_address(address.host, failed);
  if (!failed) {
    // An address needs no look-up, and a look-up cannot be interrupted.
    std::uint16_t port = 0;
    std::from_chars(address.port.data(), address.port.data() + address.port.size(), port);
    endpoints = tcp::resolver::results_type::create(tcp::endpoint(numeric, port), address.host,
                                                    address.port);
  } else {
    failed.clear();
    endpoints = co_await resolver->async_resolve(address.host, address.port,
                                                 asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return failed;
  }
  co_await stream->async_connect(endpoints, asio::redirect_error(asio::use_awaitable, failed));
  if (failed) co_return failed;
  error_code ignored;
  stream->socket().set_option(tcp::no_delay(true), ignored);
  co_return error_code{};
}

Error connect_error(error_code failed) {
  if (failed == asio::error::timed_out || failed == beast::error::timeout) {
    return Error{errc::network_timeout, "connect"};
  }
  return Error{errc::network_unreachable, "connect: " + failed.message()};
}

Error exchange_error(error_code failed) {
  if (failed == asio::error::timed_out || failed == beast::error::timeout) {
    return Error{errc::network_timeout, "exchange"};
  }
  return Error{errc::network_lost, "exchange: " + failed.message()};
}

}  // namespace tannha::tools
