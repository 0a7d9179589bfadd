#pragma once

#include <cstdio>
#include <cstdlib>

namespace tannha::fuzz {

/// What must hold for every input. Ends the program, which is how libFuzzer and replay.cpp learn
/// that an input was found.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "failed: %s\n", what);
  std::abort();
}

/// Whether a result is there and is this value.
template <class R, class T>
bool is(const R& result, const T& value) {
  return result.has_value() && *result == value;
}

}  // namespace tannha::fuzz
