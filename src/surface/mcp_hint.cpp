#include "surface/mcp_hint.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.h"
#include "surface/arguments.h"
#include "surface/verbs.h"
#include "text/shell.h"

namespace lilux::surface {

using base::Json;
using base::JsonObject;

namespace {

constexpr std::string_view kProgram = "lilux ";

// "<call>" stands for a word, which a shell would not take as it is.
std::string quoted_places(std::string_view line) {
  std::string made;
  for (const char c : line) made += c == '<' ? "'<" : c == '>' ? ">'" : std::string(1, c);
  return made;
}

// What the words behind `lilux` call: a tool, and which of its fields words without a flag fill.
struct Called {
  const kernel::Tool* tool = nullptr;
  std::span<const std::string_view> positional = {};
  Json fixed = JsonObject{};
  std::size_t words = 0;  // that name it
};
std::optional<Called> called_by(const std::vector<std::string>& words, const Offer& offer) {
  Called made;
  std::string_view name;
  if (words.size() > 1 && words[0] == "call") {
    made.words = 2;
    name = words[1];
  } else {
    for (const std::size_t count : {std::size_t{2}, std::size_t{1}}) {
      if (count > words.size() || made.words > 0) continue;
      const Verb* verb = find_verb(count == 2 ? words[0] + " " + words[1] : words[0]);
      if (!verb || verb->tool.empty()) continue;
      made.words = count;
      made.positional = verb->positional;
      if (!verb->fixed.empty()) made.fixed = base::parse_json(verb->fixed).value_or(JsonObject{});
      name = verb->tool;
    }
  }
  const std::string two = words.size() > 1 ? words[0] + "." + words[1] : std::string();
  if (made.words == 0 && !two.empty()) {  // `lilux item list`, without a verb of its own
    made.words = 2;
    name = two;
  }
  const auto found = std::ranges::find(offer.callable(), name, &kernel::Tool::name);
  if (made.words == 0 || found == offer.callable().end()) return std::nullopt;
  if (!offer.has_entry() && !offer.tool(wire_name(name))) return std::nullopt;
  made.tool = *found;
  return made;
}

std::string shown_call(const kernel::Tool& tool, Json arguments, const Offer& offer) {
  if (!offer.has_entry()) return wire_name(tool.name) + " " + base::to_text(arguments, base::JsonStyle::spaced);
  const JsonObject made{
      {"item_type", "tool"}, {"action", "run"}, {"item_id", tool.name}, {"parameters", std::move(arguments)}};
  return "execute " + base::to_text(Json(made), base::JsonStyle::spaced);
}

// Nothing for what is no call of this client's.
std::optional<std::string> as_call(std::string_view command, const Offer& offer) {
  const auto words = text::split(quoted_places(command.substr(kProgram.size())));
  const auto called = words ? called_by(*words, offer) : std::nullopt;
  if (!called) return std::nullopt;
  const std::span<const std::string> rest = std::span(*words).subspan(called->words);
  const auto arguments = arguments_from(called->tool->input_schema(), called->positional, rest);
  if (!arguments) return std::nullopt;
  Json made = called->fixed;
  for (const auto& [name, value] : arguments->as_object()) made.as_object().set(name, value);
  return shown_call(*called->tool, std::move(made), offer);
}

}  // namespace

std::string as_calls(std::string_view text, const Offer& offer) {
  std::string made;
  if (!text.contains('`')) {  // the command is the end of it, or all
    const std::size_t at = text.starts_with(kProgram) ? 0 : text.find(": lilux ");
    if (at == std::string_view::npos) return std::string(text);
    const std::size_t begin = at == 0 && text.starts_with(kProgram) ? 0 : at + 2;
    return std::string(text.substr(0, begin)) +
           as_call(text.substr(begin), offer).value_or(std::string(text.substr(begin)));
  }
  while (!text.empty()) {
    const std::size_t open = text.find('`');
    const std::size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
    if (close == std::string_view::npos) break;
    const std::string_view command = text.substr(open + 1, close - open - 1);
    const auto call = command.starts_with(kProgram) ? as_call(command, offer) : std::nullopt;
    made += text.substr(0, open);
    made += call ? *call : std::string(text.substr(open, close + 1 - open));
    text.remove_prefix(close + 1);
  }
  return made + std::string(text);
}

}  // namespace lilux::surface
