#pragma once

#include <concepts>
#include <expected>
#include <string>
#include <type_traits>
#include <utility>

#include "tannha/protocol/errc.hpp"

namespace tannha {

/// A text of the program itself: alive as long as it, and not to be confused with one that is made.
struct Literal {
  consteval Literal(const char* words) : text(words) {}
  const char* text;
};

/// An error on its way into a Result: what `fail` and `pass_on` return.
struct Failure {
  errc code{};
  const char* detail;
};
struct PassedOn {
  struct Error* from;
};

/// What went wrong, and where. `detail` is for engineers: field names, offsets, sizes; never
/// personal data.
///
/// None of its members is inline, as almost every function makes, moves and drops one: that was a
/// tenth of what a phone has to load.
struct Error {
  errc code{};
  std::string detail;

  Error();
  Error(errc code, std::string detail);
  Error(Failure failure);    // NOLINT(google-explicit-constructor): std::expected converts by it
  Error(PassedOn passed_on);  // NOLINT(google-explicit-constructor)
  Error(const Error& other);
  Error(Error&& other) noexcept;
  Error& operator=(const Error& other);
  Error& operator=(Error&& other) noexcept;
  ~Error();

  friend bool operator==(const Error&, const Error&) = default;
};

/// The one way in which protocol and engine fail. Nothing in these levels throws.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  using std::expected<T, Error>::operator=;
};

/// `return fail(errc::…, "where");`
[[nodiscard]] inline std::unexpected<Failure> fail(errc code, Literal detail = "") {
  return std::unexpected<Failure>(Failure{code, detail.text});
}
/// With words that were made for it.
template <class Text>
  requires std::same_as<std::remove_cvref_t<Text>, std::string>
[[nodiscard]] std::unexpected<Error> fail(errc code, Text&& detail) {
  return std::unexpected<Error>(std::in_place, code, std::forward<Text>(detail));
}

/// `return pass_on(std::move(result).error());` @param error moved from when the caller returns, and
/// alive until then
[[nodiscard]] inline std::unexpected<PassedOn> pass_on(Error&& error) {
  return std::unexpected<PassedOn>(PassedOn{&error});
}

}  // namespace tannha

#define TN_CONCAT_(a, b) a##b
#define TN_CONCAT(a, b) TN_CONCAT_(a, b)

/// `TN_TRY(auto x, expression)`: x becomes the value, or the function returns the error. A reference,
/// `const auto& x`, moves nothing and lives as long as x would.
#define TN_TRY(declaration, expression) TN_TRY_(declaration, expression, TN_CONCAT(tn_try_, __LINE__))
#define TN_TRY_(declaration, expression, name)            \
  auto name = (expression);                               \
  if (!name) return ::tannha::pass_on(std::move(name).error());      \
  declaration = std::move(*name)

/// `TN_CHECK(expression)`: the function returns the error if there is one.
#define TN_CHECK(expression) TN_CHECK_(expression, TN_CONCAT(tn_check_, __LINE__))
#define TN_CHECK_(expression, name) \
  if (auto name = (expression); !name) return ::tannha::pass_on(std::move(name).error())
