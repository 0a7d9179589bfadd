#include "tannha/protocol/cbor.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "cbor_writer.hpp"
#include "tannha/protocol/heap_sort.hpp"
#include "tannha/protocol/limits.hpp"

namespace tannha::cbor {
namespace {

constexpr std::uint16_t canonical_nan = 0x7e00;

/// The IEEE 754 binary16 with exactly the value of `f`, if there is one.
std::optional<std::uint16_t> exact_half(float f) {
  const auto bits = std::bit_cast<std::uint32_t>(f);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t biased = (bits >> 23) & 0xffU;
  const std::uint32_t fraction = bits & 0x7fffffU;
  if (biased == 0) {
    // A subnormal float is far below the least half.
    return fraction == 0 ? std::optional(sign) : std::nullopt;
  }
  if (biased == 0xff) {
    return fraction == 0 ? std::optional(static_cast<std::uint16_t>(sign | 0x7c00U)) : std::nullopt;
  }
  // The value is 1.fraction * 2^(biased - 127); a normal half's exponent is from -14 to 15.
  if (biased >= 113 && biased <= 142 && (fraction & 0x1fffU) == 0) {
    return static_cast<std::uint16_t>(sign | ((biased - 112U) << 10) | (fraction >> 13));
  }
  // A subnormal half counts units of 2^-24.
  if (biased >= 103 && biased <= 112) {
    const std::uint32_t significand = fraction | 0x800000U;
    const std::uint32_t shift = 126 - biased;
    if ((significand & ((1U << shift) - 1U)) != 0) return std::nullopt;
    return static_cast<std::uint16_t>(sign | (significand >> shift));
  }
  return std::nullopt;
}

double double_of_half(std::uint16_t half) {
  const int exponent = (half >> 10) & 0x1f;
  const int fraction = half & 0x3ff;
  double magnitude = 0;
  if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else if (exponent == 31) {
    magnitude = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
  } else {
    magnitude = std::ldexp(fraction + 1024, exponent - 25);
  }
  return std::copysign(magnitude, (half & 0x8000) != 0 ? -1.0 : 1.0);
}

/// The float with exactly the value of `d`, which is not a NaN, if there is one.
std::optional<float> exact_float(double d) {
  // A finite value beyond the range must not be converted at all.
  if (std::isfinite(d) && std::abs(d) > double{std::numeric_limits<float>::max()}) {
    return std::nullopt;
  }
  const auto f = static_cast<float>(d);
  return std::bit_cast<std::uint64_t>(double{f}) == std::bit_cast<std::uint64_t>(d)
             ? std::optional(f)
             : std::nullopt;
}

void put_big_endian(Bytes& out, std::uint64_t n, unsigned byte_count) {
  for (unsigned i = byte_count; i-- > 0;) out.push_back(static_cast<std::uint8_t>(n >> (8 * i)));
}

constexpr std::uint8_t initial(Major major, std::uint8_t low) {
  return static_cast<std::uint8_t>((static_cast<unsigned>(major) << 5) | low);
}

void put_double(Bytes& out, double d) {
  std::optional<std::uint16_t> half;
  std::optional<float> single;
  if (std::isnan(d)) {
    half = canonical_nan;
  } else if ((single = exact_float(d))) {
    half = exact_half(*single);
  }
  if (half) {
    out.push_back(initial(Major::simple_or_float, 25));
    put_big_endian(out, *half, 2);
  } else if (single) {
    out.push_back(initial(Major::simple_or_float, 26));
    put_big_endian(out, std::bit_cast<std::uint32_t>(*single), 4);
  } else {
    out.push_back(initial(Major::simple_or_float, 27));
    put_big_endian(out, std::bit_cast<std::uint64_t>(d), 8);
  }
}

class Encoder {
 public:
  explicit Encoder(Bytes& out) : out_(out) {}

  void put(const Value& value) { std::visit(*this, value.variant()); }

