#pragma once

// Lines as one types them for bash: "cp a b" is "copy a to b". Pure; any thread.

#include <string>
#include <string_view>

namespace lilux::tools {

// In words that the shipped sentences know; the text itself where it is no such line.
std::string spelt_out(std::string_view text);

}  // namespace lilux::tools
