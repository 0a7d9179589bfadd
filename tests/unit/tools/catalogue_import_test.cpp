#include "tools/catalogue/import.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "tannha/protocol/crypto.hpp"

namespace tannha::tools {
namespace {

using Certainty = ProcedureFee::Certainty;

std::string entry(std::string_view code, std::string_view more = {}) {
  return R"({"code":")" + std::string(code) +
         R"(","name":"Khai sinh","level":"Cấp Xã","field":"Hộ tịch","decision":"1/QĐ",)"
         R"("kind":"x","subject":"x","result":"x",)"
         R"("channels":[{"channel":"POSTAL","terms":[],"time":["3 WORKING_DAY"],)"
         R"j("fee":["8000 VNĐ ()"]}],)j"
         R"("docs":[{"case":"Giấy tờ phải nộp","name":"Tờ khai","orig":1,"copy":0}])" +
         std::string(more) + "}";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string array_of(const std::vector<std::string>& entries) {
  std::string text = "[";
  for (const auto& e : entries) text += (text.size() > 1 ? ",\n" : "") + e;
  return text + "]";
}

ImportReport import(std::string_view text, const ImportLimits& limits = {}) {
  auto report = import_catalogue(as_bytes(text), limits);
  EXPECT_TRUE(report) << (report ? "" : report.error().detail);
  return report ? std::move(*report) : ImportReport{};
}

std::vector<std::string> codes(const ImportReport& report) {
  std::vector<std::string> out;
  for (const auto& p : report.catalogue.procedures()) out.push_back(p.code);
  return out;
}

std::vector<std::pair<std::size_t, Unclear>> unclear(const ImportReport& report) {
  std::vector<std::pair<std::size_t, Unclear>> out;
  for (const auto& p : report.problems) out.emplace_back(p.entry, p.why);
  return out;
}

using Codes = std::vector<std::string>;
using Unclears = std::vector<std::pair<std::size_t, Unclear>>;

Bytes gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes in = to_bytes(as_bytes(text));
  Bytes out(deflateBound(&stream, in.size()) + 64);
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "catalogue-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, BytesView bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << as_text(bytes);
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

class CatalogueImportTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { init_crypto(); }
};

TEST_F(CatalogueImportTest, NamesUnreadableFile) {
  const Folder folder;
  const auto missing = import_catalogue(folder.path() / "none.json");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, errc::file_unreadable);
  const auto is_folder = import_catalogue(folder.path());
  ASSERT_FALSE(is_folder);
  EXPECT_EQ(is_folder.error().code, errc::file_unreadable);
}

TEST_F(CatalogueImportTest, RefusesFileWithoutAnyGoodEntry) {
  for (const auto* text : {"", "[]", "[", "{", "[1,2]", "no json", "[{\"code\":\"1\"}]"}) {
    const auto report = import_catalogue(as_bytes(text));
    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code, errc::catalogue_malformed) << text;
  }
}

TEST_F(CatalogueImportTest, StopsAtFileLimitBeforeAndAfterDecompression) {
  const std::string text = array_of({entry("1.000001")});
  const ImportLimits enough{.file_bytes_max = text.size()};
  const ImportLimits small{.file_bytes_max = text.size() - 1};
  EXPECT_TRUE(import_catalogue(as_bytes(text), enough));
  EXPECT_TRUE(import_catalogue(gzip(text), enough));
  for (const Bytes& bytes : {to_bytes(as_bytes(text)), gzip(text)}) {
    const auto report = import_catalogue(bytes, small);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, errc::catalogue_malformed);
  }
  const Folder folder;
  EXPECT_TRUE(import_catalogue(folder.write("a.json", as_bytes(text)), enough));
  EXPECT_FALSE(import_catalogue(folder.path() / "a.json", small));
}

TEST_F(CatalogueImportTest, GzipBombStopsAtLimit) {
  const Bytes bomb = gzip(std::string(8 << 20, ' '));
  EXPECT_LT(bomb.size(), 20'000U);
  const auto report = import_catalogue(bomb, {.file_bytes_max = 1 << 20});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().detail.find("decompressed"), std::string::npos);
}

TEST_F(CatalogueImportTest, LeavesOutEntryLargerThanLimit) {
  const std::string big = entry("1.000002", R"(,"source":"a long one")");
  const std::string text = array_of({entry("1.000001"), big, entry("1.000003")});
  EXPECT_EQ(codes(import(text, {.entry_bytes_max = big.size()})).size(), 3U);
  const auto report = import(text, {.entry_bytes_max = big.size() - 1});
  EXPECT_EQ(codes(report), (Codes{"1.000001", "1.000003"}));
  EXPECT_EQ(unclear(report), (Unclears{{2, Unclear::entry_too_large}}));
  EXPECT_EQ(report.entry_count, 3U);
}

