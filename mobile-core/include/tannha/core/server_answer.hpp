#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

/// What a device reads out of the server's words, whatever carried them.
namespace tannha::core {

/// @param status of HTTP. Errors: the refusal's own; overloaded (also where the server has trouble
/// with its store, or a load balancer finds none); server_refused.
[[nodiscard]] Result<void> check_answer(std::uint32_t status, BytesView body);
/// Whether to ask the same once more, later: not a refusal of this device.
[[nodiscard]] bool is_busy(std::uint32_t status, BytesView body);

/// "http://host:port/#ticket", as a QR shows it.
[[nodiscard]] std::string enrolment_link(std::string_view url, std::string_view ticket);
struct EnrolmentLink {
  std::string url;
  std::string ticket;
};
/// Errors: argument_invalid.
[[nodiscard]] Result<EnrolmentLink> parse_enrolment_link(std::string_view text);

}  // namespace tannha::core
