# The one place where compiler flags are set.
add_library(tannha_flags INTERFACE)
target_compile_options(tannha_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wundef
  -fstack-protector-strong)
# Library assertions stay on in release: reading the value of an error stops here, not later.
target_compile_definitions(tannha_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(ANDROID OR CMAKE_SYSTEM_PROCESSOR STREQUAL "wasm32")
  target_compile_definitions(tannha_flags INTERFACE
    _LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST)
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "wasm32")
  # wasi-libc has nothing to call when a stack is found damaged. Return addresses are not on it.
  target_compile_options(tannha_flags INTERFACE -fno-stack-protector)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports uninitialised and overlapping reads inside std::optional, std::expected and
  # std::string that do not happen (GCC bugs 80635, 105593 and 105651).
  target_compile_options(tannha_flags INTERFACE
    -Wno-maybe-uninitialized -Wno-missing-field-initializers -Wno-array-bounds -Wno-restrict)
else()
  target_compile_options(tannha_flags INTERFACE
    -Wno-missing-field-initializers -Wno-missing-designated-field-initializers)
endif()
if(TANNHA_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Asio's fences are not seen by the tool; g++ would refuse to compile them with it.
  target_compile_options(tannha_flags INTERFACE -Wno-tsan)
endif()
if(TANNHA_SANITIZE)
  target_compile_options(tannha_flags INTERFACE
    -fsanitize=${TANNHA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(tannha_flags INTERFACE -fsanitize=${TANNHA_SANITIZE})
endif()

# CMake's own flags for this type would switch assertions off. Line numbers are enough for a stack
# trace, and halve the time of a build.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1" CACHE STRING "" FORCE)
