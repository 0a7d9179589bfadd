#include "tannha/protocol/dossier_code.hpp"

#include <gtest/gtest.h>

#include <random>
#include <regex>

namespace tannha {
namespace {

using namespace std::chrono_literals;

errc code_of(std::string_view text) {
  const auto code = parse_dossier_code(text);
  return code ? errc{} : code.error().code;
}

TEST(DossierCodeTest, RefusesOtherForms) {
  for (const char* text : {"",
                           "-",
                           "--",
                           "H56",
                           "H56-231027",
                           "H56-231027-",
                           "H56-231027-036",
                           "H56-231027-03610000",
                           "H56-231027-036a",
                           "H56-231027-0361 ",
                           " H56-231027-0361",
                           "h56-231027-0361",
                           "H5-231027-0361",
                           "H561-231027-0361",
                           "Z01-231027-0361",
                           "H56.-231027-0361",
                           "H56.1-231027-0361",
                           "H56.1234-231027-0361",
                           "H56.11.11.11.11.11-231027-0361",
                           "00.00.06.H56-231027-0361",
                           "000.00.06.06.H56-231027-0361",
                           "000.00.06.Z56-231027-0361",
                           "000.00.06-231027-0361",
                           "H56-23102-0361",
                           "H56-2310271-0361",
                           "H56-231027_0361",
                           "H56-231027-0361-1",
                           "H56-231027-0361\n"}) {
    EXPECT_EQ(code_of(text), errc::dossier_code_malformed) << text;
  }
}

TEST(DossierCodeTest, RefusesDaysThatDoNotExist) {
  for (const char* text : {"H56-230229-0361", "H56-231301-0361", "H56-230001-0361",
                           "H56-230100-0361", "H56-230431-0361"}) {
    EXPECT_EQ(code_of(text), errc::dossier_code_malformed) << text;
  }
  EXPECT_TRUE(parse_dossier_code("H56-240229-0361"));
}

TEST(DossierCodeTest, ReadsTheFormOf2018) {
  const auto code = parse_dossier_code("000.00.06.H56-231027-0361");
  ASSERT_TRUE(code);
  EXPECT_EQ(code->agency_code, "000.00.06.H56");
  EXPECT_EQ(code->date, 2023y / 10 / 27);
  EXPECT_EQ(code->sequence, 361U);
  EXPECT_EQ(code->sequence_digits, 4U);
}

TEST(DossierCodeTest, ReadsTheFormOf2026) {
  const auto code = parse_dossier_code("H15.50.05.13-261008-0975");
  ASSERT_TRUE(code);
  EXPECT_EQ(code->agency_code, "H15.50.05.13");
  EXPECT_EQ(code->date, 2026y / 10 / 8);
  EXPECT_EQ(code->sequence, 975U);
}

TEST(DossierCodeTest, ReadsMinistriesWithLongerSequences) {
  const auto code = parse_dossier_code("G12.08.128-261008-0012345");
  ASSERT_TRUE(code);
  EXPECT_EQ(code->agency_code, "G12.08.128");
  EXPECT_EQ(code->sequence, 12345U);
  EXPECT_EQ(code->sequence_digits, 7U);
}

TEST(DossierCodeTest, WritesWhatItRead) {
  for (const char* text :
       {"000.00.06.H56-231027-0361", "H15.50.05.13-261008-0975", "H44.100-260101-00001",
        "G12-261008-9999999", "H56-000229-000361", "A00.11.222.33.444-991231-0000"}) {
    const auto code = parse_dossier_code(text);
    ASSERT_TRUE(code) << text;
    EXPECT_EQ(format(*code), text);
  }
}

TEST(DossierCodeTest, MintsWithAtLeastFourDigits) {
  EXPECT_EQ(format_dossier_code("H15.50.05.13", 2026y / 10 / 8, 975), "H15.50.05.13-261008-0975");
  EXPECT_EQ(format_dossier_code("000.00.06.H56", 2023y / 10 / 27, 361),
            "000.00.06.H56-231027-0361");
  EXPECT_EQ(format_dossier_code("H44.100", 2005y / 1 / 2, 12345), "H44.100-050102-12345");
  EXPECT_EQ(format_dossier_code("G12", 2099y / 12 / 31, 9'999'999), "G12-991231-9999999");
}

TEST(DossierCodeTest, RefusesToMintWhatItCannotRead) {
  for (const auto& minted :
       {format_dossier_code("Z01.x", 2026y / 10 / 8, 1), format_dossier_code("", 2026y / 10 / 8, 1),
        format_dossier_code("H15", 2026y / 2 / 29, 1), format_dossier_code("H15", 1999y / 1 / 1, 1),
        format_dossier_code("H15", 2100y / 1 / 1, 1),
        format_dossier_code("H15", 2026y / 10 / 8, 10'000'000)}) {
    ASSERT_FALSE(minted);
    EXPECT_EQ(minted.error().code, errc::dossier_code_malformed);
  }
}

// The hand-written matcher against the one pattern of all eras, on codes with random damage.
TEST(DossierCodeTest, AgreesWithThePattern) {
  const std::regex pattern(
      R"(^(?:\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}|[A-Y]\d{2}(?:\.\d{2,3}){0,4})-\d{6}-\d{4,7}$)");
  const std::string seeds[] = {"000.00.06.H56-231027-0361", "H15.50.05.13-261008-0975",
                               "H44.100-261008-0012345", "G12.01.222.33.44-261008-00975"};
  constexpr std::string_view alphabet = "0123456789.-AHYZah ";
  constexpr unsigned seed = 20261127;
  std::minstd_rand random(seed);
  unsigned matched = 0;
  for (int i = 0; i < 40'000; ++i) {
    std::string text = seeds[random() % 4];
    for (auto damage = random() % 3; damage > 0 && !text.empty(); --damage) {
      const std::size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        default:
          text.erase(at, 1);
          break;
      }
    }
    const bool matches = std::regex_match(text, pattern);
    const auto code = parse_dossier_code(text);
    if (code) {
      ++matched;
      ASSERT_TRUE(matches) << text << ", seed " << seed;
      ASSERT_EQ(format(*code), text) << "seed " << seed;
    } else if (matches) {
      // Only the calendar is stricter than the pattern.
      ASSERT_EQ(code.error().detail, "date") << text << ", seed " << seed;
    }
  }
  EXPECT_GT(matched, 10'000U);
}

TEST(AgencyCodeTest, RefusesOtherForms) {
  for (const char* text : {"",
                           "H",
                           "H5",
                           "H567",
                           "h56",
                           "HH6",
                           "H56.",
                           "H56.1",
                           "H56.1234",
                           "H56..12",
                           ".H56",
                           "H56.A1",
                           "H56-12",
                           "Z00",
                           "Z0",
                           "ZA1",
                           "Z01 A",
                           "000.00.06.H56",
                           "123456789",
                           "0101234567-12",
                           "0101234567-",
                           "A101234567",
                           "01a8012345",
                           "Đ01"}) {
    const auto code = parse_agency_code(text);
    ASSERT_FALSE(code) << text;
    EXPECT_EQ(code.error().code, errc::agency_code_malformed) << text;
  }
}

TEST(AgencyCodeTest, RefusesCodesLongerThanLimit) {
  const std::string longest = "Z01" + std::string(32, 'A');
  EXPECT_TRUE(parse_agency_code(longest));
  EXPECT_FALSE(parse_agency_code(longest + "A"));
  const std::string deepest = "H44.100.100.100.100.100.100.100.100";
  ASSERT_EQ(deepest.size(), 35U);
  EXPECT_TRUE(parse_agency_code(deepest));
  EXPECT_FALSE(parse_agency_code(deepest + ".10"));
}

TEST(AgencyCodeTest, CountsLevelsFromTheTop) {
  EXPECT_EQ(parse_agency_code("H44"), (AgencyCode{"H44", AgencyKind::authority, 1}));
  EXPECT_EQ(parse_agency_code("H44.100"), (AgencyCode{"H44.100", AgencyKind::authority, 2}));
  EXPECT_EQ(parse_agency_code("G22"), (AgencyCode{"G22", AgencyKind::authority, 1}));
  EXPECT_EQ(parse_agency_code("H15.50.05.13")->level, 4U);
}

TEST(AgencyCodeTest, ReadsBusinessesAndOthers) {
  for (const char* text : {"0101234567", "0101234567-001", "01A8012345"}) {
    EXPECT_EQ(parse_agency_code(text), (AgencyCode{text, AgencyKind::business, 1}));
  }
  EXPECT_EQ(parse_agency_code("Z99.abc-1"), (AgencyCode{"Z99.abc-1", AgencyKind::other, 1}));
}

TEST(AgencyCodeTest, ConvertsFromQcvn102) {
  EXPECT_EQ(agency_code_from_qcvn102("000.17.22.H56"), "H56.22.17");
  EXPECT_EQ(agency_code_from_qcvn102("000.00.06.H56"), "H56.06");
  EXPECT_EQ(agency_code_from_qcvn102("000.00.00.H56"), "H56");
  EXPECT_EQ(agency_code_from_qcvn102("005.17.22.H56"), "H56.22.17.005");
}

TEST(AgencyCodeTest, ConvertsToQcvn102) {
  EXPECT_EQ(agency_code_to_qcvn102("H56.22.17"), "000.17.22.H56");
  EXPECT_EQ(agency_code_to_qcvn102("H56.06"), "000.00.06.H56");
  EXPECT_EQ(agency_code_to_qcvn102("H56"), "000.00.00.H56");
  EXPECT_EQ(agency_code_to_qcvn102("H56.22.17.005"), "005.17.22.H56");
}

TEST(AgencyCodeTest, ConvertingBackGivesTheSame) {
  // Also with a zero group above a unit, which must not fall away.
  for (const char* text : {"000.00.00.H56", "000.00.06.H56", "000.17.00.H56", "005.00.00.H56",
                           "005.17.22.H56", "000.17.22.G01"}) {
    const auto top_down = agency_code_from_qcvn102(text);
    ASSERT_TRUE(top_down) << text;
    EXPECT_EQ(agency_code_to_qcvn102(*top_down), text) << *top_down;
  }
}

TEST(AgencyCodeTest, RefusesToConvertWhatHasNoOtherForm) {
  for (const char* text : {"", "H44.100", "H15.50.05.13", "H56.01.02.003.04", "H56.00", "H56.22.00",
                           "Z01.A", "0101234567", "000.00.06.H56"}) {
    EXPECT_EQ(agency_code_to_qcvn102(text).error().code, errc::agency_code_malformed) << text;
  }
  for (const char* text : {"", "H56.22.17", "00.00.06.H56", "000.00.06", "000.00.06.Z01",
                           "000.00.06.H56.1", "000.00.06.h56"}) {
    EXPECT_EQ(agency_code_from_qcvn102(text).error().code, errc::agency_code_malformed) << text;
  }
}

}  // namespace
}  // namespace tannha
