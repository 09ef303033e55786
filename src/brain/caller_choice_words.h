#pragma once

// What else is said for the values that tools let one choose from: urgent for critical, lounge for living room, every
// day for daily. A closed table of English words. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace lilux::brain {

// Of a choice in small letters, its words apart by spaces: "living room"; none where the table does not have it.
std::vector<std::string_view> others_for(std::string_view choice);

}  // namespace lilux::brain
