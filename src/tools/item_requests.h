#pragma once

// A sentence that asks for several own items: its requests, and what of it a call does not carry, so that nothing is
// done by halves. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "brain/caller.h"

namespace lilux::tools {

// What is said behind a colon, "that" or "saying", or to be done later ("to call mum"), is one thing and no request.
std::vector<std::string_view> requests_in(std::string_view text, const brain::ToolSet& items);

// The part behind "and" or "then" that no argument carries and of which no item called speaks; empty: there is none.
std::string not_carried(std::string_view text, const brain::ToolSet& items,
                        const std::vector<brain::ProposedCall>& calls);

}  // namespace lilux::tools
