#pragma once

// What the crash harness does to one row of the tool table: prepare a project folder, make one call, and look at what
// is there. To cover a new row, add it to the table in scenarios.cpp.

#include <span>
#include <string>
#include <vector>

namespace lilux::test {

struct Scenario {
  std::string row;
  // Bash, run in the empty project folder before the call; `lilux` is the program. Whatever it leaves running is ended.
  std::string setup;
  // What follows `lilux call <row>`; {call}, {task} and {hook} stand for the last ids that `setup` printed.
  std::vector<std::string> arguments;
  // Bash whose output belongs to the state beside the project folder, for effects that no file shows. It must print the
  // same whenever the state is the same: no ids, no times.
  std::string probe;
  // Too much for every point, so that even a long run takes a sample, and a short one none.
  bool is_large = false;
};

// In the order of the tool table; a row may have several.
std::span<const Scenario> scenarios();

}  // namespace lilux::test
