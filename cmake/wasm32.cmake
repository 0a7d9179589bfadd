# Toolchain file: clang 19 with Debian's wasi-libc and libc++ for WebAssembly in browsers. Only
# protocol, engine and mobile-core are built with it.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_AR llvm-ar-19)
set(CMAKE_RANLIB llvm-ranlib-19)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
# There is no start-up file for trial programs to link with.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# Clang would look into the host's /usr/include too. Its own headers stay where it finds them.
set(CMAKE_C_STANDARD_INCLUDE_DIRECTORIES /usr/include/wasm32-wasi)
set(CMAKE_CXX_STANDARD_INCLUDE_DIRECTORIES
  /usr/lib/llvm-19/include/wasm32-wasi/c++/v1 /usr/include/wasm32-wasi)

# A phone fetches the module over a bad network: its size counts more than anything else. All
# browsers that have what the worker needs know these extensions of WebAssembly.
set(features "-nostdlibinc -mbulk-memory -msign-ext -mnontrapping-fptoint")
set(CMAKE_C_FLAGS_INIT "${features}")
set(CMAKE_CXX_FLAGS_INIT "${features} -fno-rtti -fno-threadsafe-statics")
set(CMAKE_C_FLAGS_MINSIZEREL "-Oz -DNDEBUG -flto" CACHE STRING "")
set(CMAKE_CXX_FLAGS_MINSIZEREL "-Oz -DNDEBUG -flto" CACHE STRING "")
