#include <charconv>
#include <cmath>
#include <cstdlib>

#include "tannha/protocol/cbor.hpp"

namespace tannha::cbor {
namespace {

void put_text(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      const auto byte = static_cast<std::uint8_t>(c);
      out += "\\u00";
      out += to_hex({&byte, 1});
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void put_double(std::string& out, double d) {
  if (std::isnan(d)) {
    out += "NaN";
    return;
  }
  if (std::isinf(d)) {
    out += d < 0 ? "-Infinity" : "Infinity";
    return;
  }
  // As RFC 8949 prints its examples: an exponent only where the plain form gets long.
  const double magnitude = std::abs(d);
  const bool plain = d == 0 || (magnitude >= 1e-6 && magnitude < 1e21);
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), d,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string_view digits(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  const std::string_view mantissa = digits.substr(0, digits.find('e'));
  out += mantissa;
  if (mantissa.find('.') == std::string_view::npos) out += ".0";
  digits.remove_prefix(mantissa.size());
  if (digits.empty()) return;
  out += digits.substr(0, 2);
  digits.remove_prefix(2);
  if (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  out += digits;
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  void put(const Value& value) { std::visit(*this, value.variant()); }

  void operator()(std::uint64_t n) { out_ += std::to_string(n); }
  void operator()(Negative negative) {
    // The magnitude of the least one, 2^64, is the only one that a uint64_t cannot hold.
    out_ += '-';
    out_ += negative.n == UINT64_MAX ? "18446744073709551616" : std::to_string(negative.n + 1);
  }
  void operator()(const Bytes& bytes) { out_ += "h'" + to_hex(bytes) + "'"; }
  void operator()(const std::string& text) { put_text(out_, text); }
  void operator()(const Array& array) {
    out_ += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_ += ", ";
      put(array[i]);
    }
    out_ += ']';
  }
  void operator()(const Map& map) {
    out_ += '{';
    for (std::size_t i = 0; i < map.size(); ++i) {
      if (i > 0) out_ += ", ";
      put(map[i].first);
      out_ += ": ";
      put(map[i].second);
    }
    out_ += '}';
  }
  void operator()(const std::vector<Tagged>& tagged) {
    out_ += std::to_string(tagged.front().tag) + "(";
    put(tagged.front().content);
    out_ += ')';
  }
  void operator()(Simple simple) {
    switch (simple.number) {
      case 20:
        out_ += "false";
        return;
      case 21:
        out_ += "true";
        return;
      case 22:
        out_ += "null";
        return;
      case 23:
        out_ += "undefined";
        return;
      default:
        out_ += "simple(" + std::to_string(simple.number) + ")";
        return;
    }
  }
  void operator()(double d) { put_double(out_, d); }

 private:
  std::string& out_;
};

}  // namespace

std::string diagnostic(const Value& value) {
  std::string out;
  Printer(out).put(value);
  return out;
}

}  // namespace tannha::cbor
