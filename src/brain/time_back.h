#pragma once

// How far back a person means: "yesterday", "this morning", "the last two hours". Pure; any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "brain/extract_time.h"

namespace lilux::brain {

// As base::parse_time reads it: a length of time, or the beginning of a day where clocks are `offset` ahead of UTC.
// Nothing for what is no time, or is told from now where that is not known.
std::optional<std::string> time_back(std::string_view said, Now now, std::chrono::seconds offset);

}  // namespace lilux::brain
