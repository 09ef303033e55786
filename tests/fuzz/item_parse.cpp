// Items of every kind from outside: the first line is a path in a volume. What has no error is written and read as the
// same item.

#include <string>

#include "item/item.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::item;
  using lilux::fuzz::require;
  lilux::fuzz::Input input(data, size);
  const std::string_view path = input.line();
  const auto place = place_of(path);
  if (!place) return 0;
  const std::string ending(path.substr(path.rfind('.') + 1));
  const std::string_view text = input.rest();
  const Item item = parse(*place, text, ending);
  for (const Problem& problem : item.problems) require(!problem.fault.message.empty());
  if (item.is_broken()) return 0;
  const std::string written = write(item.detail);
  const Item again = parse(*place, written, ending);
  require(write(again.detail) == written || again.is_broken());
  if (const auto stamp = stamped(place->kind, text, 0, ending))
    require(verify_stamp(place->kind, *stamp, ending).state == StampState::valid);
  return 0;
}
