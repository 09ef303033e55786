#pragma once

// Words that stand for each other in requests and in names of tools: show and display, folder and directory, book and
// reserve. A closed table of English stems. Pure; any thread.

#include <cstdint>
#include <string_view>

namespace lilux::brain {

// One bit for each group of words that the stem belongs to; 0 where it belongs to none.
std::uint64_t groups_of(std::string_view stem);

}  // namespace lilux::brain
