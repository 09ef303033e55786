// The files of LLMunix from outside: read, whatever they hold.

#include <tuple>

#include "item/execution_state.h"
#include "item/smart_library.h"
#include "item/smart_memory.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::item;
  using lilux::fuzz::require;
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  Review review(text);
  for (const Experience& one : parse_memory(text, review)) require(text.contains(one.id));
  std::ignore = parse_library(text);
  std::ignore = parse_execution_state(text, review);
  return 0;
}
