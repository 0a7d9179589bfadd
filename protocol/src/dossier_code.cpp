#include "tannha/protocol/dossier_code.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "ascii.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha {
namespace {

constexpr std::size_t children_of_dossier_code_max = 4;
constexpr unsigned sequence_digits_min = 4;
constexpr unsigned sequence_digits_max = 7;
constexpr std::uint32_t sequence_max = 9'999'999;

bool is_digits(std::string_view text, std::size_t count) {
  return text.size() == count && std::ranges::all_of(text, ascii::is_digit);
}

bool is_zeros(std::string_view text) {
  return text.find_first_not_of('0') == text.npos;
}

// A letter and two digits: a ministry or a province.
bool is_top_group(std::string_view text) {
  return text.size() == 3 && text[0] >= 'A' && text[0] <= 'Y' && is_digits(text.substr(1), 2);
}

std::vector<std::string_view> split_groups(std::string_view text) {
  std::vector<std::string_view> groups;
  for (std::size_t dot = text.find('.'); dot != text.npos; dot = text.find('.')) {
    groups.push_back(text.substr(0, dot));
    text.remove_prefix(dot + 1);
  }
  groups.push_back(text);
  return groups;
}

// The number of groups of a code written from the top, 0 when it is not one.
unsigned authority_level(std::string_view text) {
  const auto groups = split_groups(text);
  if (!is_top_group(groups[0])) return 0;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (!is_digits(groups[i], 2) && !is_digits(groups[i], 3)) return 0;
  }
  return static_cast<unsigned>(groups.size());
}

// V1V2V3.Z1Z2.Y1Y2.MX1X2
bool is_qcvn102(std::string_view text) {
  const auto groups = split_groups(text);
  return groups.size() == 4 && is_digits(groups[0], 3) && is_digits(groups[1], 2) &&
         is_digits(groups[2], 2) && is_top_group(groups[3]);
}

bool is_business_number(std::string_view text) {
  constexpr std::size_t number_chars = 10;
  if (text.size() < number_chars || !is_digits(text.substr(0, 2), 2)) return false;
  const bool plain = std::ranges::all_of(text.substr(2, number_chars - 2), [](char c) {
    return ascii::is_digit(c) || ascii::is_upper(c);
  });
  const std::string_view branch = text.substr(number_chars);
  return plain && (branch.empty() || (branch[0] == '-' && is_digits(branch.substr(1), 3)));
}

bool is_other(std::string_view text) {
  if (text.size() < 3 || text[0] != 'Z' || !is_digits(text.substr(1, 2), 2)) return false;
  if (is_zeros(text.substr(1, 2))) return false;
  return std::ranges::all_of(text.substr(3), [](char c) {
    return ascii::is_digit(c) || ascii::is_upper(c) || ascii::is_lower(c) || c == '.' || c == '-';
  });
}

// The part of a dossier code before the first '-'.
bool is_dossier_agency(std::string_view text) {
  const unsigned level = authority_level(text);
  return (level >= 1 && level <= 1 + children_of_dossier_code_max) || is_qcvn102(text);
}

std::uint32_t to_number(std::string_view digits) {
  std::uint32_t number = 0;
  for (const char c : digits) number = number * 10 + ascii::digit_value(c);
  return number;
}

std::optional<Date> read_yymmdd(std::string_view text) {
  if (!is_digits(text, 6)) return std::nullopt;
  const Date date{std::chrono::year{2000 + static_cast<int>(to_number(text.substr(0, 2)))},
                  std::chrono::month{to_number(text.substr(2, 2))},
                  std::chrono::day{to_number(text.substr(4, 2))}};
  if (!date.ok()) return std::nullopt;
  return date;
}

std::string padded(unsigned number, unsigned digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

}  // namespace

