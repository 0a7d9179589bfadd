// WebAssembly has an instruction for copying, without which Debian's C library is built: smaller,
// and faster for all but a few bytes.

#include <cstddef>

namespace {
/// Up to so many a loop is done before a browser has begun.
constexpr std::size_t few_bytes = 16;
}  // namespace

extern "C" __attribute__((no_builtin)) void* memcpy(void* __restrict to,
                                                    const void* __restrict from,
                                                    std::size_t size) {
  if (size > few_bytes) return __builtin_memmove(to, from, size);
  auto* out = static_cast<char*>(to);
  for (const char* in = static_cast<const char*>(from); size > 0; --size) *out++ = *in++;
  return to;
}

extern "C" __attribute__((no_builtin)) void* memmove(void* to, const void* from,
                                                     std::size_t size) {
  return __builtin_memmove(to, from, size);
}
