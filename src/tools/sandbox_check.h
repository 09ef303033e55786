#pragma once

// What keeps programs in on this machine, found by trying.

#include <vector>

#include "kernel/context.h"
#include "tools/kernel.h"

namespace lilux::tools::kernel_tools {

// The tier and what it lacks.
Finding check_sandbox(kernel::Kernel& kernel);
// The same, and a few ways out, tried now: each is well when it was stopped.
std::vector<Finding> try_sandbox(const CallContext& call);

}  // namespace lilux::tools::kernel_tools
