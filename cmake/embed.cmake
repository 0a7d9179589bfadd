# tannha_embed(<target> <file> <namespace> <name>)
#
# Builds a file into a target: `extern const std::string_view <name>;` in the namespace. The file is
# read when CMake runs; a change of it makes CMake run again.
function(tannha_embed target file namespace name)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} hex HEX)
  file(SIZE ${file} size)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"#include <string_view>

namespace @namespace@ {

namespace {
constexpr unsigned char bytes[] = {
@bytes@
};
}  // namespace

extern const std::string_view @name@;
const std::string_view @name@{reinterpret_cast<const char*>(bytes), @size@};

}  // namespace @namespace@
")
  target_sources(${target} PRIVATE ${output})
endfunction()
