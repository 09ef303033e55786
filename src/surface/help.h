#pragma once

// Texts of the command line: help, guesses, the service unit. Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

// What to do about a word, or a word after another one, that is none.
std::string near_word(std::string_view word);
std::string near_word(std::string_view first, std::string_view second);

std::string general_help();
// Of a tool, a verb, the first word of some, "tools" or "exit-codes".
base::Result<std::string> help_about(std::string_view topic);
std::string service_unit(const std::string& program);

}  // namespace lilux::surface
