// Must not compile with the core's include path: the server is beside it.
#include "tannha/server/service.hpp"
