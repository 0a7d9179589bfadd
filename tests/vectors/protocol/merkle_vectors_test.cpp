// transparency-dev/merkle, testdata: proofs of RFC 6962 and RFC 9162, most of them wrong.
#include <gtest/gtest.h>

#include "../../support/vector_file.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/merkle.hpp"

namespace tannha::merkle {
namespace {

/// Some vectors hold texts in place of hashes, and some garbage of no length. A hash of such a
/// text takes its place: it equals what the text equals, and nothing else.
Hash hash_of(const boost::json::value& text) {
  const auto bytes = from_base64(std::string_view(text.as_string()));
  EXPECT_TRUE(bytes) << text;
  return to_array<Hash>(*bytes).value_or(sha256(*bytes));
}

std::vector<Hash> proof_of(const boost::json::value& file) {
  std::vector<Hash> out;
  if (file.at("proof").is_null()) return out;
  for (const boost::json::value& item : file.at("proof").as_array()) out.push_back(hash_of(item));
  return out;
}

std::uint64_t number_at(const boost::json::value& file, const char* key) {
  return file.at(key).to_number<std::uint64_t>();
}

class MerkleVectorsTest : public testing::Test {
 protected:
  /// Calls `check(file)` for each file with the prefix, and compares the errors.
  template <class Check>
  void check_all(const std::string& prefix, std::size_t count, std::size_t pass_count, errc code,
                 Check check) {
    init_crypto();
    const auto folder = test::vector_path("merkle");
    TN_NEED_VECTORS(folder);
    std::size_t seen = 0;
    std::size_t passed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string file_name = entry.path().filename().string();
      if (!file_name.starts_with(prefix)) continue;
      ++seen;
      const boost::json::value file = test::read_json(entry.path());
      const Result<void> result = check(file);
      const bool want_error = file.at("wantErr").as_bool();
      EXPECT_EQ(!result, want_error) << file_name;
      if (!want_error) ++passed;
      if (!result) {
        EXPECT_EQ(result.error().code, code) << file_name;
      }
    }
    EXPECT_EQ(seen, count);
    EXPECT_EQ(passed, pass_count);
  }
};

TEST_F(MerkleVectorsTest, InclusionAgreesWithEveryFile) {
  check_all("inclusion-", 65, 6, errc::receipt_invalid,
            [](const boost::json::value& file) -> Result<void> {
              // The type Hash already refuses a leaf or a root of no bytes.
              for (const char* key : {"leafHash", "root"}) {
                if (file.at(key).as_string().empty()) return fail(errc::receipt_invalid, "no hash");
              }
              return verify_inclusion(number_at(file, "leafIdx"), number_at(file, "treeSize"),
                                      hash_of(file.at("leafHash")), proof_of(file),
                                      hash_of(file.at("root")));
            });
}

TEST_F(MerkleVectorsTest, ConsistencyAgreesWithEveryFile) {
  check_all("consistency-", 66, 3, errc::checkpoint_inconsistent,
            [](const boost::json::value& file) {
              return verify_consistency(number_at(file, "size1"), number_at(file, "size2"),
                                        hash_of(file.at("root1")), hash_of(file.at("root2")),
                                        proof_of(file));
            });
}

}  // namespace
}  // namespace tannha::merkle