TEST_F(CatalogueImportTest, NamesBadElementsOfArrayAndKeepsTheOthers) {
  const auto report = import(
      array_of({"17", entry("1.000001"), "null", R"({"name":"x"})", R"({"code":5,"name":"x"})",
                R"({"code":"1.000009"})", entry("1.000002"), entry("1.000001"), R"("a,]{")", "[{}]",
                R"({"code":"1.000008","name":" "})"}));
  EXPECT_EQ(codes(report), (Codes{"1.000001", "1.000002"}));
  EXPECT_EQ(unclear(report), (Unclears{{1, Unclear::not_an_object},
                                       {3, Unclear::not_an_object},
                                       {4, Unclear::code_missing},
                                       {5, Unclear::code_missing},
                                       {6, Unclear::name_missing},
                                       {8, Unclear::code_twice},
                                       {9, Unclear::not_an_object},
                                       {10, Unclear::not_an_object},
                                       {11, Unclear::name_missing}}));
}

TEST_F(CatalogueImportTest, OneBrokenElementDoesNotTakeTheOthersWithIt) {
  const std::string good = entry("1.000002");
  const std::string cut = good.substr(0, good.size() - 1);
  const std::vector<std::string> broken{
      cut,                                      // a missing brace
      good.substr(0, good.size() / 2),          // cut in a list
      replaced(good, "sinh\"", "sinh"),         // an open string
      replaced(good, "\"name\":", "\"name\""),  // a missing colon
      replaced(good, "[]", "]"),                // a bracket too few
      replaced(good, "Khai", "\xFF\xFE"),       // no UTF-8
      replaced(good, "Khai", "\\q"),            // an unknown escape
  };
  for (const auto& bad : broken) {
    const auto report = import(array_of({entry("1.000001"), bad, entry("1.000003"), "7"}));
    EXPECT_EQ(codes(report), (Codes{"1.000001", "1.000003"})) << bad;
    EXPECT_FALSE(report.problems.empty()) << bad;
    EXPECT_EQ(report.problems[0].entry, 2U) << bad;
    EXPECT_TRUE(report.problems[0].why == Unclear::json_broken ||
                report.problems[0].why == Unclear::entry_unfinished)
        << bad << name(report.problems[0].why);
    EXPECT_EQ(report.problems[1].why, Unclear::not_an_object) << bad;
    EXPECT_EQ(report.entry_count, 4U) << bad;
  }
}

TEST_F(CatalogueImportTest, LooseBracketAfterEntryCostsNoEntry) {
  const auto report =
      import(array_of({entry("1.000001"), entry("1.000002") + "}", entry("1.000003")}));
  EXPECT_EQ(codes(report), (Codes{"1.000001", "1.000002", "1.000003"}));
  EXPECT_EQ(unclear(report), (Unclears{{3, Unclear::json_broken}}));
}

TEST_F(CatalogueImportTest, NestedObjectOfBrokenElementIsNoEntry) {
  const std::string bad = R"({"code":"1.000002","list":[1,{"code":"1.000007","name":"x"}],oops})";
  EXPECT_EQ(codes(import(array_of({bad, entry("1.000003")}))), Codes{"1.000003"});
}

TEST_F(CatalogueImportTest, ArrayCutAnywhereKeepsWholeEntriesBeforeTheCut) {
  const std::string first = "[" + entry("1.000001") + ",";
  const std::string text = first + entry("1.000002") + "]";
  for (std::size_t size = first.size() - 1; size < text.size() - 1; ++size) {
    const auto report = import(text.substr(0, size));
    ASSERT_EQ(codes(report).front(), "1.000001") << size;
    ASSERT_FALSE(report.problems.empty()) << size;
  }
  EXPECT_TRUE(import(text).problems.empty());
}

TEST_F(CatalogueImportTest, ReportsWhatFollowsTheArrayAndReadsEntriesThere) {
  const auto tail = import(array_of({entry("1.000001")}) + " and more");
  EXPECT_EQ(unclear(tail), (Unclears{{2, Unclear::trailing_bytes}}));
  const auto second = import(array_of({entry("1.000001")}) + array_of({entry("1.000002")}));
  EXPECT_EQ(codes(second), (Codes{"1.000001", "1.000002"}));
}

