#include <cassert>

#include "base/embed.h"
#include "brain/meanings.h"

LILUX_EMBED(lilux_meanings, LILUX_MEANINGS);

namespace lilux::brain {

const Meanings& shipped_meanings() {
  static const Meanings meanings = [] {
    auto loaded = Meanings::load(lilux_meanings());
    assert(loaded);
    return std::move(*loaded);
  }();
  return meanings;
}

}  // namespace lilux::brain
