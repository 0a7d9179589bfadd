#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tannha/protocol/civil_date.hpp"
#include "tannha/protocol/result.hpp"

/// Codes minted by the case registry: of dossiers (mã số hồ sơ) and of agencies (mã định danh điện
/// tử). Both changed their order of writing in 2020, and both ways are in use.
namespace tannha {

enum class AgencyKind : std::uint8_t {
  /// MX1X2 (M in A–Y) and the units below it, from the top down: H44.100.
  authority,
  /// The registration number of an enterprise or household business.
  business,
  /// Zxy and up to 32 characters: everybody else.
  other,
};

struct AgencyCode {
  std::string text;
  AgencyKind kind{};
  /// Authorities: 1 for the ministry or province, one more for each group below. Others: 1.
  unsigned level{};

  friend bool operator==(const AgencyCode&, const AgencyCode&) = default;
};

/// Reads a code of QĐ 20/2020/QĐ-TTg. Groups below the first level are two or three digits.
/// Business numbers are ten characters that begin with two digits and contain digits and capital
/// letters, and may have a branch of three digits behind '-'.
/// Errors:
///   agency_code_malformed  none of the three kinds, or longer than limits::agency_code_chars_max
[[nodiscard]] Result<AgencyCode> parse_agency_code(std::string_view text);

/// From the code of QCVN 102:2016/BTTTT, V1V2V3.Z1Z2.Y1Y2.MX1X2, which is written from the bottom
/// up: 000.17.22.H56 becomes H56.22.17. Zero groups below the last unit fall away; a zero group
/// above a unit stays, since without it the unit would change its level.
/// Errors: agency_code_malformed.
[[nodiscard]] Result<std::string> agency_code_from_qcvn102(std::string_view text);

/// The way back. Errors: agency_code_malformed, also for an authority that has no such form: more
/// than three groups below the first, a group of the wrong width, or a zero group at the end.
[[nodiscard]] Result<std::string> agency_code_to_qcvn102(std::string_view text);

struct DossierCode {
  /// As written in the code: from the top (H15.50.05.13) or, in the older form, from the bottom
  /// (000.00.06.H56).
  std::string agency_code;
  /// Of receipt.
  Date date{};
  /// Order in the agency's day.
  std::uint32_t sequence{};
  /// 4 to 7: portals pad differently, and 0361 and 000361 are two codes.
  unsigned sequence_digits{4};

  friend bool operator==(const DossierCode&, const DossierCode&) = default;
};

/// Reads every era's form, exactly as written:
///   TT 01/2018 Điều 19      000.00.06.H56-231027-0361
///   provinces, 2026         H15.50.05.13-261008-0975
///   ministries' portals     the same with five to seven digits
/// Errors:
///   dossier_code_malformed  another form, or YYMMDD is no day of 2000–2099
[[nodiscard]] Result<DossierCode> parse_dossier_code(std::string_view text);

/// The code as it was read: format(*parse_dossier_code(text)) == text.
[[nodiscard]] std::string format(const DossierCode& code);

/// What a registry does when it mints a code. Only a registry may: the sequence is counted under
/// its lock. @param agency_code in either form. @param date of 2000–2099.
/// @param sequence up to 9,999,999, written with at least four digits.
/// Errors: dossier_code_malformed.
[[nodiscard]] Result<std::string> format_dossier_code(std::string_view agency_code, Date date,
                                                      std::uint32_t sequence);

}  // namespace tannha
