// The C++ library would say in words why it stops, and bring formatted output along for that. Nobody
// reads it here: the worker sees that the module has stopped, and where.

#include <__verbose_abort>

void std::__libcpp_verbose_abort(const char* /*format*/, ...) {
  __builtin_trap();
}
