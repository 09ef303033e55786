#pragma once

// What is said to a caller who stands in no project and asks for something that needs one. Any thread.

#include <string>

#include "base/result.h"
#include "kernel/context.h"

namespace lilux::tools {

// Why `folder`, which is canonical, is none, and what to do.
std::unexpected<base::Error> no_project(const kernel::CallContext& call, const std::string& folder);

}  // namespace lilux::tools
