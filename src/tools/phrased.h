#pragma once

// A sentence as a phrasing of one of some tools or items (brain/phrasing.h): for the layers of the router that know
// nothing of them but what they say of themselves, where those are not sure. Any thread.

#include <optional>
#include <string_view>

#include "brain/caller.h"

namespace lilux::tools {

// A call to be looked at first; nothing for a request of several parts, nor for one that the tool is held back from.
std::optional<brain::Proposal> by_phrasings(std::string_view text, const brain::ToolSet& tools,
                                            const brain::CallContext& spoken);

}  // namespace lilux::tools
