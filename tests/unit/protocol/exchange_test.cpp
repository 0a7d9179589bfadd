#include "tannha/protocol/exchange.hpp"

#include <gtest/gtest.h>

#include <random>

#include "../../support/protocol_world.hpp"
#include "../../support/random_seed.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha::exchange {
namespace {

using cbor::Map;
using cbor::Value;

std::string code_of(const auto& result) {
  return result ? "none" : std::string(name(result.error().code));
}

class ExchangeTest : public testing::Test {
 protected:
  template <class M>
  static std::string decoded(const Value& value) {
    return code_of(decode<M>(cbor::encode(value)));
  }
  /// The message with one key left out or set.
  template <class M>
  static Value with(const M& message, std::int64_t key, std::optional<Value> value) {
    Map map = *fields::to_value(message).as_map();
    std::erase_if(map, [&](const auto& pair) { return pair.first.as_int() == key; });
    if (value) map.emplace_back(key, std::move(*value));
    return Value(std::move(map));
  }
  template <class M>
  static void expect_round_trip(const M& message) {
    const Bytes bytes = fields::encode(message);
    const auto read = decode<M>(bytes);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(fields::encode(*read), bytes);
  }

  test::World world_;
};

TEST_F(ExchangeTest, RefusesOtherEncodingFirst) {
  EXPECT_EQ(code_of(decode<Request>({})), "cbor_truncated");
  EXPECT_EQ(code_of(decode<Request>(*from_hex("a1001801"))), "cbor_not_deterministic");
  Bytes longer = fields::encode(world_.request());
  longer.push_back(0);
  EXPECT_EQ(code_of(decode<Request>(longer)), "cbor_trailing_bytes");
}

TEST_F(ExchangeTest, RefusesMissingOrOtherVersion) {
  EXPECT_EQ(decoded<Request>(with(world_.request(), 0, {})), "frame_malformed");
  EXPECT_EQ(decoded<Request>(with(world_.request(), 0, "1")), "frame_malformed");
  EXPECT_EQ(decoded<Request>(with(world_.request(), 0, 0)), "frame_version_unknown");
  EXPECT_EQ(decoded<Request>(with(world_.request(), 0, 2)), "frame_version_unknown");
  // What a later version means by its other fields is not known here.
  EXPECT_EQ(decoded<Request>(Map{{0, 2}}), "frame_version_unknown");
  EXPECT_EQ(decoded<Request>(Value(cbor::Array{})), "frame_malformed");
}

TEST_F(ExchangeTest, RefusesMissingOrIllTypedField) {
  for (std::int64_t key = 1; key <= 9; ++key) {
    EXPECT_EQ(decoded<Request>(with(world_.request(), key, {})), "frame_malformed") << key;
    EXPECT_EQ(decoded<Request>(with(world_.request(), key, Value::null())), "frame_malformed");
  }
  for (std::int64_t key = 1; key <= 10; ++key) {
    EXPECT_EQ(decoded<Response>(with(world_.response(), key, {})), "frame_malformed") << key;
    EXPECT_EQ(decoded<Response>(with(world_.response(), key, Value::null())), "frame_malformed");
  }
  EXPECT_EQ(decoded<Request>(with(world_.request(), 6, std::uint64_t{1} << 32)), "frame_malformed");
}

TEST_F(ExchangeTest, RefusesVerdictOutsideItsValues) {
  Response response = world_.response();
  for (int n = 0; n <= 7; ++n) {
    response.answers[0].verdict = static_cast<Verdict>(n);
    EXPECT_EQ(code_of(decode<Response>(fields::encode(response))),
              n <= 5 ? "none" : "frame_malformed")
        << n;
  }
}

TEST_F(ExchangeTest, IgnoresFieldsOfLaterVersions) {
  EXPECT_EQ(decoded<Request>(with(world_.request(), 99, "new")), "none");
  EXPECT_EQ(decoded<Response>(with(world_.response(), 99, "new")), "none");
}

TEST_F(ExchangeTest, RoundTripsEachMessage) {
  expect_round_trip(world_.request());
  expect_round_trip(world_.response());
  expect_round_trip(world_.parcel());
  expect_round_trip(Request{});
  expect_round_trip(Response{});
  expect_round_trip(make_refusal(errc::overloaded));
  expect_round_trip(EnrolRequest{.ticket = "t", .public_key = {}, .incarnation = {}, .proof = {}});
  expect_round_trip(EnrolAnswer{.certificate = {1}, .tenant = {"H42", "Huế", "o", {}, {}}});
  expect_round_trip(TokenRequest{.log = world_.courier_log, .challenge = {1}, .signature = {}});
}

TEST_F(ExchangeTest, RoundTripsMessagesWithoutVersion) {
  const auto round_trip = [](const auto& message) {
    using M = std::decay_t<decltype(message)>;
    const Bytes bytes = fields::encode(message);
    const auto read = fields::decode<M>(bytes, errc::frame_malformed);
    ASSERT_TRUE(read);
    EXPECT_EQ(fields::encode(*read), bytes);
  };
  round_trip(Challenge{{1, 2}});
  round_trip(TokenAnswer{"t", 1});
  round_trip(TicketRequest{Role::citizen, "H42", test::filled(1), test::filled(2), "x"});
  round_trip(TicketRequest{Role::officer, "H42", {}, {}, ""});
  round_trip(TicketAnswer{"t", test::filled(1), 1});
  round_trip(LiveMessage{LiveKind::changed, 0, {}});
}

TEST_F(ExchangeTest, RefusesLiveKindOutsideItsValues) {
  for (int n = 0; n <= 7; ++n) {
    const Bytes bytes = cbor::encode(Map{{1, n}, {2, 0}, {3, Bytes{}}});
    EXPECT_EQ(code_of(fields::decode<LiveMessage>(bytes, errc::frame_malformed)),
              n >= 1 && n <= 6 ? "none" : "frame_malformed")
        << n;
  }
}

TEST_F(ExchangeTest, RefusalHasNumberAndBothTexts) {
  const Refusal refusal = make_refusal(errc::token_invalid);
  EXPECT_EQ(refusal.code, 49);
  EXPECT_EQ(refusal.english, message(errc::token_invalid, Language::english));
  EXPECT_EQ(refusal.vietnamese, message(errc::token_invalid, Language::vietnamese));
}

TEST_F(ExchangeTest, StatementsOfOneKindAreNotOfAnother) {
  const Bytes enrol = enrol_statement("ticket", test::filled(1));
  const Bytes token = token_statement(as_bytes("challenge"), "H42");
  EXPECT_TRUE(as_text(enrol).starts_with("tannha enrol v1\n"));
  EXPECT_TRUE(as_text(token).starts_with("tannha sign-in v1\n"));
  EXPECT_NE(token, token_statement(as_bytes("challenge"), "H43"));
  EXPECT_NE(token, token_statement(as_bytes("challengf"), "H42"));
  EXPECT_NE(enrol, enrol_statement("ticket", test::filled(2)));
  EXPECT_NE(enrol, enrol_statement("ticke", test::filled(1)));
  // What is signed for a record or a certificate is a CBOR array.
  EXPECT_NE(enrol.front(), 0x84);
  EXPECT_NE(token.front(), 0x84);
}

TEST_F(ExchangeTest, ParcelTextRefusesOtherPrefixAndCharacters) {
  const std::string text = parcel_text(world_.parcel());
  const std::string start = text.substr(0, 8);
  const std::string rest = text.substr(8);
  for (const std::string& bad : {std::string(), std::string("TN"), "TN2." + text.substr(4),
                                 "tn1." + text.substr(4), " " + text, text + "=", text + "\t",
                                 text + "\nx", start + "\n" + rest, start + "+" + rest.substr(1)}) {
    EXPECT_EQ(code_of(parcel_from_text(bad)), "frame_malformed") << bad.substr(0, 12);
  }
}

TEST_F(ExchangeTest, ParcelTextGivesTheErrorsOfTheMessage) {
  const auto as_parcel = [](const Value& value) {
    return code_of(parcel_from_text("TN1." + to_base64url(cbor::encode(value))));
  };
  EXPECT_EQ(code_of(parcel_from_text("TN1.")), "cbor_truncated");
  EXPECT_EQ(as_parcel(Map{{0, 2}}), "frame_version_unknown");
  EXPECT_EQ(as_parcel(Map{{0, 1}}), "frame_malformed");
  EXPECT_EQ(as_parcel(Map{{0, 1}, {1, cbor::Array{}}, {2, cbor::Array{}}}), "none");
}

TEST_F(ExchangeTest, ParcelTextRefusesOneCharacterMoreThanLimit) {
  // One string with its head of five bytes.
  const Bytes bytes(limits::frame_bytes_max / 4 * 3 - 3 - 5);
  const std::string most = "TN1." + to_base64url(cbor::encode(Value(bytes)));
  ASSERT_EQ(most.size(), limits::frame_bytes_max);
  EXPECT_EQ(code_of(parcel_from_text(most)), "frame_malformed");
  EXPECT_EQ(code_of(parcel_from_text(most + "A")), "frame_too_large");
  // Blanks behind it do not count.
  EXPECT_EQ(code_of(parcel_from_text(most + "\r\n ")), "frame_malformed");
}

TEST_F(ExchangeTest, ParcelTextRoundTripsWithLineEnd) {
  const std::string text = parcel_text(world_.parcel());
  for (const std::string_view end : {"", "\n", "\r\n", "  \n\n"}) {
    const auto read = parcel_from_text(text + std::string(end));
    ASSERT_TRUE(read);
    EXPECT_EQ(fields::encode(*read), fields::encode(world_.parcel()));
  }
}

TEST_F(ExchangeTest, MutatedMessageIsRefusedOrEncodesAgain) {
  const std::uint64_t seed = test::random_seed();
  SCOPED_TRACE(test::seed_text(seed));
  std::mt19937_64 random(seed);
  const Bytes whole = fields::encode(world_.response());
  for (int round = 0; round < 2000; ++round) {
    Bytes changed = whole;
    changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
    const auto read = decode<Response>(changed);
    if (!read) continue;
    const auto again = decode<Response>(fields::encode(*read));
    ASSERT_TRUE(again);
    EXPECT_EQ(fields::encode(*again), fields::encode(*read));
  }
}

TEST_F(ExchangeTest, BytesAreStable) {
  EXPECT_EQ(to_hex(sha256(fields::encode(world_.request()))),
            "637f92120ec5bda3f3e108ba8b2e1f434628026798d45544d0be2fb354e28cb3");
  EXPECT_EQ(to_hex(sha256(fields::encode(world_.response()))),
            "ffd5ff473a356761242cbe81b54b6bc1b1f5afe172183b4610d8d23ec464391b");
  EXPECT_EQ(to_hex(sha256(as_bytes(parcel_text(world_.parcel())))),
            "711a51316bb091b65722f72e72545229532d8e35df1a437b5e9ace8a520d906a");
}

}  // namespace
}  // namespace tannha::exchange
