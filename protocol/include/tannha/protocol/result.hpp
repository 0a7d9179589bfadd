#pragma once

#include <expected>
#include <string>
#include <utility>

#include "tannha/protocol/errc.hpp"

namespace tannha {

/// What went wrong, and where. `detail` is for engineers: field names, offsets, sizes; never
/// personal data.
struct Error {
  errc code{};
  std::string detail;

  friend bool operator==(const Error&, const Error&) = default;
};

/// The one way in which protocol and engine fail. Nothing in these levels throws.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  using std::expected<T, Error>::operator=;
};

[[nodiscard]] inline std::unexpected<Error> fail(errc code, std::string detail = {}) {
  return std::unexpected<Error>(Error{code, std::move(detail)});
}

}  // namespace tannha

#define TN_CONCAT_(a, b) a##b
#define TN_CONCAT(a, b) TN_CONCAT_(a, b)

/// `TN_TRY(auto x, expression)`: x becomes the value, or the function returns the error.
#define TN_TRY(declaration, expression) TN_TRY_(declaration, expression, TN_CONCAT(tn_try_, __LINE__))
#define TN_TRY_(declaration, expression, name)                      \
  auto name = (expression);                                         \
  if (!name) return std::unexpected<::tannha::Error>(std::move(name).error()); \
  declaration = std::move(*name)

/// `TN_CHECK(expression)`: the function returns the error if there is one.
#define TN_CHECK(expression) TN_CHECK_(expression, TN_CONCAT(tn_check_, __LINE__))
#define TN_CHECK_(expression, name) \
  if (auto name = (expression); !name) return std::unexpected<::tannha::Error>(std::move(name).error())
