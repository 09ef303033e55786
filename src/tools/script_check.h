#pragma once

// Whether a script can be read by what runs it, found without running it: Python compiles it, node and bash only look
// at it, in the sandbox. Any thread.

#include <string>
#include <vector>

#include "item/parts.h"
#include "item/script.h"
#include "kernel/context.h"

namespace lilux::tools::script {

struct Checked {
  std::vector<item::Problem> problems;
  std::string by;  // what was done, for people: "python3, in the sandbox; it was not run"
};
// Never fails: where the interpreter is not there or may not be used, it says so and finds nothing.
Checked check_syntax(kernel::CallContext& call, const item::Script& script);

}  // namespace lilux::tools::script
