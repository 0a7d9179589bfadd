#include "tannha/protocol/card_text.hpp"

#include <gtest/gtest.h>

#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

using enum IdentityWarning;
using Warnings = std::vector<IdentityWarning>;
using namespace std::chrono_literals;

// Synthetic people.
constexpr std::string_view sample =
    "001090000001|012345678|Nguyễn Văn A|01011990|Nam|Thôn 1, Xã B, Huyện C, Hà Nội|15042021";

class CardTextTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }

  // The sample with one field replaced, counted from 0.
  static std::string with_field(std::size_t field, std::string_view value) {
    std::string text(sample);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < field; ++i) begin = text.find('|', begin) + 1;
    const std::size_t end = std::min(text.find('|', begin), text.size());
    return text.replace(begin, end - begin, value);
  }

  static Error error_of(std::string_view raw) {
    const auto card = parse_card_text(raw);
    return card ? Error{} : card.error();
  }
};

TEST_F(CardTextTest, RefusesFewerThanSevenFields) {
  for (const char* text : {"", "hello", "https://example.vn/", "001090000001|||||",
                           "001090000001|012345678|Nguyễn Văn A|01011990|Nam|Thôn 1"}) {
    EXPECT_EQ(error_of(text).code, errc::card_text_fields) << text;
  }
}

TEST_F(CardTextTest, RefusesTextLongerThanLimit) {
  std::string text = std::string(sample) + "|";
  text.resize(limits::card_text_bytes_max, 'x');
  EXPECT_TRUE(parse_card_text(text));
  EXPECT_EQ(error_of(text + "x").code, errc::card_text_invalid);
}

TEST_F(CardTextTest, RefusesBytesThatAreNotUtf8) {
  EXPECT_EQ(error_of(with_field(2, "Nguy\xE1\xBBn")).code, errc::cbor_invalid_utf8);
  EXPECT_EQ(error_of(with_field(5, "\xFF")).code, errc::cbor_invalid_utf8);
}

TEST_F(CardTextTest, RefusesWrongPersonalNumbers) {
  EXPECT_EQ(error_of(with_field(0, "")).code, errc::personal_number_length);
  EXPECT_EQ(error_of(with_field(0, "00109000000")).code, errc::personal_number_length);
  EXPECT_EQ(error_of(with_field(0, "012345678")).code, errc::personal_number_length);
  EXPECT_EQ(error_of(with_field(0, "00109000000X")).code, errc::personal_number_not_digits);
}

TEST_F(CardTextTest, RefusesNamesThatCannotBeRead) {
  EXPECT_EQ(error_of(with_field(2, "")), (Error{errc::card_text_invalid, "name"}));
  EXPECT_EQ(error_of(with_field(2, " \u00A0 ")), (Error{errc::card_text_invalid, "name"}));
  EXPECT_EQ(error_of(with_field(2, "Nguyễn\x01 A")), (Error{errc::card_text_invalid, "name"}));
}

TEST_F(CardTextTest, RefusesDatesThatDoNotExist) {
  for (const char* date :
       {"", "31021990", "29021990", "01131990", "32011990", "00131990", "01001990", "01010000",
        "00000000", "01011899", "1011990", "010119900", "01/01/90", "1990"}) {
    EXPECT_EQ(error_of(with_field(3, date)), (Error{errc::card_text_invalid, "birth date"}))
        << date;
  }
  for (const char* date : {"", "00042021", "00002021", "31042021", "2021"}) {
    EXPECT_EQ(error_of(with_field(6, date)), (Error{errc::card_text_invalid, "issue date"}))
        << date;
  }
}

TEST_F(CardTextTest, RefusesOtherWordsForSex) {
  for (const char* sex : {"", "M", "Khác", "Namm"}) {
    EXPECT_EQ(error_of(with_field(4, sex)), (Error{errc::card_text_invalid, "sex"})) << sex;
  }
}

TEST_F(CardTextTest, RefusesControlCharactersInAddress) {
  EXPECT_EQ(error_of(with_field(5, "Thôn 1\nXã B")), (Error{errc::card_text_invalid, "address"}));
}

TEST_F(CardTextTest, NamesNoPersonInErrors) {
  for (const std::string& text : {with_field(0, "00109000000X"), with_field(3, "31021990"),
                                  with_field(4, "Khác"), with_field(6, "x")}) {
    const Error error = error_of(text);
    EXPECT_EQ(error.detail.find("Nguyễn"), std::string::npos);
    EXPECT_EQ(error.detail.find("0010900000"), std::string::npos);
    EXPECT_EQ(error.detail.find("1990"), std::string::npos);
  }
}

TEST_F(CardTextTest, ReadsAllSevenFields) {
  const auto card = parse_card_text(sample);
  ASSERT_TRUE(card);
  EXPECT_EQ(card->personal_number.digits, "001090000001");
  EXPECT_EQ(card->personal_number.kind, PersonalNumberKind::citizen);
  ASSERT_TRUE(card->old_number);
  EXPECT_EQ(card->old_number->digits, "012345678");
  EXPECT_EQ(card->name, "Nguyễn Văn A");
  EXPECT_EQ(card->birth_date, (BirthDate{1990y, std::chrono::January, 1d}));
  EXPECT_EQ(card->sex, Sex::male);
  EXPECT_EQ(card->address, "Thôn 1, Xã B, Huyện C, Hà Nội");
  EXPECT_EQ(card->issued_on, 2021y / 4 / 15);
  EXPECT_EQ(card->warnings, Warnings{});
}

