#include "tannha/protocol/exchange.hpp"

#include "tannha/protocol/limits.hpp"

namespace tannha::exchange {
namespace {

constexpr std::string_view parcel_prefix = "TN1.";

void append(Bytes& out, BytesView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace

Refusal make_refusal(errc code) {
  return Refusal{.code = static_cast<std::uint16_t>(code),
                 .english = std::string(message(code, Language::english)),
                 .vietnamese = std::string(message(code, Language::vietnamese))};
}

// The statements begin with a text that no record or certificate can begin with, so that a
// signature made for one purpose is worth nothing for another.
Bytes enrol_statement(std::string_view ticket, const Id& incarnation) {
  Bytes out = to_bytes(as_bytes("tannha enrol v1\n"));
  append(out, incarnation);
  append(out, as_bytes(ticket));
  return out;
}

Bytes continuation_statement(const Hash& log_id, const Id& incarnation) {
  Bytes out = to_bytes(as_bytes("tannha continue v1\n"));
  append(out, log_id);
  append(out, incarnation);
  return out;
}

Bytes token_statement(BytesView challenge, std::string_view tenant) {
  Bytes out = to_bytes(as_bytes("tannha sign-in v1\n"));
  append(out, sha256(as_bytes(tenant)));
  append(out, challenge);
  return out;
}

std::string parcel_text(const Parcel& parcel) {
  return std::string(parcel_prefix) + to_base64url(fields::encode(parcel));
}

Result<Parcel> parcel_from_text(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  if (!text.starts_with(parcel_prefix)) return fail(errc::frame_malformed, "prefix");
  if (text.size() > limits::frame_bytes_max) return fail(errc::frame_too_large);
  const auto bytes = from_base64url(text.substr(parcel_prefix.size()));
  if (!bytes) return fail(errc::frame_malformed, "base64url");
  return decode<Parcel>(*bytes);
}

}  // namespace tannha::exchange
