#pragma once

// Places as people say them: "this folder", "the readme", "a.txt and b.txt", "*.txt". Pure but for the names that it is
// given; any thread.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::tools {

// The sentence with "." for the folder that one stands in: "how big is this folder", "find *.md here".
std::string with_here(std::string_view text);

// "notes" of "the notes folder" and "my folder called notes", "a.txt" of "the file a.txt"; anything else as it is.
std::string_view bare_place(std::string_view said);

// "a.txt, b.txt and c.txt" one by one; what is no list is the only one.
std::vector<std::string> listed(std::string_view value);

// What lies in a folder; nothing where nobody may know.
using NamesIn = std::function<std::vector<std::string>(std::string_view folder)>;

// What is there and meant by that: all names that a pattern fits, else the one that is the same but for capitals, the
// ending and a "the". Empty when none is, or more than one.
std::vector<std::string> meant_by(std::string_view said, const NamesIn& names);

}  // namespace lilux::tools
