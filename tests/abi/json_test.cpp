// The C ABI's JSON beside a library that reads all of JSON: what this reads, the library reads as
// the same, and what the library cannot read is refused. What is refused besides is written here.
#include "json.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>
#include <string>

namespace tannha::core::json {
namespace {

namespace bj = boost::json;

bool same(const Value& ours, const bj::value& theirs) {
  switch (ours.kind) {
    case Value::Kind::other:
      return theirs.is_null() || theirs.is_double() || theirs.is_uint64() ||
             (theirs.is_int64() && (theirs.get_int64() < 0 ||
                                    static_cast<std::uint64_t>(theirs.get_int64()) > number_max));
    case Value::Kind::boolean:
      return theirs.is_bool() && theirs.get_bool() == (ours.number == 1);
    case Value::Kind::number:
      return theirs.is_int64() && static_cast<std::uint64_t>(theirs.get_int64()) == ours.number;
    case Value::Kind::text:
      return theirs.is_string() && std::string_view(theirs.get_string()) == ours.text;
    case Value::Kind::list: {
      if (!theirs.is_array() || theirs.get_array().size() != ours.items.size()) return false;
      for (std::size_t i = 0; i < ours.items.size(); ++i) {
        if (!same(ours.items[i], theirs.get_array()[i])) return false;
      }
      return true;
    }
    case Value::Kind::object: {
      if (!theirs.is_object() || theirs.get_object().size() != ours.items.size()) return false;
      for (std::size_t i = 0; i < ours.items.size(); ++i) {
        const bj::value* const field = theirs.get_object().if_contains(ours.names[i]);
        if (!field || !same(ours.items[i], *field)) return false;
      }
      return true;
    }
  }
  return false;
}

void expect_agreement(const std::string& text) {
  bj::parse_options options;
  options.max_depth = 8;
  bj::error_code error;
  const bj::value theirs = bj::parse(text, error, {}, options);
  const auto ours = parse(text);
  if (ours) {
    ASSERT_FALSE(error) << text;
    ASSERT_TRUE(same(*ours, theirs)) << text;
    return;
  }
  EXPECT_EQ(ours.error().code, errc::argument_invalid);
  if (error || !theirs.is_object()) return;
  // A name twice, of which the library keeps the last.
  const auto once = parse(bj::serialize(theirs));
  ASSERT_TRUE(once && same(*once, theirs)) << text;
}

bool is_read(const std::string& text) {
  return parse(text).has_value();
}

/// A text that looks like JSON, for the most part.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> parts{"{",
                                              "}",
                                              "[",
                                              "]",
                                              ",",
                                              ":",
                                              "\"a\"",
                                              "\"b\"",
                                              "\"\"",
                                              "true",
                                              "false",
                                              "null",
                                              "0",
                                              "12",
                                              "-1",
                                              "1.5",
                                              "1e3 ",
                                              " ",
                                              "\n",
                                              "\"ế\"",
                                              "\"\\n\"",
                                              "\"\\u0111\"",
                                              "\"\\ud83d\\ude00\"",
                                              "\"\\ud83d\"",
                                              "tru",
                                              "01",
                                              "\"",
                                              "\\",
                                              "\xC3",
                                              "{\"a\":",
                                              "\"c\":[1,",
                                              "9007199254740991",
                                              "9007199254740992"};
  std::string text = "{";
  const auto count = random() % 14;
  for (std::size_t i = 0; i < count; ++i) text += parts[random() % parts.size()];
  return text + "}";
}

}  // namespace

TEST(JsonTest, EveryFormOfAValueIsReadAsALibraryReadsIt) {
  for (const std::string text :
       {R"({})", R"( { "a" : 1 } )", R"({"a":[]})", R"({"a":[1,"2",[3],{"b":true}],"c":false})",
        R"({"a":null,"b":-1,"c":1.5,"d":1e9,"e":0})", R"({"a":9007199254740991})",
        R"({"a":"\"\\\/\b\f\n\r\t"})", R"({"a":"\u0000\u00e9\u1ebf\ud83d\ude00"})",
        R"({"Họ và tên":"Nguyễn Thị Phúc"})", R"({"a":[[[[[[[0]]]]]]]})"}) {
    EXPECT_TRUE(is_read(text)) << text;
    expect_agreement(text);
  }
}

TEST(JsonTest, WhatIsNotJsonIsRefused) {
  for (const std::string text : {"",
                                 " ",
                                 "1",
                                 "[]",
                                 "\"a\"",
                                 "{",
                                 "}",
                                 "{}}",
                                 "{} {}",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{a:1}",
                                 "{\"a\":1,}",
                                 "{,}",
                                 "{\"a\":[1,]}",
                                 "{\"a\":[,1]}",
                                 "{\"a\":01}",
                                 "{\"a\":+1}",
                                 "{\"a\":1.}",
                                 "{\"a\":.5}",
                                 "{\"a\":1e}",
                                 "{\"a\":-}",
                                 "{\"a\":tru}",
                                 "{\"a\":True}",
                                 "{\"a\":\"b}",
                                 "{\"a\":\"\\x\"}",
                                 "{\"a\":\"\\u12\"}",
                                 "{\"a\":\"\\u12g4\"}",
                                 "{\"a\":\"\\ud83d\"}",
                                 "{\"a\":\"\\ude00\"}",
                                 "{\"a\":\"\\ud83d\\u0041\"}",
                                 "{\"a\":\"\n\"}",
                                 "{\"a\":\"\xC3\"}",
                                 "{\"a\":\"\xED\xA0\x80\"}",
                                 "{\"a\":1}//",
                                 "\xEF\xBB\xBF{}",
                                 "{\"a\":[[[[[[[[0]]]]]]]]}"}) {
    EXPECT_FALSE(is_read(text)) << text;
    expect_agreement(text);
  }
}

TEST(JsonTest, ANameTwiceAndTooManyNamesAreRefused) {
  EXPECT_FALSE(is_read(R"({"a":1,"a":1})"));
  std::string many = "{";
  for (int i = 0; i < 64; ++i) many += "\"" + std::to_string(i) + "\":0,";
  EXPECT_FALSE(is_read(many + "\"more\":0}"));
  many.back() = '}';
  EXPECT_TRUE(is_read(many));
  EXPECT_FALSE(is_read("{\"a\":\"" + std::string(1 << 20, 'x') + "\"}"));
}

TEST(JsonTest, RandomTextsAreReadAsALibraryReadsThemOrNotAtAll) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 200'000 && !HasFatalFailure(); ++i) expect_agreement(random_text(random));
}

TEST(JsonTest, WhatIsWrittenALibraryReads) {
  std::string every;
  for (char c = 0; c >= 0 && c < 0x7F; ++c) every += c;
  for (const std::string& text : {std::string(), every, std::string("Đỗ Thị \"Ế\" \\ 😀")}) {
    std::string written;
    put(written, text);
    EXPECT_EQ(std::string(bj::parse(written).as_string()), text);
  }
  std::string written;
  Writer writer(written);
  writer("a", std::uint64_t{number_max});
  writer("b", std::vector<std::uint32_t>{1, 2});
  writer("c", std::optional<bool>{});
  writer("d", std::vector<std::string>{});
  writer("e", std::optional<std::string>{"{["});
  writer("f", true);
  writer.end();
  EXPECT_EQ(written, R"({"a":9007199254740991,"b":[1,2],"d":[],"e":"{[","f":true})");
}

}  // namespace tannha::core::json
