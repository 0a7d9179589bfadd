#include "tannha/server/tokens.hpp"

#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"
#include "tests/integration/server/service_world.hpp"

namespace tannha::server {
namespace {

constexpr Hash log_id{1, 2, 3};

class TokensTest : public ::testing::Test {
 protected:
  TestHost host;
  Tokens tokens{Seed{7}, host};
};

TEST_F(TokensTest, RefusesForgedTokens) {
  const std::string text = tokens.make_token(log_id).text;
  const Bytes good = *from_base64url(text);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    EXPECT_EQ(code_of(tokens.check_token(to_base64url(bad))), errc::token_invalid) << i;
    EXPECT_FALSE(tokens.owner(to_base64url(bad))) << i;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(code_of(tokens.check_token(to_base64url(BytesView(good).first(size)))),
              errc::token_invalid)
        << size;
  }
  for (const auto* other : {"", " ", "abc=", "a.b.c", "\xff\xff"}) {
    EXPECT_EQ(code_of(tokens.check_token(other)), errc::token_invalid) << other;
    EXPECT_FALSE(tokens.owner(other)) << other;
  }
  EXPECT_EQ(code_of(tokens.check_token(text + "A")), errc::token_invalid);
}

TEST_F(TokensTest, RefusesTokensOfAnotherSecret) {
  Tokens others{Seed{8}, host};
  const std::string text = others.make_token(log_id).text;
  EXPECT_EQ(code_of(tokens.check_token(text)), errc::token_invalid);
  EXPECT_FALSE(tokens.owner(text));
}

TEST_F(TokensTest, TokenLivesAsLongAsItSays) {
  const Tokens::Token token = tokens.make_token(log_id);
  EXPECT_EQ(token.expires_ms, TestHost::start_ms + limits::token_life_ms);
  host.advance_ms(limits::token_life_ms);
  EXPECT_EQ(must(tokens.check_token(token.text)), log_id);
  host.advance_ms(1);
  EXPECT_EQ(code_of(tokens.check_token(token.text)), errc::token_invalid);
  EXPECT_TRUE(tokens.owner(token.text));
}

TEST_F(TokensTest, AnyServerWithTheSecretKnowsTheToken) {
  Tokens restarted{Seed{7}, host};
  EXPECT_EQ(must(restarted.check_token(tokens.make_token(log_id).text)), log_id);
}

TEST_F(TokensTest, ChallengeIsUsedOnce) {
  const Bytes challenge = tokens.make_challenge();
  EXPECT_TRUE(tokens.use_challenge(challenge).has_value());
  EXPECT_EQ(code_of(tokens.use_challenge(challenge)), errc::challenge_invalid);
  // Not even in the last moment of its life, when what was used first is forgotten.
  host.advance_ms(limits::challenge_life_ms);
  EXPECT_EQ(code_of(tokens.use_challenge(challenge)), errc::challenge_invalid);
  host.advance_ms(1);
  EXPECT_EQ(code_of(tokens.use_challenge(challenge)), errc::challenge_invalid);
}

TEST_F(TokensTest, ChallengeUsedLateIsNotForgottenEarly) {
  const Bytes challenge = tokens.make_challenge();
  host.advance_ms(limits::challenge_life_ms);
  EXPECT_TRUE(tokens.use_challenge(challenge).has_value());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(tokens.use_challenge(tokens.make_challenge()).has_value());
    EXPECT_EQ(code_of(tokens.use_challenge(challenge)), errc::challenge_invalid);
    host.advance_ms(limits::challenge_life_ms / 2);
  }
}

TEST_F(TokensTest, ChallengeExpires) {
  const Bytes challenge = tokens.make_challenge();
  host.advance_ms(limits::challenge_life_ms + 1);
  EXPECT_EQ(code_of(tokens.use_challenge(challenge)), errc::challenge_invalid);
}

TEST_F(TokensTest, RefusesForgedChallenges) {
  const Bytes good = tokens.make_challenge();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    EXPECT_EQ(code_of(tokens.use_challenge(bad)), errc::challenge_invalid) << i;
  }
  EXPECT_EQ(code_of(tokens.use_challenge({})), errc::challenge_invalid);
  EXPECT_TRUE(tokens.use_challenge(good).has_value());
}

TEST_F(TokensTest, TokenIsNoChallengeAndChallengeNoToken) {
  EXPECT_EQ(code_of(tokens.use_challenge(*from_base64url(tokens.make_token(log_id).text))),
            errc::challenge_invalid);
  EXPECT_EQ(code_of(tokens.check_token(to_base64url(tokens.make_challenge()))),
            errc::token_invalid);
}

TEST_F(TokensTest, ChallengesDiffer) {
  EXPECT_NE(tokens.make_challenge(), tokens.make_challenge());
}

}  // namespace
}  // namespace tannha::server
