// cose-wg/Examples: COSE_Sign1. ES256 and Ed448 are no algorithms of the product; OpenSSL verifies
// them here, over the product's Sig_structure.
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <memory>

#include "../../support/vector_file.hpp"
#include "tannha/protocol/cose.hpp"

namespace tannha::cose {
namespace {

using boost::json::object;

template <auto Free>
struct Deleter {
  void operator()(auto* p) const { Free(p); }
};
using Context = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

bool evp_verify(EVP_PKEY* key, const EVP_MD* digest, BytesView message, BytesView signature) {
  const Context context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

Key p256_key(const object& key) {
  Bytes point = {4};
  for (const char* coordinate : {"x", "y"}) {
    const auto bytes = from_base64url(std::string_view(key.at(coordinate).as_string()));
    EXPECT_TRUE(bytes);
    point.insert(point.end(), bytes->begin(), bytes->end());
  }
  std::string group = "P-256";
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("group", group.data(), group.size()),
                             OSSL_PARAM_construct_octet_string("pub", point.data(), point.size()),
                             OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* out = nullptr;
  EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &out, EVP_PKEY_PUBLIC_KEY, parameters), 1);
  return Key(out);
}

/// COSE has r and s side by side; OpenSSL wants them in DER.
Bytes der_signature(BytesView raw) {
  if (raw.size() != 64) return {};
  const std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>> pair(ECDSA_SIG_new());
  ECDSA_SIG_set0(pair.get(), BN_bin2bn(raw.data(), 32, nullptr),
                 BN_bin2bn(raw.data() + 32, 32, nullptr));
  Bytes out(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)));
  std::uint8_t* end = out.data();
  i2d_ECDSA_SIG(pair.get(), &end);
  return out;
}

struct Vector {
  std::string file_name;
  boost::json::value json;

  [[nodiscard]] const object& input() const { return json.at("input").as_object(); }
  [[nodiscard]] const object& signer() const { return input().at("sign0").as_object(); }
  [[nodiscard]] const object& key() const { return signer().at("key").as_object(); }
  [[nodiscard]] Bytes message() const { return test::hex_at(json.at("output"), "cbor"); }
  [[nodiscard]] bool must_fail() const {
    const auto* fail = json.as_object().if_contains("fail");
    return fail != nullptr && fail->as_bool();
  }
  [[nodiscard]] Bytes external() const {
    return signer().contains("external") ? test::hex_at(signer(), "external") : Bytes{};
  }
};

/// The protected header that the vector's input describes, before the vector was spoilt.
Bytes protected_bytes_of(const Vector& vector) {
  cbor::Value map = cbor::Map{};
  if (vector.signer().contains("protected")) {
    for (const auto& [name, value] : vector.signer().at("protected").as_object()) {
      if (name == "alg") {
        map.set(label_alg, value.as_string() == "ES256" ? -7 : -8);
      } else if (name == "ctyp") {
        map.set(3, value.to_number<int>());
      } else {
        ADD_FAILURE() << "unknown header " << name;
      }
    }
  }
  return cbor::encode(map);
}

bool verify_vector(const Vector& vector, const Sign1& message) {
  const Bytes covered = to_be_signed(message.protected_bytes, vector.external(), message.payload);
  // sign-pass-01 has its algorithm in the unprotected header, which the product never looks at.
  const cbor::Value* alg = message.protected_map.find(label_alg);
  if (alg == nullptr) alg = message.unprotected.find(label_alg);
  if (alg == nullptr) return false;
  const std::string_view curve = vector.key().at("crv").as_string();
  if (alg->as_int() == -7 && curve == "P-256") {
    const Key key = p256_key(vector.key());
    return evp_verify(key.get(), EVP_sha256(), covered, der_signature(message.signature));
  }
  if (alg->as_int() != -8) return false;
  const Bytes public_key = test::hex_at(vector.key(), "x_hex");
  if (curve == "Ed25519") {
    return verify(*to_array<PublicKey>(public_key), covered, message.signature);
  }
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED448, nullptr, public_key.data(), public_key.size()));
  return evp_verify(key.get(), nullptr, covered, message.signature);
}

class CoseWgTest : public testing::Test {
 protected:
  void SetUp() override {
    init_crypto();
    const auto folder = test::vector_path("cose-wg");
    TN_NEED_VECTORS(folder);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".json") continue;
      vectors_.push_back({entry.path().filename().string(), test::read_json(entry.path())});
    }
    ASSERT_EQ(vectors_.size(), 11U);
  }

  std::vector<Vector> vectors_;
};

TEST_F(CoseWgTest, SpoiltMessagesFail) {
  int count = 0;
  for (const Vector& vector : vectors_) {
    if (!vector.must_fail()) continue;
    ++count;
    const Result<Sign1> message = decode_sign1(vector.message());
    EXPECT_FALSE(message && verify_vector(vector, *message)) << vector.file_name;
  }
  EXPECT_EQ(count, 6);
}

TEST_F(CoseWgTest, WrongTagFailsInDecode) {
  for (const Vector& vector : vectors_) {
    const Result<Sign1> message = decode_sign1(vector.message());
    const bool wrong_tag = vector.file_name == "sign-fail-01.json";
    const bool no_tag = vector.file_name == "sign-pass-03.json";
    ASSERT_EQ(message.has_value(), !wrong_tag && !no_tag) << vector.file_name;
    if (!message) {
      EXPECT_EQ(message.error().code, errc::cose_malformed);
    }
  }
}

TEST_F(CoseWgTest, ProductVerifiesNoneOfTheseAlgorithms) {
  for (const Vector& vector : vectors_) {
    const Result<Sign1> message = decode_sign1(vector.message());
    if (!message) continue;
    const Result<void> verified = verify_sign1(*message, PublicKey{}, vector.external());
    ASSERT_FALSE(verified) << vector.file_name;
    EXPECT_EQ(verified.error().code, errc::cose_unknown_algorithm) << vector.file_name;
  }
}

TEST_F(CoseWgTest, SigStructuresAgree) {
  for (const Vector& vector : vectors_) {
    const Bytes payload = to_bytes(as_bytes(vector.input().at("plaintext").as_string()));
    EXPECT_EQ(to_be_signed(protected_bytes_of(vector), vector.external(), payload),
              test::hex_at(vector.json.at("intermediates"), "ToBeSign_hex"))
        << vector.file_name;
  }
}

TEST_F(CoseWgTest, GoodMessagesVerify) {
  int count = 0;
  for (const Vector& vector : vectors_) {
    if (vector.must_fail()) continue;
    ++count;
    Bytes bytes = vector.message();
    // The product takes tagged messages only.
    if (vector.file_name == "sign-pass-03.json") bytes.insert(bytes.begin(), 0xd2);
    const Result<Sign1> message = decode_sign1(bytes);
    ASSERT_TRUE(message) << vector.file_name << " " << message.error().detail;
    EXPECT_TRUE(verify_vector(vector, *message)) << vector.file_name;
  }
  EXPECT_EQ(count, 5);
}

}  // namespace
}  // namespace tannha::cose
