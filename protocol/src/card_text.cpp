#include "tannha/protocol/card_text.hpp"

#include <algorithm>
#include <array>

#include "ascii.hpp"
#include "tannha/protocol/crypto.hpp"
#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/unicode_text.hpp"

namespace tannha {
namespace {

constexpr std::size_t field_count = 7;
// The numbers have no code for anybody born earlier.
constexpr int birth_year_min = 1900;

using Fields = std::array<std::string, field_count>;

// The separator is ASCII, so that bytes can be split before they are known to be UTF-8: a field
// beyond the seventh can not make a card unreadable.
Result<Fields> split(std::string_view raw) {
  const auto separators = static_cast<std::size_t>(std::ranges::count(raw, '|'));
  if (separators + 1 < field_count) {
    return fail(errc::card_text_fields, std::to_string(separators + 1) + " fields");
  }
  Fields fields;
  for (std::size_t i = 0; i < field_count; ++i) {
    const std::size_t end = raw.find('|');
    TN_TRY(const std::string& text, nfc(raw.substr(0, end)));
    fields[i] = trim(text);
    if (end != std::string_view::npos) raw.remove_prefix(end + 1);
  }
  return fields;
}

struct DateNumbers {
  unsigned day;
  unsigned month;
  int year;
};

std::optional<DateNumbers> read_date_numbers(std::string_view text) {
  if (text.size() != 8 || !std::ranges::all_of(text, ascii::is_digit)) return std::nullopt;
  unsigned number = 0;
  for (const char c : text) number = number * 10 + ascii::digit_value(c);
  return DateNumbers{number / 1'000'000, number / 10'000 % 100, static_cast<int>(number % 10'000)};
}

std::optional<Date> read_date(std::string_view text) {
  const auto numbers = read_date_numbers(text);
  if (!numbers || numbers->year < birth_year_min) return std::nullopt;
  const Date date{std::chrono::year{numbers->year}, std::chrono::month{numbers->month},
                  std::chrono::day{numbers->day}};
  if (!date.ok()) return std::nullopt;
  return date;
}

std::optional<BirthDate> read_birth_date(std::string_view text) {
  const auto numbers = read_date_numbers(text);
  if (!numbers || numbers->year < birth_year_min) return std::nullopt;
  BirthDate birth{std::chrono::year{numbers->year}, std::nullopt, std::nullopt};
  if (numbers->month == 0) {
    if (numbers->day != 0) return std::nullopt;
    return birth;
  }
  birth.month = std::chrono::month{numbers->month};
  if (!birth.month->ok()) return std::nullopt;
  if (numbers->day == 0) return birth;
  birth.day = std::chrono::day{numbers->day};
  if (!Date(birth.year, *birth.month, *birth.day).ok()) return std::nullopt;
  return birth;
}

std::optional<Sex> read_sex(const std::string& text) {
  // Folding also reads the word without its mark, which some readers lose.
  const Result<std::string> folded = fold_for_search(text);
  if (!folded) return std::nullopt;
  if (*folded == "nam") return Sex::male;
  if (*folded == "nu") return Sex::female;
  return std::nullopt;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<PersonalNumber> read_personal_number(const std::string& text) {
  TN_TRY(PersonalNumber number, parse_personal_number(text));
  if (number.kind != PersonalNumberKind::citizen) return fail(errc::personal_number_length);
  return number;
}

void add_warnings(CardText& card, const std::string& old_number) {
  card.warnings = personal_number_warnings(card.personal_number, card.sex,
                                           static_cast<int>(card.birth_date.year));
  if (!old_number.empty() && !card.old_number) {
    card.warnings.push_back(IdentityWarning::old_number_unclear);
  }
  if (card.address.empty()) card.warnings.push_back(IdentityWarning::address_missing);
}

}  // namespace

Result<CardText> parse_card_text(std::string_view raw) {
  if (raw.size() > limits::card_text_bytes_max) return fail(errc::card_text_invalid, "too long");
  TN_TRY(Fields fields, split(raw));
  CardText card;
  TN_TRY(card.personal_number, read_personal_number(fields[0]));
  if (auto old_number = parse_personal_number(fields[1])) card.old_number = std::move(*old_number);
  if (fields[2].empty() || has_control_character(fields[2])) {
    return fail(errc::card_text_invalid, "name");
  }
  card.name = std::move(fields[2]);
  const auto birth_date = read_birth_date(fields[3]);
  if (!birth_date) return fail(errc::card_text_invalid, "birth date");
  card.birth_date = *birth_date;
  const auto sex = read_sex(fields[4]);
  if (!sex) return fail(errc::card_text_invalid, "sex");
  card.sex = *sex;
  if (has_control_character(fields[5])) return fail(errc::card_text_invalid, "address");
  card.address = std::move(fields[5]);
  const auto issued_on = read_date(fields[6]);
  if (!issued_on) return fail(errc::card_text_invalid, "issue date");
  card.issued_on = *issued_on;
  card.raw_hash = blake2b_256(as_bytes(raw));
  add_warnings(card, fields[1]);
  return card;
}

}  // namespace tannha
