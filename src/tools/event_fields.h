#pragma once

// Which events there are, and which fields they have, for rules: one on an event that never happens, on a field that no
// event has or on a value that it never has is never met, and nobody would know. Pure; any thread.

#include <optional>
#include <string>

#include "brain/rule.h"

namespace lilux::tools {

// What is wrong first: the name of the event, a condition on a field that there is none (an event's own, one of its
// error, or one of the arguments of the one tool that is asked for) or with a value of another type, a field that the
// call is to be given. Nothing where it may fire.
std::optional<std::string> fault_of(const brain::Rule& rule);

}  // namespace lilux::tools
