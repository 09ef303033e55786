#pragma once

// Texts of the kernel name commands that a person can type. A client has calls in their place: it is told those. Pure;
// any thread.

#include <string>
#include <string_view>

#include "surface/mcp_offer.h"

namespace lilux::surface {

// The text with each command of Lilux in it as the call that it is, where this client can make that; a command for
// people alone stays what it is.
std::string as_calls(std::string_view text, const Offer& offer);

}  // namespace lilux::surface
