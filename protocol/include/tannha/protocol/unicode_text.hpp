#pragma once

#include <string>
#include <string_view>

#include "tannha/protocol/result.hpp"

/// Vietnamese text from keyboards and cards. The same letter comes composed or decomposed, with
/// marks in either order: whatever is stored, hashed or compared goes through here first.
namespace tannha {

/// Unicode normalization form C (UAX #15).
/// Errors:
///   argument_invalid   longer than limits::text_bytes_max: reordering marks costs the square of
///                      their number
///   cbor_invalid_utf8  not UTF-8 (RFC 3629)
[[nodiscard]] Result<std::string> nfc(std::string_view text);

/// Without white space, control characters and zero-width spaces at both ends. Bytes that are not
/// UTF-8 are kept. @return a view into `text`, alive as long as it.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The form in which names are searched: lower case, no tone or vowel marks, d for đ, one space
/// between words where there was white space or an ellipsis. "Nguyễn  Thị ĐÀO" and "nguyen thi dao"
/// give the same. For comparing only: never stored, never shown.
/// Errors: those of nfc().
[[nodiscard]] Result<std::string> fold_for_search(std::string_view text);

}  // namespace tannha
