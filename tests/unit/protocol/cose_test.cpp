#include "tannha/protocol/cose.hpp"

#include <gtest/gtest.h>

#include <random>

#include "../../support/random_seed.hpp"

namespace tannha::cose {
namespace {

using cbor::Array;
using cbor::Map;
using cbor::Value;

std::string code_of(const auto& result) {
  return result ? "none" : std::string(name(result.error().code));
}

class CoseTest : public testing::Test {
 protected:
  static KeyPair key_of(std::uint8_t fill) {
    init_crypto();
    Seed seed;
    seed.fill(fill);
    return KeyPair::from_seed(seed);
  }

  [[nodiscard]] Sign1 message() const { return *decode_sign1(sign1(header_, payload_, key_)); }
  static std::string decoded(const Value& value) {
    return code_of(decode_sign1(cbor::encode(value)));
  }
  static Value tagged(Value protected_bytes, Value unprotected, Value payload, Value signature) {
    return Value::tagged(18, Array{std::move(protected_bytes), std::move(unprotected),
                                   std::move(payload), std::move(signature)});
  }
  [[nodiscard]] Bytes header_bytes() const { return cbor::encode(header_); }

  KeyPair key_ = key_of(1);
  KeyPair other_key_ = key_of(2);
  Value header_ = Map{{label_alg, alg_ed25519}, {label_typ, "application/test"}};
  Value counter_header_ = Map{{label_alg, alg_ed25519}, {label_kid, Bytes{9, 9}}};
  Bytes payload_ = {1, 2, 3, 4};
};

TEST_F(CoseTest, DecodeRefusesOtherShapes) {
  const Bytes header = header_bytes();
  const Bytes signature(64);
  ASSERT_EQ(decoded(tagged(header, Map{}, payload_, signature)), "none");
  EXPECT_EQ(decoded(tagged(header, Map{}, Value::null(), signature)), "cose_malformed");
  EXPECT_EQ(decoded(tagged(header, Map{}, "text", signature)), "cose_malformed");
  EXPECT_EQ(decoded(tagged(header, Map{}, payload_, Value::null())), "cose_malformed");
  EXPECT_EQ(decoded(tagged(header, Array{}, payload_, signature)), "cose_malformed");
  EXPECT_EQ(decoded(tagged(header, Value::null(), payload_, signature)), "cose_malformed");
  EXPECT_EQ(decoded(tagged(header_, Map{}, payload_, signature)), "cose_malformed");
  EXPECT_EQ(decoded(tagged(cbor::encode(Array{}), Map{}, payload_, signature)), "cose_malformed");
  EXPECT_EQ(decoded(Array{header, Map{}, payload_, signature}), "cose_malformed");
  EXPECT_EQ(decoded(Value::tagged(17, Array{header, Map{}, payload_, signature})),
            "cose_malformed");
  EXPECT_EQ(decoded(Value::tagged(18, Array{header, Map{}, payload_})), "cose_malformed");
  EXPECT_EQ(decoded(Value::tagged(18, Array{header, Map{}, payload_, signature, 0})),
            "cose_malformed");
  EXPECT_EQ(decoded(Value::tagged(18, Map{})), "cose_malformed");
  EXPECT_EQ(decoded(0), "cose_malformed");
}

TEST_F(CoseTest, DecodeRefusesHeaderThatIsNotDeterministic) {
  const Bytes signature(64);
  EXPECT_EQ(decoded(tagged(*from_hex("a2040001"
                                     "32"),
                           Map{}, payload_, signature)),
            "cbor_not_deterministic");
  EXPECT_EQ(decoded(tagged(*from_hex("a101"), Map{}, payload_, signature)), "cbor_truncated");
  EXPECT_EQ(decoded(tagged(*from_hex("a1013200"), Map{}, payload_, signature)),
            "cbor_trailing_bytes");
}

TEST_F(CoseTest, DecodeRefusesBadLabels) {
  const Bytes signature(64);
  const auto with = [&](Map protected_map, Map unprotected) {
    return decoded(tagged(cbor::encode(protected_map), unprotected, payload_, signature));
  };
  EXPECT_EQ(with({{1, -19}, {4, 0}}, {{4, 0}}), "cose_malformed");
  EXPECT_EQ(with({{1, -19}, {"a", 0}}, {{"a", 1}}), "cose_malformed");
  EXPECT_EQ(with({{1, -19}, {Bytes{1}, 0}}, {}), "cose_malformed");
  EXPECT_EQ(with({{1, -19}}, {{Bytes{1}, 0}}), "cose_malformed");
  EXPECT_EQ(with({{1, -19}, {2, Array{1}}}, {}), "cose_malformed");
  EXPECT_EQ(with({{1, -19}}, {{2, Array{1}}}), "cose_malformed");
  EXPECT_EQ(with({{1, -19}, {"a", 0}}, {{4, 0}, {"b", 1}}), "none");
}

TEST_F(CoseTest, VerifyRefusesOtherAlgorithms) {
  for (const Value& header :
       {Value(Map{{label_alg, -8}}), Value(Map{{label_alg, -7}}), Value(Map{{label_alg, "-19"}}),
        Value(Map{{label_kid, 0}}), Value(Map{})}) {
    const auto decoded_message = decode_sign1(sign1(header, payload_, key_));
    ASSERT_TRUE(decoded_message);
    EXPECT_EQ(code_of(verify_sign1(*decoded_message, key_.public_key())), "cose_unknown_algorithm");
  }
}

// Nothing signs the unprotected header, so an algorithm there counts for nothing.
TEST_F(CoseTest, VerifyIgnoresUnprotectedAlgorithm) {
  const Signature signature = key_.sign(to_be_signed({}, {}, payload_));
  const auto message = decode_sign1(
      cbor::encode(tagged(Bytes{}, Map{{label_alg, alg_ed25519}}, payload_, signature)));
  ASSERT_TRUE(message);
  EXPECT_EQ(code_of(verify_sign1(*message, key_.public_key())), "cose_unknown_algorithm");
}

TEST_F(CoseTest, VerifyRefusesEveryChange) {
  const Sign1 good = message();
  ASSERT_EQ(code_of(verify_sign1(good, key_.public_key())), "none");
  EXPECT_EQ(code_of(verify_sign1(good, other_key_.public_key())), "signature_invalid");
  EXPECT_EQ(code_of(verify_sign1(good, key_.public_key(), Bytes{0})), "signature_invalid");
  Sign1 bad = good;
  bad.payload.back() ^= 1;
  EXPECT_EQ(code_of(verify_sign1(bad, key_.public_key())), "signature_invalid");
  bad = good;
  bad.signature.pop_back();
  EXPECT_EQ(code_of(verify_sign1(bad, key_.public_key())), "signature_invalid");
  bad = good;
  bad.protected_bytes.back() ^= 1;
  EXPECT_EQ(code_of(verify_sign1(bad, key_.public_key())), "signature_invalid");
}

TEST_F(CoseTest, NoChangedByteOfAMessageVerifies) {
  const Bytes bytes = sign1(header_, payload_, key_);
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    Bytes bad = bytes;
    bad[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto decoded_message = decode_sign1(bad);
    EXPECT_FALSE(decoded_message && verify_sign1(*decoded_message, key_.public_key())) << i;
  }
}

TEST_F(CoseTest, RandomBytesNeverVerify) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  const Bytes good = sign1(header_, payload_, key_);
  for (int i = 0; i < 2000; ++i) {
    Bytes bad = good;
    const auto at = static_cast<std::ptrdiff_t>(random() % bad.size());
    if (random() % 2 == 0) {
      bad.insert(bad.begin() + at, static_cast<std::uint8_t>(random()));
    } else {
      bad.erase(bad.begin() + at);
    }
    const auto decoded_message = decode_sign1(bad);
    EXPECT_FALSE(decoded_message && verify_sign1(*decoded_message, key_.public_key()));
  }
}

TEST_F(CoseTest, SignRoundTripsWithEmptyUnprotectedHeader) {
  const Sign1 decoded_message = message();
  EXPECT_EQ(decoded_message.protected_bytes, header_bytes());
  EXPECT_EQ(decoded_message.protected_map, header_);
  EXPECT_EQ(decoded_message.unprotected, Value(Map{}));
  EXPECT_EQ(decoded_message.payload, payload_);
  EXPECT_EQ(decoded_message.signature.size(), 64U);
  const Bytes empty = sign1(header_, {}, key_);
  EXPECT_EQ(code_of(verify_sign1(*decode_sign1(empty), key_.public_key())), "none");
}

TEST_F(CoseTest, SignWritesDeterministicCbor) {
  const Bytes bytes = sign1(header_, payload_, key_);
  const auto value = cbor::decode(bytes);
  ASSERT_TRUE(value);
  EXPECT_EQ(cbor::encode(*value), bytes);
  EXPECT_EQ(bytes, sign1(header_, payload_, key_));
}

// RFC 9052 §4.4: spelled out by hand.
TEST_F(CoseTest, SigStructureHasItsBytes) {
  EXPECT_EQ(to_hex(to_be_signed(Bytes{0xa1, 0x01, 0x32}, Bytes{0xee}, Bytes{0xff, 0xfe})),
            "846a5369676e61747572653143a1013241ee42fffe");
  EXPECT_EQ(to_be_signed(Bytes{0xa0}, {}, payload_), to_be_signed({}, {}, payload_));
}

// RFC 9338 §3.3: spelled out by hand.
TEST_F(CoseTest, CountersignStructureHasItsBytes) {
  const Sign1 parent{{0xa1, 0x01, 0x32}, {}, Map{}, {0xff}, {0x55, 0x66}};
  EXPECT_EQ(to_hex(to_be_countersigned(parent, Bytes{0xa1, 0x01, 0x32}, Bytes{0xee})),
            "8672436f756e7465725369676e6174757265563243a1013243a1013241ee41ff81425566");
}

TEST_F(CoseTest, CountersignatureRefusesOtherShapes) {
  const Bytes header = header_bytes();
  const Bytes signature(64);
  const auto code = [](const Value& value) {
    return code_of(decode_countersignature(cbor::encode(value)));
  };
  ASSERT_EQ(code(Array{header, Map{}, signature}), "none");
  EXPECT_EQ(code(Array{header, Map{}}), "cose_malformed");
  EXPECT_EQ(code(Array{header, Map{}, signature, 0}), "cose_malformed");
  EXPECT_EQ(code(Array{header, Array{}, signature}), "cose_malformed");
  EXPECT_EQ(code(Array{header_, Map{}, signature}), "cose_malformed");
  EXPECT_EQ(code(Array{header, Map{}, "text"}), "cose_malformed");
  EXPECT_EQ(code(Array{header, Map{{label_alg, 0}}, signature}), "cose_malformed");
  EXPECT_EQ(code(Map{}), "cose_malformed");
  EXPECT_EQ(code_of(decode_countersignature({})), "cbor_truncated");
}

TEST_F(CoseTest, CountersignatureRefusesEveryChange) {
  const Sign1 parent = message();
  const auto good = decode_countersignature(countersign(parent, counter_header_, other_key_));
  ASSERT_TRUE(good);
  const PublicKey& public_key = other_key_.public_key();
  ASSERT_EQ(code_of(verify_countersignature(*good, parent, public_key)), "none");
  EXPECT_EQ(good->protected_map, counter_header_);
  EXPECT_EQ(code_of(verify_countersignature(*good, parent, key_.public_key())),
            "countersignature_invalid");
  Sign1 other = parent;
  other.payload.back() ^= 1;
  EXPECT_EQ(code_of(verify_countersignature(*good, other, public_key)), "countersignature_invalid");
  other = parent;
  other.signature.back() ^= 1;
  EXPECT_EQ(code_of(verify_countersignature(*good, other, public_key)), "countersignature_invalid");
  other = parent;
  other.protected_bytes.back() ^= 1;
  EXPECT_EQ(code_of(verify_countersignature(*good, other, public_key)), "countersignature_invalid");
  Countersignature bad = *good;
  bad.protected_bytes.back() ^= 1;
  EXPECT_EQ(code_of(verify_countersignature(bad, parent, public_key)), "countersignature_invalid");
  bad = *good;
  bad.signature.front() ^= 1;
  EXPECT_EQ(code_of(verify_countersignature(bad, parent, public_key)), "countersignature_invalid");
}

TEST_F(CoseTest, CountersignatureRefusesOtherAlgorithm) {
  const Sign1 parent = message();
  const auto other = decode_countersignature(countersign(parent, Map{{label_alg, -8}}, other_key_));
  ASSERT_TRUE(other);
  EXPECT_EQ(code_of(verify_countersignature(*other, parent, other_key_.public_key())),
            "cose_unknown_algorithm");
}

// What one person signed must not pass for what another countersigned.
TEST_F(CoseTest, SignatureIsNoCountersignature) {
  const Sign1 parent = message();
  const Countersignature swapped{parent.protected_bytes, parent.protected_map, parent.signature};
  EXPECT_EQ(code_of(verify_countersignature(swapped, parent, key_.public_key())),
            "countersignature_invalid");
}

TEST_F(CoseTest, AttachedCountersignatureKeepsBothSignaturesValid) {
  const Sign1 parent = message();
  const Bytes countersignature = countersign(parent, counter_header_, other_key_);
  const auto attached = decode_sign1(attach_countersignature(parent, countersignature));
  ASSERT_TRUE(attached) << attached.error().detail;
  EXPECT_EQ(code_of(verify_sign1(*attached, key_.public_key())), "none");
  const Value* found = attached->unprotected.find(label_countersignature_v2);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(cbor::encode(*found), countersignature);
  const auto taken = decode_countersignature(cbor::encode(*found));
  ASSERT_TRUE(taken);
  EXPECT_EQ(code_of(verify_countersignature(*taken, *attached, other_key_.public_key())), "none");
}

TEST_F(CoseTest, SecondAndThirdAttachedCountersignatureStandInAnArray) {
  const Sign1 parent = message();
  Sign1 attached = parent;
  std::vector<KeyPair> keys;
  for (std::uint8_t fill = 10; fill < 13; ++fill) {
    keys.push_back(key_of(fill));
    const Bytes added = countersign(attached, counter_header_, keys.back());
    attached = *decode_sign1(attach_countersignature(attached, added));
  }
  const Value* found = attached.unprotected.find(label_countersignature_v2);
  ASSERT_NE(found, nullptr);
  ASSERT_NE(found->as_array(), nullptr);
  ASSERT_EQ(found->as_array()->size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto taken = decode_countersignature(cbor::encode((*found->as_array())[i]));
    ASSERT_TRUE(taken);
    EXPECT_EQ(code_of(verify_countersignature(*taken, attached, keys[i].public_key())), "none");
  }
  EXPECT_EQ(code_of(verify_sign1(attached, key_.public_key())), "none");
}

}  // namespace
}  // namespace tannha::cose