  void operator()(std::uint64_t n) { put_head(out_, Major::unsigned_integer, n); }
  void operator()(Negative negative) { put_head(out_, Major::negative_integer, negative.n); }
  void operator()(const Bytes& bytes) { put_byte_string(out_, bytes); }
  void operator()(const std::string& text) { put_text_string(out_, text); }
  void operator()(const Array& array) {
    put_head(out_, Major::array, array.size());
    for (const Value& item : array) put(item);
  }
  void operator()(const Map& map);
  void operator()(const std::vector<Tagged>& tagged) {
    put_head(out_, Major::tag, tagged.front().tag);
    put(tagged.front().content);
  }
  void operator()(Simple simple) { put_head(out_, Major::simple_or_float, simple.number); }
  void operator()(double d) { put_double(out_, d); }

 private:
  struct Entry {
    std::size_t begin;
    std::size_t key_end;
    std::size_t end;
  };
  [[nodiscard]] BytesView key(const Entry& entry) const {
    return BytesView(out_).subspan(entry.begin, entry.key_end - entry.begin);
  }
  [[nodiscard]] bool key_less(const Entry& a, const Entry& b) const {
    return std::ranges::lexicographical_compare(key(a), key(b));
  }

  Bytes& out_;
};

// The pairs are written as they come; only if their keys turn out not to ascend are their bytes
// moved. A map that was decoded, or built in order, is thus never copied.
void Encoder::operator()(const Map& map) {
  put_head(out_, Major::map, map.size());
  std::vector<Entry> entries;
  entries.reserve(map.size());
  bool ascending = true;
  for (const auto& [map_key, map_value] : map) {
    Entry entry{out_.size(), 0, 0};
    put(map_key);
    entry.key_end = out_.size();
    ascending = ascending && (entries.empty() || key_less(entries.back(), entry));
    put(map_value);
    entry.end = out_.size();
    entries.push_back(entry);
  }
  if (ascending) return;
  const std::size_t begin = entries.front().begin;
  heap_sort(entries, [this](const Entry& a, const Entry& b) { return key_less(a, b); });
  const Bytes unsorted(out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.end());
  out_.resize(begin);
  for (const Entry& entry : entries) {
    const BytesView pair =
        BytesView(unsorted).subspan(entry.begin - begin, entry.end - entry.begin);
    out_.insert(out_.end(), pair.begin(), pair.end());
  }
}

struct Head {
  Major major{};
  std::uint8_t low{};  ///< the initial byte's lower five bits
  std::uint64_t argument{};
};

class Decoder {
 public:
  explicit Decoder(BytesView bytes) : bytes_(bytes) {}

  // Values are made where they stay: moving one costs more than reading it.
  Result<void> item(Value& out, std::size_t depth);
  [[nodiscard]] Result<void> at_end() const {
    if (at_ == bytes_.size()) return {};
    return refuse(errc::cbor_trailing_bytes, at_);
  }

 private:
  static std::unexpected<Error> refuse(errc code, std::size_t offset) {
    return fail(code, "offset " + std::to_string(offset));
  }
  [[nodiscard]] std::size_t rest() const { return bytes_.size() - at_; }

  Result<Head> head();
  Result<BytesView> string(std::uint64_t length);
  Result<void> text(Value& out, std::uint64_t length);
  Result<void> array(Array& out, std::uint64_t count, std::size_t depth);
  Result<void> map(Map& out, std::uint64_t count, std::size_t depth);
  Result<void> simple_or_float(Value& out, const Head& head, std::size_t start) const;

