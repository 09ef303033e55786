#pragma once

// Sentences that are command lines of programs: "ping example.org", "run python3 x.py". Looks for programs where the
// system has them; any thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lilux::tools {

using IsThere = std::function<bool(std::string_view path)>;

// What to type instead; nothing where no such program is there, or the words are as likely English.
std::optional<std::string> program_advice(std::string_view text, const IsThere& is_there);

}  // namespace lilux::tools
