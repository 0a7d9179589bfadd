// docs/protocol.md says what the code does: each example, table of keys, number and limit in it is
// compared with the code. With TANNHA_WRITE_DOC=1 the examples and the table of errors are written
// anew instead.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "protocol_examples.hpp"
#include "tannha/protocol/body.hpp"
#include "tannha/protocol/bundle.hpp"
#include "tannha/protocol/compact.hpp"
#include "tannha/protocol/exchange.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(std::string(TANNHA_SOURCE_DIR) + "/" + path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::string& doc_path() {
  static const std::string path = "docs/protocol.md";
  return path;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// What stands between two marks; nothing when a mark is missing.
struct Place {
  std::size_t begin;
  std::size_t end;
};
std::optional<Place> between(const std::string& text, const std::string& open,
                             const std::string& close) {
  const std::size_t at = text.find(open);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + open.size();
  const std::size_t end = text.find(close, begin);
  if (end == std::string::npos) return std::nullopt;
  return Place{begin, end};
}

std::string error_table() {
  std::string out = "| number | name | passes by itself | English | tiếng Việt |\n";
  out += "| --- | --- | --- | --- | --- |\n";
  for (const errc code : all_errc()) {
    out += "| " + std::to_string(static_cast<unsigned>(code)) + " | `" + std::string(name(code)) +
           "` | " + (is_transient(code) ? "yes" : "no") + " | " +
           std::string(message(code, Language::english)) + " | " +
           std::string(message(code, Language::vietnamese)) + " |\n";
  }
  return out;
}

/// Compares one made part of the document, or writes it when that is asked for.
void settle(std::string& doc, const std::string& open, const std::string& close,
            const std::string& made) {
  const auto place = between(doc, open, close);
  ASSERT_TRUE(place) << "not in the document: " << open;
  const std::string written = doc.substr(place->begin, place->end - place->begin);
  if (std::getenv("TANNHA_WRITE_DOC") != nullptr) {
    doc.replace(place->begin, place->end - place->begin, made);
  } else {
    EXPECT_EQ(written, made) << open << "\nrun with TANNHA_WRITE_DOC=1 if the change is meant";
  }
}

TEST(ProtocolDocTest, ExamplesAndErrorsEqualTheCode) {
  std::string doc = read_text(doc_path());
  std::set<std::string> names;
  for (const auto& [name, made] : test::protocol_examples()) {
    settle(doc, "```example " + name + "\n", "```\n", made);
    names.insert(name);
  }
  settle(doc, "<!-- errors: made from the code -->\n", "<!-- end -->\n", error_table());
  for (const std::string& line : lines_of(doc)) {
    constexpr std::string_view fence = "```example ";
    if (line.starts_with(fence)) {
      EXPECT_TRUE(names.contains(line.substr(fence.size()))) << "nobody makes: " << line;
    }
  }
  if (std::getenv("TANNHA_WRITE_DOC") != nullptr) {
    std::ofstream(std::string(TANNHA_SOURCE_DIR) + "/" + doc_path(), std::ios::binary) << doc;
  }
}

// Keys and types of every map, asked of the structs themselves.

template <class T>
struct Named;
#define TN_NAMED(type, text)                       \
  template <>                                      \
  struct Named<type> {                             \
    static constexpr std::string_view name = text; \
  }
TN_NAMED(body::Channel, "Channel");
TN_NAMED(body::ServiceKind, "ServiceKind");
TN_NAMED(body::NumberKind, "NumberKind");
TN_NAMED(body::AttachmentRole, "AttachmentRole");
TN_NAMED(body::MoneyKind, "MoneyKind");
TN_NAMED(body::Grade, "Grade");
TN_NAMED(body::Direction, "Direction");
TN_NAMED(Role, "Role");
TN_NAMED(Assurance, "Assurance");
TN_NAMED(Verdict, "Verdict");
TN_NAMED(exchange::LiveKind, "LiveKind");
TN_NAMED(body::Applicant, "Applicant");
TN_NAMED(body::Field, "Field");
TN_NAMED(body::DocumentCount, "DocumentCount");
TN_NAMED(body::HandoverItem, "HandoverItem");
TN_NAMED(LogIntro, "LogIntro");
TN_NAMED(exchange::Carried, "Carried");
TN_NAMED(exchange::Holds, "Holds");
TN_NAMED(exchange::Answer, "Answer");
TN_NAMED(exchange::FeedEntry, "FeedEntry");
TN_NAMED(exchange::Tenant, "Tenant");
TN_NAMED(ProvedWindow, "ProvedWindow");
TN_NAMED(exchange::Continuation, "Continuation");
TN_NAMED(exchange::SnapshotPlace, "SnapshotPlace");
TN_NAMED(exchange::LogHead, "LogHead");
TN_NAMED(body::RevocationReason, "RevocationReason");
TN_NAMED(body::Outcome, "Outcome");
TN_NAMED(BundleAttachment, "BundleAttachment");
TN_NAMED(exchange::CompactBeacon, "CompactBeacon");
TN_NAMED(exchange::CompactRecord, "CompactRecord");

