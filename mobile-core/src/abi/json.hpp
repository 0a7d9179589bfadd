#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tannha/protocol/bytes.hpp"
#include "tannha/protocol/result.hpp"

/// The C ABI's JSON. A type of the ABI lists its fields once, in `fields(v, s)`, as the records of
/// the protocol do; reading, writing and docs/core-api.md follow from that.
namespace tannha::core::json {

/// Numbers that every JSON reader takes as they are.
inline constexpr std::uint64_t number_max = (std::uint64_t{1} << 53) - 1;

/// A text that was read. Numbers are whole and not negative here: another one is `other`, as null
/// is, and no field takes it.
struct Value {
  enum class Kind : std::uint8_t { other, boolean, number, text, list, object };
  Kind kind = Kind::other;
  std::uint64_t number = 0;  ///< 0 and 1 of a boolean
  std::string text;
  std::vector<Value> items;        ///< of an object: the values
  std::vector<std::string> names;  ///< of an object: one for each value, each once

  /// @return none: there is no field of that name; valid as long as the value
  [[nodiscard]] const Value* find(std::string_view name) const;
};
/// A text (RFC 8259) that is one object.
/// Errors: argument_invalid (not JSON, not UTF-8, not an object, a name twice, too deep, too long).
[[nodiscard]] Result<Value> parse(std::string_view text);

/// The words of an enumeration; specialised for each in words.hpp.
template <class E>
struct Word {
  E value;
  std::string_view text;
};
template <class E>
struct Words;
template <class T>
concept Enumeration = std::is_enum_v<T>;

template <class T>
concept Structure = requires { T::name; };

// Writing

void put(std::string& out, std::string_view text);
void put(std::string& out, bool value);
void put(std::string& out, std::uint64_t number);
void put(std::string& out, std::int64_t number);
void put(std::string& out, const Id& id);
void put(std::string& out, const Hash& hash);
void put(std::string& out, const Bytes& bytes);
inline void put(std::string& out, const std::string& text) {
  put(out, std::string_view(text));
}
inline void put(std::string& out, std::uint32_t number) {
  put(out, std::uint64_t{number});
}
template <Enumeration E>
void put(std::string& out, E value) {
  for (const Word<E>& word : Words<E>::all) {
    if (word.value == value) return put(out, word.text);
  }
  out += "null";
}
template <Structure T>
void put(std::string& out, const T& s);
template <class T>
void put(std::string& out, const std::vector<T>& list) {
  out += '[';
  for (const T& one : list) {
    if (out.back() != '[') out += ',';
    put(out, one);
  }
  out += ']';
}

template <class T>
void put_from(std::string& out, const void* value) {
  put(out, *static_cast<const T*>(value));
}
/// An object, field by field. What is done for a field is not a template: a phone loads this over
/// a bad network.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) { out_ += '{'; }
  template <class T>
  void operator()(std::string_view name, const T& value) {
    field(name, put_from<T>, &value);
  }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& value) {
    if (value) field(name, put_from<T>, &*value);
  }
  void end() { out_ += '}'; }

 private:
  void field(std::string_view name, void (*put_value)(std::string&, const void*),
             const void* value);
  std::string& out_;
};
template <Structure T>
void put(std::string& out, const T& s) {
  Writer writer(out);
  T::fields(writer, s);
  writer.end();
}
template <Structure T>
[[nodiscard]] std::string text_of(const T& s) {
  std::string out;
  put(out, s);
  return out;
}

// Reading. Errors of all: argument_invalid with the field's name.

