#pragma once

#include <string_view>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

namespace tannha {

/// The media type that the first bytes show, of those that are accepted; empty for any other.
[[nodiscard]] std::string_view sniff_media_type(BytesView bytes);

/// What may be stored as an attachment, on the phone and on the server alike.
/// Errors, in order: attachment_empty; attachment_too_large; attachment_type_not_allowed (not
/// accepted, or not what the bytes show).
[[nodiscard]] Result<void> check_attachment(BytesView bytes, std::string_view media_type);

}  // namespace tannha
