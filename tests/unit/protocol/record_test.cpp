#include "tannha/protocol/record.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "../../support/protocol_world.hpp"
#include "../../support/random_seed.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

using cbor::Map;
using cbor::Value;

std::string code_of(const auto& result) {
  return result ? "none" : std::string(name(result.error().code));
}

class RecordTest : public testing::Test {
 protected:
  [[nodiscard]] static std::string decoded(BytesView envelope, BytesView body = {}) {
    return code_of(decode_record(envelope, body));
  }
  /// The world's record, taken apart to be put together wrongly.
  [[nodiscard]] Map payload() const { return *cbor::decode(sign1().payload)->as_map(); }
  [[nodiscard]] Map header() const { return *sign1().protected_map.as_map(); }
  [[nodiscard]] cose::Sign1 sign1() const { return *cose::decode_sign1(world_.sealed.envelope); }
  [[nodiscard]] Bytes signed_with(const Map& header, const Map& payload) const {
    return cose::sign1(Value(header), cbor::encode(Value(payload)), world_.courier_key);
  }
  static void put(Map& map, std::int64_t key, Value value) {
    for (auto& [k, v] : map) {
      if (k.as_int() == key) {
        v = std::move(value);
        return;
      }
    }
    map.emplace_back(key, std::move(value));
  }
  static void remove(Map& map, std::int64_t key) {
    std::erase_if(map, [&](const auto& pair) { return pair.first.as_int() == key; });
  }
  [[nodiscard]] std::string with_payload(std::int64_t key, Value value) const {
    Map changed = payload();
    put(changed, key, std::move(value));
    return decoded(signed_with(header(), changed));
  }
  [[nodiscard]] std::string with_header(std::int64_t key, Value value) const {
    Map changed = header();
    put(changed, key, std::move(value));
    return decoded(signed_with(changed, payload()));
  }

  test::World world_;
  const Record& record_ = world_.sealed;
  const PublicKey& key_ = world_.courier_key.public_key();
};

TEST_F(RecordTest, RefusesLargerEnvelopeThanLimitBeforeReadingIt) {
  EXPECT_EQ(decoded(Bytes(limits::envelope_bytes_max + 1)), "record_too_large");
  EXPECT_EQ(decoded(Bytes(limits::envelope_bytes_max)), "cbor_trailing_bytes");
}

TEST_F(RecordTest, EnvelopeSizeCountsToTheByte) {
  RecordHeader header = record_.header;
  const std::size_t others = sign_record(header, {}, world_.courier_key).envelope.size();
  // A tenant is 3 bytes here; a longer one moves the size byte by byte, with wider length fields.
  for (const std::size_t size : {limits::envelope_bytes_max, limits::envelope_bytes_max + 1}) {
    header.tenant = std::string(size - others, 'x');
    while (sign_record(header, {}, world_.courier_key).envelope.size() > size) {
      header.tenant.pop_back();
    }
    const Record record = sign_record(header, {}, world_.courier_key);
    ASSERT_EQ(record.envelope.size(), size);
    EXPECT_EQ(decoded(record.envelope),
              size <= limits::envelope_bytes_max ? "none" : "record_too_large");
  }
}

TEST_F(RecordTest, RefusesLargerBodyThanLimit) {
  for (const std::size_t size : {limits::body_bytes_max, limits::body_bytes_max + 1}) {
    const Record record = sign_record(record_.header, Bytes(size, 7), world_.courier_key);
    EXPECT_EQ(decoded(record.envelope, record.body),
              size <= limits::body_bytes_max ? "none" : "record_too_large");
  }
}

TEST_F(RecordTest, MostReferencesFitIntoAnEnvelope) {
  for (const std::size_t count : {limits::record_refs_max, limits::record_refs_max + 1}) {
    RecordHeader header = record_.header;
    header.refs.assign(count, record_.hash);
    const Record record = sign_record(header, record_.body, world_.courier_key);
    ASSERT_LE(record.envelope.size(), limits::envelope_bytes_max);
    EXPECT_EQ(decoded(record.envelope, record.body),
              count <= limits::record_refs_max ? "none" : "record_malformed");
  }
}

TEST_F(RecordTest, RefusesWhatIsNoSignedMessage) {
  EXPECT_EQ(decoded({}), "cbor_truncated");
  EXPECT_EQ(decoded(cbor::encode(Value(Map{}))), "cose_malformed");
  Bytes longer = record_.envelope;
  longer.push_back(0);
  EXPECT_EQ(decoded(longer), "cbor_trailing_bytes");
}

