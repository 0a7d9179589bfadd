#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "tannha/protocol/cbor.hpp"

/// How a struct becomes a CBOR map with small integer keys and back, written once per struct:
///
///     struct Fee {
///       std::uint64_t amount_dong{};
///       std::optional<std::string> note;
///       template <class V> static void fields(V& v, auto& s) { v(1, s.amount_dong); v(2, s.note); }
///     };
///
/// An empty optional is left out. Reading ignores keys it does not know, so that a newer peer may
/// add fields; it refuses a missing or ill-typed one. Enumerations need an is_valid(E) found by
/// argument-dependent look-up.
namespace tannha::fields {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_byte_array : std::false_type {};
template <std::size_t N>
struct is_byte_array<std::array<std::uint8_t, N>> : std::true_type {};

template <class T>
cbor::Value to_value(const T& item);
template <class T>
bool from_value(const cbor::Value& value, T& out);

struct Writer {
  cbor::Map map;
  template <class T>
  void operator()(int key, const T& item) {
    if constexpr (is_optional<T>::value) {
      if (item) map.emplace_back(key, to_value(*item));
    } else {
      map.emplace_back(key, to_value(item));
    }
  }
};

struct Reader {
  const cbor::Value& map;
  bool ok = true;
  std::size_t seen = 0;
  int failed_key = -1;
  template <class T>
  void operator()(int key, T& item) {
    if (!ok) return;
    const cbor::Value* value = map.find(std::int64_t{key});
    if (value) ++seen;
    if constexpr (is_optional<T>::value) {
      if (!value) {
        item.reset();
        return;
      }
      item.emplace();
      ok = from_value(*value, *item);
    } else {
      ok = value != nullptr && from_value(*value, item);
    }
    if (!ok) failed_key = key;
  }
};

template <class T>
cbor::Value to_value(const T& item) {
  if constexpr (std::is_enum_v<T>) {
    return cbor::Value(static_cast<std::uint64_t>(item));
  } else if constexpr (std::same_as<T, bool> || std::same_as<T, std::string> ||
                       std::same_as<T, Bytes> || std::same_as<T, cbor::Value>) {
    return cbor::Value(item);
  } else if constexpr (std::unsigned_integral<T>) {
    return cbor::Value(static_cast<std::uint64_t>(item));
  } else if constexpr (std::signed_integral<T>) {
    return cbor::Value(static_cast<std::int64_t>(item));
  } else if constexpr (is_byte_array<T>::value) {
    return cbor::Value(item);
  } else if constexpr (is_vector<T>::value) {
    cbor::Array array;
    array.reserve(item.size());
    for (const auto& element : item) array.push_back(to_value(element));
    return cbor::Value(std::move(array));
  } else {
    Writer writer;
    T::fields(writer, item);
    return cbor::Value(std::move(writer.map));
  }
}

template <class T>
bool from_value(const cbor::Value& value, T& out) {
  if constexpr (std::is_enum_v<T>) {
    const auto n = value.as_uint();
    if (!n || *n > std::numeric_limits<std::underlying_type_t<T>>::max()) return false;
    out = static_cast<T>(*n);
    return is_valid(out);
  } else if constexpr (std::same_as<T, bool>) {
    const auto b = value.as_bool();
    if (b) out = *b;
    return b.has_value();
  } else if constexpr (std::same_as<T, cbor::Value>) {
    out = value;
    return true;
  } else if constexpr (std::unsigned_integral<T>) {
    const auto n = value.as_uint();
    if (!n || *n > std::numeric_limits<T>::max()) return false;
    out = static_cast<T>(*n);
    return true;
  } else if constexpr (std::signed_integral<T>) {
    const auto n = value.as_int();
    if (!n || *n > std::numeric_limits<T>::max() || *n < std::numeric_limits<T>::min()) {
      return false;
    }
    out = static_cast<T>(*n);
    return true;
  } else if constexpr (std::same_as<T, std::string>) {
    const std::string* text = value.as_text();
    if (text) out = *text;
    return text != nullptr;
  } else if constexpr (std::same_as<T, Bytes>) {
    const Bytes* bytes = value.as_bytes();
    if (bytes) out = *bytes;
    return bytes != nullptr;
  } else if constexpr (is_byte_array<T>::value) {
    const auto array = value.as_array_of_bytes<T>();
    if (array) out = *array;
    return array.has_value();
  } else if constexpr (is_vector<T>::value) {
    const cbor::Array* array = value.as_array();
    if (!array) return false;
    out.clear();
    out.reserve(array->size());
    for (const auto& element : *array) {
      if (!from_value(element, out.emplace_back())) return false;
    }
    return true;
  } else {
    if (!value.as_map()) return false;
    Reader reader{value};
    T::fields(reader, out);
    return reader.ok;
  }
}

/// Encodes a struct that has `fields`.
template <class T>
[[nodiscard]] Bytes encode(const T& item) {
  return cbor::encode(to_value(item));
}

/// Errors: those of cbor::decode; `malformed` when a field is missing or has another type.
template <class T>
[[nodiscard]] Result<T> decode(BytesView bytes, errc malformed) {
  auto value = cbor::decode(bytes);
  if (!value) return std::unexpected(std::move(value).error());
  T out{};
  if (!from_value(*value, out)) return fail(malformed, "a field is missing or ill-typed");
  return out;
}

}  // namespace tannha::fields
