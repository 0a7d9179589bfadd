# tannha_level(<name> HEADERS <public headers…> SOURCES <files…> LINK <targets…> PRIVATE <targets…>)
#
# A static library tannha_<name> with the alias tannha::<name>. Sources are listed by name. Public
# headers live under include/ and must each compile alone.
function(tannha_level name)
  cmake_parse_arguments(ARG "" "" "HEADERS;SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(tannha_${name} STATIC)
  add_library(tannha::${name} ALIAS tannha_${name})
  target_sources(tannha_${name}
    PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${ARG_HEADERS}
    PRIVATE ${ARG_SOURCES})
  target_link_libraries(tannha_${name}
    PUBLIC ${ARG_LINK} $<BUILD_INTERFACE:tannha_flags>
    PRIVATE ${ARG_PRIVATE})
endfunction()
