#include "tannha/protocol/cbor.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "../../support/random_seed.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha::cbor {
namespace {

std::string error_of(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes) return "bad test";
  const Result<Value> value = decode(*bytes);
  return value ? "none" : std::string(name(value.error().code));
}

std::string hex_of(const Value& value) {
  return to_hex(encode(value));
}

TEST(CborTest, RefusesLongerIntegersAndLengths) {
  for (const std::string_view hex : {"1800",
                                     "1817",
                                     "190000",
                                     "1900ff",
                                     "1a00000000",
                                     "1a0000ffff",
                                     "1b0000000000000000",
                                     "1b00000000ffffffff",
                                     "3800",
                                     "3817",
                                     "3900ff",
                                     "3a0000ffff",
                                     "3b00000000ffffffff",
                                     "580100",
                                     "59000100",
                                     "780161",
                                     "7900016a",
                                     "980100",
                                     "99000100",
                                     "b8010000",
                                     "d80100",
                                     "d9000100",
                                     "1b00000000000000ff"}) {
    EXPECT_EQ(error_of(hex), "cbor_not_deterministic") << hex;
  }
}

TEST(CborTest, AcceptsTheLeastOfEachWidth) {
  for (const std::string_view hex : {"17", "1818", "18ff", "190100", "19ffff", "1a00010000",
                                     "1affffffff", "1b0000000100000000", "1bffffffffffffffff"}) {
    EXPECT_EQ(error_of(hex), "none") << hex;
  }
}

TEST(CborTest, RefusesLongerFloatsAndOtherNans) {
  for (const std::string_view hex : {"fa00000000",
                                     "fa80000000",
                                     "fa3f800000",
                                     "fa7f800000",
                                     "fa477fe000",
                                     "fa33800000",
                                     "fb0000000000000000",
                                     "fb3ff0000000000000",
                                     "fb7ff0000000000000",
                                     "fb40f86a0000000000",
                                     "f97e01",
                                     "f9fe00",
                                     "f97c01",
                                     "fa7fc00000",
                                     "fa7fc00001",
                                     "fb7ff8000000000000",
                                     "fb7ff0000000000001",
                                     "fbfff8000000000000",
                                     "fb36a0000000000000",
                                     "fa387fc000"}) {
    EXPECT_EQ(error_of(hex), "cbor_not_deterministic") << hex;
  }
}

TEST(CborTest, RefusesKeysOutOfOrderAndTwice) {
  EXPECT_EQ(error_of("a202000100"), "cbor_not_deterministic");
  EXPECT_EQ(error_of("a201000100"), "cbor_duplicate_key");
  EXPECT_EQ(error_of("a3010002000100"), "cbor_not_deterministic");
  EXPECT_EQ(error_of("a26162006161"
                     "00"),
            "cbor_not_deterministic");
  EXPECT_EQ(error_of("a2616100616100"), "cbor_duplicate_key");
  // Bytewise, not by length first: [100] is longer than -1 and comes after it.
  EXPECT_EQ(error_of("a28118640020"
                     "00"),
            "cbor_not_deterministic");
  EXPECT_EQ(error_of("a2200081186400"), "none");
  // The same inside another item.
  EXPECT_EQ(error_of("81a201000100"), "cbor_duplicate_key");
}

TEST(CborTest, RefusesNestingDeeperThanLimit) {
  const std::size_t max = limits::cbor_depth_max;
  for (const auto& [opener, closer] : {std::pair<std::string, std::string>{"81", "00"},
                                       {"a100", "00"},
                                       {"c1", "00"},
                                       {"81", "80"},
                                       {"81c1", "00"}}) {
    const std::size_t levels = opener == "81c1" ? 2 : 1;
    const std::size_t inner = closer == "80" ? 1 : 0;
    std::string hex;
    for (std::size_t i = 0; i < (max - inner) / levels; ++i) hex += opener;
    EXPECT_EQ(error_of(hex + closer), "none") << opener;
    EXPECT_EQ(error_of("81" + hex + closer), "cbor_too_deep") << opener;
    EXPECT_EQ(error_of("c1" + hex + closer), "cbor_too_deep") << opener;
  }
  // A map as a key nests too.
  std::string keys;
  for (std::size_t i = 0; i <= max; ++i) keys += "a1";
  EXPECT_EQ(error_of(keys + std::string(400, '0')), "cbor_too_deep");
  EXPECT_EQ(decode(Bytes(1'000'000, 0x81)).error().code, errc::cbor_too_deep);
}

