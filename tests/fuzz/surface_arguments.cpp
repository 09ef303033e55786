// A command line from outside, one word a line: the first names a verb or a tool, the others become fields of the tool.
// What is understood names only fields there are, and can be said as flags.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "surface/arguments.h"
#include "surface/verbs.h"
#include "tests/fuzz/input.h"
#include "tools/table.h"

namespace {

using namespace lilux;
using fuzz::require;

struct Command {
  base::Json schema;
  std::span<const std::string_view> positional;
};

std::optional<Command> command_of(std::string_view name) {
  const surface::Verb* verb = surface::find_verb(name);
  const kernel::Tool* tool = tools::find(verb ? verb->tool : name);
  if (!tool) return std::nullopt;
  return Command{tool->input_schema(), verb ? verb->positional : std::span<const std::string_view>{}};
}

std::vector<std::string> as_flags(const base::Json& arguments, const base::Json& schema) {
  std::vector<std::string> words;
  for (const auto& [name, value] : arguments.as_object()) {
    const base::Json* field = schema.find("properties")->find(name);
    const bool is_text = field && field->string_or("type") == "string" && value.is_string();
    words.push_back("--" + name + "=" + (is_text ? value.as_string() : base::to_text(value)));
  }
  return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::optional<Command> command = command_of(input.line());
  if (!command) return 0;
  std::vector<std::string> words;
  while (!input.is_empty()) words.emplace_back(input.line());
  const base::Json& schema = command->schema;
  const auto arguments = surface::arguments_from(schema, command->positional, words);
  if (!arguments) {
    require(!arguments.error().message.empty());
    return 0;
  }
  for (const auto& [name, value] : arguments->as_object()) {
    require(schema.find("properties")->find(name) ||
            std::ranges::find(command->positional, name) != command->positional.end());
  }
  const auto again = surface::arguments_from(schema, {}, as_flags(*arguments, schema));
  require(again && *again == *arguments);
  return 0;
}
