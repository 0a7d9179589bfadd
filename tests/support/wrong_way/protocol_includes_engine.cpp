// Must not compile with the protocol's include path: the engine is a level above.
#include "tannha/engine/store.hpp"
