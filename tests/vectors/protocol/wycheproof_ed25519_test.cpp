// C2SP/wycheproof, testvectors_v1/ed25519_test.json.
#include <gtest/gtest.h>

#include "../../support/vector_file.hpp"
#include "tannha/protocol/crypto.hpp"

namespace tannha {
namespace {

TEST(WycheproofEd25519Test, AgreesOnEveryCase) {
  const auto path = test::vector_path("wycheproof/ed25519_test.json");
  TN_NEED_VECTORS(path);
  init_crypto();
  const boost::json::value file = test::read_json(path);
  int valid_count = 0;
  int invalid_count = 0;
  for (const boost::json::value& group : file.at("testGroups").as_array()) {
    const auto key = to_array<PublicKey>(test::hex_at(group.at("publicKey"), "pk"));
    ASSERT_TRUE(key);
    for (const boost::json::value& item : group.at("tests").as_array()) {
      const bool valid = test::text_at(item, "result") == "valid";
      valid ? ++valid_count : ++invalid_count;
      EXPECT_EQ(verify(*key, test::hex_at(item, "msg"), test::hex_at(item, "sig")), valid)
          << "tcId " << item.at("tcId") << " " << test::text_at(item, "comment");
    }
  }
  EXPECT_EQ(valid_count + invalid_count, 151);
  EXPECT_EQ(valid_count, 88);
}

}  // namespace
}  // namespace tannha
