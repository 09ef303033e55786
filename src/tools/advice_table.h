#pragma once

// What there is no tool for, in the words of those who ask, and what does it instead. Any thread.

#include <string_view>
#include <vector>

namespace lilux::tools {

// Phrases of one advice; "{{x}}" of a phrase stands in the advice too, as one word for bash. A gap takes what is of its
// sort: advice.cpp says which.
struct Advice {
  std::vector<std::string_view> says;
  std::string_view advice;
};
const std::vector<Advice>& advices();

inline constexpr std::string_view kBySize = "no tool looks for files by their size: `!du -a . | sort -n | tail` does";
inline constexpr std::string_view kByTime =
    "no tool looks for files by their time: `!find . -type f -mtime -1` does; `? what was changed today` shows calls";
inline constexpr std::string_view kOfRunning =
    "`tasks` lists what goes on and `ps` what it started; `kill TASK` ends one with all below it, `lilux stop` halts "
    "everything at once";
inline constexpr std::string_view kOfBudget =
    "limits are set by name: `budget.set TASK usd=5`, and `tasks` names them; `? show the budget` tells what is used";

}  // namespace lilux::tools
