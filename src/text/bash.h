#pragma once

// What a bash script would run, found without running it: every simple command, wherever it stands - in lists, pipes,
// groups, subshells, control flow, functions, substitutions, arithmetic and here-documents. Pure; any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::text {

// A word as it stands in a script.
struct BashWord {
  std::string text;      // quotes removed; an expansion stays as it is written
  bool is_fixed = true;  // nothing in it is expanded: a program gets `text`
};

enum class BashStream : std::uint8_t { read, write, append, read_write, here_document, here_string, duplicate };
constexpr std::array<std::string_view, 7> enum_names(BashStream) {
  return {"read", "write", "append", "read_write", "here_document", "here_string", "duplicate"};
}

struct BashRedirection {
  BashStream kind = BashStream::read;
  BashWord target;  // the file, the descriptor or the text
};

struct BashCommand {
  std::vector<BashWord> assignments;  // NAME=value in front of it
  std::vector<BashWord> words;        // none: only assignments or redirections, those of compound commands too
  std::vector<BashRedirection> redirections;
};

struct BashScript {
  std::vector<BashCommand> commands;   // those inside of a substitution before the one that holds it
  std::vector<std::string> functions;  // names it gives to commands of its own
  bool sets_scripts = false;           // it gives a value to variables that is_script_variable(), or may do so
};

// Whether shells run what stands in the variable of this name: PS4, BASH_ENV and the like.
bool is_script_variable(std::string_view name);

// Twice what one argument of a program may hold; reading takes up to a hundred times the room of the script.
constexpr std::size_t kBashBytesMax = std::size_t{256} << 10;

// All of it or nothing: what bash would refuse, and what is not understood, is `invalid_argument` with line and column;
// so is a script of more than kBashBytesMax.
base::Result<BashScript> parse_bash(std::string_view script);

}  // namespace lilux::text
