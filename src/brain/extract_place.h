#pragma once

// Where large cities lie, for tools that want a place with its state or country ("San Francisco, CA"). Pure; any
// thread.

#include <optional>
#include <string>
#include <string_view>

namespace lilux::brain {

// "San Francisco" as "San Francisco, CA", "Paris" as "Paris, France"; nothing for places that are not known.
std::optional<std::string> place_in_full(std::string_view name);

}  // namespace lilux::brain
