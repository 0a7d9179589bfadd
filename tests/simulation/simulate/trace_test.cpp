#include <gtest/gtest.h>

#include <set>

#include "tannha/protocol/crypto.hpp"
#include "tools/simulate/simulation.hpp"

namespace tannha::simulate {
namespace {

class TraceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }
};

TEST_F(TraceTest, IsTheSameForTheSameSeed) {
  RunOptions options;
  options.trace_hash = true;
  std::set<std::string> hashes;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Outcome first = simulate(seed, options);
    const Outcome again = simulate(seed, options);
    EXPECT_EQ(first.trace_hash, again.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.trace_hash.size(), 64U);
    hashes.insert(first.trace_hash);
  }
  EXPECT_EQ(hashes.size(), 12U);
}

TEST_F(TraceTest, IsOtherForAnotherLength) {
  RunOptions options;
  options.trace_hash = true;
  const Outcome day = simulate(3, options);
  options.hours = 12;
  EXPECT_NE(simulate(3, options).trace_hash, day.trace_hash);
}

}  // namespace
}  // namespace tannha::simulate