TEST_F(CatalogueImportTest, ManyBrokenElementsTakeLinearTime) {
  std::string text = "[" + entry("1.000001");
  for (int i = 0; i < 200'000; ++i) text += ",{x}";
  const auto none = import(text + "]", {.problems_max = 10});
  EXPECT_EQ(none.entry_count, 200'001U);
  EXPECT_EQ(none.problems.size(), 10U);
  EXPECT_EQ(none.problems_left_out_count, 199'990U);

  text = "[" + entry("1.000001");
  for (int i = 0; i < 200'000; ++i) text += ",{\"code\":{";
  const auto nested = import(text);
  EXPECT_EQ(codes(nested), Codes{"1.000001"});
  EXPECT_EQ(nested.count_by_kind().count(Unclear::too_many_broken), 1U);
}

TEST_F(CatalogueImportTest, BadLinesOfJsonlAreNamedByLine) {
  const auto report = import(entry("1.000001") + "\r\n\n{broken\n[]\n  " + entry("1.000002") +
                             "\n" + entry("1.000003").substr(0, 50));
  EXPECT_EQ(codes(report), (Codes{"1.000001", "1.000002"}));
  EXPECT_EQ(unclear(report), (Unclears{{3, Unclear::json_broken},
                                       {4, Unclear::not_an_object},
                                       {6, Unclear::json_broken}}));
}

TEST_F(CatalogueImportTest, NameOfFileDecidesLinesWhenFirstLineIsArray) {
  const Folder folder;
  const std::string text = "[1]\n" + entry("1.000001") + "\n";
  for (const auto& file :
       {folder.write("a.jsonl", as_bytes(text)), folder.write("a.jsonl.gz", gzip(text))}) {
    const auto report = import_catalogue(file);
    ASSERT_TRUE(report);
    EXPECT_EQ(codes(*report), Codes{"1.000001"});
    EXPECT_EQ(unclear(*report), (Unclears{{1, Unclear::not_an_object}}));
  }
}

TEST_F(CatalogueImportTest, TruncatedGzipKeepsWholeEntries) {
  std::vector<std::string> entries;
  for (int i = 100'000; i < 102'000; ++i) {
    entries.push_back(entry("1." + std::to_string(i),
                            ",\"source\":\"" + to_hex(sha256(as_bytes(std::to_string(i)))) + "\""));
  }
  Bytes bytes = gzip(array_of(entries));
  const std::size_t size = bytes.size();
  bytes.resize(size / 2);
  const auto half = import(as_text(bytes));
  EXPECT_GT(codes(half).size(), 500U);
  EXPECT_LT(codes(half).size(), 1500U);
  EXPECT_EQ(half.count_by_kind().at(Unclear::file_truncated), 1U);

  bytes = gzip(array_of(entries));
  bytes[size - 6] ^= 1U;
  const auto damaged = import(as_text(bytes));
  EXPECT_EQ(damaged.count_by_kind().at(Unclear::file_damaged), 1U);
}

TEST_F(CatalogueImportTest, ReadsPlainGzipMembersAndByteOrderMark) {
  const std::string text = array_of({entry("1.000001"), entry("1.000002")});
  const Bytes front = gzip(text.substr(0, 100));
  const Bytes back = gzip(text.substr(100));
  Bytes two = front;
  two.insert(two.end(), back.begin(), back.end());
  for (const Bytes& bytes :
       {to_bytes(as_bytes(text)), gzip(text), two, to_bytes(as_bytes("\xEF\xBB\xBF" + text))}) {
    const auto report = import(as_text(bytes));
    EXPECT_EQ(codes(report).size(), 2U);
    EXPECT_TRUE(report.problems.empty());
  }
}

TEST_F(CatalogueImportTest, WrongTypesLeaveTheFieldEmptyAndAreNamed) {
  std::string text = replaced(entry("1.000001"), R"("Cấp Xã")", "7");
  text = replaced(text, R"("3 WORKING_DAY")", "3");
  text = replaced(text, R"j("8000 VNĐ ()")j", "8000");
  text = replaced(text, R"("orig":1)", R"("orig":"một")");
  text = replaced(text, R"("copy":0)", R"("copy":-1)");
  const auto report = import(array_of({text}));
  ASSERT_EQ(report.problems.size(), 6U);
  std::vector<std::string> fields;
  for (const auto& p : report.problems) fields.push_back(p.field);
  EXPECT_EQ(fields, (Codes{"level", "channels[1].time[1]", "channels[1].fee", "docs[1].orig",
                           "docs[1].copy", "docs[1]"}));
  const auto& p = report.catalogue.procedures()[0];
  EXPECT_EQ(p.level, "");
  EXPECT_TRUE(p.offers[0].times.empty());
  EXPECT_EQ(p.offers[0].fee.certainty, Certainty::not_given);
  EXPECT_EQ(p.documents[0].originals, 0U);
}

TEST_F(CatalogueImportTest, MissingListsAndFieldsAreNamed) {
  const auto report = import(R"([{"code":"1.000001","name":"x"}])"
                             "\n");
  const auto counts = report.count_by_kind();
  EXPECT_EQ(counts.at(Unclear::field_missing), 6U);
  EXPECT_EQ(counts.at(Unclear::channels_missing), 1U);
  EXPECT_EQ(counts.at(Unclear::documents_missing), 1U);
}

TEST_F(CatalogueImportTest, SuspiciousTextsAreKeptAndNamed) {
  std::string text = replaced(entry("1.0000011"), "Khai sinh", "Trình báo (cấp huyện)");
  text = replaced(text, R"("result":"x")", R"("result":"<b>x</b> &nbsp;")");
  text = replaced(text, R"("subject":"x")", "\"subject\":\"x\u200E\"");
  text = replaced(text, "Giấy tờ phải nộp", "Lưu ý");
  const auto report = import(array_of({text}));
  EXPECT_EQ(unclear(report), (Unclears{{1, Unclear::code_odd},
                                       {1, Unclear::hidden_characters},
                                       {1, Unclear::html_remains},
                                       {1, Unclear::level_contradicts_name},
                                       {1, Unclear::note_with_quantity}}));
  EXPECT_EQ(report.catalogue.procedures()[0].result, "<b>x</b> &nbsp;");
  EXPECT_TRUE(import(array_of({replaced(entry("1.000001"), R"("result":"x")",
                                        R"("result":"a < b & c > d")")}))
                  .problems.empty());
}

TEST_F(CatalogueImportTest, UnknownLevelChannelAndFieldAreNamed) {
  std::string text = replaced(entry("1.000001", R"(,"extra":[1])"), "Cấp Xã", "Cấp Thôn");
  text = replaced(text, "POSTAL", "PIGEON");
  const auto report = import(array_of({text}));
  EXPECT_EQ(unclear(report), (Unclears{{1, Unclear::field_unknown},
                                       {1, Unclear::level_unknown},
                                       {1, Unclear::channel_unknown}}));
  EXPECT_TRUE(report.catalogue.procedures()[0].offers.empty());
  EXPECT_EQ(report.catalogue.procedures()[0].postal.submit, PostalPolicy::Answer::no);
}

TEST_F(CatalogueImportTest, FeesThatDifferAndChannelsThatRepeatAreNamed) {
  const std::string direct =
      R"j([{"channel":"DIRECT","terms":[],"time":["3 WORKING_DAY"],"fee":["5000 VNĐ ()"]},)j";
  const auto differs = import(array_of({replaced(entry("1.000001"), "[{", direct + "{")}));
  ASSERT_EQ(unclear(differs), (Unclears{{1, Unclear::fee_differs_by_channel}}));
  EXPECT_EQ(differs.problems[0].excerpt, "DIRECT 5000; POSTAL 8000");
  const std::string postal = replaced(replaced(direct, "DIRECT", "POSTAL"), "5000", "8000");
  const auto repeats = import(array_of({replaced(entry("1.000001"), "[{", postal + "{")}));
  EXPECT_EQ(unclear(repeats), (Unclears{{1, Unclear::channel_repeated}}));
  EXPECT_EQ(repeats.catalogue.procedures()[0].offers.size(), 2U);
}

TEST_F(CatalogueImportTest, DecomposedLettersAreReadLikeComposedOnes) {
  // "Giấy tờ phải nộp" with its marks as characters of their own.
  const std::string marks = "Gia\u0302\u0301y t\u01A1\u0300 pha\u0309i no\u0323\u0302p";
  const auto report = import(array_of({replaced(entry("1.000001"), "Giấy tờ phải nộp", marks)}));
  EXPECT_EQ(report.catalogue.procedures()[0].documents[0].kind, DocumentLine::Kind::to_submit);
}

TEST_F(CatalogueImportTest, DocumentKindComesFromTheWholeCase) {
  const auto kind = [](std::string_view text) {
    const auto report = import(array_of({replaced(entry("1.000001"), "Giấy tờ phải nộp", text)}));
    return report.catalogue.procedures()[0].documents[0].kind;
  };
  EXPECT_EQ(kind("Giấy tờ phải nộp:"), DocumentLine::Kind::to_submit);
  EXPECT_EQ(kind("Giấy tờ phải xuất trình"), DocumentLine::Kind::to_present);
  EXPECT_EQ(kind("Lưu ý"), DocumentLine::Kind::note);
  EXPECT_EQ(kind(""), DocumentLine::Kind::other);
  EXPECT_EQ(kind("Giấy tờ phải nộp để lưu giữ"), DocumentLine::Kind::other);
}

}  // namespace
}  // namespace tannha::tools
