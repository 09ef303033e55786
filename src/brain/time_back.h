#pragma once

// How far back a person means: "yesterday", "this morning", "last week", "the last two hours". Pure; any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "brain/extract_time.h"

namespace lilux::brain {

// Both as base::parse_time reads them.
struct TimeBack {
  std::string from = {};               // a length of time, or a time by clocks that are `offset` ahead of UTC
  std::optional<std::string> to = {};  // where it has ended; nothing where it goes on until now
};

// Days, parts of days, weeks, months and years as the calendar has them (period.h), and lengths of time up to now.
// Nothing for what is no time, or is told from now where that is not known.
std::optional<TimeBack> time_back(std::string_view said, Now now, std::chrono::seconds offset);

}  // namespace lilux::brain
