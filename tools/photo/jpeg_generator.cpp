#include "tools/photo/jpeg_generator.hpp"

#include <jpeglib.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace tannha::tools {

namespace {

/// splitmix64: three operations a number, and the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  /// From low up to and with high.
  std::uint32_t between(std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(next() % (high - low + 1));
  }

 private:
  std::uint64_t state_;
};

enum Ink : std::uint8_t { paper, rule, text, grey, seal, pen, ink_count };

struct Colour {
  std::uint8_t y, cb, cr;
};
constexpr std::array<Colour, ink_count> colours{Colour{228, 125, 131}, Colour{120, 128, 128},
                                                Colour{52, 129, 127},  Colour{170, 128, 128},
                                                Colour{120, 108, 190}, Colour{80, 170, 110}};

/// What is drawn, one ink a pixel.
class Canvas {
 public:
  Canvas(std::uint32_t width, std::uint32_t height)
      : width_(width), height_(height), inks_(std::size_t{width} * height, paper) {}

  [[nodiscard]] const std::uint8_t* row(std::uint32_t y) const {
    return inks_.data() + std::size_t{y} * width_;
  }
  void fill(std::uint32_t x, std::uint32_t y, std::uint32_t width, std::uint32_t height, Ink ink) {
    const std::uint32_t right = std::min(x + width, width_);
    const std::uint32_t bottom = std::min(y + height, height_);
    for (std::uint32_t j = y; j < bottom; ++j) {
      for (std::uint32_t i = x; i < right; ++i) inks_[std::size_t{j} * width_ + i] = ink;
    }
  }
  void put(std::int64_t x, std::int64_t y, Ink ink) {
    if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
    inks_[static_cast<std::size_t>(y) * width_ + static_cast<std::size_t>(x)] = ink;
  }

 private:
  std::uint32_t width_;
  std::uint32_t height_;
  std::vector<std::uint8_t> inks_;
};

/// The measures of the form, all in parts of an A4 page 1654 pixels wide.
class Form {
 public:
  Form(const PageOptions& options, Random& random)
      : options_(options), random_(random), canvas_(options.width, options.height) {}

  Canvas draw() {
    frame();
    const std::uint32_t left = scaled(150);
    const std::uint32_t right = options_.width - std::min(options_.width, scaled(150));
    std::uint32_t y = scaled(170);
    words(scaled(500), y, options_.width - std::min(options_.width, scaled(500)), scaled(34));
    for (y += scaled(110); y + scaled(330) < options_.height; y += scaled(52)) {
      if (random_.between(0, 9) == 0) y += scaled(40);
      const std::uint32_t label_end = left + scaled(random_.between(180, 420));
      words(left, y, label_end, scaled(22));
      if (random_.between(0, 2) == 0) {
        words(label_end + scaled(20), y, right, scaled(22));
      } else {
        canvas_.fill(label_end, y + scaled(24), right - std::min(right, label_end), line(), rule);
        scribble(label_end + scaled(20), y, random_.between(3, 14));
      }
    }
    if (options_.is_colour) stamp();
    return std::move(canvas_);
  }

 private:
  [[nodiscard]] std::uint32_t scaled(std::uint32_t size) const {
    return std::max(1U, size * options_.width / 1654U);
  }
  [[nodiscard]] std::uint32_t line() const { return scaled(2); }

  void frame() {
    const std::uint32_t margin = scaled(80);
    if (options_.width <= 2 * margin || options_.height <= 2 * margin) return;
    const std::uint32_t width = options_.width - 2 * margin;
    const std::uint32_t height = options_.height - 2 * margin;
    canvas_.fill(margin, margin, width, line(), rule);
    canvas_.fill(margin, margin + height, width, line(), rule);
    canvas_.fill(margin, margin, line(), height, rule);
    canvas_.fill(margin + width, margin, line(), height, rule);
  }

  // Words are rows of strokes as dense as letters, so that they compress like print.
  void words(std::uint32_t x, std::uint32_t y, std::uint32_t right, std::uint32_t size) {
    while (x + 8 * size / 2 < right) {
      const std::uint32_t letters = random_.between(2, 7);
      for (std::uint32_t i = 0; i < letters; ++i) {
        letter(x, y, size);
        x += size * 6 / 10 + 1;
      }
      x += size * 4 / 10 + 1;
    }
  }

  void letter(std::uint32_t x, std::uint32_t y, std::uint32_t size) {
    const std::uint64_t shape = random_.next();
    const std::uint32_t stroke = std::max(1U, size / 8);
    const std::uint32_t wide = std::max(1U, size / 2);
    const std::uint32_t top = (shape & 1U) != 0 ? 0 : size / 3;
    canvas_.fill(x, y + top, stroke, size - top, text);
    if ((shape & 2U) != 0)
      canvas_.fill(x + wide - stroke, y + size / 3, stroke, size * 2 / 3, text);
    if ((shape & 4U) != 0) canvas_.fill(x, y + size / 3, wide, stroke, text);
    if ((shape & 8U) != 0) canvas_.fill(x, y + size - stroke, wide, stroke, text);
    if ((shape & 16U) != 0) canvas_.fill(x, y + size * 2 / 3, wide, stroke, text);
    // The tone mark.
    if ((shape & 96U) == 96U) canvas_.fill(x + wide / 3, y, wide / 2, stroke, text);
  }

