#pragma once

// A file that is a part of the program: LILUX_EMBED(<name>, <path>) in one source gives `std::string_view <name>()`
// there. lilux_embed() of cmake/lilux.cmake names the path and sees to it that the source is compiled again when the
// file changes. The bytes are followed by a zero.

#include <string_view>

#define LILUX_EMBED(name, path)                                                                                       \
  asm(".section .rodata\n.globl " #name "_begin\n.globl " #name "_end\n" #name "_begin: .incbin \"" path "\"\n" #name \
      "_end: .byte 0\n.previous\n");                                                                                  \
  extern "C" const char name##_begin[];                                                                               \
  extern "C" const char name##_end[];                                                                                 \
  static std::string_view name() {                                                                                    \
    return {name##_begin, name##_end};                                                                                \
  }                                                                                                                   \
  static_assert(true)  // takes the semicolon
