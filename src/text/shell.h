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

// What a shell runs that is given these words: `sh -c`, with other options before or in that word (`bash --norc -ec`);
// eval and trap too. Where it cannot be told which word is the script, or it is read elsewhere, it is not understood.
struct ShellCommands {
  std::vector<std::vector<std::string>> commands;  // the words of each; what is expanded stands as it is written
  bool is_understood = false;                      // no other command stands in the script
  bool hides_programs = false;                     // what a program is is expanded, or comes with its input
  bool is_certain = false;                         // and these words are the ones that run, and nothing else
};
// Nothing when they start no shell, or one that runs a file.
std::optional<ShellCommands> shell_commands(std::span<const std::string> words);

// The command that env, exec, nice, xargs and the like run, as their arguments say it; all that it may be where that is
// not sure, and nothing for other programs.
std::vector<std::vector<std::string>> wrapped_commands(std::span<const std::string> words);

// Whether the program of this path or name reads command lines: sh, bash, eval, ssh and the like.
bool is_shell(std::string_view program);

}  // namespace lilux::text
