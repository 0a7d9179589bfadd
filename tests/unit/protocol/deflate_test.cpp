#include "tannha/protocol/deflate.hpp"

#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"
#include "tests/support/protocol_world.hpp"

namespace tannha {
namespace {

Bytes text_of(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>("Thôn Đoài "[i % 10]);
  return out;
}

errc code_of(const Result<Bytes>& result) { return result ? errc{} : result.error().code; }

TEST(DeflateTest, GivesTheSameBytesAgain) {
  for (const std::size_t size : {0U, 1U, 1000U, 65'535U, 65'536U, 65'537U, 40'000U}) {
    const Bytes whole = text_of(size);
    const auto smaller = deflate(whole);
    ASSERT_TRUE(smaller);
    EXPECT_TRUE(size < 100 || smaller->size() < size / 10);
    const auto again = inflate(*smaller, size);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(*again, whole);
  }
}

// A browser's CompressionStream("deflate") and Python's zlib make this of "tannha".
TEST(DeflateTest, ReadsTheZlibFormat) {
  const auto again = inflate(*from_hex("789c2b49cccbcb48040008d6027b"), 6);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(as_text(*again), "tannha");
}

TEST(DeflateTest, StopsAtTheLimit) {
  const Bytes whole = text_of(100'000);
  const Bytes smaller = *deflate(whole);
  EXPECT_TRUE(inflate(smaller, whole.size()));
  EXPECT_EQ(code_of(inflate(smaller, whole.size() - 1)), errc::frame_too_large);
  EXPECT_EQ(code_of(inflate(smaller, 0)), errc::frame_too_large);
}

// A thousand times smaller than what comes out: unpacked up to the limit and not further.
TEST(DeflateTest, GivesUpOnABomb) {
  const Bytes bomb = *deflate(Bytes(32U * 1024 * 1024));
  EXPECT_LT(bomb.size(), 300'000U);
  EXPECT_EQ(code_of(inflate(bomb, limits::frame_bytes_max)), errc::frame_too_large);
}

TEST(DeflateTest, RefusesWhatIsCutOffAnywhere) {
  const Bytes smaller = *deflate(text_of(2'000));
  for (std::size_t size = 0; size < smaller.size(); ++size) {
    EXPECT_EQ(code_of(inflate(BytesView(smaller).first(size), 10'000)), errc::frame_malformed);
  }
}

TEST(DeflateTest, RefusesDamageAndWhatStandsBehind) {
  const Bytes smaller = *deflate(text_of(2'000));
  Bytes longer = smaller;
  longer.push_back(0);
  EXPECT_EQ(code_of(inflate(longer, 10'000)), errc::frame_malformed);
  // The checksum at the end covers every bit in front of it.
  for (std::size_t i = 0; i < smaller.size(); ++i) {
    Bytes bad = smaller;
    bad[i] ^= 0x10;
    const auto again = inflate(bad, 10'000);
    EXPECT_TRUE(!again || *again == text_of(2'000)) << i;
  }
  EXPECT_EQ(code_of(inflate(as_bytes("not deflate at all"), 10'000)), errc::frame_malformed);
}

}  // namespace
}  // namespace tannha