[[nodiscard]] Result<void> take(const Value& json, std::string& out);
[[nodiscard]] Result<void> take(const Value& json, bool& out);
[[nodiscard]] Result<void> take(const Value& json, std::uint64_t& out);
[[nodiscard]] Result<void> take(const Value& json, std::uint32_t& out);
[[nodiscard]] Result<void> take(const Value& json, Id& out);
[[nodiscard]] Result<void> take(const Value& json, Hash& out);
[[nodiscard]] Result<void> take(const Value& json, Bytes& out);
template <Enumeration E>
[[nodiscard]] Result<void> take(const Value& json, E& out) {
  std::string text;
  TN_CHECK(take(json, text));
  for (const Word<E>& word : Words<E>::all) {
    if (word.text == text) {
      out = word.value;
      return {};
    }
  }
  return fail(errc::argument_invalid);
}
template <Structure T>
[[nodiscard]] Result<void> take(const Value& json, T& out);
template <class T>
[[nodiscard]] Result<void> take(const Value& json, std::vector<T>& out) {
  if (json.kind != Value::Kind::list) return fail(errc::argument_invalid);
  for (const Value& one : json.items) {
    T item{};
    TN_CHECK(take(one, item));
    out.push_back(std::move(item));
  }
  return {};
}

template <class T>
Result<void> take_into(const Value& json, void* out) {
  return take(json, *static_cast<T*>(out));
}
template <class T>
Result<void> take_into_optional(const Value& json, void* out) {
  return take(json, static_cast<std::optional<T>*>(out)->emplace());
}
struct Reader {
  const Value& in;  ///< an object
  Result<void> state{};
  std::size_t known = 0;

  template <class T>
  void operator()(std::string_view name, T& value) {
    field(name, false, take_into<T>, &value);
  }
  template <class T>
  void operator()(std::string_view name, std::optional<T>& value) {
    field(name, true, take_into_optional<T>, &value);
  }
  /// @param more fields that are not the structure's: "@type"
  [[nodiscard]] Result<void> end(std::size_t more);

 private:
  void field(std::string_view name, bool is_optional,
             Result<void> (*take_value)(const Value&, void*), void* out);
};
/// @param more fields that are not the structure's: "@type"
template <Structure T>
[[nodiscard]] Result<void> read(const Value& object, T& out, std::size_t more = 0) {
  Reader reader{object};
  T::fields(reader, out);
  return reader.end(more);
}
template <Structure T>
Result<void> take(const Value& json, T& out) {
  if (json.kind != Value::Kind::object) return fail(errc::argument_invalid);
  return read(json, out);
}

// Description: what docs/core-api.md says.

struct Description {
  struct Field {
    std::string name;
    std::string type;
    bool is_optional = false;
  };
  std::string name;
  std::vector<Field> fields;
  std::vector<std::string> words;  ///< of an enumeration
};
/// Types in the order in which they are first met.
class Descriptions {
 public:
  template <class T>
  std::string type_of() {
    if constexpr (std::is_same_v<T, std::string>) {
      return "text";
    } else if constexpr (std::is_same_v<T, bool>) {
      return "boolean";
    } else if constexpr (std::integral<T>) {
      return "number";
    } else if constexpr (std::is_same_v<T, Id>) {
      return "id";
    } else if constexpr (std::is_same_v<T, Hash>) {
      return "hash";
    } else if constexpr (std::is_same_v<T, Bytes>) {
      return "bytes";
    } else if constexpr (Enumeration<T>) {
      add_words<T>();
      return std::string(Words<T>::name);
    } else if constexpr (Structure<T>) {
      add<T>();
      return std::string(T::name);
    } else {
      return type_of<typename T::value_type>() + "[]";
    }
  }
  template <Structure T>
  void add() {
    if (!met_.insert(std::string(T::name)).second) return;
    Description made{std::string(T::name), {}, {}};
    Collector collector{*this, made};
    T example{};
    T::fields(collector, example);
    all.push_back(std::move(made));
  }
  std::vector<Description> all;

 private:
  struct Collector {
    Descriptions& types;
    Description& made;
    template <class T>
    void operator()(std::string_view name, const T&) {
      made.fields.push_back({std::string(name), types.type_of<T>(), false});
    }
    template <class T>
    void operator()(std::string_view name, const std::optional<T>&) {
      made.fields.push_back({std::string(name), types.type_of<T>(), true});
    }
  };
  template <Enumeration E>
  void add_words() {
    if (!met_.insert(std::string(Words<E>::name)).second) return;
    Description made{std::string(Words<E>::name), {}, {}};
    for (const Word<E>& word : Words<E>::all) made.words.emplace_back(word.text);
    all.push_back(std::move(made));
  }
  std::set<std::string> met_;
};

}  // namespace tannha::core::json
