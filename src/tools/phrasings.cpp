#include "tools/phrasings.h"

#include <algorithm>
#include <string>
#include <utility>

#include "brain/rule.h"
#include "item/interpolate.h"
#include "tools/example_values.h"
#include "tools/table.h"

namespace lilux::tools {

using base::Json;
using base::JsonObject;

namespace {

constexpr std::size_t kEach = 3;  // of a tool, with other values

std::string in_words(std::string_view name) {
  std::string text(name);
  std::ranges::replace_if(text, [](char c) { return c == '_' || c == '.' || c == '-'; }, ' ');
  return text;
}

// "Show how full the filesystem of a path is" begins a sentence; inside another one it does not.
std::string lower_first(std::string_view text) {
  std::string made(text);
  if (made.size() > 1 && made[0] >= 'A' && made[0] <= 'Z' && !(made[1] >= 'A' && made[1] <= 'Z'))
    made[0] = static_cast<char>(made[0] - 'A' + 'a');
  return made;
}

std::string spoken_value(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_array() && value.as_array().size() == 1) return spoken_value(value.as_array().front());
  return base::to_text(value);
}

// " with path notes/todo.txt and limit 5"; a switch is told by its name alone.
std::string told(const JsonObject& arguments) {
  std::string text;
  for (const auto& [name, value] : arguments) {
    text += text.empty() ? " with " : " and ";
    text += in_words(name);
    if (!value.is_bool()) text += " " + spoken_value(value);
  }
  return text;
}

// What the schema asks for, and the `nth` of what it takes besides.
JsonObject arguments_for(const Json& schema, std::size_t nth) {
  JsonObject made;
  const Json* properties = schema.find("properties");
  const Json* required = schema.find("required");
  if (properties == nullptr) return made;
  for (const Json& name : required != nullptr ? required->as_array() : base::JsonArray{})
    if (const Json* field = properties->find(name.as_string()))
      made.set(name.as_string(), example_of(name.as_string(), *field, nth));
  if (nth == 0) return made;
  std::size_t beside = 0;
  for (const auto& [name, field] : properties->as_object())
    if (!made.find(name) && is_sayable(name, field) && ++beside == nth) made.set(name, example_of(name, field, nth));
  return made;
}

// Whether the tool takes them: nothing is told that could not be called.
bool is_taken(const kernel::Tool& tool, const Json& arguments) {
  return tool.redact(arguments, [](std::string_view) { return std::string("x"); }).has_value();
}

std::string beginning(const std::string& what, const std::string& name, std::size_t nth) {
  return nth == 0 ? what : nth == 1 ? "please " + what : "i want to use " + name + " to " + what;
}

// As values stand in gaps: text, whatever the tool makes of it.
std::string filled(std::string text, const JsonObject& gaps) {
  for (const auto& [name, value] : gaps) {
    const std::string gap = "{{" + name + "}}";
    for (std::size_t at = text.find(gap); at != std::string::npos; at = text.find(gap, at))
      text.replace(at, gap.size(), spoken_value(value));
  }
  return text;
}

}  // namespace

std::vector<SaidCall> phrasings_of(const kernel::Tool& tool) {
  std::vector<SaidCall> all;
  if (tool.traits.audience == kernel::Audience::people) return all;
  const Json schema = tool.input_schema();
  for (std::size_t nth = 0; nth < kEach; ++nth) {
    JsonObject arguments = arguments_for(schema, nth);
    if (!is_taken(tool, arguments)) continue;
    const std::string text = beginning(lower_first(tool.summary), in_words(tool.name), nth) + told(arguments);
    all.push_back({.text = text, .tool = std::string(tool.name), .arguments = std::move(arguments)});
  }
  return all;
}

std::vector<SaidCall> filled_sentences() {
  std::vector<SaidCall> all;
  std::size_t nth = 0;
  for (const SaidCall& said : shipped_sentences()) {
    if (!said.text.contains("{{")) continue;
    JsonObject gaps;
    const bool is_folder = said.text.contains("folder") || said.text.contains("director");
    for (const std::string& gap : item::placeholders(said.text)) {
      const std::string_view field = gap == "path" && is_folder ? "directory" : std::string_view(gap);
      gaps.set(gap, spoken_value(example_of(field, JsonObject{{"type", "string"}}, nth)));
    }
    ++nth;
    const std::string text = filled(said.text, gaps);
    std::optional<brain::Proposal> made = by_sentences(text, {});
    if (!made || made->calls.size() != 1 || made->calls.front().name != said.tool) continue;
    all.push_back({.text = text, .tool = said.tool, .arguments = std::move(made->calls.front().arguments)});
  }
  return all;
}

std::vector<SaidCall> phrasings_of(const Runnable& item) {
  std::vector<SaidCall> all;
  for (std::size_t nth = 0; nth < kEach; ++nth) {
    JsonObject inputs = arguments_for(item.inputs, nth);
    if (nth == 2 && item.description.empty()) continue;
    const std::string what = nth == 0   ? "run the " + item.kind + " " + item.name
                             : nth == 1 ? "run " + in_words(item.name)
                                        : lower_first(item.description);
    JsonObject arguments{{"kind", item.kind}, {"name", item.name}};
    const std::string text = what + told(inputs);
    if (!inputs.empty()) arguments.set("inputs", std::move(inputs));
    all.push_back({.text = text, .tool = "item.run", .arguments = std::move(arguments)});
  }
  return all;
}

}  // namespace lilux::tools
