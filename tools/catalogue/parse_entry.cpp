#include "tools/catalogue/parse_entry.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <utility>

#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/unicode_text.hpp"

namespace tannha::tools {

namespace json = boost::json;

namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t excerpt_chars_max = 120;
/// Copies of one paper: a larger number is a slip of the keyboard.
constexpr std::int64_t quantity_max = 100;

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

// Length in bytes of the character that begins here; 0 for what is no UTF-8.
std::size_t char_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80U) return 1;
  if (byte(0) < 0xC2U || byte(0) > 0xF4U) return 0;
  const std::size_t size = byte(0) >= 0xF0U ? 4 : byte(0) >= 0xE0U ? 3 : 2;
  if (size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  return size;
}

bool has_html(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = text.find_first_of("<&"); at != npos;
       at = text.find_first_of("<&", at + 1)) {
    std::size_t next = at + 1;
    if (next < text.size() && (text[next] == '/' || text[next] == '#')) ++next;
    if (next >= text.size()) continue;
    const bool begins = is_letter(text[next]) || (text[at] == '&' && text[next - 1] == '#');
    const char end = text[at] == '<' ? '>' : ';';
    const std::size_t found = text.find(end, next);
    const std::size_t length_max = text[at] == '<' ? 200 : 8;
    if (begins && found != npos && found - at <= length_max) return true;
  }
  return false;
}

// Characters that nobody sees: control characters, zero-width and direction marks, soft hyphens.
bool has_hidden(std::string_view text) {
  constexpr std::array<std::string_view, 7> hidden{"\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D",
                                                   "\xE2\x80\x8E", "\xE2\x80\x8F", "\xEF\xBB\xBF",
                                                   "\xC2\xAD"};
  const bool has_control = std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20U && c != '\n' && c != '\t' && c != '\r') || byte == 0x7FU;
  });
  return has_control || std::ranges::any_of(
                            hidden, [&](std::string_view mark) { return text.find(mark) != npos; });
}

// The portal mixes composed and decomposed letters, which look the same and compare differently.
// nfc() is bounded, so long texts go through it in pieces that end at a blank.
std::string composed(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = text.size();
    if (size > limits::text_bytes_max) size = text.rfind(' ', limits::text_bytes_max - 1) + 1;
    if (size == 0) return out + std::string(text);
    const std::string_view piece = text.substr(0, size);
    auto normal = nfc(piece);
    out += normal ? *normal : std::string(piece);
    text.remove_prefix(size);
  }
  return out;
}

bool has_code_format(std::string_view code) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return code.size() == 8 && code[1] == '.' && is_digit(code[0]) &&
         std::ranges::all_of(code.substr(2), is_digit);
}

DocumentLine::Kind kind_of(std::string_view case_text) {
  std::string_view text = trim(case_text);
  if (text.ends_with(':')) text = trim(text.substr(0, text.size() - 1));
  if (text == "Giấy tờ phải nộp") return DocumentLine::Kind::to_submit;
  if (text == "Giấy tờ phải xuất trình") return DocumentLine::Kind::to_present;
  if (text == "Lưu ý") return DocumentLine::Kind::note;
  return DocumentLine::Kind::other;
}

class EntryParser {
 public:
  EntryParser(std::size_t entry, ProblemList& problems) : entry_(entry), problems_(problems) {}

  std::optional<Procedure> parse(const json::object& object, std::string_view source_text);

 private:
  void report(std::string_view field, std::string_view source_text, Unclear why) {
    problems_.add(entry_, procedure_.code, field, source_text, why);
  }
  std::string text_of(const json::object& object, std::string_view key, const std::string& path,
                      bool is_required);
  const json::array* array_of(const json::object& object, std::string_view key,
                              const std::string& path, Unclear if_empty);
  void report_unknown(const json::object& object, const std::string& path,
                      std::initializer_list<std::string_view> known);
  void check_level();
  void parse_offers(const json::object& object);
  void parse_offer(const json::value& value, const std::string& path);
  void parse_times(const json::object& object, const std::string& path, ProcedureOffer& offer);
  void parse_fees(const json::object& object, const std::string& path, ProcedureOffer& offer);
  void compare_offers();
  void parse_documents(const json::object& object);
  void parse_document(const json::value& value, const std::string& path);
  std::uint32_t quantity_of(const json::object& object, std::string_view key,
                            const std::string& path);

