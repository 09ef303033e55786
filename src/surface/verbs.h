#pragma once

// The verbs of the command line: one table from which words are understood, helped with and completed. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "surface/print.h"

namespace lilux::surface {

struct Flag {
  std::string_view name;   // "--port"
  std::string_view value;  // "N"; empty when it takes none
  std::string_view summary;
};

struct Verb {
  std::string_view name;  // "policy add"
  std::string_view summary;
  std::string_view tool = {};                         // that it calls; empty: more calls than one, or none
  std::span<const std::string_view> positional = {};  // fields of the tool that words without a flag fill, in turn
  std::string_view fixed = {};                        // arguments that are always given, as JSON
  std::string_view usage = {};                        // what follows the name, where the tool does not tell it
  std::span<const Flag> flags = {};                   // of its own
  Show show = shown;                                  // prints the output
  std::string_view must_hold = {};                    // member of the output; unless it is true the exit code is 7
  bool shows_calls = false;                           // plain calls of the tool too: a table would cut what it tells
  bool takes_command = false;                         // from the first word that is no flag on nothing is ours
};

std::span<const Verb> verbs();
// Of that very name, or null.
const Verb* find_verb(std::string_view name);
// Of a tool whose output says whether it did what it was asked to (`must_hold`), or null.
const Verb* checking_verb(std::string_view tool);

// What stands for every command.
std::span<const Flag> common_flags();

// All first words of verbs and tools ("fs" of fs.read), in order.
std::vector<std::string_view> first_words();
// The words that may follow this one, in verbs and tools of two words, in order.
std::vector<std::string_view> second_words(std::string_view first);

}  // namespace lilux::surface
