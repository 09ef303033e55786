#pragma once

// The command line: finds the verb that the words begin with and runs it. call_verbs.h has the verbs that are a call of
// a tool, own_verbs.h the others, help.h the texts.

#include <span>
#include <string_view>

namespace lilux::surface {

// Gives the exit code.
int run_command_line(std::span<const std::string_view> words);

}  // namespace lilux::surface