template <class T>
std::string type_text() {
  if constexpr (fields::is_optional<T>::value) {
    return type_text<typename T::value_type>() + "?";
  } else if constexpr (std::same_as<T, Bytes>) {
    return "bytes";
  } else if constexpr (fields::is_vector<T>::value) {
    return "[" + type_text<typename T::value_type>() + "]";
  } else if constexpr (fields::is_byte_array<T>::value) {
    return "bytes" + std::to_string(std::tuple_size_v<T>);
  } else if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (std::unsigned_integral<T>) {
    return "uint" + std::to_string(8 * sizeof(T));
  } else if constexpr (std::signed_integral<T>) {
    return "int" + std::to_string(8 * sizeof(T));
  } else if constexpr (std::same_as<T, std::string>) {
    return "text";
  } else {
    return std::string(Named<T>::name);
  }
}

struct Describer {
  std::vector<std::string> rows;
  template <class T>
  void operator()(int key, const T&) {
    rows.push_back(std::to_string(key) + " " + type_text<T>());
  }
};

/// The cells of a table's row, without the blanks around them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const std::size_t begin = cell.find_first_not_of(' ');
    if (begin == std::string::npos) continue;
    out.push_back(cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
  }
  return out;
}

class MapTables {
 public:
  explicit MapTables(const std::string& doc) : lines_(lines_of(doc)) {}

  template <class T>
  void expect(const std::string& heading) {
    SCOPED_TRACE(heading);
    Describer code;
    const T item{};
    T::fields(code, item);
    EXPECT_EQ(rows_below(heading), code.rows);
  }
  template <class B>
  void expect_body() {
    constexpr auto number = static_cast<unsigned>(B::type);
    expect<B>("#### " + std::to_string(number) + " `" + std::string(name(B::type)) + "`");
    seen_.insert(B::type);
  }
  [[nodiscard]] const std::set<RecordType>& seen() const { return seen_; }

 private:
  [[nodiscard]] std::vector<std::string> rows_below(const std::string& heading) const {
    std::vector<std::string> out;
    auto line = std::ranges::find(lines_, heading);
    EXPECT_NE(line, lines_.end()) << "no such heading";
    if (line == lines_.end()) return out;
    for (++line; line != lines_.end() && !line->starts_with('#'); ++line) {
      if (!line->starts_with("| ")) continue;
      const auto cells = cells_of(*line);
      if (cells.size() < 3 || cells[0].find_first_not_of("0123456789") != std::string::npos) {
        continue;
      }
      out.push_back(cells[0] + " " + cells[2]);
    }
    return out;
  }

  std::vector<std::string> lines_;
  std::set<RecordType> seen_;
};

TEST(ProtocolDocTest, EveryBodyIsDescribed) {
  MapTables tables(read_text(doc_path()));
  tables.expect_body<body::PickupRequested>();
  tables.expect_body<body::Assigned>();
  tables.expect_body<body::LeaseGranted>();
  tables.expect_body<body::LeaseReturned>();
  tables.expect_body<body::CitizenBound>();
  tables.expect_body<body::DossierOpened>();
  tables.expect_body<body::FieldsWritten>();
  tables.expect_body<body::DocumentChecked>();
  tables.expect_body<body::AttachmentAdded>();
  tables.expect_body<body::FeeTaken>();
  tables.expect_body<body::Sealed>();
  tables.expect_body<body::Confirmed>();
  tables.expect_body<body::Supplemented>();
  tables.expect_body<body::HandoverOffered>();
  tables.expect_body<body::HandoverAccepted>();
  tables.expect_body<body::DisputeResolved>();
  tables.expect_body<body::Accepted>();
  tables.expect_body<body::Registered>();
  tables.expect_body<body::SupplementRequested>();
  tables.expect_body<body::Refused>();
  tables.expect_body<body::ResultReady>();
  tables.expect_body<body::Forwarded>();
  tables.expect_body<body::DeliveryAttempted>();
  tables.expect_body<body::Delivered>();
  tables.expect_body<body::DeliveryConfirmed>();
  tables.expect_body<body::Note>();
  tables.expect_body<body::Feedback>();
  tables.expect_body<body::Adjudicated>();
  tables.expect_body<body::LogForked>();
  tables.expect_body<body::LogRevoked>();
  tables.expect_body<body::LogContinued>();
  tables.expect_body<body::Erased>();
  tables.expect_body<body::PayoutAssigned>();
  tables.expect_body<body::PayoutLeased>();
  tables.expect_body<body::Paid>();
  tables.expect_body<body::PayoutReturned>();
  for (unsigned number = 0; number <= 0xffff; ++number) {
    const auto type = static_cast<RecordType>(number);
    EXPECT_EQ(is_known(type), tables.seen().contains(type)) << number;
  }
}

