#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha {

enum class Role : std::uint8_t {
  courier = 1,     ///< nhân viên bưu chính
  officer = 2,     ///< cán bộ Bộ phận Một cửa
  citizen = 3,     ///< người dân
  dispatcher = 4,  ///< điều phối
  registry = 5,    ///< the server itself
};
[[nodiscard]] constexpr bool is_valid(Role role) {
  return role >= Role::courier && role <= Role::registry;
}
[[nodiscard]] std::string_view name(Role role);
[[nodiscard]] std::optional<Role> role_from_name(std::string_view text);

/// How well the key is kept; shown beside the records, never raised by software.
enum class Assurance : std::uint8_t { software_key = 0, hardware_attested = 1 };
[[nodiscard]] constexpr bool is_valid(Assurance a) { return a <= Assurance::hardware_attested; }

/// What the tenant's authority key says about a public key: who, as what, where, how long.
struct Certificate {
  std::string tenant;
  Id actor{};               ///< the person or post, across devices
  Role role{};
  std::string unit;         ///< agency code of the unit, e.g. "H42.101"
  PublicKey public_key{};
  std::uint64_t not_before_ms{};
  std::uint64_t not_after_ms{};
  Assurance assurance{};
  std::optional<Id> scope;  ///< a citizen's one dossier
  std::string label;        ///< shown to staff; not a citizen's name

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// COSE_Sign1 with typ "vnd.tannha.certificate+cose".
[[nodiscard]] Bytes sign_certificate(const Certificate& certificate, const KeyPair& authority);
/// Errors: those of cose::decode_sign1; cose_wrong_type; certificate_malformed; tenant_mismatch;
/// certificate_unknown when `authority` did not sign it. Validity in time is the caller's question.
[[nodiscard]] Result<Certificate> open_certificate(BytesView bytes, std::string_view tenant,
                                                   const PublicKey& authority);

/// Takes a certificate apart without asking who signed it: for one that was opened before it was
/// stored. Errors: those of cose::decode_sign1; cose_wrong_type; certificate_malformed.
[[nodiscard]] Result<Certificate> read_certificate(BytesView bytes);

/// What introduces a log to someone who has not met it: everything its id is the hash of.
struct LogIntro {
  Bytes certificate;
  Id incarnation{};  ///< random; new after every restore or reinstallation

  /// SHA-256(certificate || incarnation).
  [[nodiscard]] Hash log_id() const;
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.certificate);
    v(2, s.incarnation);
  }
  friend bool operator==(const LogIntro&, const LogIntro&) = default;
};

}  // namespace tannha
