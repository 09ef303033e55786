#pragma once

// What a sentence says beside what its call does and is given: "where do eggs come from" speaks of eggs, which no
// setting is about; "what failed in the last hour" of an hour. A call by likeness alone carries no such word, so it is
// not what was asked for. Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "brain/caller.h"

namespace lilux::tools {

// The words, in order, that say something and are neither those of the tools of that noun (of their names, summaries
// and fields, and the shipped sentences that come to them) nor in an argument.
std::vector<std::string> unexplained(std::string_view text, const brain::ProposedCall& call);

}  // namespace lilux::tools
