#pragma once

// What a command runs beside its own program: shells and builtins that are given scripts, programs that are given
// commands. Known are bash's builtins and the programs of a common system; what a program of another kind runs (make,
// git, a script in a file) is not seen. Pure; any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::text {

// What a shell runs that is given these words: `sh -c`, with other options before or in that word (`bash --norc -ec`);
// eval, trap, `flock -c` and their like too. Where it cannot be told which word is the script it is not understood.
struct ShellCommands {
  std::vector<std::vector<std::string>> commands;  // the words of each; what is expanded stands as it is written
  bool is_understood = false;                      // no other command stands in the script
  bool hides_programs = false;                     // what runs is expanded, stands elsewhere, or is put together
  bool reads_input = false;                        // what runs comes with its input
  bool is_certain = false;                         // and these words are the ones that run, and nothing else
};
// Nothing when they give no script to anything, or name a file with one, and hide nothing.
std::optional<ShellCommands> shell_commands(std::span<const std::string> words);

// The command that env, exec, nice, xargs, find and the like run, as their arguments say it; all that it may be where
// that is not sure, and nothing for other programs.
std::vector<std::vector<std::string>> wrapped_commands(std::span<const std::string> words);

// Whether the program of this path or name reads command lines: sh, bash, eval, ssh and the like.
bool is_shell(std::string_view program);

}  // namespace lilux::text