  std::size_t entry_;
  ProblemList& problems_;
  Procedure procedure_;
};

std::string EntryParser::text_of(const json::object& object, std::string_view key,
                                 const std::string& path, bool is_required) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value ? value->if_string() : nullptr;
  if (value && !text) {
    report(path, json::serialize(*value), Unclear::field_wrong_type);
    return {};
  }
  if (!text || trim(view(*text)).empty()) {
    if (is_required) report(path, {}, Unclear::field_missing);
    return {};
  }
  if (has_html(view(*text))) report(path, view(*text), Unclear::html_remains);
  if (has_hidden(view(*text))) report(path, view(*text), Unclear::hidden_characters);
  return composed(view(*text));
}

const json::array* EntryParser::array_of(const json::object& object, std::string_view key,
                                         const std::string& path, Unclear if_empty) {
  const json::value* value = object.if_contains(key);
  const json::array* array = value ? value->if_array() : nullptr;
  if (value && !array) {
    report(path, json::serialize(*value), Unclear::field_wrong_type);
    return nullptr;
  }
  if (!array || array->empty()) {
    report(path, {}, if_empty);
    return nullptr;
  }
  return array;
}

void EntryParser::report_unknown(const json::object& object, const std::string& path,
                                 std::initializer_list<std::string_view> known) {
  for (const auto& pair : object) {
    const std::string_view key(pair.key().data(), pair.key().size());
    if (std::ranges::find(known, key) != known.end()) continue;
    report(path + std::string(key), json::serialize(pair.value()), Unclear::field_unknown);
  }
}

std::optional<Procedure> EntryParser::parse(const json::object& object,
                                            std::string_view source_text) {
  const json::value* code = object.if_contains("code");
  const json::string* code_text = code ? code->if_string() : nullptr;
  if (!code_text || trim(view(*code_text)).empty()) {
    report("code", source_text, Unclear::code_missing);
    return std::nullopt;
  }
  procedure_.code = std::string(trim(view(*code_text)));
  procedure_.name = std::string(trim(text_of(object, "name", "name", false)));
  if (procedure_.name.empty()) {
    report("name", source_text, Unclear::name_missing);
    return std::nullopt;
  }
  if (!has_code_format(procedure_.code)) report("code", procedure_.code, Unclear::code_odd);
  procedure_.level = text_of(object, "level", "level", true);
  procedure_.field = text_of(object, "field", "field", true);
  procedure_.decision = text_of(object, "decision", "decision", true);
  procedure_.kind = text_of(object, "kind", "kind", true);
  procedure_.subject = text_of(object, "subject", "subject", true);
  procedure_.result = text_of(object, "result", "result", true);
  procedure_.source = text_of(object, "source", "source", false);
  report_unknown(object, {},
                 {"code", "name", "level", "field", "decision", "kind", "subject", "result",
                  "source", "channels", "docs"});
  check_level();
  parse_offers(object);
  compare_offers();
  parse_documents(object);
  procedure_.postal = postal_policy(procedure_.code, procedure_.offer(Channel::postal) != nullptr);
  return std::move(procedure_);
}

void EntryParser::check_level() {
  struct Level {
    std::string_view text;
    std::string_view in_name;
    std::string_view at_the_beginning;
  };
  constexpr std::array levels{
      Level{"Cấp Xã", "cấp xã", "Cấp xã"}, Level{"Cấp Tỉnh", "cấp tỉnh", "Cấp tỉnh"},
      Level{"Cấp Bộ", "cấp bộ", "Cấp bộ"}, Level{"", "cấp huyện", "Cấp huyện"}};
  const std::string_view level = trim(procedure_.level);
  if (level.empty()) return;
  const auto is_named = [&](const Level& l) {
    return procedure_.name.find(l.in_name) != npos ||
           procedure_.name.find(l.at_the_beginning) != npos;
  };
  const auto own = std::ranges::find(levels, level, &Level::text);
  if (own == levels.end()) return report("level", level, Unclear::level_unknown);
  const bool has_other =
      std::ranges::any_of(levels, [&](const Level& l) { return l.text != level && is_named(l); });
  if (has_other && !is_named(*own)) {
    report("level", procedure_.name, Unclear::level_contradicts_name);
  }
}