Result<AgencyCode> parse_agency_code(std::string_view text) {
  if (text.size() > limits::agency_code_chars_max) {
    return fail(errc::agency_code_malformed, "too long");
  }
  if (const unsigned level = authority_level(text); level > 0) {
    return AgencyCode{std::string(text), AgencyKind::authority, level};
  }
  if (is_other(text)) return AgencyCode{std::string(text), AgencyKind::other, 1};
  if (is_business_number(text)) return AgencyCode{std::string(text), AgencyKind::business, 1};
  return fail(errc::agency_code_malformed);
}

Result<std::string> agency_code_from_qcvn102(std::string_view text) {
  if (text.size() > limits::agency_code_chars_max || !is_qcvn102(text)) {
    return fail(errc::agency_code_malformed, "not a QCVN 102 code");
  }
  auto groups = split_groups(text);
  std::ranges::reverse(groups);
  while (groups.size() > 1 && is_zeros(groups.back())) groups.pop_back();
  std::string code(groups[0]);
  for (std::size_t i = 1; i < groups.size(); ++i) code.append(".").append(groups[i]);
  return code;
}

Result<std::string> agency_code_to_qcvn102(std::string_view text) {
  if (text.size() > limits::agency_code_chars_max || authority_level(text) == 0) {
    return fail(errc::agency_code_malformed, "not an authority's code");
  }
  const auto groups = split_groups(text);
  // Filled from the top with what is known; what is missing is zeros.
  std::array<std::string_view, 4> parts = {groups[0], "00", "00", "000"};
  if (groups.size() > parts.size()) return fail(errc::agency_code_malformed, "too many levels");
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (groups[i].size() != parts[i].size()) {
      return fail(errc::agency_code_malformed, "width of group " + std::to_string(i));
    }
    parts[i] = groups[i];
  }
  if (groups.size() > 1 && is_zeros(groups.back())) {
    return fail(errc::agency_code_malformed, "zero group at the end");
  }
  std::string code(parts[3]);
  for (std::size_t i = parts.size() - 1; i-- > 0;) code.append(".").append(parts[i]);
  return code;
}

Result<DossierCode> parse_dossier_code(std::string_view text) {
  const std::size_t first = text.find('-');
  if (first == text.npos || first > limits::agency_code_chars_max) {
    return fail(errc::dossier_code_malformed, "agency");
  }
  const std::string_view agency = text.substr(0, first);
  if (!is_dossier_agency(agency)) return fail(errc::dossier_code_malformed, "agency");
  const std::string_view rest = text.substr(first + 1);
  if (rest.size() < 7 || rest[6] != '-') return fail(errc::dossier_code_malformed, "date");
  const auto date = read_yymmdd(rest.substr(0, 6));
  if (!date) return fail(errc::dossier_code_malformed, "date");
  const std::string_view sequence = rest.substr(7);
  if (sequence.size() < sequence_digits_min || sequence.size() > sequence_digits_max ||
      !is_digits(sequence, sequence.size())) {
    return fail(errc::dossier_code_malformed, "sequence");
  }
  return DossierCode{std::string(agency), *date, to_number(sequence),
                     static_cast<unsigned>(sequence.size())};
}

std::string format(const DossierCode& code) {
  const auto year = static_cast<unsigned>(static_cast<int>(code.date.year())) % 100;
  return code.agency_code + "-" + padded(year, 2) +
         padded(static_cast<unsigned>(code.date.month()), 2) +
         padded(static_cast<unsigned>(code.date.day()), 2) + "-" +
         padded(code.sequence, code.sequence_digits);
}

Result<std::string> format_dossier_code(std::string_view agency_code, Date date,
                                        std::uint32_t sequence) {
  if (agency_code.size() > limits::agency_code_chars_max || !is_dossier_agency(agency_code)) {
    return fail(errc::dossier_code_malformed, "agency");
  }
  const int year = static_cast<int>(date.year());
  if (!date.ok() || year < 2000 || year > 2099) return fail(errc::dossier_code_malformed, "date");
  if (sequence > sequence_max) return fail(errc::dossier_code_malformed, "sequence");
  return format(DossierCode{std::string(agency_code), date, sequence, sequence_digits_min});
}

}  // namespace tannha