TEST_F(RecordTest, RefusesEveryCut) {
  for (std::size_t size = 0; size < record_.envelope.size(); ++size) {
    EXPECT_EQ(decoded(BytesView(record_.envelope).first(size)), "cbor_truncated") << size;
  }
}

TEST_F(RecordTest, RefusesOtherKindOfMessage) {
  EXPECT_EQ(with_header(cose::label_typ, "vnd.tannha.certificate+cose"), "cose_wrong_type");
  EXPECT_EQ(with_header(cose::label_typ, 1), "cose_wrong_type");
  EXPECT_EQ(decoded(world_.courier_log.certificate), "cose_wrong_type");
  Map untyped = header();
  remove(untyped, cose::label_typ);
  EXPECT_EQ(decoded(signed_with(untyped, payload())), "cose_wrong_type");
}

TEST_F(RecordTest, RefusesOtherAlgorithm) {
  for (const std::int64_t algorithm : {-8, -7, 19, 0}) {
    EXPECT_EQ(with_header(cose::label_alg, algorithm), "cose_unknown_algorithm") << algorithm;
  }
  EXPECT_EQ(with_header(cose::label_alg, "EdDSA"), "cose_unknown_algorithm");
  Map none = header();
  remove(none, cose::label_alg);
  EXPECT_EQ(decoded(signed_with(none, payload())), "cose_unknown_algorithm");
}

TEST_F(RecordTest, RefusesProtectedHeaderWithMoreOrLess) {
  EXPECT_EQ(with_header(99, 0), "record_malformed");
  EXPECT_EQ(with_header(cose::label_kid, Bytes(31)), "record_malformed");
  EXPECT_EQ(with_header(-70001, 42), "record_malformed");
  for (const std::int64_t label : {cose::label_kid, std::int64_t{-70001}}) {
    Map less = header();
    remove(less, label);
    EXPECT_EQ(decoded(signed_with(less, payload())), "record_malformed") << label;
  }
}

TEST_F(RecordTest, RefusesUnprotectedHeader) {
  const cose::Sign1 m = sign1();
  const Value outside =
      Value::tagged(18, cbor::Array{m.protected_bytes, Map{{99, 0}}, m.payload, m.signature});
  EXPECT_EQ(decoded(cbor::encode(outside)), "record_malformed");
  const Bytes attached = cose::attach_countersignature(m, world_.countersignature);
  EXPECT_EQ(decoded(attached), "record_malformed");
}

TEST_F(RecordTest, OtherVersionIsUnknownNotMalformed) {
  EXPECT_EQ(with_payload(0, 2), "record_version_unknown");
  EXPECT_EQ(with_payload(0, 0), "record_version_unknown");
  EXPECT_EQ(with_payload(0, UINT64_MAX), "record_version_unknown");
  EXPECT_EQ(with_payload(0, "1"), "record_malformed");
  // A later version may have any other fields.
  EXPECT_EQ(decoded(signed_with(header(), Map{{0, 2}, {77, "new"}})), "record_version_unknown");
}

TEST_F(RecordTest, RefusesUnknownSignedField) {
  EXPECT_EQ(with_payload(11, 0), "record_malformed");
  EXPECT_EQ(with_payload(-1, 0), "record_malformed");
  EXPECT_EQ(with_payload(6, Map{{1, 1}, {2, record_.hash}, {3, 0}}), "record_malformed");
}

TEST_F(RecordTest, RefusesMissingOrIllTypedField) {
  for (std::int64_t key = 0; key <= 10; ++key) {
    SCOPED_TRACE(key);
    Map less = payload();
    remove(less, key);
    // The beacon alone may be left out.
    EXPECT_EQ(decoded(signed_with(header(), less)), key == 6 ? "none" : "record_malformed");
    EXPECT_EQ(with_payload(key, Value::null()), "record_malformed");
  }
  EXPECT_EQ(with_payload(2, Bytes(31)), "record_malformed");
  EXPECT_EQ(with_payload(3, Bytes(17)), "record_malformed");
  EXPECT_EQ(with_payload(4, 0x10000), "record_malformed");
  EXPECT_EQ(with_payload(1, -1), "record_malformed");
  EXPECT_EQ(with_payload(5, cbor::Array{Bytes(31)}), "record_malformed");
  EXPECT_EQ(with_payload(6, Map{{1, 1}}), "record_malformed");
}

TEST_F(RecordTest, RefusesPayloadThatIsNoMapOrNotDeterministic) {
  const Value head(header());
  const auto with = [&](const Bytes& payload) {
    return decoded(cose::sign1(head, payload, world_.courier_key));
  };
  EXPECT_EQ(with(cbor::encode(Value(1))), "record_malformed");
  EXPECT_EQ(with({}), "cbor_truncated");
  EXPECT_EQ(with(*from_hex("a1001801")), "cbor_not_deterministic");
}

