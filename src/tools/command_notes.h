#pragma once

// What a program's own words on a failure leave unsaid, as it cannot know of the sandbox: that there is no network,
// that nothing can be traced, that what lies outside of the project is not there, that a rule hides a path. Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "kernel/context.h"

namespace lilux::tools {

enum class Ended : std::uint8_t { well, badly };

// About a command of that call, by the end of what it said.
std::vector<std::string> notes_on(const kernel::CallContext& call, const std::string& run, Ended ended,
                                  std::string_view standard_error);

// The words of lines in which a program says that it did not get at something, which may be paths.
std::vector<std::string> refused_words(std::string_view standard_error);

}  // namespace lilux::tools
