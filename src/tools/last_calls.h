#pragma once

// What a caller's own task did last, as sentences speak of it: "that file", "the last call", "run it again". Any
// thread.

#include <optional>
#include <string>
#include <vector>

#include "kernel/context.h"
#include "tools/things.h"

namespace lilux::tools::brain_tools {

struct LastCall {
  std::string call;
  MadeCall made;         // paths of it as they were canonical then
  bool is_whole = true;  // whether all that it was given is known, so that it can be made once more
};

// Those of the last hour that went well, the newest first, without those about Lilux itself.
std::vector<LastCall> last_calls(const kernel::CallContext& call);

// The newest of them, also when it went wrong.
std::optional<LastCall> newest_call(const kernel::CallContext& call);

}  // namespace lilux::tools::brain_tools