TEST(CborTest, RefusesHugeDeclaredLengthsAtOnce) {
  for (const std::string_view hex :
       {"5bffffffffffffffff", "7bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff",
        "5b7fffffffffffffff00", "9b000000010000000000", "bb800000000000000000000000",
        "9affffffff9affffffff9affffffff00"}) {
    EXPECT_EQ(error_of(hex), "cbor_truncated") << hex;
  }
}

TEST(CborTest, RefusesInvalidUtf8InValuesAndKeys) {
  EXPECT_EQ(error_of("61ff"), "cbor_invalid_utf8");
  EXPECT_EQ(error_of("63eda080"), "cbor_invalid_utf8");
  EXPECT_EQ(error_of("a161ff00"), "cbor_invalid_utf8");
  // A character may not be cut by the end of its string.
  EXPECT_EQ(error_of("8261c361a9"), "cbor_invalid_utf8");
}

TEST(CborTest, RefusesTrailingBytes) {
  EXPECT_EQ(error_of("0000"), "cbor_trailing_bytes");
  EXPECT_EQ(error_of("80ff"), "cbor_trailing_bytes");
}

TEST(CborTest, ErrorNamesTheOffset) {
  const Result<Value> value = decode(*from_hex("8301021817"));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().detail, "offset 3");
}

