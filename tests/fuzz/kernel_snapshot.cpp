// A snapshot of the state from outside: it reads or is refused, and what was read and written again stays as it is.

#include <string>

#include "kernel/state.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::kernel;
  using lilux::fuzz::require;
  const auto read = state_from_snapshot(lilux::fuzz::Input(data, size).rest());
  if (!read) return 0;
  // A second time, since rows that nothing holds in place may fall out of what was read.
  const auto settled = state_from_snapshot(snapshot_text(*read));
  require(settled.has_value());
  const auto again = state_from_snapshot(snapshot_text(*settled));
  require(again && snapshot_text(*again) == snapshot_text(*settled) && again->runnable == settled->runnable);
  for (const auto& [id, task] : settled->tasks) require(!descends(*settled, id, "nobody"));
  return 0;
}
