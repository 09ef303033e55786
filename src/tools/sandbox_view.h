#pragma once

// What of the machine a command in the sandbox sees besides its own, by the rules about reading: more than the system's
// public parts where a person's rules allow it, less where rules take something away. As things are when it starts. Any
// thread.

#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/context.h"
#include "sandbox/sandbox.h"
#include "tools/run_rights.h"

namespace lilux::tools {

struct View {
  std::vector<std::string> readable;  // folders and files besides the project and the system
  std::vector<sandbox::Hidden> hidden;
};

// `unavailable`, naming the rule, when too much would have to be hidden or looked at. A run that is kept to rights sees
// nothing else of the project, and of what rules open only what these rights name too.
base::Result<View> view_of(const kernel::CallContext& call, const RunRights* kept_to = nullptr);

}  // namespace lilux::tools
