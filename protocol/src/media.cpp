#include "tannha/protocol/media.hpp"

#include <algorithm>
#include <array>

#include "tannha/protocol/limits.hpp"

namespace tannha {

std::string_view sniff_media_type(BytesView bytes) {
  constexpr std::array<std::uint8_t, 3> jpeg{0xff, 0xd8, 0xff};
  const bool starts_as_jpeg =
      bytes.size() > jpeg.size() && std::equal(jpeg.begin(), jpeg.end(), bytes.begin());
  return starts_as_jpeg ? "image/jpeg" : "";
}

Result<void> check_attachment(BytesView bytes, std::string_view media_type) {
  if (bytes.empty()) return fail(errc::attachment_empty);
  if (bytes.size() > limits::attachment_bytes_max) return fail(errc::attachment_too_large);
  if (media_type.empty() || sniff_media_type(bytes) != media_type) {
    return fail(errc::attachment_type_not_allowed);
  }
  return {};
}

}  // namespace tannha
