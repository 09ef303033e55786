#pragma once

// A line of the shell as what it means: words of the command line, several of them joined by '|', a program behind '!',
// or a sentence. Nothing is expanded: quotes and backslashes alone are special. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::surface {

struct ShellLine {
  enum class Kind : std::uint8_t { nothing, commands, program, sentence };
  Kind kind = Kind::nothing;
  std::vector<std::vector<std::string>> stages;  // of commands: the words of each
  std::string text;                              // of a program or a sentence
};

// A '#' begins a comment, '?' a sentence whatever its words are. `name=value` is the flag of that field of a tool.
// Fails for quotes that stay open and for a '|' with nothing beside it, or with a sentence.
base::Result<ShellLine> read_shell_line(std::string_view line);

// A tool or verb written wrong at the beginning of a line, "fs.raed a.txt" or "serach", told with the one that is
// meant; nothing for what is longer without naming a noun of tools, as that is a sentence.
std::optional<base::Error> misspelt(std::string_view text);

// Whether the words begin as a verb or a tool does.
bool is_command(const std::vector<std::string>& words);

}  // namespace lilux::surface
