#include "tannha/protocol/errc.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tannha/protocol/bytes.hpp"

namespace tannha {
namespace {

TEST(ErrcTest, UnknownNumberIsNotKnownAndHasTexts) {
  for (const unsigned number : {0U, 1U, 9U, 17U, 1000U, 65535U}) {
    EXPECT_FALSE(is_known(static_cast<std::uint16_t>(number))) << number;
    const auto code = static_cast<errc>(number);
    EXPECT_EQ(name(code), "unknown");
    EXPECT_FALSE(message(code, Language::english).empty());
    EXPECT_FALSE(message(code, Language::vietnamese).empty());
    EXPECT_FALSE(is_transient(code));
  }
}

TEST(ErrcTest, NumbersAscend) {
  ASSERT_FALSE(all_errc().empty());
  int previous = 0;
  for (const errc code : all_errc()) {
    EXPECT_LT(previous, static_cast<int>(code));
    EXPECT_TRUE(is_known(static_cast<std::uint16_t>(code)));
    previous = static_cast<int>(code);
  }
}

TEST(ErrcTest, NamesAreUniqueSnakeCase) {
  std::set<std::string_view> names;
  for (const errc code : all_errc()) {
    EXPECT_TRUE(names.insert(name(code)).second) << name(code);
    EXPECT_NE(name(code), "unknown");
    EXPECT_EQ(name(code).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string_view::npos)
        << name(code);
  }
}

TEST(ErrcTest, BothLanguagesEndWithFullStop) {
  std::set<std::string_view> texts;
  for (const errc code : all_errc()) {
    for (const Language language : {Language::english, Language::vietnamese}) {
      const std::string_view text = message(code, language);
      EXPECT_TRUE(text.ends_with('.')) << name(code);
      EXPECT_TRUE(is_utf8(text)) << name(code);
      EXPECT_TRUE(texts.insert(text).second) << "same text twice: " << text;
    }
  }
}

// The numbers travel on the wire and lie in stores: these must never change.
TEST(ErrcTest, NumbersAreStable) {
  EXPECT_EQ(static_cast<int>(errc::cbor_truncated), 10);
  EXPECT_EQ(static_cast<int>(errc::signature_invalid), 23);
  EXPECT_EQ(static_cast<int>(errc::record_malformed), 30);
  EXPECT_EQ(static_cast<int>(errc::certificate_malformed), 40);
  EXPECT_EQ(static_cast<int>(errc::out_of_scope), 50);
  EXPECT_EQ(static_cast<int>(errc::frame_too_large), 60);
  EXPECT_EQ(static_cast<int>(errc::store_full), 70);
  EXPECT_EQ(static_cast<int>(errc::personal_number_length), 80);
  EXPECT_EQ(static_cast<int>(errc::network_unreachable), 100);
  EXPECT_EQ(static_cast<int>(errc::catalogue_malformed), 110);
  EXPECT_EQ(static_cast<int>(errc::not_enrolled), 120);
}

TEST(ErrcTest, OnlyFailuresThatPassByThemselvesAreTransient) {
  EXPECT_FALSE(is_transient(errc::signature_invalid));
  EXPECT_FALSE(is_transient(errc::log_forked));
  EXPECT_TRUE(is_transient(errc::network_timeout));
  EXPECT_TRUE(is_transient(errc::overloaded));
}

}  // namespace
}  // namespace tannha
