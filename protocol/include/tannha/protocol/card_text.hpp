#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/civil_date.hpp"
#include "tannha/protocol/personal_number.hpp"
#include "tannha/protocol/result.hpp"

/// The QR code on chip cards (CCCD 2021, căn cước 2024): plain UTF-8, fields separated by '|':
///   personal number | old number | name | birth ddMMyyyy | Nam/Nữ | address | issued ddMMyyyy
/// The text is not signed. It fills in a form; it is no proof of identity.
namespace tannha {

/// Some people's papers know only the month or the year. A day implies a month.
struct BirthDate {
  std::chrono::year year{};
  std::optional<std::chrono::month> month;
  std::optional<std::chrono::day> day;

  friend bool operator==(const BirthDate&, const BirthDate&) = default;
};

struct CardText {
  /// Of kind citizen.
  PersonalNumber personal_number;
  std::optional<PersonalNumber> old_number;
  /// NFC, trimmed, not empty.
  std::string name;
  BirthDate birth_date;
  Sex sex{};
  /// NFC, trimmed, as on the card: it may name a commune that has since been merged. May be empty.
  std::string address;
  Date issued_on{};
  /// BLAKE2b-256 of the whole text as scanned, extras included.
  Hash raw_hash{};
  std::vector<IdentityWarning> warnings;

  friend bool operator==(const CardText&, const CardText&) = default;
};

/// Reads the first seven fields; newer cards append more, which are not looked at. Spaces around
/// fields, decomposed letters and 00 for an unknown day or month are accepted.
/// Errors, whose detail names the field and never its content:
///   card_text_invalid           longer than limits::card_text_bytes_max
///   card_text_fields            fewer than seven fields
///   cbor_invalid_utf8           one of the seven is not UTF-8
///   personal_number_length      the first is not 12 digits (a CMND has no QR code)
///   personal_number_not_digits  the first is not 12 digits
///   card_text_invalid           a name, date or sex that cannot be read
/// Precondition: init_crypto() was called.
[[nodiscard]] Result<CardText> parse_card_text(std::string_view raw);

}  // namespace tannha
