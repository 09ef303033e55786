#pragma once

// The shell of the system: `lilux` alone at a terminal. A line is a verb or tool, several joined by '|', a program
// behind '!', or a sentence that is routed to calls; docs/shell.md tells it to people.

#include <span>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

// The prompt, or without a terminal the lines of standard input: the exit code is the last one that is not 0.
base::Result<int> shell_verb(std::span<const std::string_view> words);
// `lilux do <sentence>`
base::Result<int> do_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface
