#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

/// Deterministic CBOR: RFC 8949 §4.2.1 and nothing else. The decoder does not normalise, it
/// rejects: an integer, length or float that has a shorter form, an indefinite length, a map whose
/// keys are not in bytewise ascending order of their encodings, a key twice, text that is not
/// UTF-8, bytes after the item, nesting deeper than limits::cbor_depth_max. So one value has one
/// encoding, and decode(encode(v)) == v, encode(decode(b)) == b.
namespace tannha::cbor {

class Value;
using Array = std::vector<Value>;
/// Pairs in any order when built by hand: encode() sorts. In canonical order after decode().
using Map = std::vector<std::pair<Value, Value>>;

/// Major type 1: the value is -1 - n. Holds the full range down to -2^64.
struct Negative {
  std::uint64_t n{};
  friend bool operator==(const Negative&, const Negative&) = default;
};
/// Major type 7 other than floats: 20 false, 21 true, 22 null, 23 undefined, and unassigned ones.
struct Simple {
  std::uint8_t number{};
  friend bool operator==(const Simple&, const Simple&) = default;
};
struct Tagged;

class Value {
 public:
  using Variant = std::variant<std::uint64_t, Negative, Bytes, std::string, Array, Map,
                               std::vector<Tagged>, Simple, double>;

  // Implicit, because a value is what it holds. Defined below, where Tagged is complete.
  // NOLINTBEGIN(google-explicit-constructor)
  Value();
  Value(std::uint64_t n);
  Value(std::int64_t n);
  Value(std::uint32_t n);
  Value(int n);
  /// Takes a bool only: a pointer would become one silently.
  template <std::same_as<bool> Bool>
  Value(Bool b);
  Value(double d);
  Value(Negative n);
  Value(Simple s);
  Value(Bytes b);
  Value(BytesView b);
  template <std::size_t N>
  Value(const std::array<std::uint8_t, N>& a);
  Value(std::string s);
  Value(std::string_view s);
  Value(const char* s);
  Value(Array a);
  Value(Map m);
  // NOLINTEND(google-explicit-constructor)
  static Value tagged(std::uint64_t tag, Value content);
  static Value null();

  [[nodiscard]] const Variant& variant() const { return v_; }
  [[nodiscard]] bool is_null() const;

  // Typed views; null or nothing when the value is of another type. Pointers live as long as this.
  [[nodiscard]] std::optional<std::uint64_t> as_uint() const;
  [[nodiscard]] std::optional<std::int64_t> as_int() const;
  [[nodiscard]] std::optional<bool> as_bool() const;
  [[nodiscard]] const Bytes* as_bytes() const { return std::get_if<Bytes>(&v_); }
  [[nodiscard]] const std::string* as_text() const { return std::get_if<std::string>(&v_); }
  [[nodiscard]] const Array* as_array() const { return std::get_if<Array>(&v_); }
  [[nodiscard]] const Map* as_map() const { return std::get_if<Map>(&v_); }
  [[nodiscard]] const Tagged* as_tagged() const;
  template <class A>
  [[nodiscard]] std::optional<A> as_array_of_bytes() const {
    const Bytes* b = as_bytes();
    return b ? to_array<A>(*b) : std::nullopt;
  }

  /// The value under an integer key of a map; null when this is no map or has no such key.
  [[nodiscard]] const Value* find(std::int64_t key) const;
  /// The value under a text key of a map; null when this is no map or has no such key.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// Becomes a value of another type, in its place. @return what it holds now
  template <class T, class... Args>
  T& emplace(Args&&... args) {
    return v_.emplace<T>(std::forward<Args>(args)...);
  }
  /// Appends to a map. Precondition: this is a map.
  void set(Value key, Value value);

  friend bool operator==(const Value&, const Value&);

 private:
  Variant v_;
};

struct Tagged {
  std::uint64_t tag{};
  Value content;
  friend bool operator==(const Tagged&, const Tagged&) = default;
};

inline Value::Value() : v_(Simple{22}) {}
inline Value::Value(std::uint64_t n) : v_(n) {}
inline Value::Value(std::uint32_t n) : v_(std::uint64_t{n}) {}
inline Value::Value(int n) : Value(std::int64_t{n}) {}
template <std::same_as<bool> Bool>
Value::Value(Bool b) : v_(Simple{b ? std::uint8_t{21} : std::uint8_t{20}}) {}
inline Value::Value(double d) : v_(d) {}
inline Value::Value(Negative n) : v_(n) {}
inline Value::Value(Simple s) : v_(s) {}
inline Value::Value(Bytes b) : v_(std::move(b)) {}
inline Value::Value(BytesView b) : v_(Bytes(b.begin(), b.end())) {}
template <std::size_t N>
Value::Value(const std::array<std::uint8_t, N>& a) : v_(Bytes(a.begin(), a.end())) {}
inline Value::Value(std::string s) : v_(std::move(s)) {}
inline Value::Value(std::string_view s) : v_(std::string(s)) {}
inline Value::Value(const char* s) : v_(std::string(s)) {}
inline Value::Value(Array a) : v_(std::move(a)) {}
inline Value::Value(Map m) : v_(std::move(m)) {}
inline Value Value::null() { return {}; }

/// The one deterministic encoding. Preconditions: no map has a key twice, texts are UTF-8, no
/// Simple from 24 to 31, nesting within limits::cbor_depth_max. What breaks one, decode() refuses.
[[nodiscard]] Bytes encode(const Value& value);

/// Errors: cbor_truncated, cbor_malformed (reserved bits), cbor_not_deterministic,
/// cbor_duplicate_key, cbor_too_deep, cbor_invalid_utf8, cbor_trailing_bytes. The detail names the
/// offset. Cost: one pass; memory is bounded by a small factor of the input.
[[nodiscard]] Result<Value> decode(BytesView bytes);

/// Goes through bytes that decode() has accepted before, item by item, and makes no values: for
/// whoever wants a little of much. Bytes that were damaged since then end it, with is_ok() false.
class Walker {
 public:
  explicit Walker(BytesView bytes) : rest_(bytes) {}

  [[nodiscard]] bool is_ok() const { return is_ok_; }
  /// Into the next item. @return a number as it is, of a map its pairs, of anything else its size
  std::uint64_t head();
  /// Over the next item, a string. @return what is in it
  BytesView string();
  /// Over the next item with everything in it. @return its bytes
  BytesView item();

 private:
  std::uint8_t initial_ = 0;
  BytesView take(std::uint64_t size);

  BytesView rest_;
  bool is_ok_ = true;
};

/// Whether decoding would make at most so many values: each key, value, array and map counted. Goes
/// from head to head, without memory; what is not well-formed ends the walk and is decode()'s to
/// refuse.
[[nodiscard]] bool has_at_most(BytesView bytes, std::size_t items);

/// RFC 8949 §8 diagnostic notation, for people.
[[nodiscard]] std::string diagnostic(const Value& value);

}  // namespace tannha::cbor
