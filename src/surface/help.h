#pragma once

// Texts of the command line: help, completion, the service unit. Pure.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/tool.h"

namespace lilux::surface {

struct Verb {
  std::string_view name;  // "policy add"
  std::string_view tool;
  std::span<const std::string_view> positional;
  std::string_view fixed;  // arguments that are always given, as JSON
  std::string_view summary;
};
std::span<const Verb> verbs();

// What to do about a verb that is none.
std::string near_verb(std::string_view word);

// The words that may follow this one in verbs and tools of two words, in order; empty when it begins none.
std::string second_words(std::string_view first);
// What to do about a second word that is none.
std::string near_second_word(std::string_view first, std::string_view second);

std::string general_help();
// Of a tool, a verb, "tools" or "exit-codes".
base::Result<std::string> help_about(const std::string& topic);
base::Result<std::string> completion(std::string_view shell);
std::string service_unit(const std::string& program);

}  // namespace lilux::surface