TEST(CborTest, EveryCutIsTruncated) {
  const Bytes bytes = encode(Map{{1, Array{1000, "text", Bytes{1, 2, 3}, 1.1, Value::null()}},
                                 {-1, Value::tagged(18, Map{{"a", true}})}});
  ASSERT_TRUE(decode(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<Value> value = decode(BytesView(bytes).first(size));
    ASSERT_FALSE(value) << size;
    EXPECT_EQ(value.error().code, errc::cbor_truncated) << size;
  }
}

TEST(CborTest, SortsKeysByTheirEncodings) {
  // RFC 8949 §4.2.1: 10, 100, -1, "z", "aa", [100], [-1], false.
  const Value map = Map{{false, 0}, {Array{-1}, 0}, {Array{100}, 0}, {"aa", 0},
                        {"z", 0},   {-1, 0},        {100, 0},        {10, 0}};
  EXPECT_EQ(hex_of(map),
            "a80a001864002000617a0062616100811864008120"
            "00f400");
}

TEST(CborTest, SortsMapsInsideMapsAndKeysThatAreMaps) {
  const Value map = Map{{Map{{2, 0}, {1, 0}}, Map{{"b", 1}, {"a", 2}}}, {0, 0}};
  EXPECT_EQ(hex_of(map), "a20000a201000200a2616102616201");
  EXPECT_EQ(*decode(encode(map)), map);
}

TEST(CborTest, WritesShortestFloats) {
  const std::pair<double, std::string_view> examples[] = {
      {0.0, "f90000"},
      {-0.0, "f98000"},
      {65504.0, "f97bff"},
      {65505.0, "fa477fe100"},
      {65536.0, "fa47800000"},
      {0x1p-14, "f90400"},
      {0x1p-24, "f90001"},
      {0x1p-25, "fa33000000"},
      {0x1.8p-24, "fa33c00000"},
      {0x1.ff8p-15, "f903ff"},
      {0x1.ffcp-15, "fa387fe000"},
      {0x1p-126, "fa00800000"},
      {0x1p-149, "fa00000001"},
      {0x1p-150, "fb3690000000000000"},
      {0x1.fffffep127, "fa7f7fffff"},
      {0x1p128, "fb47f0000000000000"},
      {0x1.000002p0, "fa3f800001"},
      {0x1.0000001p0, "fb3ff0000001000000"},
      {std::numeric_limits<double>::max(), "fb7fefffffffffffff"},
      {std::numeric_limits<double>::denorm_min(), "fb0000000000000001"},
      {-std::numeric_limits<double>::infinity(), "f9fc00"},
      {-std::numeric_limits<double>::quiet_NaN(), "f97e00"}};
  for (const auto& [d, hex] : examples) {
    EXPECT_EQ(hex_of(d), hex);
    EXPECT_EQ(error_of(hex), "none") << hex;
  }
}

TEST(CborTest, EveryHalfRoundTrips) {
  for (unsigned half = 0; half <= 0xffff; ++half) {
    const Bytes bytes = {0xf9, static_cast<std::uint8_t>(half >> 8),
                         static_cast<std::uint8_t>(half)};
    const Result<Value> value = decode(bytes);
    const bool is_nan = (half & 0x7c00) == 0x7c00 && (half & 0x03ff) != 0;
    ASSERT_EQ(value.has_value(), !is_nan || half == 0x7e00) << half;
    if (value) {
      ASSERT_EQ(encode(*value), bytes);
    }
  }
}

TEST(CborTest, EveryIntegerBoundaryRoundTrips) {
  EXPECT_EQ(hex_of(std::numeric_limits<std::int64_t>::min()), "3b7fffffffffffffff");
  EXPECT_EQ(hex_of(std::numeric_limits<std::int64_t>::max()), "1b7fffffffffffffff");
  EXPECT_EQ(Value(std::numeric_limits<std::int64_t>::min()).as_int(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Value(-1).as_int(), -1);
  EXPECT_EQ(Value(-1).as_uint(), std::nullopt);
  EXPECT_EQ(Value(std::uint64_t{1} << 63).as_int(), std::nullopt);
  EXPECT_EQ(Value(Negative{std::uint64_t{1} << 63}).as_int(), std::nullopt);
  EXPECT_EQ(Value(5).as_uint(), 5U);
}

// A find() that was not looked into must not be written as `true`.
static_assert(!std::is_constructible_v<Value, const Value*>);

TEST(CborTest, TypedViewsRefuseOtherTypes) {
  const Value text = "1";
  EXPECT_FALSE(text.as_int());
  EXPECT_FALSE(text.as_uint());
  EXPECT_FALSE(text.as_bool());
  EXPECT_EQ(text.as_bytes(), nullptr);
  EXPECT_EQ(text.as_array(), nullptr);
  EXPECT_EQ(text.as_map(), nullptr);
  EXPECT_EQ(text.as_tagged(), nullptr);
  EXPECT_EQ(text.find(1), nullptr);
  EXPECT_EQ(text.find("1"), nullptr);
  EXPECT_FALSE(text.is_null());
  EXPECT_FALSE(Value(0).as_bool());
  EXPECT_FALSE(Value::null().as_bool());
  EXPECT_TRUE(Value::null().is_null());
  EXPECT_FALSE(Value(Bytes(15)).as_array_of_bytes<Id>());
  EXPECT_TRUE(Value(Bytes(16)).as_array_of_bytes<Id>());
}

TEST(CborTest, FindsByIntegerAndText) {
  Value map = Map{};
  map.set(-7, "negative");
  map.set("7", "text");
  map.set(7, "positive");
  EXPECT_EQ(*map.find(7)->as_text(), "positive");
  EXPECT_EQ(*map.find(-7)->as_text(), "negative");
  EXPECT_EQ(*map.find("7")->as_text(), "text");
  EXPECT_EQ(map.find(8), nullptr);
  EXPECT_EQ(map.find("8"), nullptr);
}

TEST(CborTest, EqualityIsEqualityOfEncodings) {
  EXPECT_NE(Value(0.0), Value(-0.0));
  EXPECT_EQ(Value(std::nan("1")), Value(std::nan("2")));
  EXPECT_NE(Value(1), Value(1.0));
  EXPECT_NE(Value("a"), Value(Bytes{'a'}));
  EXPECT_EQ(Value(Map{{1, 2}, {3, 4}}), Value(Map{{3, 4}, {1, 2}}));
  EXPECT_NE(Value(Map{{1, 2}, {3, 4}}), Value(Map{{3, 2}, {1, 4}}));
  EXPECT_NE(Value::tagged(1, 2), Value::tagged(2, 2));
  EXPECT_NE(Value::tagged(1, 2), Value::tagged(1, 3));
}

// ---- random values ----

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t n) {
  return random() % n;
}

/// Small ones often, and every width.
std::uint64_t random_number(Random& random) {
  return random() >> below(random, 64);
}

std::string random_text(Random& random) {
  static constexpr std::string_view characters[] = {"a", "Z", "\n", "\"", "ậ", "đ", "水", "😀"};
  std::string out;
  for (std::uint64_t i = below(random, 30); i > 0; --i) out += characters[below(random, 8)];
  return out;
}

double random_double(Random& random) {
  switch (below(random, 4)) {
    case 0:
      return std::ldexp(static_cast<double>(below(random, 4096)),
                        static_cast<int>(below(random, 40)) - 25);
    case 1:
      return double{std::bit_cast<float>(static_cast<std::uint32_t>(random()))};
    case 2:
      return -0.0;
    default:
      return std::bit_cast<double>(random());
  }
}

Value random_value(Random& random, std::size_t depth) {
  const std::uint64_t kind = below(random, depth == 0 ? 6 : 9);
  switch (kind) {
    case 0:
      return random_number(random);
    case 1:
      return Negative{random_number(random)};
    case 2: {
      Bytes bytes(below(random, 300));
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
      return bytes;
    }
    case 3:
      return random_text(random);
    case 4: {
      const auto number = static_cast<std::uint8_t>(below(random, 256));
      return Simple{number >= 24 && number < 32 ? std::uint8_t{22} : number};
    }
    case 5:
      return random_double(random);
    case 6: {
      Array array;
      for (std::uint64_t i = below(random, 30); i > 0; --i) {
        array.push_back(random_value(random, below(random, depth)));
      }
      return array;
    }
    case 7: {
      Map map;
      std::set<Bytes> keys;
      for (std::uint64_t i = below(random, 30); i > 0; --i) {
        Value key = random_value(random, below(random, depth));
        if (!keys.insert(encode(key)).second) continue;
        map.emplace_back(std::move(key), random_value(random, below(random, depth)));
      }
      return map;
    }
    default:
      return Value::tagged(random_number(random), random_value(random, depth - 1));
  }
}

TEST(CborPropertyTest, DecodeUndoesEncode) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  Random random(seed);
  for (int i = 0; i < 2000; ++i) {
    const Value value = random_value(random, 4);
    const Bytes bytes = encode(value);
    const Result<Value> decoded = decode(bytes);
    ASSERT_TRUE(decoded) << name(decoded.error().code) << " " << decoded.error().detail;
    ASSERT_EQ(*decoded, value) << diagnostic(value);
    ASSERT_EQ(encode(*decoded), bytes);
  }
}

