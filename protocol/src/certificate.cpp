#include "tannha/protocol/certificate.hpp"

#include <algorithm>
#include <array>

#include "tannha/protocol/cose.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

constexpr std::string_view certificate_typ = "vnd.tannha.certificate+cose";
constexpr std::uint64_t certificate_version = 1;

struct Payload {
  std::uint64_t version = certificate_version;
  Certificate c;

  template <class V>
  static void fields(V& v, auto& s) {
    v(0, s.version);
    v(1, s.c.tenant);
    v(2, s.c.actor);
    v(3, s.c.role);
    v(4, s.c.unit);
    v(5, s.c.public_key);
    v(6, s.c.not_before_ms);
    v(7, s.c.not_after_ms);
    v(8, s.c.assurance);
    v(9, s.c.scope);
    v(10, s.c.label);
  }
};

constexpr auto role_names = std::to_array<std::pair<Role, std::string_view>>({
    {Role::courier, "courier"},
    {Role::officer, "officer"},
    {Role::citizen, "citizen"},
    {Role::dispatcher, "dispatcher"},
    {Role::registry, "registry"},
});

Result<cose::Sign1> read_bounded(BytesView bytes) {
  if (bytes.size() > limits::certificate_bytes_max) {
    return fail(errc::certificate_malformed, "size");
  }
  return cose::decode_sign1(bytes);
}

Result<Certificate> read_message(const cose::Sign1& message) {
  const cbor::Value* typ = message.protected_map.find(cose::label_typ);
  if (!typ || !typ->as_text() || *typ->as_text() != certificate_typ) {
    return fail(errc::cose_wrong_type, "certificate");
  }
  // A log's id covers the certificate's bytes, so nothing may stand outside the signature.
  if (message.unprotected.as_map()->size() != 0) {
    return fail(errc::certificate_malformed, "unprotected header");
  }
  TN_TRY(Payload payload, fields::decode<Payload>(message.payload, errc::certificate_malformed));
  if (payload.version != certificate_version) return fail(errc::certificate_malformed, "version");
  return std::move(payload.c);
}

}  // namespace

std::string_view name(Role role) {
  const auto it = std::ranges::find(role_names, role, [](const auto& p) { return p.first; });
  return it == role_names.end() ? "unknown" : it->second;
}

std::optional<Role> role_from_name(std::string_view text) {
  const auto it = std::ranges::find(role_names, text, [](const auto& p) { return p.second; });
  if (it == role_names.end()) return std::nullopt;
  return it->first;
}

Bytes sign_certificate(const Certificate& certificate, const KeyPair& authority) {
  const cbor::Value header(cbor::Map{{cose::label_alg, cose::alg_ed25519},
                                     {cose::label_typ, certificate_typ}});
  return cose::sign1(header, fields::encode(Payload{certificate_version, certificate}), authority);
}

Result<Certificate> read_certificate(BytesView bytes) {
  TN_TRY(const cose::Sign1& message, read_bounded(bytes));
  return read_message(message);
}

Result<Certificate> open_certificate(BytesView bytes, std::string_view tenant,
                                     const PublicKey& authority) {
  TN_TRY(const cose::Sign1& message, read_bounded(bytes));
  TN_TRY(Certificate certificate, read_message(message));
  if (certificate.tenant != tenant) return fail(errc::tenant_mismatch, "certificate");
  if (!cose::verify_sign1(message, authority)) return fail(errc::certificate_unknown, "signature");
  return certificate;
}

Hash LogIntro::log_id() const {
  Bytes joined = certificate;
  joined.insert(joined.end(), incarnation.begin(), incarnation.end());
  return sha256(joined);
}

}  // namespace tannha
