#include "tannha/engine/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tannha/protocol/cbor.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

using Answer = PostalPolicy::Answer;
using Unit = ProcedureTime::Unit;

Procedure procedure(std::string code, std::string name) {
  Procedure p;
  p.code = std::move(code);
  p.name = std::move(name);
  p.level = "Cấp Xã";
  p.offers.push_back({Channel::postal,
                      {{25, Unit::working_day, "25 WORKING_DAY"}},
                      {8000, ProcedureFee::Certainty::stated, "8000 VNĐ ()"}});
  p.documents.push_back({1, DocumentLine::Kind::to_submit, "Giấy tờ phải nộp", "Tờ khai", 1, 0});
  p.postal = postal_policy(p.code, true);
  return p;
}

Catalogue catalogue_of(std::vector<Procedure> procedures) {
  auto made = Catalogue::make(std::move(procedures));
  EXPECT_TRUE(made) << (made ? "" : made.error().detail);
  return made ? *made : Catalogue();
}

Catalogue sample() {
  return catalogue_of({procedure("1.001193", "Thủ tục đăng ký khai sinh"),
                       procedure("1.004884", "Thủ tục đăng ký lại khai sinh"),
                       procedure("1.000656", "Thủ tục đăng ký khai tử"),
                       procedure("1.001776", "Trợ cấp xã hội (hàng tháng), chăm sóc"),
                       procedure("2.000635", "Cấp bản sao trích lục hộ tịch")});
}

std::vector<std::string> codes(const std::vector<const Procedure*>& found) {
  std::vector<std::string> out;
  for (const Procedure* p : found) out.push_back(p->code);
  return out;
}

using Codes = std::vector<std::string>;

void expect_refused(Procedure p) {
  const auto made = Catalogue::make({std::move(p)});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::catalogue_malformed);
}

class CatalogueTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }
};

TEST_F(CatalogueTest, RefusesCodeThatComesTwice) {
  const auto made = Catalogue::make(
      {procedure("1.000001", "a"), procedure("1.000002", "b"), procedure("1.000001", "c")});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::catalogue_malformed);
  EXPECT_NE(made.error().detail.find("1.000001"), std::string::npos);
}

TEST_F(CatalogueTest, RefusesMissingCodeOrName) {
  expect_refused(procedure("", "a"));
  expect_refused(procedure("1.000001", ""));
}

TEST_F(CatalogueTest, RefusesTextThatIsNotUtf8) {
  expect_refused(procedure("1.000001", "\xC3"));
  auto p = procedure("1.000001", "a");
  p.result = "\xFF";
  expect_refused(p);
}

TEST_F(CatalogueTest, RefusesDocumentNumberOutOfPlace) {
  auto p = procedure("1.000001", "a");
  p.documents[0].number = 2;
  expect_refused(p);
}

TEST_F(CatalogueTest, RefusesNumberThatUnitCannotHave) {
  for (const auto& time :
       {ProcedureTime{1, Unit::prose, "1 OTHER"}, ProcedureTime{1, Unit::same_day, ""},
        ProcedureTime{0, Unit::working_day, "0 WORKING_DAY"}}) {
    auto p = procedure("1.000001", "a");
    p.offers[0].times = {time};
    expect_refused(p);
  }
}

TEST_F(CatalogueTest, RefusesFeeThatContradictsItsCertainty) {
  auto p = procedure("1.000001", "a");
  p.offers[0].fee = {std::nullopt, ProcedureFee::Certainty::stated, ""};
  expect_refused(p);
  p.offers[0].fee = {1000, ProcedureFee::Certainty::not_given, ""};
  expect_refused(p);
}

TEST_F(CatalogueTest, HoldsTextsAndListsUpToTheirLimits) {
  auto p = procedure("1.000001", "a");
  p.result.assign(limits::procedure_text_bytes_max, 'x');
  p.offers.assign(limits::procedure_offers_max, p.offers[0]);
  p.offers[0].times.assign(limits::offer_times_max, p.offers[0].times[0]);
  p.documents.clear();
  for (std::uint32_t i = 1; i <= limits::procedure_documents_max; ++i) {
    p.documents.push_back({i, DocumentLine::Kind::other, "", "x", 0, 0});
  }
  EXPECT_TRUE(Catalogue::make({p}));

  auto longer = p;
  longer.result += 'x';
  expect_refused(longer);
  longer = p;
  longer.offers.push_back(p.offers[0]);
  expect_refused(longer);
  longer = p;
  longer.offers[0].times.push_back(p.offers[0].times[0]);
  expect_refused(longer);
  longer = p;
  longer.documents.push_back(p.documents[0]);
  longer.documents.back().number = limits::procedure_documents_max + 1;
  expect_refused(longer);
}

