#include "tannha/server/out_of_memory.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace tannha::server {
namespace {

const char* program_name = "";

void say(const char* text) {
  // There is nobody left to tell when this does not work either.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, std::strlen(text));
}

[[noreturn]] void stop() {
  say(program_name);
  say(": hết bộ nhớ, dừng lại / out of memory, stopping\n");
  std::abort();
}

}  // namespace

void stop_when_out_of_memory(const char* program) {
  program_name = program;
  std::set_new_handler(stop);
}

}  // namespace tannha::server
