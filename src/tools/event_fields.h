#pragma once

// Which fields events have, for conditions of rules: one on a field that no event has is never met, and nobody would
// know. Pure; any thread.

#include <optional>
#include <string>

#include "brain/rule.h"

namespace lilux::tools {

// What is wrong with the first condition on a field that no event has: an event's own, one of its error, or one of the
// arguments of the one tool that is asked for. Nothing where all may be met.
std::optional<std::string> unknown_field(const brain::Rule& rule);

}  // namespace lilux::tools
