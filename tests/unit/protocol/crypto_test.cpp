#include "tannha/protocol/crypto.hpp"

#include <gtest/gtest.h>

namespace tannha {
namespace {

class CryptoTest : public testing::Test {
 protected:
  void SetUp() override { init_crypto(); }

  static Seed seed(std::uint8_t fill) {
    Seed out;
    out.fill(fill);
    return out;
  }
};

TEST_F(CryptoTest, RefusesChangedMessageSignatureAndKey) {
  const KeyPair key = KeyPair::from_seed(seed(7));
  const Bytes message = {1, 2, 3};
  const Signature signature = key.sign(message);
  ASSERT_TRUE(verify(key.public_key(), message, signature));
  EXPECT_FALSE(verify(key.public_key(), Bytes{1, 2, 4}, signature));
  EXPECT_FALSE(verify(key.public_key(), Bytes{1, 2}, signature));
  EXPECT_FALSE(verify(KeyPair::from_seed(seed(8)).public_key(), message, signature));
  for (std::size_t i = 0; i < signature.size() * 8; ++i) {
    Signature bad = signature;
    bad[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
    EXPECT_FALSE(verify(key.public_key(), message, bad)) << i;
  }
}

TEST_F(CryptoTest, RefusesSignatureOfOtherSize) {
  const KeyPair key = KeyPair::from_seed(seed(7));
  Bytes signature = to_bytes(key.sign({}));
  ASSERT_TRUE(verify(key.public_key(), {}, signature));
  signature.push_back(0);
  EXPECT_FALSE(verify(key.public_key(), {}, signature));
  signature.resize(63);
  EXPECT_FALSE(verify(key.public_key(), {}, signature));
  EXPECT_FALSE(verify(key.public_key(), {}, {}));
}

// With a key of small order one signature would fit every message.
TEST_F(CryptoTest, RefusesSmallOrderKey) {
  PublicKey neutral{1};
  Signature signature{1};
  EXPECT_FALSE(verify(neutral, Bytes{1}, signature));
  EXPECT_FALSE(verify(PublicKey{}, Bytes{1}, Signature{}));
}

// RFC 8032 §7.1, test 1 and 2.
TEST_F(CryptoTest, SignsAsRfc8032) {
  const auto secret =
      to_array<Seed>(*from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  const KeyPair key = KeyPair::from_seed(*secret);
  EXPECT_EQ(to_hex(key.public_key()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(to_hex(key.sign({})),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
            "701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  EXPECT_EQ(key.seed(), *secret);
}

// FIPS 180-4 and RFC 7693: digests of "abc" and of nothing.
TEST_F(CryptoTest, HashesKnownAnswers) {
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(blake2b_256({})),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

TEST_F(CryptoTest, StreamEqualsOneShotHoweverItIsCut) {
  Bytes bytes;
  for (int i = 0; i < 1000; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  for (const std::size_t step : {1UL, 7UL, 127UL, 128UL, 129UL, 1000UL}) {
    Blake2bStream stream;
    BytesView rest = bytes;
    while (!rest.empty()) {
      const std::size_t count = std::min(step, rest.size());
      stream.update(rest.first(count));
      rest = rest.subspan(count);
    }
    EXPECT_EQ(stream.finish(), blake2b_256(bytes)) << step;
  }
  EXPECT_EQ(Blake2bStream().finish(), blake2b_256({}));
}

TEST_F(CryptoTest, CopiedStreamGoesItsOwnWay) {
  Blake2bStream one;
  one.update(as_bytes("a"));
  Blake2bStream other = one;
  one.update(as_bytes("b"));
  other.update(as_bytes("c"));
  EXPECT_EQ(one.finish(), blake2b_256(as_bytes("ab")));
  EXPECT_EQ(other.finish(), blake2b_256(as_bytes("ac")));
}

TEST_F(CryptoTest, MacDependsOnKeyAndMessage) {
  const Hash tag = mac(seed(1), as_bytes("token"));
  EXPECT_NE(tag, mac(seed(2), as_bytes("token")));
  EXPECT_NE(tag, mac(seed(1), as_bytes("tokem")));
  EXPECT_EQ(tag, mac(seed(1), as_bytes("token")));
  // Computed with Python's hmac over SHA-512, cut to 32 bytes.
  EXPECT_EQ(to_hex(tag), "12458206db4771e2572e689504a84ca7a30c2a3cbe17fe1dcf9c432f8355da82");
}

TEST_F(CryptoTest, SealedBoxOpensForItsOwnerAndUnchangedOnly) {
  const BoxKeyPair key = BoxKeyPair::from_seed(seed(5));
  const auto box = seal_box(key.public_key(), as_bytes("secret"), seed(6));
  ASSERT_TRUE(box);
  EXPECT_EQ(box->size(), 6 + box_overhead);
  EXPECT_EQ(key.open(*box), to_bytes(as_bytes("secret")));
  EXPECT_FALSE(BoxKeyPair::from_seed(seed(6)).open(*box));
  for (std::size_t i = 0; i < box->size() * 8; ++i) {
    // The highest bit of the ephemeral point means nothing to X25519; the nonce covers it.
    Bytes bad = *box;
    bad[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
    EXPECT_FALSE(key.open(bad)) << i;
  }
  for (std::size_t size = 0; size < box->size(); ++size) {
    EXPECT_FALSE(key.open(BytesView(*box).first(size))) << size;
  }
}

TEST_F(CryptoTest, SealedBoxOfNothingIsOneToo) {
  const BoxKeyPair key = BoxKeyPair::from_seed(seed(5));
  const auto box = seal_box(key.public_key(), {}, seed(6));
  ASSERT_TRUE(box);
  EXPECT_EQ(key.open(*box), Bytes{});
}

TEST_F(CryptoTest, SealedBoxDependsOnItsEphemeralKey) {
  const BoxKeyPair key = BoxKeyPair::from_seed(seed(5));
  const auto box = seal_box(key.public_key(), as_bytes("secret"), seed(6));
  EXPECT_EQ(box, seal_box(key.public_key(), as_bytes("secret"), seed(6)));
  EXPECT_NE(box, seal_box(key.public_key(), as_bytes("secret"), seed(7)));
}

// With a point of small order everybody would know the shared secret.
TEST_F(CryptoTest, NothingIsSealedToAPointOfSmallOrder) {
  EXPECT_FALSE(seal_box(PublicKey{}, as_bytes("secret"), seed(6)));
  EXPECT_FALSE(seal_box(PublicKey{1}, as_bytes("secret"), seed(6)));
}

TEST_F(CryptoTest, DerivedSeedDependsOnKeyAndPurpose) {
  const Seed derived = derive_seed(seed(1), "tannha bundle v1");
  EXPECT_NE(derived, derive_seed(seed(2), "tannha bundle v1"));
  EXPECT_NE(derived, derive_seed(seed(1), "tannha bundle v2"));
  // Computed with Python's hashlib.blake2b with key and 32 bytes of output.
  EXPECT_EQ(to_hex(derived), "3501f2dda3c295b0952f03f10d85a93252858230b20887022d81be7ad5014cff");
}

TEST_F(CryptoTest, ConstantTimeEqualityComparesSizeAndEveryByte) {
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_TRUE(equal_constant_time(Bytes{1, 2}, Bytes{1, 2}));
  EXPECT_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 3}));
  EXPECT_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{0, 2}));
  EXPECT_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 2, 0}));
}

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
TEST_F(CryptoTest, SealsKnownAnswer) {
  Seed key;
  Nonce nonce;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(0x80 + i);
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(0x40 + i);
  const Bytes associated = *from_hex("50515253c0c1c2c3c4c5c6c7");
  const std::string_view plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.";
  const Bytes sealed = seal(key, nonce, associated, as_bytes(plain));
  EXPECT_EQ(to_hex(BytesView(sealed).first(nonce.size())), to_hex(nonce));
  EXPECT_EQ(to_hex(BytesView(sealed).subspan(nonce.size())),
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f"
            "4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f"
            "76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
  EXPECT_EQ(unseal(key, associated, sealed), to_bytes(as_bytes(plain)));
}

TEST_F(CryptoTest, UnsealsOnlyWhatWasSealedForThisKeyAndPlace) {
  const Bytes sealed = seal(seed(1), Nonce{}, Bytes{1}, Bytes{2, 3});
  EXPECT_EQ(unseal(seed(1), Bytes{1}, sealed), (Bytes{2, 3}));
  EXPECT_FALSE(unseal(seed(2), Bytes{1}, sealed));
  EXPECT_FALSE(unseal(seed(1), Bytes{2}, sealed));
  EXPECT_FALSE(unseal(seed(1), {}, sealed));
  EXPECT_FALSE(unseal(seed(1), Bytes{1}, BytesView(sealed).first(sealed.size() - 1)));
  EXPECT_FALSE(unseal(seed(1), Bytes{1}, BytesView(sealed).first(seal_overhead_bytes - 1)));
  EXPECT_FALSE(unseal(seed(1), Bytes{1}, {}));
  EXPECT_EQ(unseal(seed(1), {}, seal(seed(1), Nonce{}, {}, {})), Bytes{});
}

TEST_F(CryptoTest, KeyFromAPinDependsOnPinSaltAndCost) {
  const Argon2Cost twice{2, 8192};
  const auto key = argon2id("482915", Id{1}, argon2_minimum);
  ASSERT_TRUE(key);
  EXPECT_EQ(argon2id("482915", Id{1}, argon2_minimum), key);
  EXPECT_NE(argon2id("482916", Id{1}, argon2_minimum), key);
  EXPECT_NE(argon2id("482915", Id{2}, argon2_minimum), key);
  EXPECT_NE(argon2id("482915", Id{1}, twice), key);
  EXPECT_FALSE(argon2id("482915", Id{1}, {0, 8192}));
  EXPECT_FALSE(argon2id("482915", Id{1}, {1, 8191}));
}

TEST_F(CryptoTest, WipedSecretIsZero) {
  Seed secret = seed(5);
  wipe(secret);
  EXPECT_EQ(secret, Seed{});
  wipe({});
}

}  // namespace
}  // namespace tannha
