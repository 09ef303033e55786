// Bash scripts from outside: nothing falls over, fixed commands are found again in the line that they make, the simple
// scripts that others of our parsers read are read alike, a substitution or a group finds what the script alone does,
// and what its commands run beside themselves is found.

#include <algorithm>
#include <string>
#include <vector>

#include "tests/fuzz/input.h"
#include "text/bash.h"
#include "text/inner_commands.h"
#include "text/shell.h"

namespace {

using namespace lilux::text;
using lilux::fuzz::require;

using Words = std::vector<std::string>;

// The words of a command that is nothing but words, all of them fixed; else none.
Words fixed_words(const BashCommand& command) {
  Words words;
  for (const BashWord& word : command.words) {
    if (word.is_fixed) words.push_back(word.text);
  }
  const bool is_all =
      words.size() == command.words.size() && command.assignments.empty() && command.redirections.empty();
  return is_all ? words : Words();
}

bool has_marks(std::string_view text) {
  return text.find_first_of(std::string_view("\0\x01\x7f", 3)) != std::string_view::npos;
}

void check_again(const BashCommand& command) {
  const Words words = fixed_words(command);
  if (words.empty() || std::ranges::any_of(words, has_marks)) return;
  const auto again = parse_bash(join(words));
  require(again && again->commands.size() == 1 && fixed_words(again->commands.front()) == words);
}

void check_simple(std::string_view script, const lilux::base::Result<BashScript>& parsed) {
  const auto simple = simple_commands(script);
  if (!simple || has_marks(script)) return;
  require(parsed && parsed->commands.size() == simple->size());
  for (std::size_t i = 0; i < simple->size(); ++i) require(fixed_words(parsed->commands[i]) == simple->at(i));
}

// Without here-documents, which end with the script, and lines that go on.
void check_within(std::string_view script, const BashScript& parsed, const std::string& begin, const std::string& end) {
  if (script.find("<<") != std::string_view::npos || script.ends_with('\\')) return;
  const auto within = parse_bash(begin + std::string(script) + end);
  if (!within) return;  // it may be too deep or too much, and a group cannot be empty
  require(within->commands.size() >= parsed.commands.size() && within->functions == parsed.functions);
  for (std::size_t i = 0; i < parsed.commands.size(); ++i) {
    const BashCommand& one = parsed.commands[i];
    const BashCommand& other = within->commands[i];
    const auto is_same = [](const BashWord& a, const BashWord& b) {
      return a.text == b.text && a.is_fixed == b.is_fixed;
    };
    require(std::ranges::equal(one.words, other.words, is_same));
    require(std::ranges::equal(one.assignments, other.assignments, is_same));
    require(one.redirections.size() == other.redirections.size());
  }
}

void check_inner(const std::string& script) {
  const auto inside = shell_commands(Words{"bash", "-c", script});
  for (const Words& command : inside ? inside->commands : std::vector<Words>()) {
    for (const Words& wrapped : wrapped_commands(command)) require(!wrapped.empty());
    if (const auto deeper = shell_commands(command)) require(deeper->commands.empty() || !deeper->commands[0].empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view script = lilux::fuzz::Input(data, size).rest();
  const auto parsed = parse_bash(script);
  check_inner(std::string(script));
  check_simple(script, parsed);
  if (!parsed) {
    require(!parsed.error().message.empty());
    return 0;
  }
  for (const BashCommand& command : parsed->commands) {
    require(!command.words.empty() || !command.assignments.empty() || !command.redirections.empty());
    check_again(command);
  }
  check_within(script, *parsed, "{ ", "\n}");
  check_within(script, *parsed, "a $( ", "\n)");
  return 0;
}
