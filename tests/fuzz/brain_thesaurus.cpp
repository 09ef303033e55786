// Thesauri as anybody may write them: one is refused, or it is written as it was read and its words have kin of all
// sorts.

#include <string>
#include <string_view>

#include "brain/thesaurus.h"
#include "tests/fuzz/input.h"

using namespace lilux::brain;
using lilux::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto words = Thesaurus::load(bytes);
  if (!words) return 0;
  require(words->save() == bytes);
  for (const std::string_view one : {"big", "larg", "enorm", ""}) {
    require(words->kin(one, one) == Kin::same);
    for (const std::string_view other : {"big", "huge", "qqqq"})
      require(words->kin(one, other) == words->kin(other, one));
  }
  return 0;
}
