#pragma once

// Whether a line of a person should not be kept. Pure; any thread.

#include <string_view>

namespace lilux::text {

// It begins with a blank, or something in it looks like a password, key or token.
bool is_private(std::string_view line);

}  // namespace lilux::text
