#pragma once

#include <cstdint>

#include "tannha/protocol/bytes.hpp"

/// Real JPEG files that stand for a phone's photos of papers: demos, tests and load.
namespace tannha::tools {

struct PageOptions {
  /// Pixels. The default is A4 at about 200 dpi.
  std::uint32_t width = 1654;
  std::uint32_t height = 2339;
  bool is_colour = false;
  /// libjpeg's scale, 1 to 100.
  std::uint8_t quality = 75;
  /// The same options give the same picture, and with one libjpeg the same bytes.
  std::uint64_t seed = 0;
};

/// A scanned form: frame, ruled lines, blocks of words, uneven light and sensor noise; in colour
/// also a red seal and blue ink. At the default size and quality a grey page has 0.25–0.5 MB and a
/// colour page 0.4–0.9 MB. Nothing on it is readable.
/// Precondition: width and height are 16 to 16384. Cost: about 20 ms for an A4 page in colour.
[[nodiscard]] Bytes make_page(const PageOptions& options);

/// The same page, its longer side 320 pixels.
[[nodiscard]] Bytes make_thumbnail(const PageOptions& options);

}  // namespace tannha::tools
