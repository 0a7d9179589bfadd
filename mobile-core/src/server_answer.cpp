#include "tannha/core/server_answer.hpp"

#include <optional>

#include "tannha/protocol/exchange.hpp"

namespace tannha::core {
namespace {

/// The server's trouble with its own store, as its client sees it: whose disk is full matters.
std::optional<Error> trouble_of_server(errc code, const std::string& status) {
  const std::string detail = " (" + std::string(name(code)) + ", " + status + ")";
  switch (code) {
    case errc::store_full:
      return Error{errc::overloaded, "máy chủ hết chỗ lưu / the server's disk is full" + detail};
    case errc::store_read_only:
    case errc::store_io:
    case errc::store_busy:
    case errc::store_memory:
      return Error{errc::overloaded, "bộ nhớ của máy chủ / the server's storage" + detail};
    case errc::store_corrupt:
      return Error{errc::server_refused, "dữ liệu của máy chủ hỏng / the server's data" + detail};
    default: return std::nullopt;
  }
}

}  // namespace

Result<void> check_answer(std::uint32_t status, BytesView body) {
  if (status < 300 || status == 304) return {};
  const auto refusal = exchange::decode<exchange::Refusal>(body);
  const std::string words = "HTTP status " + std::to_string(status);
  // Words of a load balancer that finds no server ready: that passes.
  if (!refusal && (status == 502 || status == 503 || status == 504)) {
    return fail(errc::overloaded, words);
  }
  if (!refusal || !is_known(refusal->code)) return fail(errc::server_refused, words);
  const auto code = static_cast<errc>(refusal->code);
  if (auto trouble = trouble_of_server(code, words)) return std::unexpected(*std::move(trouble));
  return fail(code, words);
}

bool is_busy(std::uint32_t status, BytesView body) {
  if (status == 429) return true;
  if (status != 503) return false;
  const auto refusal = exchange::decode<exchange::Refusal>(body);
  // A server that is full of connections has no time for words.
  return !refusal || refusal->code == static_cast<std::uint16_t>(errc::overloaded);
}

std::string enrolment_link(std::string_view url, std::string_view ticket) {
  return std::string(url).append("/#").append(ticket);
}

Result<EnrolmentLink> parse_enrolment_link(std::string_view text) {
  const std::size_t hash = text.find("/#");
  const bool has_scheme = text.starts_with("http://") || text.starts_with("https://");
  if (!has_scheme || hash == std::string_view::npos || hash + 2 >= text.size()) {
    return fail(errc::argument_invalid, "an enrolment link looks like https://host/#ticket");
  }
  return EnrolmentLink{std::string(text.substr(0, hash)), std::string(text.substr(hash + 2))};
}

}  // namespace tannha::core