  // Handwriting: one line that wanders.
  void scribble(std::uint32_t x, std::uint32_t y, std::uint32_t letters) {
    const Ink ink = options_.is_colour ? pen : text;
    auto at_x = std::int64_t{x};
    auto at_y = std::int64_t{y + scaled(12)};
    const std::uint32_t steps = letters * scaled(24);
    for (std::uint32_t i = 0; i < steps; ++i) {
      const std::uint64_t turn = random_.next();
      at_x += static_cast<std::int64_t>(turn & 1U);
      at_y += static_cast<std::int64_t>((turn >> 1U) % 7U) - 3;
      at_y = std::clamp(at_y, std::int64_t{y}, std::int64_t{y + scaled(26)});
      canvas_.put(at_x, at_y, ink);
      canvas_.put(at_x, at_y + 1, ink);
      canvas_.put(at_x + 1, at_y, ink);
    }
  }

  void stamp() {
    const auto radius = std::int64_t{scaled(150)};
    const auto centre_x = std::int64_t{options_.width} * 7 / 10;
    const auto centre_y = std::int64_t{options_.height} - std::int64_t{scaled(300)};
    const std::int64_t inner = radius - std::int64_t{scaled(12)};
    for (std::int64_t y = -radius; y <= radius; ++y) {
      for (std::int64_t x = -radius; x <= radius; ++x) {
        const std::int64_t distance = x * x + y * y;
        const bool in_ring = distance <= radius * radius && distance >= inner * inner;
        const bool in_star = distance <= radius * radius / 16;
        if (in_ring || in_star) canvas_.put(centre_x + x, centre_y + y, seal);
      }
    }
  }

  PageOptions options_;
  Random& random_;
  Canvas canvas_;
};

/// Sensor noise, made once a page and read from a new place in each row: numbers made for each
/// pixel would cost more than the compression.
class Noise {
 public:
  Noise(Random& random, const PageOptions& options)
      : values_(std::size_t{options.width} + offset_count) {
    // Chosen so that pages at quality 75 have the size of scanned ones, no two quite the same.
    const auto amplitude_percent =
        static_cast<int>(options.is_colour ? random.between(105, 150) : random.between(60, 84));
    for (auto& value : values_) {
      // The sum of four is close to what a sensor gives: mostly small, seldom large.
      const std::uint64_t bits = random.next();
      int sum = 0;
      for (unsigned i = 0; i < 4; ++i) sum += static_cast<int>((bits >> (8 * i)) & 7U);
      value = static_cast<std::int8_t>((sum - 14) * amplitude_percent / 100);
    }
  }
  [[nodiscard]] const std::int8_t* row(Random& random) const {
    return values_.data() + random.between(0, offset_count - 1);
  }

 private:
  static constexpr std::uint32_t offset_count = 1U << 15U;
  std::vector<std::int8_t> values_;
};

std::uint8_t clamped(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

/// Writes the rows of a page into a running compression.
class PageWriter {
 public:
  PageWriter(const PageOptions& options, const Canvas& canvas, Random& random)
      : options_(options),
        canvas_(canvas),
        random_(random),
        noise_(random, options),
        light_(options.width),
        row_(std::size_t{options.width} * (options.is_colour ? 3U : 1U)) {
    // A lamp stands on one side, so the page gets darker towards the other.
    for (std::uint32_t x = 0; x < options.width; ++x) {
      light_[x] = static_cast<std::int8_t>(8 - static_cast<int>(x * 16 / options.width));
    }
  }

  std::uint8_t* make_row(std::uint32_t y) {
    const std::uint8_t* inks = canvas_.row(y);
    const std::int8_t* noise = noise_.row(random_);
    const int light = 6 - static_cast<int>(y * 12 / options_.height);
    if (!options_.is_colour) {
      for (std::uint32_t x = 0; x < options_.width; ++x) {
        row_[x] = clamped(colours[inks[x]].y + light + light_[x] + noise[x]);
      }
      return row_.data();
    }
    const std::int8_t* chroma = noise_.row(random_);
    for (std::uint32_t x = 0; x < options_.width; ++x) {
      const Colour& colour = colours[inks[x]];
      std::uint8_t* pixel = row_.data() + std::size_t{3} * x;
      pixel[0] = clamped(colour.y + light + light_[x] + noise[x]);
      pixel[1] = clamped(colour.cb + chroma[x]);
      pixel[2] = clamped(colour.cr - chroma[x + 1]);
    }
    return row_.data();
  }

 private:
  const PageOptions& options_;
  const Canvas& canvas_;
  Random& random_;
  Noise noise_;
  std::vector<std::int8_t> light_;
  std::vector<std::uint8_t> row_;
};

// libjpeg's own answer to an error is exit(); here it can only be memory running out.
[[noreturn]] void stop(j_common_ptr) {
  std::abort();
}

Bytes compress(const PageOptions& options, PageWriter& writer) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = stop;
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = options.width;
  jpeg.image_height = options.height;
  jpeg.input_components = options.is_colour ? 3 : 1;
  jpeg.in_color_space = options.is_colour ? JCS_YCbCr : JCS_GRAYSCALE;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, options.quality, TRUE);
  jpeg.density_unit = 1;
  jpeg.X_density = 200;
  jpeg.Y_density = 200;
  jpeg_start_compress(&jpeg, TRUE);
  for (std::uint32_t y = 0; y < options.height; ++y) {
    JSAMPROW row = writer.make_row(y);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  Bytes bytes(memory, memory + size);
  jpeg_destroy_compress(&jpeg);
  std::free(memory);
  return bytes;
}

}  // namespace

Bytes make_page(const PageOptions& options) {
  Random random(options.seed);
  const Canvas canvas = Form(options, random).draw();
  PageWriter writer(options, canvas, random);
  return compress(options, writer);
}

Bytes make_thumbnail(const PageOptions& options) {
  constexpr std::uint32_t side = 320;
  PageOptions small = options;
  const std::uint32_t longer = std::max(options.width, options.height);
  small.width = std::max(16U, options.width * side / longer);
  small.height = std::max(16U, options.height * side / longer);
  return make_page(small);
}

}  // namespace tannha::tools
