// The files of LLMunix from outside: what is added is read, and nothing changes where nothing differs.

#include <algorithm>

#include "item/execution_state.h"
#include "item/smart_library.h"
#include "item/smart_memory.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::item;
  using lilux::fuzz::require;
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  Review review(text);
  const auto memory = parse_memory(text, review);
  require(with_experience(text, {.id = "exp_new"}).starts_with(text));
  const auto library = parse_library(text);
  if (!library.empty()) require(with_library_entry(text, library.front()) == text);
  const bool is_new = std::ranges::find(library, "tool_new_v1", &LibraryEntry::id) == library.end();
  if (is_new) require(without_library_entry(text, "tool_new_v1") == text);
  const ExecutionState state = parse_execution_state(text, review);
  require(with_execution_state(text, state) == text || !review.take().empty());
  return 0;
}
