#include <cassert>

#include "brain/meanings.h"

// meanings.bin as it is.
asm(".section .rodata\n"
    "lilux_meanings: .incbin \"" LILUX_MEANINGS
    "\"\n"
    "lilux_meanings_end: .byte 0\n"
    ".previous\n");

extern "C" const char lilux_meanings[];
extern "C" const char lilux_meanings_end[];

namespace lilux::brain {

const Meanings& shipped_meanings() {
  static const Meanings meanings = [] {
    auto loaded = Meanings::load({lilux_meanings, lilux_meanings_end});
    assert(loaded);
    return std::move(*loaded);
  }();
  return meanings;
}

}  // namespace lilux::brain