TEST_F(CardTextTest, HashesTheWholeTextAsScanned) {
  const std::string longer = std::string(sample) + "||||";
  const auto card = parse_card_text(sample);
  const auto longer_card = parse_card_text(longer);
  ASSERT_TRUE(card && longer_card);
  EXPECT_EQ(card->raw_hash, blake2b_256(as_bytes(sample)));
  EXPECT_EQ(longer_card->raw_hash, blake2b_256(as_bytes(longer)));
  EXPECT_NE(card->raw_hash, longer_card->raw_hash);
}

TEST_F(CardTextTest, IgnoresFieldsAfterTheSeventh) {
  for (const char* extra : {"|", "||||", "|Trần Văn B|Lê Thị C||x", "|\xFF\xFE"}) {
    const auto card = parse_card_text(std::string(sample) + extra);
    ASSERT_TRUE(card) << extra;
    EXPECT_EQ(card->issued_on, 2021y / 4 / 15);
  }
}

TEST_F(CardTextTest, AcceptsEmptyOldNumber) {
  for (const char* empty : {"", "  "}) {
    const auto card = parse_card_text(with_field(1, empty));
    ASSERT_TRUE(card);
    EXPECT_FALSE(card->old_number);
    EXPECT_EQ(card->warnings, Warnings{});
  }
}

TEST_F(CardTextTest, AcceptsOldNumbersOfTwelveDigits) {
  const auto card = parse_card_text(with_field(1, "001090000001"));
  ASSERT_TRUE(card && card->old_number);
  EXPECT_EQ(card->old_number->digits, "001090000001");
}

TEST_F(CardTextTest, WarnsOfUnclearOldNumber) {
  const auto card = parse_card_text(with_field(1, "1234567"));
  ASSERT_TRUE(card);
  EXPECT_FALSE(card->old_number);
  EXPECT_EQ(card->warnings, Warnings{old_number_unclear});
}

TEST_F(CardTextTest, StoresNamesComposed) {
  const auto card = parse_card_text(with_field(2, "Nguye\u0302\u0303n Va\u0306n A"));
  ASSERT_TRUE(card);
  EXPECT_EQ(card->name, "Nguy\u1EC5n V\u0103n A");
  const auto address = parse_card_text(with_field(5, "Xa\u0303 B, Ha\u0300 No\u0323\u0302i"));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->address, "X\u00E3 B, H\u00E0 N\u1ED9i");
}

TEST_F(CardTextTest, TakesSpacesOffFields) {
  const auto card = parse_card_text(
      "\uFEFF001090000001 | 012345678 | Nguyễn Văn A\u00A0| 01011990 |Nam |Thôn 1 , Xã B "
      "|15042021 \r\n");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->name, "Nguyễn Văn A");
  EXPECT_EQ(card->sex, Sex::male);
  EXPECT_EQ(card->address, "Thôn 1 , Xã B");
  EXPECT_EQ(card->warnings, Warnings{});
}

TEST_F(CardTextTest, AcceptsUnknownBirthDayOrMonth) {
  const auto month_known = parse_card_text(with_field(3, "00071990"));
  ASSERT_TRUE(month_known);
  EXPECT_EQ(month_known->birth_date, (BirthDate{1990y, std::chrono::July, std::nullopt}));
  const auto year_known = parse_card_text(with_field(3, "00001990"));
  ASSERT_TRUE(year_known);
  EXPECT_EQ(year_known->birth_date, (BirthDate{1990y, std::nullopt, std::nullopt}));
}

TEST_F(CardTextTest, AcceptsLeapDays) {
  const auto card =
      parse_card_text("001092000001||Nguyễn Văn A|29021992|Nam|Thôn 1, Xã B|29022024");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->issued_on, 2024y / 2 / 29);
}

TEST_F(CardTextTest, ReadsBothWordsForSexInEveryForm) {
  for (const char* sex : {"Nữ", "N\u01B0\u0303", "Nu\u031B\u0303", "NỮ", "nữ", "Nu"}) {
    const auto card = parse_card_text(with_field(4, sex));
    ASSERT_TRUE(card) << sex;
    EXPECT_EQ(card->sex, Sex::female) << sex;
    EXPECT_EQ(card->warnings, Warnings{sex_differs}) << sex;
  }
  EXPECT_TRUE(parse_card_text(with_field(4, "NAM")));
}

TEST_F(CardTextTest, KeepsAddressesOfMergedCommunes) {
  constexpr const char* address = "Tổ 5, Phường Huyền Tụng, Thành phố Bắc Kạn, Bắc Kạn";
  const auto card = parse_card_text(with_field(5, address));
  ASSERT_TRUE(card);
  EXPECT_EQ(card->address, address);
  EXPECT_EQ(card->warnings, Warnings{});
}

TEST_F(CardTextTest, WarnsOfMissingAddress) {
  const auto card = parse_card_text(with_field(5, " "));
  ASSERT_TRUE(card);
  EXPECT_EQ(card->warnings, Warnings{address_missing});
}

TEST_F(CardTextTest, WarnsWhereNumberAndFieldsDiffer) {
  const auto card = parse_card_text(with_field(0, "999191000001"));
  ASSERT_TRUE(card);
  EXPECT_EQ(card->warnings, (Warnings{province_unknown, sex_differs, birth_year_differs}));
}

TEST_F(CardTextTest, SurvivesEveryPrefixAndEveryChangedByte) {
  const std::string text = std::string(sample) + "||||";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto card = parse_card_text(std::string_view(text).substr(0, size));
    EXPECT_EQ(card.has_value(), size >= sample.size()) << size;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[i] = static_cast<char>(byte);
      const auto card = parse_card_text(changed);
      EXPECT_TRUE(!card || !card->name.empty());
    }
  }
}

}  // namespace
}  // namespace tannha