  BytesView bytes_;
  std::size_t at_ = 0;
};

Result<Head> Decoder::head() {
  const std::size_t start = at_;
  if (rest() == 0) return refuse(errc::cbor_truncated, start);
  const std::uint8_t byte = bytes_[at_++];
  Head head{static_cast<Major>(byte >> 5), static_cast<std::uint8_t>(byte & 31), 0};
  if (head.low < 24) {
    head.argument = head.low;
    return head;
  }
  if (head.low == 31) {
    // Strings, arrays and maps may be indefinite in CBOR, but not in its deterministic form.
    const bool indefinite = head.major >= Major::byte_string && head.major <= Major::map;
    return refuse(indefinite ? errc::cbor_not_deterministic : errc::cbor_malformed, start);
  }
  if (head.low >= 28) return refuse(errc::cbor_malformed, start);
  const std::size_t byte_count = std::size_t{1} << (head.low - 24);
  if (rest() < byte_count) return refuse(errc::cbor_truncated, start);
  for (std::size_t i = 0; i < byte_count; ++i) {
    head.argument = (head.argument << 8) | bytes_[at_++];
  }
  if (head.major == Major::simple_or_float) return head;
  const std::uint64_t least = head.low == 24 ? 24 : 1ULL << (4 * byte_count);
  if (head.argument < least) return refuse(errc::cbor_not_deterministic, start);
  return head;
}

Result<BytesView> Decoder::string(std::uint64_t length) {
  if (length > rest()) return refuse(errc::cbor_truncated, at_);
  const BytesView out = bytes_.subspan(at_, static_cast<std::size_t>(length));
  at_ += out.size();
  return out;
}

Result<void> Decoder::text(Value& out, std::uint64_t length) {
  const std::size_t start = at_;
  TN_TRY(const BytesView& content, string(length));
  if (!is_utf8(as_text(content))) return refuse(errc::cbor_invalid_utf8, start);
  out.emplace<std::string>(as_text(content));
  return {};
}

Result<void> Decoder::array(Array& out, std::uint64_t count, std::size_t depth) {
  // Every item has a byte at least. Room is made only for items that are there: a declared count
  // could otherwise be claimed again at each level.
  if (count > rest()) return refuse(errc::cbor_truncated, at_);
  out.reserve(std::min<std::size_t>(static_cast<std::size_t>(count), 16));
  for (std::uint64_t i = 0; i < count; ++i) TN_CHECK(item(out.emplace_back(), depth));
  return {};
}

Result<void> Decoder::map(Map& out, std::uint64_t count, std::size_t depth) {
  if (count > rest() / 2) return refuse(errc::cbor_truncated, at_);
  out.reserve(std::min<std::size_t>(static_cast<std::size_t>(count), 16));
  BytesView previous;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t start = at_;
    auto& [key, value] = out.emplace_back();
    TN_CHECK(item(key, depth));
    const BytesView encoded = bytes_.subspan(start, at_ - start);
    // No encoding is empty, so the first key passes.
    if (std::ranges::equal(previous, encoded)) return refuse(errc::cbor_duplicate_key, start);
    if (!std::ranges::lexicographical_compare(previous, encoded)) {
      return refuse(errc::cbor_not_deterministic, start);
    }
    previous = encoded;
    TN_CHECK(item(value, depth));
  }
  return {};
}

Result<void> Decoder::simple_or_float(Value& out, const Head& head, std::size_t start) const {
  if (head.low < 24) {
    out.emplace<Simple>(head.low);
    return {};
  }
  if (head.low == 24) {
    if (head.argument < 32) return refuse(errc::cbor_malformed, start);
    out.emplace<Simple>(static_cast<std::uint8_t>(head.argument));
    return {};
  }
  double d = 0;
  if (head.low == 25) {
    d = double_of_half(static_cast<std::uint16_t>(head.argument));
  } else if (head.low == 26) {
    d = double{std::bit_cast<float>(static_cast<std::uint32_t>(head.argument))};
  } else {
    d = std::bit_cast<double>(head.argument);
  }
  Bytes shortest;
  put_double(shortest, d);
  if (!std::ranges::equal(shortest, bytes_.subspan(start, at_ - start))) {
    return refuse(errc::cbor_not_deterministic, start);
  }
  out.emplace<double>(d);
  return {};
}

Result<void> Decoder::item(Value& out, std::size_t depth) {
  const std::size_t start = at_;
  TN_TRY(const Head& head, this->head());
  const bool nests = head.major >= Major::array && head.major <= Major::tag;
  if (nests && depth == limits::cbor_depth_max) return refuse(errc::cbor_too_deep, start);
  switch (head.major) {
    case Major::unsigned_integer:
      out.emplace<std::uint64_t>(head.argument);
      return {};
    case Major::negative_integer:
      out.emplace<Negative>(head.argument);
      return {};
    case Major::byte_string: {
      TN_TRY(const BytesView& content, string(head.argument));
      out.emplace<Bytes>(content.begin(), content.end());
      return {};
    }
    case Major::text_string:
      return text(out, head.argument);
    case Major::array:
      return array(out.emplace<Array>(), head.argument, depth + 1);
    case Major::map:
      return map(out.emplace<Map>(), head.argument, depth + 1);
    case Major::tag: {
      Tagged& tagged = out.emplace<std::vector<Tagged>>(1).front();
      tagged.tag = head.argument;
      return item(tagged.content, depth + 1);
    }
    case Major::simple_or_float:
      break;
  }
  return simple_or_float(out, head, start);
}

/// Equality is equality of the encodings: a NaN equals a NaN, and -0.0 is not 0.0.
struct SameEncoding {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return a == b;
  }
  bool operator()(double a, double b) const {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
  }
  bool operator()(const Map& a, const Map& b) const {
    if (a.size() != b.size()) return false;
    // Maps from the decoder are in one order; only those built by hand need the long way.
    return std::ranges::equal(a, b) || encode(Value(a)) == encode(Value(b));
  }
  template <class A, class B>
  bool operator()(const A&, const B&) const {
    return false;
  }
};

}  // namespace

