#include "json.hpp"

#include <algorithm>

namespace tannha::core::json {

// Writing

void put(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

void put(std::string& out, bool value) {
  out += value ? "true" : "false";
}
void put(std::string& out, std::uint64_t number) {
  out += std::to_string(number);
}
void put(std::string& out, std::int64_t number) {
  out += std::to_string(number);
}
void put(std::string& out, const Id& id) {
  put(out, uuid_text(id));
}
void put(std::string& out, const Hash& hash) {
  put(out, to_hex(hash));
}
void put(std::string& out, const Bytes& bytes) {
  put(out, to_base64(bytes));
}

void Writer::field(std::string_view name, void (*put_value)(std::string&, const void*),
                   const void* value) {
  if (out_.back() != '{') out_ += ',';
  put(out_, name);
  out_ += ':';
  put_value(out_, value);
}

// Reading

const Value* Value::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? nullptr : &items[static_cast<std::size_t>(found - names.begin())];
}

Result<void> take(const Value& json, std::string& out) {
  if (json.kind != Value::Kind::text) return fail(errc::argument_invalid);
  out = json.text;
  return {};
}

Result<void> take(const Value& json, bool& out) {
  if (json.kind != Value::Kind::boolean) return fail(errc::argument_invalid);
  out = json.number != 0;
  return {};
}

Result<void> take(const Value& json, std::uint64_t& out) {
  if (json.kind != Value::Kind::number) return fail(errc::argument_invalid);
  out = json.number;
  return {};
}

Result<void> take(const Value& json, std::uint32_t& out) {
  std::uint64_t number = 0;
  TN_CHECK(take(json, number));
  out = static_cast<std::uint32_t>(number);
  if (out != number) return fail(errc::argument_invalid);
  return {};
}

Result<void> take(const Value& json, Id& out) {
  std::string text;
  TN_CHECK(take(json, text));
  const auto id = uuid_from_text(text);
  if (!id) return fail(errc::argument_invalid);
  out = *id;
  return {};
}

Result<void> take(const Value& json, Hash& out) {
  std::string text;
  TN_CHECK(take(json, text));
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != out.size()) return fail(errc::argument_invalid);
  std::ranges::copy(*bytes, out.begin());
  return {};
}

Result<void> take(const Value& json, Bytes& out) {
  std::string text;
  TN_CHECK(take(json, text));
  auto bytes = from_base64(text);
  if (!bytes) return fail(errc::argument_invalid);
  out = std::move(*bytes);
  return {};
}

void Reader::field(std::string_view name, bool is_optional,
                   Result<void> (*take_value)(const Value&, void*), void* value) {
  const Value* json = in.find(name);
  if (json) ++known;
  const bool is_read = json ? take_value(*json, value).has_value() : is_optional;
  if (!is_read && state) state = fail(errc::argument_invalid, std::string(name));
}

Result<void> Reader::end(std::size_t more) {
  if (state && in.items.size() != known + more)
    return fail(errc::argument_invalid, "unknown field");
  return std::move(state);
}

}  // namespace tannha::core::json
