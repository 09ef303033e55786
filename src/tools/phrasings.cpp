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

// "Show how full the filesystem of a path is." is a sentence of its own; inside another one it is not.
std::string lower_first(std::string_view text) {
  std::string made(text.substr(0, text.find_last_not_of(". ") + 1));
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
JsonObject arguments_for(std::string_view tool, const Json& schema, std::size_t nth) {
  JsonObject made;
  const Json* properties = schema.find("properties");
  const Json* required = schema.find("required");
  if (properties == nullptr) return made;
  for (const Json& name : required != nullptr ? required->as_array() : base::JsonArray{})
    if (const Json* field = properties->find(name.as_string()))
      made.set(name.as_string(), example_of({.tool = tool, .field = name.as_string()}, *field, nth));
  if (nth == 0) return made;
  std::size_t beside = 0;
  JsonObject first;  // for the nth of fewer
  for (const auto& [name, field] : properties->as_object()) {
    if (made.find(name) || !is_sayable(name, field)) continue;
    ++beside;
    const Json value = example_of({.tool = tool, .field = name}, field, nth);
    if (beside == 1) first.set(name, value);
    if (beside == nth) made.set(name, value);
  }
  if (made.empty()) return first;
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

// What fits into the gap, by the words around it: "since" 2 hours ago, "in" the last 2 hours, a tool "that" does
// something.
std::string_view sort_of(std::string_view gap, std::string_view text) {
  const std::size_t at = text.find("{{" + std::string(gap) + "}}");
  const std::string_view before = text.substr(0, at > 0 ? at - 1 : 0);
  const auto ends = [&](std::string_view word) { return before.ends_with(word); };
  const bool is_end = ends("since") || ends("after") || ends("before") || ends("until") || ends("between") ||
                      ends("and") || ends(" to");
  if (gap == "since" || gap == "until") return is_end ? "ago" : "lately";
  if (gap == "query" && (ends(" that") || ends(" which"))) return "does";
  if (gap == "query" && ends(" to")) return "act";
  const bool is_folder = text.contains("folder") || text.contains("director");
  return gap == "path" && is_folder ? "directory" : gap;
}

// "3 days ago" is another day tomorrow: nothing to learn from.
bool tells_a_day(const Json& arguments) {
  for (const std::string_view name : {"since", "until"})
    if (arguments.string_or(name).contains('T')) return true;
  return false;
}

}  // namespace

std::vector<SaidCall> phrasings_of(const kernel::Tool& tool) {
  std::vector<SaidCall> all;
  if (tool.traits.audience == kernel::Audience::people) return all;
  const Json schema = tool.input_schema();
  // To change something without saying what is no request.
  const bool says_what = tool.traits.effect == kernel::Effect::none || arguments_for(tool.name, schema, 1).empty() ||
                         !arguments_for(tool.name, schema, 0).empty();
  for (std::size_t nth = 0; nth < kEach; ++nth) {
    JsonObject arguments = arguments_for(tool.name, schema, nth + (says_what ? 0 : 1));
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
    for (const std::string& gap : item::placeholders(said.text))
      gaps.set(gap, spoken_value(example_of({.tool = said.tool, .field = sort_of(gap, said.text)},
                                            JsonObject{{"type", "string"}}, nth)));
    ++nth;
    const std::string text = filled(said.text, gaps);
    std::optional<brain::Proposal> made = by_sentences(text, {});
    if (!made || made->calls.size() != 1 || made->calls.front().name != said.tool) continue;
    if (tells_a_day(made->calls.front().arguments)) continue;
    all.push_back({.text = text, .tool = said.tool, .arguments = std::move(made->calls.front().arguments)});
  }
  return all;
}

std::vector<SaidCall> phrasings_of(const Runnable& item) {
  std::vector<SaidCall> all;
  for (std::size_t nth = 0; nth < kEach; ++nth) {
    JsonObject inputs = arguments_for({}, item.inputs, nth);
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
