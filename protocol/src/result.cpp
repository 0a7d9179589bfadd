#include "tannha/protocol/result.hpp"

namespace tannha {

// Optimising the whole program would make them inline again.

[[gnu::noinline]] Error::Error() = default;
[[gnu::noinline]] Error::Error(errc code_, std::string detail_)
    : code(code_), detail(std::move(detail_)) {}
[[gnu::noinline]] Error::Error(Failure failure) : code(failure.code), detail(failure.detail) {}
[[gnu::noinline]] Error::Error(PassedOn passed_on) : Error(std::move(*passed_on.from)) {}
[[gnu::noinline]] Error::Error(const Error& other) = default;
[[gnu::noinline]] Error::Error(Error&& other) noexcept = default;
[[gnu::noinline]] Error& Error::operator=(const Error& other) = default;
[[gnu::noinline]] Error& Error::operator=(Error&& other) noexcept = default;
[[gnu::noinline]] Error::~Error() = default;

}  // namespace tannha