TEST(ProtocolDocTest, EveryMessageIsDescribed) {
  MapTables tables(read_text(doc_path()));
  tables.expect<body::Applicant>("#### Applicant");
  tables.expect<body::Field>("#### Field");
  tables.expect<body::DocumentCount>("#### DocumentCount");
  tables.expect<body::HandoverItem>("#### HandoverItem");
  tables.expect<LogIntro>("#### LogIntro");
  tables.expect<ProvedWindow>("#### ProvedWindow");
  tables.expect<Receipt>("#### Receipt");
  tables.expect<exchange::Carried>("#### Carried");
  tables.expect<exchange::Holds>("#### Holds");
  tables.expect<exchange::LogHead>("#### LogHead");
  tables.expect<exchange::Continuation>("#### Continuation");
  tables.expect<exchange::SnapshotPlace>("#### SnapshotPlace");
  tables.expect<exchange::Request>("#### Request");
  tables.expect<exchange::CompactBeacon>("#### CompactBeacon");
  tables.expect<exchange::CompactRecord>("#### CompactRecord");
  tables.expect<exchange::Compact>("#### Compact");
  tables.expect<exchange::Answer>("#### Answer");
  tables.expect<exchange::FeedEntry>("#### FeedEntry");
  tables.expect<exchange::Response>("#### Response");
  tables.expect<exchange::Refusal>("#### Refusal");
  tables.expect<exchange::EnrolRequest>("#### EnrolRequest");
  tables.expect<exchange::Tenant>("#### Tenant");
  tables.expect<exchange::EnrolAnswer>("#### EnrolAnswer");
  tables.expect<exchange::Challenge>("#### Challenge");
  tables.expect<exchange::TokenRequest>("#### TokenRequest");
  tables.expect<exchange::TokenAnswer>("#### TokenAnswer");
  tables.expect<exchange::TicketRequest>("#### TicketRequest");
  tables.expect<exchange::TicketAnswer>("#### TicketAnswer");
  tables.expect<exchange::LiveMessage>("#### LiveMessage");
  tables.expect<exchange::Parcel>("#### Parcel");
  tables.expect<Bundle>("#### Bundle");
  tables.expect<BundleAttachment>("#### BundleAttachment");
  tables.expect<BundleReceipts>("#### BundleReceipts");
}

/// The numbers in the second cell of the row that begins with the enumeration's name.
template <class E>
void expect_values(const std::string& doc) {
  const std::string row = "| `" + std::string(Named<E>::name) + "` |";
  const auto place = between(doc, row, "\n");
  ASSERT_TRUE(place) << row;
  std::set<unsigned> written;
  std::istringstream words(doc.substr(place->begin, place->end - place->begin));
  for (std::string word; words >> word;) {
    if (word.find_first_not_of("0123456789") == std::string::npos) {
      written.insert(static_cast<unsigned>(std::stoul(word)));
    }
  }
  std::set<unsigned> valid;
  for (unsigned n = 0; n < 256; ++n) {
    if (is_valid(static_cast<E>(n))) valid.insert(n);
  }
  EXPECT_EQ(written, valid) << row;
}

TEST(ProtocolDocTest, EveryEnumerationListsItsNumbers) {
  const std::string doc = read_text(doc_path());
  expect_values<body::Channel>(doc);
  expect_values<body::ServiceKind>(doc);
  expect_values<body::NumberKind>(doc);
  expect_values<body::AttachmentRole>(doc);
  expect_values<body::MoneyKind>(doc);
  expect_values<body::Grade>(doc);
  expect_values<body::Direction>(doc);
  expect_values<body::Outcome>(doc);
  expect_values<body::RevocationReason>(doc);
  expect_values<Role>(doc);
  expect_values<Assurance>(doc);
  expect_values<Verdict>(doc);
  expect_values<exchange::LiveKind>(doc);
  for (const Verdict v : {Verdict::effective, Verdict::provisional, Verdict::held, Verdict::refused,
                          Verdict::duplicate, Verdict::waiting}) {
    const std::string row =
        "| " + std::to_string(static_cast<unsigned>(v)) + " | `" + std::string(name(v)) + "` |";
    EXPECT_NE(doc.find(row), std::string::npos) << row;
  }
}

