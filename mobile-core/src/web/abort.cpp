// The C++ library would say in words why it stops, and bring formatted output along for that. Nobody
// reads it here: the worker sees that the module has stopped, and where.

#include <__verbose_abort>
#include <cstddef>
#include <ctime>

void std::__libcpp_verbose_abort(const char* /*format*/, ...) {
  __builtin_trap();
}

// Likewise its runtime.
extern "C" [[noreturn]] void abort_message(const char* /*format*/, ...) {
  __builtin_trap();
}

// SQLite would call these for CURRENT_TIMESTAMP, which the engine does not use.
extern "C" struct tm* gmtime(const std::time_t* /*time*/) { __builtin_trap(); }
extern "C" std::size_t strftime(char* /*text*/, std::size_t /*size*/, const char* /*format*/,
                                const struct tm* /*time*/) {
  __builtin_trap();
}
