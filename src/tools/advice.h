#pragma once

// What newcomers ask for and no tool does, or none that a sentence may call: which words do it instead. Any thread.

#include <optional>
#include <string>
#include <string_view>

namespace lilux::tools {

// What to do instead; nothing for every other sentence.
std::optional<std::string> advice_for(std::string_view text);

// Whether it only asks why something was, forbids it, or asks what would happen: no part of it is to be done.
bool is_only_talk(std::string_view text);

}  // namespace lilux::tools
