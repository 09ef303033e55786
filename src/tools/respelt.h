#pragma once

// Slips of the hand in what people say: "serch for foo", "delte notes.txt". Pure but for what it is given; any thread.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::tools {

// The sentence with its first word that is none and is nothing's name as those of the shipped sentences that are
// near, the nearest first. They are guesses: who uses one asks.
std::vector<std::string> respelt(std::string_view text, const std::function<bool(std::string_view)>& is_there);

}  // namespace lilux::tools