TEST_F(CatalogueTest, HoldsProceduresUpToTheLimit) {
  std::vector<Procedure> many(limits::catalogue_procedures_max);
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].code = std::to_string(i);
    many[i].name = "a";
  }
  EXPECT_TRUE(Catalogue::make(many));
  many.push_back(procedure("x", "a"));
  EXPECT_FALSE(Catalogue::make(many));
}

TEST_F(CatalogueTest, RefusesEveryTruncation) {
  const Bytes bytes = catalogue_of({procedure("1.000001", "Khai sinh")}).encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = Catalogue::decode(BytesView(bytes).first(size));
    ASSERT_FALSE(decoded) << size;
    ASSERT_EQ(decoded.error().code, errc::catalogue_malformed) << size;
  }
}

TEST_F(CatalogueTest, RefusesUnknownFormatFieldOrOrder) {
  const auto value = fields::to_value(procedure("1.000001", "a"));
  const auto other = fields::to_value(procedure("1.000002", "a"));
  const auto file = [](int format, cbor::Array procedures) {
    return cbor::Map{{1, format}, {2, std::move(procedures)}};
  };
  EXPECT_TRUE(Catalogue::decode(cbor::encode(file(1, {value, other}))));
  EXPECT_FALSE(Catalogue::decode(cbor::encode(file(2, {value, other}))));
  EXPECT_FALSE(Catalogue::decode(cbor::encode(file(1, {other, value}))));
  auto more = file(1, {value});
  more.emplace_back(3, 1);
  EXPECT_FALSE(Catalogue::decode(cbor::encode(more)));
}

TEST_F(CatalogueTest, OpenedFindsTheSameAsDecoded) {
  const Catalogue whole = sample();
  const auto opened = Catalogue::open(whole.encode());
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->version(), whole.version());
  EXPECT_EQ(opened->encode(), whole.encode());
  ASSERT_EQ(opened->count(), whole.count());
  for (const Procedure& procedure : whole.procedures()) {
    ASSERT_TRUE(opened->find(procedure.code)) << procedure.code;
    EXPECT_EQ(*opened->find(procedure.code), procedure);
    for (std::size_t size = 1; size <= procedure.name.size(); ++size) {
      const std::string_view text = std::string_view(procedure.name).substr(0, size);
      const auto wanted = whole.search(text, 5);
      const auto found = opened->search(text, 5);
      ASSERT_EQ(found.size(), wanted.size()) << text;
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(*found[i], *wanted[i]) << text;
    }
  }
  EXPECT_EQ(opened->find("0"), nullptr);
  EXPECT_EQ(opened->find("9.999999"), nullptr);
}

TEST_F(CatalogueTest, OpeningDamagedBytesReadsNothingBeyondThem) {
  const Catalogue whole = sample();
  const Bytes bytes = whole.encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Catalogue::open(to_bytes(BytesView(bytes).first(size)))) << size;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes damaged = bytes;
    damaged[at] ^= 0xffU;
    const auto opened = Catalogue::open(std::move(damaged));
    if (!opened) continue;
    (void)opened->search("khai sinh", 5);
    for (const Procedure& procedure : whole.procedures()) (void)opened->find(procedure.code);
  }
}

TEST_F(CatalogueTest, ComesBackFromItsEncoding) {
  const Catalogue catalogue = sample();
  const auto decoded = Catalogue::decode(catalogue.encode());
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(decoded->procedures(), catalogue.procedures());
  EXPECT_EQ(decoded->version(), catalogue.version());
  EXPECT_EQ(codes(decoded->search("khai tu", 1)), Codes{"1.000656"});
}

TEST_F(CatalogueTest, VersionIsBlake2bOfEncoding) {
  EXPECT_EQ(sample().version(), blake2b_256(sample().encode()));
  EXPECT_EQ(Catalogue().version(), blake2b_256(Catalogue().encode()));
}

TEST_F(CatalogueTest, VersionDependsOnContentButNotOnOrder) {
  const auto a = procedure("1.000001", "a");
  const auto b = procedure("1.000002", "b");
  auto changed = b;
  changed.documents[0].copies = 1;
  EXPECT_EQ(catalogue_of({a, b}).version(), catalogue_of({b, a}).version());
  EXPECT_NE(catalogue_of({a, b}).version(), catalogue_of({a, changed}).version());
}

TEST_F(CatalogueTest, FindsByWholeCodeOnly) {
  const Catalogue catalogue = sample();
  ASSERT_NE(catalogue.find("1.001193"), nullptr);
  EXPECT_EQ(catalogue.find("1.001193")->name, "Thủ tục đăng ký khai sinh");
  EXPECT_EQ(catalogue.find("1.00119"), nullptr);
  EXPECT_EQ(catalogue.find(""), nullptr);
}