void EntryParser::parse_offers(const json::object& object) {
  const json::array* offers = array_of(object, "channels", "channels", Unclear::channels_missing);
  if (!offers) return;
  for (std::size_t i = 0; i < offers->size(); ++i) {
    parse_offer((*offers)[i], "channels[" + std::to_string(i + 1) + "]");
  }
}

void EntryParser::parse_offer(const json::value& value, const std::string& path) {
  const json::object* object = value.if_object();
  if (!object) return report(path, json::serialize(value), Unclear::field_wrong_type);
  const std::string word = text_of(*object, "channel", path + ".channel", false);
  constexpr std::array<std::pair<std::string_view, Channel>, 3> words{
      {{"DIRECT", Channel::direct}, {"ONLINE", Channel::online}, {"POSTAL", Channel::postal}}};
  const auto channel = std::ranges::find(words, word, &std::pair<std::string_view, Channel>::first);
  if (channel == words.end()) {
    return report(path + ".channel", json::serialize(value), Unclear::channel_unknown);
  }
  report_unknown(*object, path + ".", {"channel", "terms", "time", "fee"});
  // Every entry of the export has an empty list of terms; one that is not would be lost here.
  const json::value* terms = object->if_contains("terms");
  if (terms && !(terms->is_array() && terms->get_array().empty())) {
    report(path + ".terms", json::serialize(*terms), Unclear::field_unknown);
  }
  ProcedureOffer offer;
  offer.channel = channel->second;
  parse_times(*object, path + ".time", offer);
  parse_fees(*object, path + ".fee", offer);
  procedure_.offers.push_back(std::move(offer));
}

void EntryParser::parse_times(const json::object& object, const std::string& path,
                              ProcedureOffer& offer) {
  const json::array* times = array_of(object, "time", path, Unclear::time_missing);
  if (!times) return;
  for (std::size_t i = 0; i < times->size(); ++i) {
    const std::string place = path + "[" + std::to_string(i + 1) + "]";
    const json::string* text = (*times)[i].if_string();
    if (!text) {
      report(place, json::serialize((*times)[i]), Unclear::field_wrong_type);
      continue;
    }
    auto parsed = parse_time(composed(view(*text)));
    if (parsed.unclear) report(place, view(*text), *parsed.unclear);
    offer.times.push_back(std::move(parsed.time));
  }
}

void EntryParser::parse_fees(const json::object& object, const std::string& path,
                             ProcedureOffer& offer) {
  const json::array* fees = array_of(object, "fee", path, Unclear::fee_missing);
  if (!fees) return;
  std::string joined;
  for (const json::value& fee : *fees) {
    const json::string* text = fee.if_string();
    if (!text) {
      report(path, json::serialize(fee), Unclear::field_wrong_type);
      // What stays beside an unreadable part is no longer the whole fee.
      offer.fee = {};
      return;
    }
    if (!joined.empty()) joined += " | ";
    joined += view(*text);
  }
  if (has_html(joined)) report(path, joined, Unclear::html_remains);
  if (has_hidden(joined)) report(path, joined, Unclear::hidden_characters);
  auto parsed = parse_fee(composed(joined));
  if (parsed.unclear) report(path, joined, *parsed.unclear);
  offer.fee = std::move(parsed.fee);
}

void EntryParser::compare_offers() {
  struct Group {
    std::vector<std::pair<ProcedureFee::Certainty, std::optional<std::uint64_t>>> fees;
    bool has_amount = false;
  };
  std::map<Channel, Group> groups;
  for (const ProcedureOffer& offer : procedure_.offers) {
    Group& group = groups[offer.channel];
    group.fees.emplace_back(offer.fee.certainty, offer.fee.amount_dong);
    group.has_amount = group.has_amount || offer.fee.amount_dong.has_value();
  }
  constexpr std::array<std::string_view, 4> words{"", "DIRECT", "ONLINE", "POSTAL"};
  std::string summary;
  bool differs = false;
  bool has_amount = false;
  for (auto& [channel, group] : groups) {
    const auto word = words.at(static_cast<std::size_t>(channel));
    if (group.fees.size() > 1) {
      report("channels", std::string(word) + " x " + std::to_string(group.fees.size()),
             Unclear::channel_repeated);
    }
    std::ranges::sort(group.fees);
    differs = differs || group.fees != groups.begin()->second.fees;
    has_amount = has_amount || group.has_amount;
    summary += (summary.empty() ? "" : "; ") + std::string(word);
    for (const auto& [certainty, amount] : group.fees) {
      summary += amount ? " " + std::to_string(*amount) : " ?";
    }
  }
  if (differs && has_amount) report("channels", summary, Unclear::fee_differs_by_channel);
}

