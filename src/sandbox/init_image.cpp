#include "sandbox/init_image.h"

#include "sys/process.h"

asm(".section .rodata\n"
    ".globl lilux_init_begin\n"
    ".globl lilux_init_end\n"
    "lilux_init_begin: .incbin \"" LILUX_INIT_FILE
    "\"\n"
    "lilux_init_end: .byte 0\n"
    ".previous\n");

extern "C" const char lilux_init_begin[];
extern "C" const char lilux_init_end[];

namespace lilux::sandbox {

base::Result<int> init_program() {
  static const base::Result<sys::Fd> made = sys::memory_program(
      "lilux-init", {lilux_init_begin, static_cast<std::size_t>(lilux_init_end - lilux_init_begin)});
  if (!made) return std::unexpected(made.error());
  return made->get();
}

}  // namespace lilux::sandbox
