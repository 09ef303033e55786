#pragma once

// The one table: every capability a person or an agent can reach. Sorted by name; constant.

#include <span>

#include "kernel/tool.h"

namespace lilux::tools {

std::span<const kernel::Tool> table();

}  // namespace lilux::tools
