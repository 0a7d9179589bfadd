// The examples of RFC 8949 appendix A and the malformed ones of its appendix F.
#include <gtest/gtest.h>

#include "tannha/protocol/cbor.hpp"

namespace tannha::cbor {
namespace {

struct Example {
  std::string_view hex;
  std::string_view diagnostic;
};

constexpr Example deterministic[] = {
    {"00", "0"},
    {"01", "1"},
    {"0a", "10"},
    {"17", "23"},
    {"1818", "24"},
    {"1819", "25"},
    {"1864", "100"},
    {"1903e8", "1000"},
    {"1a000f4240", "1000000"},
    {"1b000000e8d4a51000", "1000000000000"},
    {"1bffffffffffffffff", "18446744073709551615"},
    // The RFC prints bignums as numbers; here they stay tagged byte strings.
    {"c249010000000000000000", "2(h'010000000000000000')"},
    {"3bffffffffffffffff", "-18446744073709551616"},
    {"c349010000000000000000", "3(h'010000000000000000')"},
    {"20", "-1"},
    {"29", "-10"},
    {"3863", "-100"},
    {"3903e7", "-1000"},
    {"f90000", "0.0"},
    {"f98000", "-0.0"},
    {"f93c00", "1.0"},
    {"fb3ff199999999999a", "1.1"},
    {"f93e00", "1.5"},
    {"f97bff", "65504.0"},
    {"fa47c35000", "100000.0"},
    {"fa7f7fffff", "3.4028234663852886e+38"},
    {"fb7e37e43c8800759c", "1.0e+300"},
    {"f90001", "5.960464477539063e-8"},
    {"f90400", "0.00006103515625"},
    {"f9c400", "-4.0"},
    {"fbc010666666666666", "-4.1"},
    {"f97c00", "Infinity"},
    {"f97e00", "NaN"},
    {"f9fc00", "-Infinity"},
    {"f4", "false"},
    {"f5", "true"},
    {"f6", "null"},
    {"f7", "undefined"},
    {"f0", "simple(16)"},
    {"f8ff", "simple(255)"},
    {"c074323031332d30332d32315432303a30343a30305a", "0(\"2013-03-21T20:04:00Z\")"},
    {"c11a514b67b0", "1(1363896240)"},
    {"c1fb41d452d9ec200000", "1(1363896240.5)"},
    {"d74401020304", "23(h'01020304')"},
    {"d818456449455446", "24(h'6449455446')"},
    {"d82076687474703a2f2f7777772e6578616d706c652e636f6d", "32(\"http://www.example.com\")"},
    {"40", "h''"},
    {"4401020304", "h'01020304'"},
    {"60", "\"\""},
    {"6161", "\"a\""},
    {"6449455446", "\"IETF\""},
    {"62225c", "\"\\\"\\\\\""},
    {"62c3bc", "\"\u00fc\""},
    {"63e6b0b4", "\"\u6c34\""},
    {"64f0908591", "\"\U00010151\""},
    {"80", "[]"},
    {"83010203", "[1, 2, 3]"},
    {"8301820203820405", "[1, [2, 3], [4, 5]]"},
    {"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
     "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]"},
    {"a0", "{}"},
    {"a201020304", "{1: 2, 3: 4}"},
    {"a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}"},
    {"826161a161626163", "[\"a\", {\"b\": \"c\"}]"},
    {"a56161614161626142616361436164614461656145",
     "{\"a\": \"A\", \"b\": \"B\", \"c\": \"C\", \"d\": \"D\", \"e\": \"E\"}"},
};

constexpr std::string_view not_deterministic[] = {
    "fa7f800000",
    "fa7fc00000",
    "faff800000",
    "fb7ff0000000000000",
    "fb7ff8000000000000",
    "fbfff0000000000000",
    "5f42010243030405ff",
    "7f657374726561646d696e67ff",
    "9fff",
    "9f018202039f0405ffff",
    "9f01820203820405ff",
    "83018202039f0405ff",
    "83019f0203ff820405",
    "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
    "bf61610161629f0203ffff",
    "826161bf61626163ff",
    "bf6346756ef563416d7421ff",
};

// Appendix F: ends too early.
constexpr std::string_view truncated[] = {
    "",
    "18",
    "19",
    "1a",
    "1b",
    "1901",
    "1a0102",
    "1b01020304050607",
    "38",
    "58",
    "78",
    "98",
    "9a01ff00",
    "b8",
    "d8",
    "f8",
    "f900",
    "fa0000",
    "fb000000",
    "41",
    "61",
    "5affffffff00",
    "5bffffffffffffffff010203",
    "7affffffff00",
    "7b7fffffffffffffff010203",
    "81",
    "818181818181818181",
    "8200",
    "a1",
    "a20102",
    "a100",
    "a2000000",
    "c0",
};

// Appendix F: reserved additional information, reserved simple values, a break outside.
constexpr std::string_view malformed[] = {
    "1c",   "1d", "1e",   "3c",   "3d",     "3e",     "5c",     "5d",   "5e",   "7c",
    "7d",   "7e", "9c",   "9d",   "9e",     "bc",     "bd",     "be",   "dc",   "dd",
    "de",   "fc", "fd",   "fe",   "1f",     "3f",     "df",     "f800", "f801", "f818",
    "f81f", "ff", "df00", "81ff", "8200ff", "a1ff00", "a100ff",
};

TEST(Rfc8949Test, RefusesExamplesThatAreNotDeterministic) {
  for (const std::string_view hex : not_deterministic) {
    const Result<Value> value = decode(*from_hex(hex));
    ASSERT_FALSE(value) << hex;
    EXPECT_EQ(value.error().code, errc::cbor_not_deterministic) << hex;
  }
}

TEST(Rfc8949Test, RefusesTruncatedExamples) {
  for (const std::string_view hex : truncated) {
    const Result<Value> value = decode(*from_hex(hex));
    ASSERT_FALSE(value) << hex;
    EXPECT_EQ(value.error().code, errc::cbor_truncated) << hex;
  }
}

TEST(Rfc8949Test, RefusesMalformedExamples) {
  for (const std::string_view hex : malformed) {
    const Result<Value> value = decode(*from_hex(hex));
    ASSERT_FALSE(value) << hex;
    EXPECT_EQ(value.error().code, errc::cbor_malformed) << hex;
  }
}

TEST(Rfc8949Test, DecodesAndEncodesDeterministicExamples) {
  for (const Example& example : deterministic) {
    const Bytes bytes = *from_hex(example.hex);
    const Result<Value> value = decode(bytes);
    ASSERT_TRUE(value) << example.hex << " " << name(value.error().code);
    EXPECT_EQ(to_hex(encode(*value)), example.hex);
    EXPECT_EQ(diagnostic(*value), example.diagnostic);
  }
}

}  // namespace
}  // namespace tannha::cbor
