# What every target shares: the standard, the warnings, and lilux_module(), which turns a folder of src/ into one
# static library with its headers checked alone and one test binary from its *_test.cpp files.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_FIND_LIBRARY_SUFFIXES ".a;.so")  # one binary that starts fast: libraries are linked in

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)

set(LILUX_FLAGS -fno-omit-frame-pointer)
add_library(lilux_flags INTERFACE)
target_compile_options(lilux_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Werror
  # g++ 12 takes what a designated initialiser leaves out for forgotten, and std::string's own copying for overlapping.
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wno-missing-field-initializers -Wno-restrict>
  # TRY is the one extension; clang's pedantry about it and about our designated initialisers is silenced here.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-statement-expression -Wno-missing-designated-field-initializers>
  ${LILUX_FLAGS})
target_compile_definitions(lilux_flags INTERFACE
  LILUX_VERSION="${PROJECT_VERSION}" OPENSSL_API_COMPAT=10100 $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
target_include_directories(lilux_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(lilux_flags INTERFACE Threads::Threads)
# Sanitizers bring an unwinder of their own, and two in one program cannot follow an exception.
if(NOT LILUX_SANITIZED)
  # 42,000 places of tables in linked-in libraries are moved at every start: told in 15 KB instead of a megabyte.
  target_link_options(lilux_flags INTERFACE -static-libgcc -static-libstdc++ -Wl,-z,pack-relative-relocs)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/precompiled.cmake)
# Of what runs once: half the time of the compiler is not spent on making it fast.
set(LILUX_TEST_FLAGS $<$<CONFIG:Release>:-O0> ${LILUX_PRECOMPILED_O0})

# lilux_module(<folder> USES <lower folders...> LIBRARIES <external...>)
function(lilux_module name)
  cmake_parse_arguments(M "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  # A source includes its own header first, as scripts/tidy.py sees to: only a header without one is compiled alone.
  foreach(header ${headers})
    string(REGEX REPLACE "[.]h$" ".cpp" source ${header})
    if(EXISTS ${source})
      list(REMOVE_ITEM headers ${header})
    endif()
  endforeach()
  list(REMOVE_ITEM sources ${tests} "")  # it wants one item at least
  add_library(${name} STATIC ${sources})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${headers})
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_link_libraries(${name} PUBLIC lilux_flags ${M_USES} PRIVATE ${M_LIBRARIES})
  target_compile_options(${name} PRIVATE ${LILUX_PRECOMPILED_O2})
  if(tests)
    add_executable(${name}_test ${tests} ${PROJECT_SOURCE_DIR}/tests/support/doctest_main.cpp)
    target_link_libraries(${name}_test PRIVATE ${name} ${M_LIBRARIES})
    target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
    target_compile_options(${name}_test PRIVATE ${LILUX_TEST_FLAGS})
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()

# lilux_embed(<source> <name> <file>): what base/embed.h makes a part of the program there, by that name for its path.
function(lilux_embed source name file)
  set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS ${name}="${file}")
  set_property(SOURCE ${source} APPEND PROPERTY OBJECT_DEPENDS "${file}")
endfunction()
