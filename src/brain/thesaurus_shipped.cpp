#include <cassert>

#include "base/embed.h"
#include "brain/thesaurus.h"

LILUX_EMBED(lilux_thesaurus, LILUX_THESAURUS);

namespace lilux::brain {

const Thesaurus& shipped_thesaurus() {
  static const Thesaurus thesaurus = [] {
    auto loaded = Thesaurus::load(lilux_thesaurus());
    assert(loaded);
    return std::move(*loaded);
  }();
  return thesaurus;
}

}  // namespace lilux::brain