TEST_F(RecordTest, RefusesAnotherBody) {
  EXPECT_EQ(decoded(record_.envelope, world_.opened.body), "body_mismatch");
  Bytes longer = record_.body;
  longer.push_back(0);
  EXPECT_EQ(decoded(record_.envelope, longer), "body_mismatch");
  Bytes changed = record_.body;
  changed.back() ^= 1;
  EXPECT_EQ(decoded(record_.envelope, changed), "body_mismatch");
}

TEST_F(RecordTest, VerifyRefusesOtherKeyAndAlgorithm) {
  EXPECT_EQ(code_of(verify_record(record_, world_.citizen_key.public_key())), "signature_invalid");
  Record other = record_;
  Map changed = header();
  put(changed, cose::label_alg, -8);
  other.envelope = signed_with(changed, payload());
  EXPECT_EQ(code_of(verify_record(other, key_)), "cose_unknown_algorithm");
}

TEST_F(RecordTest, NoChangedBitVerifies) {
  ASSERT_EQ(code_of(verify_record(record_, key_)), "none");
  for (std::size_t bit = 0; bit < 8 * record_.envelope.size(); ++bit) {
    Bytes changed = record_.envelope;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    const auto record = decode_record(changed, {});
    EXPECT_FALSE(record && verify_record(*record, key_)) << "bit " << bit;
  }
}

TEST_F(RecordTest, NoRandomMutationVerifies) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    Bytes changed = record_.envelope;
    for (std::uint64_t change = random() % 4 + 1; change > 0; --change) {
      const std::size_t at = random() % changed.size();
      const auto byte = static_cast<std::uint8_t>(random());
      switch (random() % 3) {
        case 0:
          changed[at] = byte;
          break;
        case 1:
          changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(at), byte);
          break;
        default:
          changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(at));
          break;
      }
    }
    if (changed == record_.envelope) continue;
    const auto record = decode_record(changed, {});
    EXPECT_FALSE(record && verify_record(*record, key_)) << to_hex(changed);
  }
}

TEST_F(RecordTest, RoundTripsWithAndWithoutBodyAndBeacon) {
  for (const Record* made : {&world_.opened, &world_.sealed, &world_.confirmed}) {
    const auto whole = decode_record(made->envelope, made->body);
    ASSERT_TRUE(whole) << whole.error().detail;
    EXPECT_EQ(whole->header, made->header);
    EXPECT_EQ(whole->hash, made->hash);
    EXPECT_EQ(whole->body, made->body);
    EXPECT_EQ(whole->hash, sha256(made->envelope));
    const auto withheld = decode_record(made->envelope, {});
    ASSERT_TRUE(withheld);
    EXPECT_FALSE(withheld->has_body());
    EXPECT_EQ(withheld->header, made->header);
  }
}

TEST_F(RecordTest, RoundTripsExtremeNumbers) {
  RecordHeader header = record_.header;
  header.seq = header.claimed_ms = header.monotonic_ms = UINT64_MAX;
  header.beacon = Beacon{UINT64_MAX, record_.hash};
  header.type = static_cast<RecordType>(0xffff);
  header.tenant = "";
  const Record made = sign_record(header, {}, world_.courier_key);
  const auto read = decode_record(made.envelope, {});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header, made.header);
  EXPECT_FALSE(is_known(read->header.type));
}

// Whoever changes these bytes makes all records that are stored anywhere unreadable.
TEST_F(RecordTest, BytesAreStable) {
  EXPECT_EQ(to_hex(world_.opened.hash),
            "2de182f6136700dc848d377337cca898922dcc657b0de553c98e17c651645898");
  EXPECT_EQ(to_hex(world_.sealed.hash),
            "5c16d96dc667cefb2858b39a7b9c22a504133df854cb55261823b3ebd428b0eb");
  EXPECT_EQ(to_hex(world_.confirmed.hash),
            "230b0fe69e9e7fd7fb2bb68d67401afab5930f40eb52793284ddc09ea552d439");
}

TEST(RecordTypeTest, NamesAreUniqueAndUnknownNumbersHaveNone) {
  std::set<std::string_view> names;
  std::size_t known = 0;
  for (unsigned number = 0; number <= 0xffff; ++number) {
    const auto type = static_cast<RecordType>(number);
    if (!is_known(type)) {
      EXPECT_EQ(name(type), "unknown") << number;
      continue;
    }
    ++known;
    EXPECT_TRUE(names.insert(name(type)).second) << name(type);
  }
  EXPECT_EQ(known, 36U);
}

}  // namespace
}  // namespace tannha
