#include "sandbox/init_image.h"

#include "sys/process.h"

#define INCLUDE(name, file)                                                 \
  asm(".section .rodata\n"                                                  \
      ".globl " #name                                                       \
      "_begin\n"                                                            \
      ".globl " #name "_end\n" #name "_begin: .incbin \"" file "\"\n" #name \
      "_end: .byte 0\n"                                                     \
      ".previous\n");                                                       \
  extern "C" const char name##_begin[];                                     \
  extern "C" const char name##_end[]

INCLUDE(lilux_init, LILUX_INIT_FILE);
INCLUDE(lilux_starter, LILUX_STARTER_FILE);
INCLUDE(lilux_starter_library, LILUX_STARTER_LIBRARY_FILE);
INCLUDE(lilux_python, LILUX_PYTHON_FILE);

namespace lilux::sandbox {

using base::Result;

namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

Result<int> number_of(const Result<sys::Fd>& made) {
  if (!made) return std::unexpected(made.error());
  return made->get();
}

}  // namespace

Result<int> init_program() {
  static const Result<sys::Fd> made = sys::memory_program("lilux-init", between(lilux_init_begin, lilux_init_end));
  return number_of(made);
}

Result<int> starter_program() {
  static const Result<sys::Fd> made =
      sys::memory_program("lilux-starter", between(lilux_starter_begin, lilux_starter_end));
  return number_of(made);
}

Result<int> starter_library() {
  static const Result<sys::Fd> made =
      sys::memory_program("lilux-starter.so", between(lilux_starter_library_begin, lilux_starter_library_end));
  return number_of(made);
}

std::string_view python_starter() {
  return between(lilux_python_begin, lilux_python_end);
}

}  // namespace lilux::sandbox
