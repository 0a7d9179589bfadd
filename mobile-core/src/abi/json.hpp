#pragma once

#include <boost/json.hpp>
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

namespace bj = boost::json;

/// Numbers that every JSON reader takes as they are.
inline constexpr std::uint64_t number_max = (std::uint64_t{1} << 53) - 1;

/// The words of an enumeration; specialised for each in api_words.hpp.
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

inline bj::value put(const std::string& text) { return bj::value(bj::string_view(text)); }
inline bj::value put(std::string_view text) { return bj::value(bj::string_view(text)); }
inline bj::value put(bool value) { return bj::value(value); }
inline bj::value put(std::uint64_t number) { return bj::value(number); }
inline bj::value put(std::int64_t number) { return bj::value(number); }
inline bj::value put(std::uint32_t number) { return bj::value(std::uint64_t{number}); }
inline bj::value put(const Id& id) { return put(uuid_text(id)); }
inline bj::value put(const Hash& hash) { return put(to_hex(hash)); }
inline bj::value put(const Bytes& bytes) { return put(to_base64(bytes)); }
template <Enumeration E>
bj::value put(E value) {
  for (const Word<E>& word : Words<E>::all) {
    if (word.value == value) return put(word.text);
  }
  return bj::value(nullptr);
}
template <Structure T>
bj::value put(const T& s);
template <class T>
bj::value put(const std::vector<T>& list) {
  bj::array out;
  out.reserve(list.size());
  for (const T& one : list) out.push_back(put(one));
  return out;
}

template <class T>
bj::value put_from(const void* value) {
  return put(*static_cast<const T*>(value));
}
/// What is done for a field is not a template: a phone loads this over a bad network.
struct Writer {
  bj::object out;
  template <class T>
  void operator()(std::string_view name, const T& value) {
    field(name, put_from<T>, &value);
  }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& value) {
    if (value) field(name, put_from<T>, &*value);
  }

 private:
  void field(std::string_view name, bj::value (*put_value)(const void*), const void* value);
};
template <Structure T>
bj::object object_of(const T& s) {
  Writer writer;
  T::fields(writer, s);
  return std::move(writer.out);
}
template <Structure T>
bj::value put(const T& s) {
  return object_of(s);
}

// Reading. Errors of all: argument_invalid with the field's name.

[[nodiscard]] Result<void> take(const bj::value& json, std::string& out);
[[nodiscard]] Result<void> take(const bj::value& json, bool& out);
[[nodiscard]] Result<void> take(const bj::value& json, std::uint64_t& out);
[[nodiscard]] Result<void> take(const bj::value& json, std::uint32_t& out);
[[nodiscard]] Result<void> take(const bj::value& json, Id& out);
[[nodiscard]] Result<void> take(const bj::value& json, Hash& out);
[[nodiscard]] Result<void> take(const bj::value& json, Bytes& out);
template <Enumeration E>
[[nodiscard]] Result<void> take(const bj::value& json, E& out) {
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
[[nodiscard]] Result<void> take(const bj::value& json, T& out);
template <class T>
[[nodiscard]] Result<void> take(const bj::value& json, std::vector<T>& out) {
  const bj::array* list = json.if_array();
  if (!list) return fail(errc::argument_invalid);
  for (const bj::value& one : *list) {
    T item{};
    TN_CHECK(take(one, item));
    out.push_back(std::move(item));
  }
  return {};
}

template <class T>
Result<void> take_into(const bj::value& json, void* out) {
  return take(json, *static_cast<T*>(out));
}
template <class T>
Result<void> take_into_optional(const bj::value& json, void* out) {
  return take(json, static_cast<std::optional<T>*>(out)->emplace());
}
struct Reader {
  const bj::object& in;
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
             Result<void> (*take_value)(const bj::value&, void*), void* out);
};
template <Structure T>
[[nodiscard]] Result<T> read(const bj::object& object, std::size_t more = 0) {
  T out;
  Reader reader{object};
  T::fields(reader, out);
  TN_CHECK(reader.end(more));
  return out;
}
template <Structure T>
Result<void> take(const bj::value& json, T& out) {
  const bj::object* object = json.if_object();
  if (!object) return fail(errc::argument_invalid);
  TN_TRY(out, read<T>(*object));
  return {};
}

/// A text as one object. Errors: argument_invalid (not JSON, not an object, too deep, too long).
[[nodiscard]] Result<bj::object> parse(std::string_view text);
[[nodiscard]] std::string text_of(const bj::object& object);

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
