#include <gtest/gtest.h>

#include "tannha/engine/dossier_summary.hpp"
#include "tannha/protocol/fields.hpp"
#include "tests/support/random_evidence.hpp"

namespace tannha::test {
namespace {

/// Of dossiers with every kind of record, ruling and disorder.
template <class F>
void for_each_summary(F take) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto evidence = random_evidence(random(), 5 + pick(random, 60));
    take(summarize(fold(random_dossier, evidence), evidence));
  }
}

TEST(DossierSummaryTest, WhatIsReadIsWhatWasKept) {
  for_each_summary([](const DossierSummary& summary) {
    auto read = fields::decode<DossierSummary>(fields::encode(summary), errc::store_corrupt);
    ASSERT_TRUE(read);
    read->id = summary.id;
    EXPECT_EQ(*read, summary);
  });
}

// Phones have summaries of the program before. When this fails because fold(), summarize() or the
// encoding gives something else now, raise summary_version, and write down what the new one gives.
TEST(DossierSummaryTest, VersionNamesWhatItGives) {
  Blake2bStream stream;
  for_each_summary([&](const DossierSummary& summary) { stream.update(fields::encode(summary)); });
  EXPECT_EQ(summary_version, 1U);
  EXPECT_EQ(to_hex(stream.finish()),
            "e6b06eadaf792829e380fa8d0f65e2cfa4cf5d78a2f1376933d6bfc8fbeffcf9");
}

TEST(DossierSummaryTest, WhatWasAskedStandsUntilItIsCaptured) {
  Dossier d;
  d.requested_by = body::Applicant{"Nguyễn Văn A", "0912345678", "Thôn 1", std::nullopt};
  EXPECT_EQ(summarize(d, {}).owner, "Nguyễn Văn A");
  d.fields["owner_name"] = {{Hash{1}, "Trần Thị B"}};
  EXPECT_EQ(summarize(d, {}).owner, "Trần Thị B");
  EXPECT_EQ(summarize(d, {}).phone, "0912345678");
  // Two values at once: neither of them is believed.
  d.fields["owner_name"].push_back({Hash{2}, "Trần Văn C"});
  EXPECT_EQ(summarize(d, {}).owner, "Nguyễn Văn A");
}

}  // namespace
}  // namespace tannha::test
