// The manifest of an image from outside: what it names and covers reads or is refused, and it is among what it names.

#include <string>

#include "kernel/image.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using lilux::fuzz::require;
  static const lilux::fuzz::Scratch scratch("image");
  static auto store = lilux::objects::Store::open(scratch.path());
  require(store.has_value());
  const auto image = store->put(lilux::fuzz::Input(data, size).rest());
  require(image.has_value());
  const auto named = lilux::kernel::referenced(*store, *image);
  const auto covered = lilux::kernel::scope_of(*store, *image);
  require(!named || named->front() == *image);
  require(named.has_value() || !covered.has_value());
  std::filesystem::remove_all(scratch.path());
  std::filesystem::create_directories(scratch.path());
  return 0;
}
