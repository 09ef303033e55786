#pragma once

// Command lines: words quoted for a shell and taken apart again, and shell lines that are understood wholly or not at
// all. Pure; any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::text {

// One word, quoted when a shell would read it differently.
std::string quote(std::string_view word);
// Words as one line that means exactly them: split(join(words)) == words.
std::string join(std::span<const std::string> words);

// The words of a line made of plain words, quotes, backslashes and spaces. Nothing for what a shell would treat
// otherwise: quotes that do not close, operators, variables, globs, line ends outside of quotes.
std::optional<std::vector<std::string>> split(std::string_view line);

// The simple commands of a shell line, each as its words, when every part of it is understood: words as above, joined
// by ; && || | and line ends. Nothing for anything else (variables, substitutions, redirections, globs, background,
// control flow, assignments) and for builtins that change what later words mean. There is no limit on their number.
std::optional<std::vector<std::vector<std::string>>> simple_commands(std::string_view line);

// Whether the program of this path or name reads command lines: sh, bash, eval, ssh and the like.
bool is_shell(std::string_view program);

}  // namespace lilux::text
