#include <boost/throw_exception.hpp>
#include <cstdlib>

// Nothing throws here; what Boost would throw is a mistake of the program.
void boost::throw_exception(const std::exception& /*unused*/) {
  std::abort();
}
void boost::throw_exception(const std::exception& /*unused*/,
                            const boost::source_location& /*unused*/) {
  std::abort();
}
