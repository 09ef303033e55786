# The standard library, compiled once for each level of optimisation: reading it anew for every source was a third of a
# build from nothing. ccache tells one by the text that went into it, which lies beside it, since two clones never make
# the same bytes.

if(NOT CMAKE_BUILD_TYPE STREQUAL "Release" OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_CLANG_TIDY)
  return()
endif()
separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS_RELEASE} ${LILUX_FLAGS}")
set(header ${CMAKE_CURRENT_LIST_DIR}/standard_headers.h)
foreach(level 0 2)
  set(made ${CMAKE_BINARY_DIR}/standard_headers_O${level}.pch)
  set(compile ${CMAKE_CXX_COMPILER} ${CMAKE_CXX23_STANDARD_COMPILE_OPTION} ${flags} -D_FORTIFY_SOURCE=2 -O${level} -x c++-header ${header})
  add_custom_command(
    OUTPUT ${made}
    COMMAND ${compile} -E -P | sha256sum > ${made}.sum
    COMMAND ${compile} -Xclang -fno-pch-timestamp -o ${made} -MD -MF ${made}.d -MT ${made}
    DEPFILE ${made}.d
    COMMENT "standard headers, -O${level}"
    VERBATIM)
  list(APPEND all_made ${made})
  set(LILUX_PRECOMPILED_O${level} "SHELL:-include-pch ${made}")
endforeach()
add_custom_target(standard_headers DEPENDS ${all_made})
add_dependencies(lilux_flags standard_headers)  # so of all that has those flags
