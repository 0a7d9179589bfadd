// Must not compile with the engine's include path: the server is a level above.
#include "tannha/server/service.hpp"