void put_head(Bytes& out, Major major, std::uint64_t argument) {
  if (argument < 24) {
    out.push_back(initial(major, static_cast<std::uint8_t>(argument)));
  } else if (argument <= 0xff) {
    out.push_back(initial(major, 24));
    put_big_endian(out, argument, 1);
  } else if (argument <= 0xffff) {
    out.push_back(initial(major, 25));
    put_big_endian(out, argument, 2);
  } else if (argument <= 0xffffffff) {
    out.push_back(initial(major, 26));
    put_big_endian(out, argument, 4);
  } else {
    out.push_back(initial(major, 27));
    put_big_endian(out, argument, 8);
  }
}

void put_byte_string(Bytes& out, BytesView bytes) {
  put_head(out, Major::byte_string, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void put_text_string(Bytes& out, std::string_view text) {
  put_head(out, Major::text_string, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

Value::Value(std::int64_t n) {
  if (n >= 0) {
    v_ = static_cast<std::uint64_t>(n);
  } else {
    // -1 - n in two's complement, without overflow at the least number.
    v_ = Negative{~static_cast<std::uint64_t>(n)};
  }
}

Value Value::tagged(std::uint64_t tag, Value content) {
  Value out;
  std::vector<Tagged> one;
  one.push_back(Tagged{tag, std::move(content)});
  out.v_ = std::move(one);
  return out;
}

bool Value::is_null() const {
  const Simple* simple = std::get_if<Simple>(&v_);
  return simple != nullptr && simple->number == 22;
}

std::optional<std::uint64_t> Value::as_uint() const {
  const std::uint64_t* n = std::get_if<std::uint64_t>(&v_);
  return n != nullptr ? std::optional(*n) : std::nullopt;
}

std::optional<std::int64_t> Value::as_int() const {
  constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (const std::uint64_t* n = std::get_if<std::uint64_t>(&v_)) {
    return *n <= max ? std::optional(static_cast<std::int64_t>(*n)) : std::nullopt;
  }
  if (const Negative* negative = std::get_if<Negative>(&v_)) {
    return negative->n <= max ? std::optional(-1 - static_cast<std::int64_t>(negative->n))
                              : std::nullopt;
  }
  return std::nullopt;
}

std::optional<bool> Value::as_bool() const {
  const Simple* simple = std::get_if<Simple>(&v_);
  if (simple == nullptr || (simple->number != 20 && simple->number != 21)) return std::nullopt;
  return simple->number == 21;
}

const Tagged* Value::as_tagged() const {
  const std::vector<Tagged>* tagged = std::get_if<std::vector<Tagged>>(&v_);
  return tagged != nullptr && !tagged->empty() ? &tagged->front() : nullptr;
}

const Value* Value::find(std::int64_t key) const {
  const Map* map = as_map();
  if (map == nullptr) return nullptr;
  for (const auto& [map_key, map_value] : *map) {
    if (map_key.as_int() == key) return &map_value;
  }
  return nullptr;
}

const Value* Value::find(std::string_view key) const {
  const Map* map = as_map();
  if (map == nullptr) return nullptr;
  for (const auto& [map_key, map_value] : *map) {
    const std::string* text = map_key.as_text();
    if (text != nullptr && *text == key) return &map_value;
  }
  return nullptr;
}

void Value::set(Value key, Value value) {
  std::get<Map>(v_).emplace_back(std::move(key), std::move(value));
}

bool operator==(const Value& a, const Value& b) {
  return std::visit(SameEncoding{}, a.v_, b.v_);
}

Bytes encode(const Value& value) {
  Bytes out;
  Encoder(out).put(value);
  return out;
}

Result<Value> decode(BytesView bytes) {
  Decoder decoder(bytes);
  Value value;
  TN_CHECK(decoder.item(value, 0));
  TN_CHECK(decoder.at_end());
  return value;
}

BytesView Walker::take(std::uint64_t size) {
  is_ok_ = is_ok_ && size <= rest_.size();
  if (!is_ok_) return {};
  const BytesView out = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(out.size());
  return out;
}

std::uint64_t Walker::head() {
  const BytesView first = take(1);
  initial_ = first.empty() ? 0 : first.front();
  const unsigned low = initial_ & 31U;
  if (low < 24) return low;
  is_ok_ = is_ok_ && low < 28;
  std::uint64_t argument = 0;
  for (const std::uint8_t byte : take(is_ok_ ? 1U << (low - 24U) : 0)) {
    argument = (argument << 8U) | byte;
  }
  return argument;
}

BytesView Walker::string() { return take(head()); }

BytesView Walker::item() {
  const BytesView start = rest_;
  for (std::uint64_t left = 1; is_ok_ && left > 0; --left) {
    const std::uint64_t argument = head();
    switch (static_cast<Major>(initial_ >> 5U)) {
      case Major::byte_string:
      case Major::text_string: take(argument); break;
      case Major::array: left += argument; break;
      case Major::map: left += 2 * argument; break;
      case Major::tag: ++left; break;
      default: break;
    }
    // Every item has a byte at least.
    is_ok_ = is_ok_ && left - 1 <= rest_.size();
  }
  return is_ok_ ? start.first(start.size() - rest_.size()) : BytesView();
}

bool has_at_most(BytesView bytes, std::size_t items) {
  for (std::size_t at = 0; at < bytes.size(); --items) {
    if (items == 0) return false;
    const unsigned major = bytes[at] >> 5;
    const unsigned info = bytes[at] & 0x1fU;
    ++at;
    if (info > 27) return true;
    std::uint64_t value = info;
    if (info >= 24) {
      const std::size_t count = std::size_t{1} << (info - 24);
      if (bytes.size() - at < count) return true;
      value = 0;
      for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
      at += count;
    }
    const bool is_string = major == 2 || major == 3;
    if (is_string && value > bytes.size() - at) return true;
    if (is_string) at += static_cast<std::size_t>(value);
  }
  return true;
}

}  // namespace tannha::cbor
