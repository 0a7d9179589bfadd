#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/unicode_text.hpp"
#include "tools/catalogue/parse_entry.hpp"

namespace tannha::tools {

namespace {

using Unit = ProcedureTime::Unit;
using Certainty = ProcedureFee::Certainty;

constexpr std::size_t npos = std::string_view::npos;
/// Ten years: a larger number is a slip of the keyboard.
constexpr std::uint32_t time_count_max = 3650;
/// No fee is smaller; "700" was meant in thousands.
constexpr std::uint64_t fee_dong_min = 1000;

struct UnitWord {
  std::string_view word;
  Unit unit;
};
// The words of the national portal's export. "OTHER" is none of them: its rule is in prose.
constexpr std::array unit_words{UnitWord{"WORKING_DAY", Unit::working_day},
                                UnitWord{"ngày", Unit::calendar_day}, UnitWord{"HOUR", Unit::hour},
                                UnitWord{"MONTH", Unit::month}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <class Number>
std::optional<Number> number_of(std::string_view digits) {
  Number number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// Lower case without marks; empty when the text cannot be folded, so that no word is found in it.
std::string folded(std::string_view text) {
  if (text.size() > limits::text_bytes_max) {
    std::size_t end = limits::text_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  return fold_for_search(text).value_or(std::string{});
}

template <std::size_t N>
bool contains_one(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != npos; });
}

// "100.000 đồng", "25.000đ", "500.000/lần": a number grouped in thousands.
bool has_amount(std::string_view text) {
  for (std::size_t i = 1; i + 3 < text.size(); ++i) {
    if (text[i] == '.' && is_digit(text[i - 1]) && is_digit(text[i + 1]) && is_digit(text[i + 2]) &&
        is_digit(text[i + 3])) {
      return true;
    }
  }
  return false;
}

bool names_another_body(std::string_view prose) {
  constexpr std::array<std::string_view, 2> words{"hoi dong nhan dan", "hdnd"};
  return contains_one(prose, words);
}

bool points_elsewhere(std::string_view prose) {
  constexpr std::array<std::string_view, 9> words{
      "nghi quyet",   "quyet dinh so", "thong tu", "nghi dinh",       "luat phi",
      "chi tiet tai", "tra cuu tai",   "bieu phi", "van ban kem theo"};
  return names_another_body(prose) || contains_one(prose, words) || prose == "theo quy dinh" ||
         prose == "theo quy dinh.";
}

bool says_no_fee(std::string_view prose) {
  constexpr std::array<std::string_view, 4> words{"khong", "khong.", "khong co", "khong co."};
  return std::ranges::find(words, prose) != words.end();
}

struct FeePart {
  std::optional<std::uint64_t> amount_dong;
  std::string prose;  // folded
};

FeePart read_part(std::string_view text) {
  constexpr std::string_view mark = " VNĐ (";
  const std::size_t at = text.find(mark);
  const auto digits = text.substr(0, std::min(at, text.size()));
  if (at == npos || !text.ends_with(')') || !std::ranges::all_of(digits, is_digit)) {
    return {std::nullopt, folded(text)};
  }
  const auto prose = text.substr(at + mark.size(), text.size() - at - mark.size() - 1);
  return {number_of<std::uint64_t>(digits), folded(trim(prose))};
}

std::vector<FeePart> read_parts(std::string_view text) {
  constexpr std::string_view separator = " | ";
  std::vector<FeePart> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(read_part(trim(text.substr(0, at))));
    if (at == npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

ParsedFee one_fee(const FeePart& part) {
  const auto unclear = [](Certainty certainty, Unclear why) {
    return ParsedFee{{std::nullopt, certainty, {}}, why};
  };
  const bool is_elsewhere = points_elsewhere(part.prose);
  if (!part.amount_dong || *part.amount_dong == 0) {
    const bool is_none = part.prose.empty() || says_no_fee(part.prose);
    if (part.amount_dong && is_none) return {{0, Certainty::stated, {}}, std::nullopt};
    // A zero beside words is the portal's empty field, not a fee of nothing.
    if (has_amount(part.prose)) return unclear(Certainty::not_given, Unclear::fee_in_prose);
    if (is_elsewhere) return unclear(Certainty::set_elsewhere, Unclear::fee_set_elsewhere);
    return unclear(Certainty::not_given, Unclear::fee_in_prose);
  }
  if (*part.amount_dong < fee_dong_min) {
    return unclear(Certainty::not_given, Unclear::fee_too_small);
  }
  if (names_another_body(part.prose)) {
    return {{part.amount_dong, Certainty::set_elsewhere, {}}, Unclear::fee_set_elsewhere};
  }
  return {{part.amount_dong, Certainty::stated, {}}, std::nullopt};
}

}  // namespace

ParsedTime parse_time(std::string_view source_text) {
  const std::string_view text = trim(source_text);
  const auto prose = [&](Unclear why) {
    return ParsedTime{{std::nullopt, Unit::prose, std::string(source_text)}, why};
  };
  if (text.empty()) return prose(Unclear::time_missing);
  if (text == "SAME_DAY") {
    return {{std::nullopt, Unit::same_day, std::string(source_text)}, std::nullopt};
  }
  const std::size_t blank = text.find(' ');
  const std::string_view number = text.substr(0, std::min(blank, text.size()));
  const std::string_view word = blank == npos ? std::string_view{} : text.substr(blank + 1);
  const auto is_part = [](char c) { return is_digit(c) || c == '.' || c == ','; };
  if (text == "OTHER") return prose(Unclear::time_unit_other);
  if (!is_digit(number.front()) || !std::ranges::all_of(number, is_part)) {
    return prose(Unclear::time_prose);
  }
  if (word == "OTHER") return prose(Unclear::time_unit_other);
  const auto unit = std::ranges::find(unit_words, word, &UnitWord::word);
  if (unit == unit_words.end()) return prose(Unclear::time_prose);
  ProcedureTime time{std::nullopt, unit->unit, std::string(source_text)};
  if (!std::ranges::all_of(number, is_digit)) return {std::move(time), Unclear::time_fraction};
  const auto count = number_of<std::uint32_t>(number);
  if (!count || *count == 0 || *count > time_count_max) {
    return {std::move(time), Unclear::time_out_of_range};
  }
  time.count = count;
  return {std::move(time), std::nullopt};
}

ParsedFee parse_fee(std::string_view source_text) {
  const std::string_view text = trim(source_text);
  ParsedFee parsed{{}, Unclear::fee_missing};
  if (!text.empty() && text != "Không có thông tin") {
    const auto parts = read_parts(text);
    parsed = one_fee(parts.front());
    const auto is_same = [&](const FeePart& part) {
      const auto other = one_fee(part);
      return other.fee == parsed.fee && other.unclear == parsed.unclear &&
             part.prose == parts.front().prose;
    };
    const auto is_elsewhere = [](const FeePart& part) {
      const auto fee = one_fee(part).fee;
      return fee.certainty == Certainty::set_elsewhere && !fee.amount_dong;
    };
    // Several parts are one fee only when they all say the same thing; an amount that comes twice
    // may be due twice.
    const bool is_one =
        parts.size() == 1 || std::ranges::all_of(parts, is_elsewhere) ||
        (std::ranges::all_of(parts, is_same) && parsed.fee.amount_dong.value_or(0) == 0);
    if (!is_one) parsed = {{}, Unclear::fee_several};
  }
  parsed.fee.text = std::string(source_text);
  return parsed;
}

}  // namespace tannha::tools