#define TN_LIMIT(name)     \
  {                        \
    #name, std::uint64_t { \
      limits::name         \
    }                      \
  }
const std::map<std::string, std::uint64_t>& all_limits() {
  static const std::map<std::string, std::uint64_t> out = {
      TN_LIMIT(cbor_depth_max),
      TN_LIMIT(envelope_bytes_max),
      TN_LIMIT(body_bytes_max),
      TN_LIMIT(record_refs_max),
      TN_LIMIT(frame_before_sign_in_bytes_max),
      TN_LIMIT(frame_bytes_max),
      TN_LIMIT(message_items_max),
      TN_LIMIT(exchange_records_max),
      TN_LIMIT(exchange_logs_max),
      TN_LIMIT(push_bytes_target),
      TN_LIMIT(push_records_target),
      TN_LIMIT(pull_records_max),
      TN_LIMIT(done_keys_max),
      TN_LIMIT(wanted_attachments_max),
      TN_LIMIT(quarantine_records_max),
      TN_LIMIT(quarantine_bytes_max),
      TN_LIMIT(certificate_bytes_max),
      TN_LIMIT(cose_labels_max),
      TN_LIMIT(label_bytes_max),
      TN_LIMIT(handover_dossiers_max),
      TN_LIMIT(dossier_records_max),
      TN_LIMIT(not_counting_records_max),
      TN_LIMIT(fields_written_max),
      TN_LIMIT(field_name_bytes_max),
      TN_LIMIT(lease_unused_max),
      TN_LIMIT(certificate_backdate_ms),
      TN_LIMIT(attachment_bytes_max),
      TN_LIMIT(bundle_bytes_max),
      TN_LIMIT(bundle_part_chars_max),
      TN_LIMIT(bundle_part_chars_target),
      TN_LIMIT(bundle_parts_max),
      TN_LIMIT(bundle_joins_max),
      TN_LIMIT(text_bytes_max),
      TN_LIMIT(money_dong_max),
      TN_LIMIT(agency_code_chars_max),
      TN_LIMIT(card_text_bytes_max),
      TN_LIMIT(certificate_life_ms),
      TN_LIMIT(token_life_ms),
      TN_LIMIT(challenge_life_ms),
      TN_LIMIT(ticket_life_ms),
      TN_LIMIT(lease_count),
      TN_LIMIT(lease_low_water),
      TN_LIMIT(lease_life_ms),
      TN_LIMIT(certificate_renewal_ms),
      TN_LIMIT(officers_for_exceptions),
      TN_LIMIT(forgotten_max),
      TN_LIMIT(catalogue_procedures_max),
      TN_LIMIT(procedure_documents_max),
      TN_LIMIT(procedure_offers_max),
      TN_LIMIT(offer_times_max),
      TN_LIMIT(procedure_text_bytes_max),
      TN_LIMIT(catalogue_query_bytes_max),
      TN_LIMIT(phone_text_bytes_max),
      TN_LIMIT(one_time_code_digits),
      TN_LIMIT(one_time_code_tries_max),
      TN_LIMIT(one_time_code_life_ms),
      TN_LIMIT(vault_idle_ms),
      TN_LIMIT(vault_free_tries),
      TN_LIMIT(pin_digits_min),
      TN_LIMIT(pin_digits_max),
      TN_LIMIT(argon2_passes),
      TN_LIMIT(argon2_passes_max),
      TN_LIMIT(argon2_bytes),
      TN_LIMIT(argon2_bytes_max),
  };
  return out;
}

TEST(ProtocolDocTest, EveryLimitIsListedWithItsNumber) {
  const std::string doc = read_text(doc_path());
  for (const auto& [limit, value] : all_limits()) {
    const std::string row = "| `" + limit + "` | " + std::to_string(value) + " |";
    EXPECT_NE(doc.find(row), std::string::npos) << row;
  }
}

// A limit that is added to the header must come here and into the document.
TEST(ProtocolDocTest, KnowsEveryLimitOfTheHeader) {
  std::set<std::string> in_header;
  const std::string header = read_text("protocol/include/tannha/protocol/limits.hpp");
  for (const std::string& line : lines_of(header)) {
    constexpr std::string_view start = "inline constexpr std::";
    if (!line.starts_with(start)) continue;
    const std::size_t begin = line.find(' ', start.size()) + 1;
    in_header.insert(line.substr(begin, line.find(' ', begin) - begin));
  }
  std::set<std::string> known;
  for (const auto& [limit, value] : all_limits()) known.insert(limit);
  EXPECT_EQ(in_header, known);
}

}  // namespace
}  // namespace tannha
