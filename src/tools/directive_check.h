#pragma once

// A directive's steps held against its own permissions: a step that a run would refuse is a fault of the directive.
// Only looks.

#include <string_view>
#include <vector>

#include "item/item.h"
#include "kernel/context.h"

namespace lilux::tools {

// Steps with {{...}} are only held against what their tool does, not to what. A step whose needs cannot be told, since
// what it names is not there yet, has no fault.
std::vector<item::Problem> check_steps(const kernel::CallContext& call, const item::Directive& directive,
                                       std::string_view text);

}  // namespace lilux::tools
