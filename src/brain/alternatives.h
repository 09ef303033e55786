#pragma once

// Sentences written as one: "(show|read) [me] {{path}}" is "show {{path}}", "show me {{path}}", "read {{path}}" and
// "read me {{path}}". One of what stands between '(' and ')' has to be said, of what stands between '[' and ']' one or
// none; both may stand in one another. Pure; any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::brain {

// All that the text means, in the order in which it is written, one space between words, each once. Fails when a
// bracket has no other, when they are nested too deep, and when it comes to more than `at_most` sentences.
base::Result<std::vector<std::string>> alternatives(std::string_view text, std::size_t at_most);

}  // namespace lilux::brain
