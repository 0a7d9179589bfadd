#include <algorithm>
#include <utility>

#include "json.hpp"

// RFC 8259. A library brings tables for fractions, in both directions, which no field here has, and
// with them a fifteenth of the module that a phone loads. The tests compare with such a library.
namespace tannha::core::json {
namespace {

/// A request is a few fields; what is larger goes beside it as bytes.
constexpr std::size_t text_bytes_max = std::size_t{1} << 20;
constexpr std::size_t depth_max = 8;
constexpr std::size_t names_max = 64;

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  /// @return false: not JSON, as in all that follows
  bool whole(Value& out) {
    skip_space();
    if (!value(out, depth_max)) return false;
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size()));
  }
  bool take(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  bool value(Value& out, std::size_t depth) {
    if (rest_.empty()) return false;
    const bool is_object = rest_.front() == '{';
    if (is_object || rest_.front() == '[') {
      if (depth == 0) return false;
      rest_.remove_prefix(1);
      out.kind = is_object ? Value::Kind::object : Value::Kind::list;
      return items(out, is_object, depth - 1);
    }
    if (rest_.front() == '"') {
      out.kind = Value::Kind::text;
      return text(out.text);
    }
    if (take("null")) return true;
    out.number = rest_.starts_with("true") ? 1 : 0;
    if (take("true") || take("false")) {
      out.kind = Value::Kind::boolean;
      return true;
    }
    return number(out);
  }

  bool items(Value& out, bool is_object, std::size_t depth) {
    const std::string_view end = is_object ? "}" : "]";
    skip_space();
    if (take(end)) return true;
    while (true) {
      skip_space();
      if (is_object) {
        std::string name;
        if (out.names.size() == names_max || !text(name) || out.find(name)) return false;
        out.names.push_back(std::move(name));
        skip_space();
        if (!take(":")) return false;
        skip_space();
      }
      if (!value(out.items.emplace_back(), depth)) return false;
      skip_space();
      if (take(end)) return true;
      if (!take(",")) return false;
    }
  }

  bool digits() {
    const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(count);
    return count > 0;
  }

  bool number(Value& out) {
    const std::string_view begin = rest_;
    take("-");
    if (!take("0") && !digits()) return false;
    if (take(".") && !digits()) return false;
    if (take("e") || take("E")) {
      if (!take("+")) take("-");
      if (!digits()) return false;
    }
    std::uint64_t value = 0;
    for (const char c : begin.substr(0, begin.size() - rest_.size())) {
      if (c < '0' || c > '9') return true;
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
      if (value > number_max) return true;
    }
    out.kind = Value::Kind::number;
    out.number = value;
    return true;
  }

  bool text(std::string& out) {
    if (!take("\"")) return false;
    while (!take("\"")) {
      if (rest_.empty() || static_cast<unsigned char>(rest_.front()) < 0x20) return false;
      if (take("\\")) {
        if (!escaped(out)) return false;
      } else {
        out += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    return true;
  }

  bool escaped(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const std::size_t letter = letters.find(rest_.front());
    if (letter != std::string_view::npos) {
      out += meant[letter];
      rest_.remove_prefix(1);
      return true;
    }
    std::uint32_t point = 0;
    if (!unit(point)) return false;
    if (point >= 0xDC00 && point < 0xE000) return false;
    if (point >= 0xD800 && point < 0xDC00) {
      std::uint32_t low = 0;
      if (!take("\\") || !unit(low) || low < 0xDC00 || low >= 0xE000) return false;
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    put_utf8(out, point);
    return true;
  }

  /// `uXXXX`
  bool unit(std::uint32_t& out) {
    if (!take("u") || rest_.size() < 4) return false;
    for (int i = 0; i < 4; ++i) {
      const auto c = static_cast<unsigned char>(rest_.front());
      const auto lower = static_cast<unsigned char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        out = out * 16 + (c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        out = out * 16 + (lower - 'a' + 10U);
      } else {
        return false;
      }
      rest_.remove_prefix(1);
    }
    return true;
  }

  static void put_utf8(std::string& out, std::uint32_t point) {
    if (point < 0x80) {
      out += static_cast<char>(point);
      return;
    }
    const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    out += static_cast<char>((0xFF00U >> (more + 1) & 0xFFU) | point >> (6 * more));
    for (int i = more - 1; i >= 0; --i)
      out += static_cast<char>(0x80U | (point >> (6 * i) & 0x3FU));
  }

  std::string_view rest_;
};

}  // namespace

Result<Value> parse(std::string_view text) {
  if (text.size() > text_bytes_max) return fail(errc::argument_invalid, "too long");
  Value value;
  if (!is_utf8(text) || !Parser(text).whole(value) || value.kind != Value::Kind::object) {
    return fail(errc::argument_invalid, "not a JSON object");
  }
  return value;
}

}  // namespace tannha::core::json
