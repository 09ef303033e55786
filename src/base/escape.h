#pragma once

// Text from outside made safe for a terminal. Pure; any thread.

#include <string>
#include <string_view>

namespace lilux::base {

// Control, escape, bidirectional and invisible characters become \u{...}, invalid bytes \x..; line ends and tabs stay.
std::string escape_for_terminal(std::string_view text);
// The same for what stands in one line: line ends and tabs do not stay.
std::string escape_line(std::string_view text);
// The same of a JSON text, by escapes of JSON: it means what it meant.
std::string escape_json_for_terminal(std::string_view json);

}  // namespace lilux::base
