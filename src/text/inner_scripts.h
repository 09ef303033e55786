#pragma once

// Commands in the small languages of programs that are no shells: sed's e, vim's !, gdb's shell, what git's and ssh's
// settings run; and programs in languages that may run others. Pure; any thread.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::text {

// What the words of a program hold.
struct InnerScripts {
  std::vector<std::string> scripts;                // shells read them
  std::vector<std::vector<std::string>> commands;  // git's own, without what stands before them: `git -C a push`
  std::size_t decisive = 1;                        // so many words say what runs
  bool hides = false;                              // something runs that the words do not tell
};
InnerScripts inner_scripts(std::span<const std::string> words);

// The command line in NAME=value, where git, man and the like run the value of that variable; nothing for others.
std::string_view script_in_variable(std::string_view assignment);

// Whether an interpreter or editor that is given these words reads what it does from its input.
bool reads_program(std::span<const std::string> words);

// Whether a program in the language of python3, awk, tclsh, ed and the like may run others: it shows in its words
// alone.
bool may_run_others(std::string_view interpreter, std::string program);
// Whether `interpreter` is such a one that takes programs as arguments.
bool takes_programs(std::string_view interpreter);

}  // namespace lilux::text
