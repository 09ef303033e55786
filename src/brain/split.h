#pragma once

// A request in its parts: sentences, and what "and then", "also" or a second verb behind "and" sets apart. Pure; any
// thread.

#include <string_view>
#include <vector>

namespace lilux::brain {

inline constexpr std::size_t kPartsMax = 12;

// At least one part; together they are the text without what joins them.
std::vector<std::string_view> split_request(std::string_view text);

}  // namespace lilux::brain