TEST(CborPropertyTest, WhateverDecodesEncodesToTheSameBytes) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  Random random(seed);
  int accepted_count = 0;
  int refused_count = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes bytes = i % 4 == 0 ? Bytes(below(random, 12)) : encode(random_value(random, 2));
    if (i % 4 == 0) {
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    }
    for (std::uint64_t changes = 1 + below(random, 3); changes > 0 && !bytes.empty(); --changes) {
      const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(below(random, bytes.size()));
      switch (below(random, 4)) {
        case 0:
          *at = static_cast<std::uint8_t>(random());
          break;
        case 1:
          *at ^= static_cast<std::uint8_t>(1U << below(random, 8));
          break;
        case 2:
          bytes.erase(at);
          break;
        default:
          bytes.insert(at, static_cast<std::uint8_t>(random()));
      }
    }
    const Result<Value> value = decode(bytes);
    value ? ++accepted_count : ++refused_count;
    if (value) {
      ASSERT_EQ(encode(*value), bytes) << to_hex(bytes);
      ASSERT_FALSE(diagnostic(*value).empty());
    }
  }
  // Otherwise the test would say nothing about one of the two.
  EXPECT_GT(accepted_count, 500);
  EXPECT_GT(refused_count, 500);
}

}  // namespace
}  // namespace tannha::cbor
