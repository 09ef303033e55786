#pragma once

// Command lines as a POSIX shell reads them, without expansions: what a shell would expand is refused, never guessed.
// Pure; any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::text {

// One word, quoted when a shell would read it differently.
std::string quote(std::string_view word);
// The line that split() and a shell read as these words.
std::string join(std::span<const std::string> words);

// The words of one command, quotes removed. Refuses, naming the column, quotes that stay open and everything outside
// quotes that a shell would not take as it stands: variables, substitutions, globs, operators, comments, line ends.
base::Result<std::vector<std::string>> split(std::string_view line);

// The commands of the script of `sh -c`, each as its words, when every part of it is understood: words as in split(),
// joined by ; && || | and line ends. Nothing for anything else: redirections, background, control flow, assignments,
// commands that run others in the shell itself or change what a later word means.
std::optional<std::vector<std::vector<std::string>>> simple_commands(std::string_view script);

// Whether a command that begins with this word is a simple one to every shell: neither a reserved word nor a builtin
// that evaluates what it is given.
bool is_simple(std::string_view word);

}  // namespace lilux::text