TEST_F(CatalogueTest, SearchFindsNothingForEmptyIllFormedOrTooLongText) {
  const Catalogue catalogue = sample();
  EXPECT_TRUE(catalogue.search("", 9).empty());
  EXPECT_TRUE(catalogue.search("  ", 9).empty());
  EXPECT_TRUE(catalogue.search("(,)", 9).empty());
  EXPECT_TRUE(catalogue.search("\xFF", 9).empty());
  EXPECT_TRUE(catalogue.search("xyz", 9).empty());
  const auto padded = [](std::size_t size) { return "khai" + std::string(size - 4, ' '); };
  EXPECT_FALSE(catalogue.search(padded(limits::catalogue_query_bytes_max), 9).empty());
  EXPECT_TRUE(catalogue.search(padded(limits::catalogue_query_bytes_max + 1), 9).empty());
}

TEST_F(CatalogueTest, SearchIgnoresToneMarksCaseAndPunctuation) {
  const Catalogue catalogue = sample();
  const Codes expected{"1.001193", "1.004884"};
  EXPECT_EQ(codes(catalogue.search("khai sinh", 9)), expected);
  EXPECT_EQ(codes(catalogue.search("KHAI  SINH", 9)), expected);
  EXPECT_EQ(codes(catalogue.search("Đăng ký khai sinh", 9)), expected);
  EXPECT_EQ(codes(catalogue.search("dang ky khai sinh", 9)), expected);
  EXPECT_EQ(codes(catalogue.search("hội hàng", 9)), Codes{"1.001776"});
}

TEST_F(CatalogueTest, SearchRanksCodeThenWordsThenSubstring) {
  const Catalogue catalogue =
      catalogue_of({procedure("1.000003", "Khai báo"), procedure("1.000002", "Triển khai"),
                    procedure("1.000001", "Xkhai"), procedure("khai.1", "Việc khác")});
  EXPECT_EQ(codes(catalogue.search("khai", 9)),
            (Codes{"khai.1", "1.000003", "1.000002", "1.000001"}));
  EXPECT_EQ(codes(sample().search("1.00", 9)).size(), 4U);
  EXPECT_EQ(codes(sample().search("kh si", 9)), (Codes{"1.001193", "1.004884"}));
}

TEST_F(CatalogueTest, SearchStopsAtLimit) {
  EXPECT_EQ(sample().search("1.", 2).size(), 2U);
  EXPECT_TRUE(sample().search("1.", 0).empty());
}

TEST(PostalPolicyTest, FlagAloneIsCandidate) {
  const auto flagged = postal_policy("1.001193", true);
  EXPECT_EQ(flagged.submit, Answer::candidate);
  EXPECT_EQ(flagged.return_result, Answer::candidate);
  const auto unflagged = postal_policy("1.001193", false);
  EXPECT_EQ(unflagged.submit, Answer::no);
  EXPECT_EQ(unflagged.return_result, Answer::no);
}

TEST(PostalPolicyTest, NeverSubmitsByPostWhereTableSaysNo) {
  for (const auto* code : {"2.000815", "2.000884", "2.000942", "2.000992", "2.001008", "1.004222",
                           "1.004194", "1.002755", "1.010038", "3.000347", "3.000348", "1.003583",
                           "1.000419", "1.000593", "1.014061", "1.014062", "1.014063", "1.014064",
                           "1.000894", "2.000806", "1.001022", "1.000689"}) {
    EXPECT_EQ(postal_policy(code, true).submit, Answer::no) << code;
    EXPECT_FALSE(postal_policy(code, true).source.empty()) << code;
  }
}

TEST(PostalPolicyTest, TellsResultByPostFromPresenceByLaw) {
  EXPECT_EQ(postal_policy("1.014063", true).return_result, Answer::yes);
  EXPECT_TRUE(postal_policy("1.014063", true).presence_required);
  EXPECT_TRUE(postal_policy("1.000894", true).presence_required);
  EXPECT_EQ(postal_policy("1.000894", true).source, "Luật Hộ tịch 2014 Điều 18.1");
  EXPECT_EQ(postal_policy("1.004859", true).submit, Answer::candidate);
  EXPECT_FALSE(postal_policy("1.004859", true).presence_required);
}

TEST(ProcedureTest, OffersAreFoundByChannel) {
  const auto p = procedure("1.000001", "a");
  ASSERT_NE(p.offer(Channel::postal), nullptr);
  EXPECT_EQ(p.offer(Channel::postal)->times[0].count, 25U);
  EXPECT_EQ(p.offer(Channel::direct), nullptr);
}

}  // namespace
}  // namespace tannha
