#include "tannha/engine/catalogue.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/fields.hpp"
#include "tannha/protocol/heap_sort.hpp"
#include "tannha/protocol/unicode_text.hpp"

namespace tannha {

namespace {

constexpr std::uint32_t format_number = 1;

struct CatalogueFile {
  std::uint32_t format = format_number;
  std::vector<Procedure> procedures;
  static void fields(auto& v, auto& s) { v(1, s.format), v(2, s.procedures); }
};

using Answer = PostalPolicy::Answer;

struct PolicyLine {
  std::string_view code;
  Answer submit;
  Answer return_result;
  bool presence_required;
  std::string_view source;
};

constexpr std::string_view not_listed = "Danh mục quốc gia không có kênh bưu chính";
constexpr std::string_view result_only = "Danh mục quốc gia: chỉ trả kết quả qua dịch vụ bưu chính";

// The flag of the national catalogue cannot tell these apart, so they are kept by hand.
constexpr std::array policy_lines{
    // Not listed with the postal channel at all.
    PolicyLine{"1.000419", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"1.000593", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"1.002755", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"1.003583", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"1.004194", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"1.004222", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"1.010038", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"1.014061", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"2.000815", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"2.000884", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"2.000942", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"2.000992", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"2.001008", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"3.000347", Answer::no, Answer::no, false, not_listed},
    PolicyLine{"3.000348", Answer::no, Answer::no, false, not_listed},
    // Listed, but only the result is posted: face and fingers are taken at the counter.
    PolicyLine{"1.014062", Answer::no, Answer::yes, true, result_only},
    PolicyLine{"1.014063", Answer::no, Answer::yes, true, result_only},
    PolicyLine{"1.014064", Answer::no, Answer::yes, true, result_only},
    // Listed, but the law wants the parties there, so QĐ 45/2016 Điều 1.2 leaves them out.
    PolicyLine{"1.000894", Answer::no, Answer::candidate, true, "Luật Hộ tịch 2014 Điều 18.1"},
    PolicyLine{"2.000806", Answer::no, Answer::candidate, true, "Luật Hộ tịch 2014 Điều 38"},
    PolicyLine{"1.001022", Answer::no, Answer::candidate, true, "Luật Hộ tịch 2014 Điều 25.1"},
    PolicyLine{"1.000689", Answer::no, Answer::candidate, true,
               "Luật Hộ tịch 2014 Điều 25.1, 44.4"},
    // The requester signs the register; the authorised postal worker may do it for him.
    PolicyLine{"1.004837", Answer::candidate, Answer::candidate, false,
               "Luật Hộ tịch 2014 Điều 20.2; QĐ 45/2016/QĐ-TTg Điều 9.1d"},
    PolicyLine{"1.004859", Answer::candidate, Answer::candidate, false,
               "Luật Hộ tịch 2014 Điều 28.2; QĐ 45/2016/QĐ-TTg Điều 9.1d"},
};

bool texts_fit(const Procedure& p) {
  const auto fits = [](std::string_view s) { return s.size() <= limits::procedure_text_bytes_max; };
  for (const auto* text : {&p.code, &p.name, &p.level, &p.field, &p.decision, &p.kind, &p.subject,
                           &p.result, &p.source, &p.postal.source}) {
    if (!fits(*text)) return false;
  }
  for (const auto& offer : p.offers) {
    if (!fits(offer.fee.text)) return false;
    if (!std::ranges::all_of(offer.times, [&](const auto& time) { return fits(time.text); })) {
      return false;
    }
  }
  return std::ranges::all_of(
      p.documents, [&](const auto& line) { return fits(line.case_text) && fits(line.name); });
}

bool counts_fit(const Procedure& p) {
  return p.documents.size() <= limits::procedure_documents_max &&
         p.offers.size() <= limits::procedure_offers_max &&
         std::ranges::all_of(p.offers, [](const auto& offer) {
           return offer.times.size() <= limits::offer_times_max;
         });
}

bool times_are_sound(const Procedure& p) {
  // A number beside a unit that is not counted, or a zero, would become a wrong date somewhere.
  const auto sound = [](const ProcedureTime& time) {
    const bool counted =
        time.unit != ProcedureTime::Unit::prose && time.unit != ProcedureTime::Unit::same_day;
    return !time.count || (counted && *time.count > 0);
  };
  return std::ranges::all_of(
      p.offers, [&](const auto& offer) { return std::ranges::all_of(offer.times, sound); });
}

bool fees_are_sound(const Procedure& p) {
  return std::ranges::all_of(p.offers, [](const ProcedureOffer& offer) {
    switch (offer.fee.certainty) {
      case ProcedureFee::Certainty::stated:
        return offer.fee.amount_dong.has_value();
      case ProcedureFee::Certainty::set_elsewhere:
        return true;
      case ProcedureFee::Certainty::not_given:
        return !offer.fee.amount_dong.has_value();
    }
    return false;
  });
}

Result<void> check(const Procedure& p) {
  if (p.code.empty()) return fail(errc::catalogue_malformed, "a procedure has no code");
  if (!texts_fit(p)) return fail(errc::catalogue_malformed, "a text is too long");
  const auto refuse = [&](std::string_view why) {
    return fail(errc::catalogue_malformed, p.code + ": " + std::string(why));
  };
  if (p.name.empty()) return refuse("no name");
  if (!counts_fit(p)) return refuse("too many documents, offers or time limits");
  if (!times_are_sound(p)) return refuse("a time limit has a number that its unit cannot have");
  if (!fees_are_sound(p)) return refuse("a fee's amount contradicts its certainty");
  for (std::size_t i = 0; i < p.documents.size(); ++i) {
    if (p.documents[i].number != i + 1) return refuse("a document number is not its place");
  }
  return {};
}

std::vector<std::string_view> words_of(std::string_view folded) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  while (begin < folded.size()) {
    const std::size_t end = std::min(folded.find(' ', begin), folded.size());
    if (end > begin) words.push_back(folded.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// Punctuation stands where a space could: "cha,mẹ" and "cha, mẹ" are the same two words.
std::string spaced(std::string_view folded) {
  std::string out;
  out.reserve(folded.size());
  for (const char c : folded) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_word =
        byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_word) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Result<std::string> fold_name(std::string_view text) {
  TN_TRY(const auto& folded, fold_for_search(text));
  return spaced(folded);
}

constexpr std::size_t npos = std::string_view::npos;

// Where `text` stands in `folded` at the beginning of a word; npos when it does not.
std::size_t find_at_word(std::string_view folded, std::string_view text) {
  for (std::size_t at = folded.find(text); at != npos; at = folded.find(text, at + 1)) {
    if (at == 0 || folded[at - 1] == ' ') return at;
  }
  return npos;
}

struct Hit {
  int rank;
  std::size_t at;  // of the whole text in the name; npos sorts words that stand apart last
  std::size_t name_bytes;
  std::size_t place;  // ascends with the code
  [[nodiscard]] auto key() const { return std::tuple(rank, at, name_bytes, place); }
};

std::optional<Hit> match(std::size_t place, std::string_view code, std::string_view folded,
                         std::string_view code_prefix, std::string_view query,
                         const std::vector<std::string_view>& words) {
  if (!code_prefix.empty() && code.starts_with(code_prefix)) {
    return Hit{0, 0, folded.size(), place};
  }
  if (query.empty()) return std::nullopt;
  const bool all_begin_words = std::ranges::all_of(
      words, [&](std::string_view word) { return find_at_word(folded, word) != npos; });
  if (all_begin_words) return Hit{1, find_at_word(folded, query), folded.size(), place};
  const std::size_t at = folded.find(query);
  if (at == npos) return std::nullopt;
  return Hit{2, at, folded.size(), place};
}

}  // namespace

bool is_valid(ProcedureTime::Unit unit) {
  return unit >= ProcedureTime::Unit::working_day && unit <= ProcedureTime::Unit::same_day;
}
bool is_valid(ProcedureFee::Certainty certainty) {
  return certainty >= ProcedureFee::Certainty::stated &&
         certainty <= ProcedureFee::Certainty::not_given;
}
bool is_valid(DocumentLine::Kind kind) {
  return kind >= DocumentLine::Kind::to_submit && kind <= DocumentLine::Kind::other;
}
bool is_valid(PostalPolicy::Answer answer) {
  return answer <= PostalPolicy::Answer::candidate;
}

const ProcedureOffer* Procedure::offer(Channel channel) const {
  const auto it = std::ranges::find(offers, channel, &ProcedureOffer::channel);
  return it == offers.end() ? nullptr : &*it;
}

PostalPolicy postal_policy(std::string_view code, bool has_postal_offer) {
  const auto it = std::ranges::find(policy_lines, code, &PolicyLine::code);
  if (it != policy_lines.end()) {
    return {it->submit, it->return_result, it->presence_required, std::string(it->source)};
  }
  if (!has_postal_offer) return {Answer::no, Answer::no, false, std::string(not_listed)};
  return {Answer::candidate, Answer::candidate, false, "Danh mục quốc gia có kênh bưu chính"};
}

Catalogue::Catalogue() {
  version_ = blake2b_256(encode());
}

Result<Catalogue> Catalogue::build(std::vector<Procedure> procedures, Bytes& encoded) {
  if (procedures.size() > limits::catalogue_procedures_max) {
    return fail(errc::catalogue_malformed, "too many procedures");
  }
  heap_sort(procedures, {}, &Procedure::code);
  const auto twice = std::ranges::adjacent_find(procedures, {}, &Procedure::code);
  if (twice != procedures.end()) {
    return fail(errc::catalogue_malformed, twice->code + ": comes twice");
  }
  Catalogue catalogue;
  catalogue.folded_names_.reserve(procedures.size());
  for (const auto& p : procedures) {
    TN_CHECK(check(p));
    auto folded = fold_name(p.name);
    if (!folded)
      return fail(errc::catalogue_malformed, p.code + ": the name is too long or not UTF-8");
    catalogue.folded_names_.push_back(std::move(*folded));
  }
  catalogue.procedures_ = std::move(procedures);
  encoded = catalogue.encode();
  catalogue.version_ = blake2b_256(encoded);
  return catalogue;
}

Result<Catalogue> Catalogue::make(std::vector<Procedure> procedures) {
  Bytes encoded;
  TN_TRY(auto catalogue, build(std::move(procedures), encoded));
  // Only the names have been checked for UTF-8 so far; what does not decode may not be published.
  if (const auto decoded = cbor::decode(encoded); !decoded) {
    return fail(errc::catalogue_malformed, decoded.error().detail);
  }
  return catalogue;
}

std::string_view Catalogue::code(std::size_t place) const {
  return opened_ ? opened_->entries[place].code : std::string_view(procedures_[place].code);
}

const Procedure* Catalogue::procedure(std::size_t place) const {
  if (!opened_) return &procedures_[place];
  const auto known = opened_->read.find(place);
  if (known != opened_->read.end()) return &known->second;
  auto read =
      fields::decode<Procedure>(opened_->entries[place].bytes, errc::catalogue_malformed);
  if (!read) return nullptr;
  return &opened_->read.emplace(place, std::move(*read)).first->second;
}

const std::vector<std::string>& Catalogue::folded_names() const {
  if (opened_ && folded_names_.empty()) {
    folded_names_.reserve(opened_->entries.size());
    for (const auto& entry : opened_->entries) {
      folded_names_.push_back(fold_name(entry.name).value_or(std::string()));
    }
  }
  return folded_names_;
}

const Procedure* Catalogue::find(std::string_view code) const {
  std::size_t low = 0;
  for (std::size_t high = count(); low < high;) {
    const std::size_t middle = low + (high - low) / 2;
    if (this->code(middle) < code) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count() && this->code(low) == code ? procedure(low) : nullptr;
}

std::vector<const Procedure*> Catalogue::search(std::string_view text, std::size_t limit) const {
  if (text.size() > limits::catalogue_query_bytes_max) return {};
  const auto query = fold_name(text);
  const std::string_view code_prefix = trim(text);
  if (!query || code_prefix.empty()) return {};
  const auto words = words_of(*query);
  const std::vector<std::string>& names = folded_names();
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (auto hit = match(i, code(i), names[i], code_prefix, *query, words)) hits.push_back(*hit);
  }
  // Whoever types one letter is shown the first of thousands.
  const std::size_t count = std::min(limit, hits.size());
  const auto end = hits.begin() + static_cast<std::ptrdiff_t>(count);
  std::ranges::partial_sort(hits, end, {}, &Hit::key);
  std::vector<const Procedure*> found;
  for (auto hit = hits.begin(); hit != end; ++hit) {
    if (const Procedure* const shown = procedure(hit->place)) found.push_back(shown);
  }
  return found;
}

Bytes Catalogue::encode() const {
  if (opened_) return opened_->bytes;
  return cbor::encode(cbor::Map{{1, format_number}, {2, fields::to_value(procedures_)}});
}

Result<Catalogue> Catalogue::decode(BytesView bytes) {
  auto file = fields::decode<CatalogueFile>(bytes, errc::catalogue_malformed);
  if (!file) return fail(errc::catalogue_malformed, std::move(file).error().detail);
  if (file->format != format_number) return fail(errc::catalogue_malformed, "unknown format");
  Bytes encoded;
  TN_TRY(auto catalogue, build(std::move(file->procedures), encoded));
  // Reading ignores fields it does not know and build() sorts; either would change the version
  // behind the reader's back, so bytes that do not come back the same are refused.
  if (!std::ranges::equal(encoded, bytes)) {
    return fail(errc::catalogue_malformed, "the encoding has unknown fields or another order");
  }
  return catalogue;
}

Result<Catalogue> Catalogue::open(Bytes bytes) {
  constexpr std::uint64_t key_code = 1;
  constexpr std::uint64_t key_name = 2;
  auto opened = std::make_shared<Opened>();
  opened->bytes = std::move(bytes);
  cbor::Walker file(opened->bytes);
  // {1: format, 2: [procedures]}
  const bool is_file = file.head() == 2 && file.head() == 1 && file.head() == format_number &&
                       file.head() == 2;
  const std::uint64_t count = file.head();
  if (!is_file || count > limits::catalogue_procedures_max) return fail(errc::catalogue_malformed);
  opened->entries.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count && file.is_ok(); ++i) {
    Opened::Entry entry{file.item(), {}, {}};
    cbor::Walker fields(entry.bytes);
    fields.head();
    // The keys ascend.
    if (fields.head() == key_code) entry.code = as_text(fields.string());
    if (fields.head() == key_name) entry.name = as_text(fields.string());
    if (!fields.is_ok()) break;
    opened->entries.push_back(entry);
  }
  if (!file.is_ok() || opened->entries.size() != count) return fail(errc::catalogue_malformed);
  Catalogue catalogue;
  catalogue.version_ = blake2b_256(opened->bytes);
  catalogue.opened_ = std::move(opened);
  return catalogue;
}

}  // namespace tannha
