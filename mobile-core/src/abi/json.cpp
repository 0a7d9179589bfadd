#include "json.hpp"

#include <algorithm>

#ifdef BOOST_NO_EXCEPTIONS
// Only reached by a programming error, such as a wrong index: nothing here asks Boost.JSON for
// anything that can fail.
namespace boost {
void throw_exception(const std::exception&) { __builtin_trap(); }
void throw_exception(const std::exception&, const source_location&) { __builtin_trap(); }
}  // namespace boost
#endif

namespace tannha::core::json {
namespace {

/// A request is a few fields; what is larger goes beside it as bytes.
constexpr std::size_t text_bytes_max = std::size_t{1} << 20;
constexpr std::size_t depth_max = 8;

}  // namespace

Result<void> take(const bj::value& json, std::string& out) {
  const bj::string* text = json.if_string();
  if (!text) return fail(errc::argument_invalid);
  out.assign(text->data(), text->size());
  return {};
}

Result<void> take(const bj::value& json, bool& out) {
  const bool* value = json.if_bool();
  if (!value) return fail(errc::argument_invalid);
  out = *value;
  return {};
}

Result<void> take(const bj::value& json, std::uint64_t& out) {
  if (const std::int64_t* number = json.if_int64(); number && *number >= 0) {
    out = static_cast<std::uint64_t>(*number);
    if (out <= number_max) return {};
  }
  return fail(errc::argument_invalid);
}

Result<void> take(const bj::value& json, std::uint32_t& out) {
  std::uint64_t number = 0;
  TN_CHECK(take(json, number));
  out = static_cast<std::uint32_t>(number);
  if (out != number) return fail(errc::argument_invalid);
  return {};
}

Result<void> take(const bj::value& json, Id& out) {
  std::string text;
  TN_CHECK(take(json, text));
  const auto id = uuid_from_text(text);
  if (!id) return fail(errc::argument_invalid);
  out = *id;
  return {};
}

Result<void> take(const bj::value& json, Hash& out) {
  std::string text;
  TN_CHECK(take(json, text));
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != out.size()) return fail(errc::argument_invalid);
  std::ranges::copy(*bytes, out.begin());
  return {};
}

Result<void> take(const bj::value& json, Bytes& out) {
  std::string text;
  TN_CHECK(take(json, text));
  auto bytes = from_base64(text);
  if (!bytes) return fail(errc::argument_invalid);
  out = std::move(*bytes);
  return {};
}

void Writer::field(std::string_view name, bj::value (*put_value)(const void*), const void* value) {
  out.emplace(name, put_value(value));
}

void Reader::field(std::string_view name, bool is_optional,
                   Result<void> (*take_value)(const bj::value&, void*), void* value) {
  const bj::value* json = in.if_contains(name);
  if (json) ++known;
  const bool is_read = json ? take_value(*json, value).has_value() : is_optional;
  if (!is_read && state) state = fail(errc::argument_invalid, std::string(name));
}

Result<void> Reader::end(std::size_t more) {
  if (state && in.size() != known + more) return fail(errc::argument_invalid, "unknown field");
  return std::move(state);
}

Result<bj::object> parse(std::string_view text) {
  if (text.size() > text_bytes_max) return fail(errc::argument_invalid, "too long");
  bj::parse_options options;
  options.max_depth = depth_max;
  bj::error_code error;
  bj::value json = bj::parse(bj::string_view(text), error, {}, options);
  if (error || !json.is_object()) return fail(errc::argument_invalid, "not a JSON object");
  return std::move(json.get_object());
}

std::string text_of(const bj::object& object) { return bj::serialize(object); }

}  // namespace tannha::core::json
