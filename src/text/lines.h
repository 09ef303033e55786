#pragma once

// Lines of a text, as diffs and patches see them. Pure; any thread.

#include <string_view>
#include <vector>

namespace lilux::text {

// Stands in a diff behind a last line without a line end.
inline constexpr std::string_view kNoLineEnd = "\\ No newline at end of file";

// With their line ends, so that a missing one at the end is a difference.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace lilux::text
