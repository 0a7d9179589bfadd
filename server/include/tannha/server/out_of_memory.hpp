#pragma once

namespace tannha::server {

/// From now on a program that gets no memory says so on standard error and stops itself: std::abort.
/// Its stores are whole then, as after any kill, and nothing was called saved that is not. To go on
/// would not be safe: the engine is built without exceptions, so what would pass through it leaves
/// transactions and locks behind.
/// @param program its name, for the sentence; must live for ever
void stop_when_out_of_memory(const char* program);

}  // namespace tannha::server
