#include "tannha/protocol/fields.hpp"

#include <gtest/gtest.h>

namespace tannha {

enum class Colour : std::uint8_t { red = 1, green = 2 };
constexpr bool is_valid(Colour c) {
  return c == Colour::red || c == Colour::green;
}

namespace {

using cbor::Array;
using cbor::Map;
using cbor::Value;

struct Inner {
  std::string name;
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.name);
  }
  friend bool operator==(const Inner&, const Inner&) = default;
};

struct Sample {
  std::uint8_t small{};
  std::uint64_t large{};
  std::int16_t signed_small{};
  bool flag{};
  std::string text;
  Bytes bytes;
  std::array<std::uint8_t, 4> four{};
  Colour colour = Colour::red;
  Inner inner;
  std::vector<Inner> list;
  std::optional<Inner> maybe;
  cbor::Value any;
  template <class V>
  static void fields(V& v, auto& s) {
    v(1, s.small);
    v(2, s.large);
    v(3, s.signed_small);
    v(4, s.flag);
    v(5, s.text);
    v(6, s.bytes);
    v(7, s.four);
    v(8, s.colour);
    v(9, s.inner);
    v(10, s.list);
    v(11, s.maybe);
    v(12, s.any);
  }
  friend bool operator==(const Sample&, const Sample&) = default;
};

class FieldsTest : public testing::Test {
 protected:
  static std::string decoded(const Value& value) {
    const auto result = fields::decode<Sample>(cbor::encode(value), errc::body_malformed);
    return result ? "none" : std::string(name(result.error().code));
  }
  /// The sample with one key left out or set.
  [[nodiscard]] static Value with(std::int64_t key, std::optional<Value> value) {
    Map map = *fields::to_value(sample()).as_map();
    std::erase_if(map, [&](const auto& pair) { return pair.first.as_int() == key; });
    if (value) map.emplace_back(key, std::move(*value));
    return Value(std::move(map));
  }
  static Sample sample() {
    Sample s;
    s.small = 255;
    s.large = UINT64_MAX;
    s.signed_small = -32768;
    s.flag = true;
    s.text = "Tận Nhà";
    s.bytes = {1, 2};
    s.four = {1, 2, 3, 4};
    s.colour = Colour::green;
    s.inner = {"a"};
    s.list = {{"b"}, {"c"}};
    s.maybe = Inner{"d"};
    s.any = Map{{1, 2}};
    return s;
  }
};

TEST_F(FieldsTest, RefusesMissingFieldButNotAnOptionalOne) {
  for (std::int64_t key = 1; key <= 12; ++key) {
    EXPECT_EQ(decoded(with(key, {})), key == 11 ? "none" : "body_malformed") << key;
  }
}

TEST_F(FieldsTest, RefusesNullWhereAValueBelongs) {
  for (std::int64_t key = 1; key <= 11; ++key) {
    EXPECT_EQ(decoded(with(key, Value::null())), "body_malformed") << key;
  }
}

TEST_F(FieldsTest, RefusesNumberOutOfRange) {
  EXPECT_EQ(decoded(with(1, 255)), "none");
  EXPECT_EQ(decoded(with(1, 256)), "body_malformed");
  EXPECT_EQ(decoded(with(1, -1)), "body_malformed");
  EXPECT_EQ(decoded(with(3, 32767)), "none");
  EXPECT_EQ(decoded(with(3, 32768)), "body_malformed");
  EXPECT_EQ(decoded(with(3, -32769)), "body_malformed");
  EXPECT_EQ(decoded(with(3, UINT64_MAX)), "body_malformed");
}

TEST_F(FieldsTest, RefusesEnumerationOutsideItsValues) {
  EXPECT_EQ(decoded(with(8, 1)), "none");
  // 257 is 1 in eight bits.
  for (const int n : {0, 3, 256, 257, -1}) EXPECT_EQ(decoded(with(8, n)), "body_malformed") << n;
}

TEST_F(FieldsTest, RefusesOtherTypesAndLengths) {
  EXPECT_EQ(decoded(with(4, 1)), "body_malformed");
  EXPECT_EQ(decoded(with(5, Bytes{65})), "body_malformed");
  EXPECT_EQ(decoded(with(6, "A")), "body_malformed");
  EXPECT_EQ(decoded(with(7, Bytes(3))), "body_malformed");
  EXPECT_EQ(decoded(with(7, Bytes(5))), "body_malformed");
  EXPECT_EQ(decoded(with(9, Array{})), "body_malformed");
  EXPECT_EQ(decoded(with(9, Map{{2, "a"}})), "body_malformed");
  EXPECT_EQ(decoded(with(10, Map{})), "body_malformed");
  EXPECT_EQ(decoded(with(10, Array{Map{{1, "a"}}, 1})), "body_malformed");
  EXPECT_EQ(decoded(with(11, Map{})), "body_malformed");
}

TEST_F(FieldsTest, RefusesWhatIsNoMap) {
  for (const Value& value : {Value(0), Value(Array{}), Value("x"), Value::null()}) {
    EXPECT_EQ(decoded(value), "body_malformed");
  }
}

TEST_F(FieldsTest, GivesTheErrorOfTheEncoding) {
  const auto cut = fields::decode<Sample>(*from_hex("a101"), errc::body_malformed);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, errc::cbor_truncated);
}

TEST_F(FieldsTest, IgnoresUnknownKeysAtEveryLevel) {
  EXPECT_EQ(decoded(with(99, "new")), "none");
  EXPECT_EQ(decoded(with(-1, "new")), "none");
  EXPECT_EQ(decoded(with(9, Map{{1, "a"}, {2, "new"}})), "none");
  Value text_key = with(1, 1);
  text_key.set("1", "text keys are other keys");
  EXPECT_EQ(decoded(text_key), "none");
}

TEST_F(FieldsTest, RoundTrips) {
  const auto full = fields::decode<Sample>(fields::encode(sample()), errc::body_malformed);
  ASSERT_TRUE(full);
  EXPECT_EQ(*full, sample());
  Sample empty;
  empty.maybe.reset();
  const auto back = fields::decode<Sample>(fields::encode(empty), errc::body_malformed);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, empty);
}

TEST_F(FieldsTest, EmptyOptionalIsLeftOut) {
  Sample s = sample();
  s.maybe.reset();
  EXPECT_EQ(fields::to_value(s).find(std::int64_t{11}), nullptr);
  EXPECT_NE(fields::to_value(sample()).find(std::int64_t{11}), nullptr);
}

}  // namespace
}  // namespace tannha
