#pragma once

// The one table: every capability a person or an agent can reach. Sorted by name; constant.

#include <span>
#include <string_view>

#include "kernel/tool.h"

namespace lilux::tools {

std::span<const kernel::Tool> table();
// nullptr when there is none of that name.
const kernel::Tool* find(std::string_view name);

}  // namespace lilux::tools
