#include "tannha/protocol/unicode_text.hpp"

#include <gtest/gtest.h>

#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

constexpr const char* not_utf8[] = {
    "\xFF", "a\xC3", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "Nguy\xE1\xBB",
};

TEST(UnicodeTextTest, RefusesWhatIsNotUtf8) {
  for (const char* text : not_utf8) {
    EXPECT_EQ(nfc(text).error().code, errc::cbor_invalid_utf8) << text;
    EXPECT_EQ(fold_for_search(text).error().code, errc::cbor_invalid_utf8) << text;
  }
}

TEST(UnicodeTextTest, RefusesTextLongerThanLimit) {
  const std::string at_limit(limits::text_bytes_max, 'a');
  EXPECT_EQ(nfc(at_limit), at_limit);
  EXPECT_EQ(fold_for_search(at_limit), at_limit);
  EXPECT_EQ(nfc(at_limit + "a").error().code, errc::argument_invalid);
  EXPECT_EQ(fold_for_search(at_limit + "a").error().code, errc::argument_invalid);
}

TEST(UnicodeTextTest, ComposesDecomposedVietnamese) {
  // e + circumflex + tilde, a + breve + dot below, o + horn + acute.
  EXPECT_EQ(nfc("Nguye\u0302\u0303n"), "Nguy\u1EC5n");
  EXPECT_EQ(nfc("\u0110a\u0306\u0323c"), "\u0110\u1EB7c");
  EXPECT_EQ(nfc("Lo\u031B\u0301p"), "L\u1EDBp");
}

TEST(UnicodeTextTest, OrdersMarks) {
  // Dot below has a lower combining class than circumflex: both orders are the same letter.
  EXPECT_EQ(nfc("Vie\u0302\u0323t"), "Vi\u1EC7t");
  EXPECT_EQ(nfc("Vie\u0323\u0302t"), "Vi\u1EC7t");
}

TEST(UnicodeTextTest, ComposingTwiceChangesNothing) {
  for (const char* text : {"", "abc", "Nguyễn Thị Đào", "1 + 2", "\u212B"}) {
    const auto once = nfc(text);
    ASSERT_TRUE(once);
    EXPECT_EQ(nfc(*once), *once);
  }
}

TEST(UnicodeTextTest, KeepsZeroBytes) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(nfc(text), text);
}

TEST(UnicodeTextTest, TrimsWhiteSpaceOfEveryKind) {
  EXPECT_EQ(trim(" \t\r\n An \u00A0\u3000\u200B"), "An");
  EXPECT_EQ(trim("\uFEFF001090000001"), "001090000001");
  EXPECT_EQ(trim("Nguyễn Văn A"), "Nguyễn Văn A");
  EXPECT_EQ(trim(" \u00A0 "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(UnicodeTextTest, TrimKeepsBytesThatAreNotUtf8) {
  EXPECT_EQ(trim(" \xFF "), "\xFF");
  EXPECT_EQ(trim("\x80\x80\x80\x80\x80"), "\x80\x80\x80\x80\x80");
  EXPECT_EQ(trim("a\xC2"), "a\xC2");
  EXPECT_EQ(trim("a \x80"), "a \x80");
}

TEST(UnicodeTextTest, FoldsNamesToOneForm) {
  for (const char* text : {"Nguyễn Thị Đào", "NGUYỄN THỊ ĐÀO", "nguyen thi dao",
                           "  Nguye\u0302\u0303n \u00A0 Thi\u0323  \u0110a\u0300o "}) {
    EXPECT_EQ(fold_for_search(text), "nguyen thi dao") << text;
  }
}

TEST(UnicodeTextTest, FoldsEveryVietnameseLetter) {
  EXPECT_EQ(fold_for_search("ăâđêôơư ĂÂĐÊÔƠƯ"), "aadeoou aadeoou");
  EXPECT_EQ(fold_for_search("ẳ ặ ẫ ậ ễ ệ ỗ ộ ở ợ ữ ự ỷ ỵ"), "a a a a e e o o o o u u y y");
}

TEST(UnicodeTextTest, FoldsNothingToNothing) {
  EXPECT_EQ(fold_for_search(""), "");
  EXPECT_EQ(fold_for_search(" \n "), "");
  EXPECT_EQ(fold_for_search("\u0301"), "");
}

TEST(UnicodeTextTest, TakesAnEllipsisForASpace) {
  EXPECT_EQ(fold_for_search("cấp…đất ở …"), "cap dat o");
  EXPECT_EQ(fold_for_search("…"), "");
}

TEST(UnicodeTextTest, KeepsDifferentNamesApart) {
  EXPECT_EQ(fold_for_search("Trần Văn An"), "tran van an");
  EXPECT_EQ(fold_for_search("Trần Văn Anh"), "tran van anh");
}

}  // namespace
}  // namespace tannha