void EntryParser::parse_documents(const json::object& object) {
  const json::array* documents = array_of(object, "docs", "docs", Unclear::documents_missing);
  if (!documents) return;
  for (std::size_t i = 0; i < documents->size(); ++i) {
    parse_document((*documents)[i], "docs[" + std::to_string(i + 1) + "]");
  }
}

void EntryParser::parse_document(const json::value& value, const std::string& path) {
  DocumentLine line;
  line.number = static_cast<std::uint32_t>(procedure_.documents.size() + 1);
  const json::object* object = value.if_object();
  if (!object) {
    report(path, json::serialize(value), Unclear::field_wrong_type);
    // The number stays taken: lines after this one keep the place they have in the source.
    procedure_.documents.push_back(std::move(line));
    return;
  }
  report_unknown(*object, path + ".", {"case", "name", "orig", "copy"});
  line.case_text = text_of(*object, "case", path + ".case", false);
  line.kind = kind_of(line.case_text);
  line.name = text_of(*object, "name", path + ".name", false);
  line.originals = quantity_of(*object, "orig", path + ".orig");
  line.copies = quantity_of(*object, "copy", path + ".copy");
  const bool has_quantity = line.originals + line.copies > 0;
  const bool is_note = line.kind == DocumentLine::Kind::note;
  if (line.name.empty()) report(path + ".name", line.case_text, Unclear::document_name_missing);
  if (!has_quantity && !is_note) report(path, line.name, Unclear::document_without_quantity);
  if (has_quantity && is_note) report(path, line.name, Unclear::note_with_quantity);
  procedure_.documents.push_back(std::move(line));
}

std::uint32_t EntryParser::quantity_of(const json::object& object, std::string_view key,
                                       const std::string& path) {
  const json::value* value = object.if_contains(key);
  if (!value) {
    report(path, {}, Unclear::document_quantity_unclear);
    return 0;
  }
  const std::int64_t* number = value->if_int64();
  if (!number || *number < 0 || *number > quantity_max) {
    report(path, json::serialize(*value), Unclear::document_quantity_unclear);
    return 0;
  }
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

void ProblemList::add(std::size_t entry, std::string_view code, std::string_view field,
                      std::string_view source_text, Unclear why) {
  if (problems_.size() >= problems_max_) {
    ++left_out_count_;
    return;
  }
  // Codes and field names come from the file too, so they are cut like everything else.
  problems_.push_back({entry, excerpt(code), excerpt(field), excerpt(source_text), why});
}

std::string excerpt(std::string_view text) {
  std::string out;
  std::size_t count = 0;
  std::size_t cut_at = 0;
  const auto put = [&](std::string_view character) {
    out += character;
    if (++count == excerpt_chars_max - 1) cut_at = out.size();
  };
  bool blank = false;
  while (!text.empty() && count <= excerpt_chars_max) {
    const auto byte = static_cast<unsigned char>(text.front());
    // A broken line may hold anything; what is reported must still be text.
    const std::size_t size = char_bytes(text);
    const std::string_view character = size == 0 ? "?" : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
    if (byte <= 0x20U || byte == 0x7FU) {
      blank = !out.empty();
      continue;
    }
    if (blank) put(" ");
    blank = false;
    put(character);
  }
  if (count > excerpt_chars_max) out.replace(cut_at, npos, "…");
  return out;
}

std::optional<Procedure> parse_entry(std::string_view text, std::size_t entry, bool is_recovered,
                                     ProblemList& problems, bool& is_json) {
  json::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  is_json = !error;
  if (!is_json) {
    problems.add(entry, {}, {}, text, Unclear::json_broken);
    return std::nullopt;
  }
  const json::object* object = value.if_object();
  if (!object) {
    problems.add(entry, {}, {}, text, Unclear::not_an_object);
    return std::nullopt;
  }
  if (is_recovered && !object->contains("channels") && !object->contains("docs")) {
    problems.add(entry, {}, {}, text, Unclear::json_broken);
    return std::nullopt;
  }
  return EntryParser(entry, problems).parse(*object, text);
}

}  // namespace tannha::tools
