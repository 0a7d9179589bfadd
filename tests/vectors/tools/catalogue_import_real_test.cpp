#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tannha/protocol/crypto.hpp"
#include "tools/catalogue/import.hpp"
#include "tools/catalogue/store.hpp"

namespace tannha::tools {
namespace {

using Certainty = ProcedureFee::Certainty;
using Unit = ProcedureTime::Unit;

const std::filesystem::path& file() {
  static const auto path =
      std::filesystem::path(TANNHA_SHARED_DIR) / "data/procedures-commune-postal.json.gz";
  return path;
}

/// The 871 commune procedures of the national portal (July 2026) that list the postal channel.
class CatalogueImportRealTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    init_crypto();
    if (!std::filesystem::exists(file())) return;
    auto imported = import_catalogue(file());
    ASSERT_TRUE(imported) << imported.error().detail;
    report_ = new ImportReport(std::move(*imported));
  }
  static void TearDownTestSuite() {
    delete report_;
    report_ = nullptr;
  }
  void SetUp() override {
    if (!std::filesystem::exists(file())) GTEST_SKIP() << "missing: " << file();
    ASSERT_NE(report_, nullptr);
  }

  static const Procedure& procedure(std::string_view code) {
    static const Procedure none;
    const auto* found = report_->catalogue.find(code);
    EXPECT_NE(found, nullptr) << code;
    return found ? *found : none;
  }
  static ProcedureTime time(std::string_view code, Channel channel = Channel::postal) {
    const auto* offer = procedure(code).offer(channel);
    EXPECT_TRUE(offer && !offer->times.empty()) << code;
    return offer && !offer->times.empty() ? offer->times[0] : ProcedureTime{};
  }
  static ProcedureFee fee(std::string_view code, Channel channel = Channel::postal) {
    const auto* offer = procedure(code).offer(channel);
    EXPECT_NE(offer, nullptr) << code;
    return offer ? offer->fee : ProcedureFee{};
  }

  static inline ImportReport* report_ = nullptr;
};

TEST_F(CatalogueImportRealTest, TakesAll871) {
  EXPECT_EQ(report_->entry_count, 871U);
  EXPECT_EQ(report_->catalogue.procedures().size(), 871U);
  EXPECT_EQ(report_->problems_left_out_count, 0U);
  std::size_t offer_count = 0;
  std::size_t line_count = 0;
  for (const auto& p : report_->catalogue.procedures()) {
    offer_count += p.offers.size();
    line_count += p.documents.size();
    EXPECT_NE(p.offer(Channel::postal), nullptr) << p.code;
  }
  EXPECT_EQ(offer_count, 2911U);
  EXPECT_EQ(line_count, 5154U);
}

TEST_F(CatalogueImportRealTest, CountsUnitsOfPostalOffersAsTheSurveyDid) {
  std::map<Unit, int> counts;
  for (const auto& p : report_->catalogue.procedures()) {
    for (const auto& offer : p.offers) {
      if (offer.channel == Channel::postal) ++counts[offer.times.at(0).unit];
    }
  }
  EXPECT_EQ(counts, (std::map<Unit, int>{{Unit::working_day, 686},
                                         {Unit::calendar_day, 138},
                                         {Unit::hour, 5},
                                         {Unit::month, 1},
                                         {Unit::prose, 161}}));
}

TEST_F(CatalogueImportRealTest, ReadsKnownTimeLimits) {
  EXPECT_EQ(time("1.001699"), (ProcedureTime{25, Unit::working_day, "25 WORKING_DAY"}));
  EXPECT_EQ(time("1.002759"), (ProcedureTime{45, Unit::calendar_day, "45 ngày"}));
  EXPECT_EQ(time("1.001601"), (ProcedureTime{1, Unit::working_day, "1 WORKING_DAY"}));
  EXPECT_EQ(time("1.010783").count, 13U);
  EXPECT_EQ(time("1.011607"), (ProcedureTime{15, Unit::calendar_day, "15 ngày"}));
  EXPECT_EQ(time("1.013978", Channel::online).count, 17U);
  EXPECT_EQ(time("1.013978", Channel::postal).count, 20U);
  // The rule of these is in a law, not in the number beside OTHER.
  EXPECT_EQ(time("1.001193"), (ProcedureTime{std::nullopt, Unit::prose, "1 OTHER"}));
  EXPECT_EQ(time("1.001612"), (ProcedureTime{std::nullopt, Unit::prose, "OTHER"}));
}

TEST_F(CatalogueImportRealTest, ReadsKnownFees) {
  EXPECT_EQ(fee("2.000635").amount_dong, 8000U);
  EXPECT_EQ(fee("2.000635").certainty, Certainty::stated);
  EXPECT_EQ(fee("1.001193").amount_dong, 0U);
  EXPECT_EQ(fee("1.004884").certainty, Certainty::set_elsewhere);
  EXPECT_FALSE(fee("1.004884").amount_dong);
  EXPECT_EQ(fee("1.001612").amount_dong, 150000U);
  EXPECT_EQ(fee("1.001612", Channel::direct).amount_dong, 50000U);
  EXPECT_EQ(fee("1.001612").certainty, Certainty::set_elsewhere);
  EXPECT_EQ(fee("1.014027").certainty, Certainty::not_given);
  EXPECT_EQ(fee("2.001827").certainty, Certainty::not_given);
}

TEST_F(CatalogueImportRealTest, ReadsKnownDocumentsAndPolicies) {
  EXPECT_EQ(procedure("1.001193").documents.size(), 33U);
  EXPECT_EQ(procedure("1.001193").documents[0].kind, DocumentLine::Kind::to_submit);
  EXPECT_EQ(procedure("1.001699").documents.size(), 5U);
  EXPECT_EQ(procedure("1.001612").documents.size(), 8U);
  EXPECT_EQ(procedure("1.001193").postal.submit, PostalPolicy::Answer::candidate);
  EXPECT_TRUE(procedure("1.000894").postal.presence_required);
  EXPECT_EQ(procedure("1.014063").postal.submit, PostalPolicy::Answer::no);
}

TEST_F(CatalogueImportRealTest, ReportsWhatItDidNotUnderstand) {
  const auto counts = report_->count_by_kind();
  EXPECT_EQ(counts.at(Unclear::code_odd), 1U);
  EXPECT_EQ(counts.at(Unclear::time_fraction), 69U);
  EXPECT_EQ(counts.at(Unclear::time_unit_other), 368U);
  EXPECT_EQ(counts.at(Unclear::time_missing), 12U);
  EXPECT_EQ(counts.at(Unclear::fee_missing), 981U);
  EXPECT_EQ(counts.at(Unclear::fee_too_small), 3U);
  EXPECT_EQ(counts.at(Unclear::documents_missing), 29U);
  EXPECT_EQ(counts.at(Unclear::document_name_missing), 4U);
  EXPECT_EQ(counts.count(Unclear::json_broken), 0U);
  for (const auto& problem : report_->problems) {
    EXPECT_FALSE(problem.code.empty());
    EXPECT_GE(problem.entry, 1U);
    EXPECT_LE(problem.entry, 871U);
  }
}

TEST_F(CatalogueImportRealTest, ComesBackFromItsEncoding) {
  const auto decoded = Catalogue::decode(report_->catalogue.encode());
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(decoded->version(), report_->catalogue.version());
}

TEST_F(CatalogueImportRealTest, IsSearchedWithoutToneMarks) {
  const auto found = report_->catalogue.search("dang ky khai sinh", 3);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0]->code, "1.001193");
}

}  // namespace
}  // namespace tannha::tools
