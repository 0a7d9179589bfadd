#include "tannha/protocol/certificate.hpp"

#include <gtest/gtest.h>

#include <random>

#include "../../support/protocol_world.hpp"
#include "../../support/random_seed.hpp"

namespace tannha {
namespace {

using cbor::Map;
using cbor::Value;

std::string code_of(const auto& result) {
  return result ? "none" : std::string(name(result.error().code));
}

class CertificateTest : public testing::Test {
 protected:
  [[nodiscard]] std::string opened(BytesView bytes) const {
    return code_of(open_certificate(bytes, test::World::tenant, authority()));
  }
  [[nodiscard]] const PublicKey& authority() const { return world_.authority_key.public_key(); }
  [[nodiscard]] cose::Sign1 sign1() const { return *cose::decode_sign1(bytes_); }
  [[nodiscard]] Bytes signed_with(const Value& header, const Value& payload) const {
    return cose::sign1(header, cbor::encode(payload), world_.authority_key);
  }
  /// With one key of the payload left out or set.
  [[nodiscard]] Bytes with(std::int64_t key, std::optional<Value> value) const {
    Map payload = *cbor::decode(sign1().payload)->as_map();
    std::erase_if(payload, [&](const auto& pair) { return pair.first.as_int() == key; });
    if (value) payload.emplace_back(key, std::move(*value));
    return signed_with(sign1().protected_map, Value(std::move(payload)));
  }

  test::World world_;
  Bytes bytes_ = world_.citizen_log.certificate;
};

TEST_F(CertificateTest, RefusesWhatIsNoSignedMessage) {
  EXPECT_EQ(opened({}), "cbor_truncated");
  EXPECT_EQ(opened(cbor::encode(Value(0))), "cose_malformed");
  EXPECT_EQ(code_of(read_certificate({})), "cbor_truncated");
}

TEST_F(CertificateTest, RefusesOtherKindOfMessage) {
  EXPECT_EQ(opened(world_.opened.envelope), "cose_wrong_type");
  EXPECT_EQ(code_of(read_certificate(world_.opened.envelope)), "cose_wrong_type");
  const Value untyped(Map{{cose::label_alg, cose::alg_ed25519}});
  EXPECT_EQ(opened(signed_with(untyped, *cbor::decode(sign1().payload))), "cose_wrong_type");
}

TEST_F(CertificateTest, RefusesMissingOrIllTypedField) {
  for (std::int64_t key = 0; key <= 10; ++key) {
    SCOPED_TRACE(key);
    // The scope alone may be left out.
    EXPECT_EQ(opened(with(key, {})), key == 9 ? "none" : "certificate_malformed");
    EXPECT_EQ(opened(with(key, Value::null())), "certificate_malformed");
  }
  EXPECT_EQ(opened(with(0, 2)), "certificate_malformed");
  EXPECT_EQ(opened(with(2, Bytes(15))), "certificate_malformed");
  EXPECT_EQ(opened(with(3, 0)), "certificate_malformed");
  EXPECT_EQ(opened(with(3, 6)), "certificate_malformed");
  EXPECT_EQ(opened(with(3, 257)), "certificate_malformed");
  EXPECT_EQ(opened(with(5, Bytes(33))), "certificate_malformed");
  EXPECT_EQ(opened(with(8, 2)), "certificate_malformed");
}

TEST_F(CertificateTest, RefusesUnprotectedHeader) {
  const cose::Sign1 m = sign1();
  const Bytes outside = cbor::encode(
      Value::tagged(18, cbor::Array{m.protected_bytes, Map{{99, 0}}, m.payload, m.signature}));
  EXPECT_EQ(opened(outside), "certificate_malformed");
}

TEST_F(CertificateTest, RefusesOtherTenant) {
  EXPECT_EQ(code_of(open_certificate(bytes_, "H43", authority())), "tenant_mismatch");
  EXPECT_EQ(code_of(open_certificate(bytes_, "", authority())), "tenant_mismatch");
}

TEST_F(CertificateTest, RefusesOtherAuthority) {
  EXPECT_EQ(code_of(open_certificate(bytes_, "H42", world_.citizen_key.public_key())),
            "certificate_unknown");
  const Value header(Map{{cose::label_alg, -8}, *sign1().protected_map.as_map()->rbegin()});
  EXPECT_EQ(opened(signed_with(header, *cbor::decode(sign1().payload))), "certificate_unknown");
}

TEST_F(CertificateTest, NoRandomMutationOpens) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  for (std::size_t bit = 0; bit < 8 * bytes_.size(); ++bit) {
    Bytes changed = bytes_;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
    if (changed == bytes_) continue;
    EXPECT_NE(opened(changed), "none") << to_hex(changed);
  }
}

TEST_F(CertificateTest, IgnoresFieldsOfLaterVersions) {
  const auto read = open_certificate(with(99, "new"), "H42", authority());
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, world_.citizen);
}

TEST_F(CertificateTest, ReadDoesNotAskWhoSigned) {
  const Bytes foreign = sign_certificate(world_.citizen, world_.citizen_key);
  EXPECT_EQ(opened(foreign), "certificate_unknown");
  const auto read = read_certificate(foreign);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, world_.citizen);
}

TEST_F(CertificateTest, RoundTripsEveryRole) {
  for (const Role role :
       {Role::courier, Role::officer, Role::citizen, Role::dispatcher, Role::registry}) {
    Certificate made = world_.courier;
    made.role = role;
    made.assurance = Assurance::hardware_attested;
    made.not_after_ms = UINT64_MAX;
    const auto read =
        open_certificate(sign_certificate(made, world_.authority_key), "H42", authority());
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, made);
    EXPECT_EQ(role_from_name(name(role)), role);
  }
}

TEST_F(CertificateTest, UnknownRoleHasNoName) {
  EXPECT_EQ(name(static_cast<Role>(0)), "unknown");
  EXPECT_EQ(role_from_name("unknown"), std::nullopt);
  EXPECT_EQ(role_from_name(""), std::nullopt);
  EXPECT_EQ(role_from_name("Courier"), std::nullopt);
}

TEST_F(CertificateTest, BytesAreStable) {
  EXPECT_EQ(to_hex(sha256(world_.courier_log.certificate)),
            "f6d734ff7ad909dbb5a9e11fa3793275e6228baa8d621a4278afa5c9a650e4b3");
  EXPECT_EQ(to_hex(world_.courier_log.log_id()),
            "c4f278a648873a476c776079ffdddbc60e0fada1ad74aa38bc98ba4d078070a0");
}

TEST_F(CertificateTest, LogIdDependsOnBothParts) {
  LogIntro other = world_.citizen_log;
  other.incarnation[15] ^= 1;
  EXPECT_NE(other.log_id(), world_.citizen_log.log_id());
  other = world_.citizen_log;
  other.certificate.push_back(0);
  EXPECT_NE(other.log_id(), world_.citizen_log.log_id());
}

}  // namespace
}  // namespace tannha
