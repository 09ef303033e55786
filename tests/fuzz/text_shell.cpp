// Command lines from outside: words that are read can be joined and read as the same words, a script of simple commands
// can be written again, and what both readers take they take alike.

#include <string>
#include <vector>

#include "tests/fuzz/input.h"
#include "text/shell.h"

namespace {

using namespace lilux::text;
using lilux::fuzz::gives;
using lilux::fuzz::require;

using Commands = std::vector<std::vector<std::string>>;

std::string script_of(const Commands& commands) {
  std::string script;
  for (const auto& command : commands) script += join(command) + "\n";
  return script;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line = lilux::fuzz::Input(data, size).rest();
  const auto words = split(line);
  const auto commands = simple_commands(line);
  if (words) {
    require(gives(split(join(*words)), *words));
    if (commands && !words->empty()) require(*commands == Commands{*words});
    if (!words->empty()) require(!simple_commands("eval " + join(*words)));
  } else {
    require(!words.error().message.empty());
  }
  if (commands) {
    const auto again = simple_commands(script_of(*commands));
    require(again == commands);
    for (const auto& command : *commands) require(!command.empty() && !command.front().empty());
  }
  if (line.find('\0') != std::string_view::npos) {
    require(!words && !commands);
    return 0;
  }
  const std::vector<std::string> one{std::string(line)};
  require(gives(split(quote(line)), one) && gives(split(join(one)), one));
  require(quote(line).size() <= 2 + 4 * line.size());
  return 0;
}
