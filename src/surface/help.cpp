#include "surface/help.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"
#include "base/nearest.h"
#include "surface/verbs.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, text.size()) + 2, ' ');
}

std::string line(std::string_view name, std::string_view summary) {
  return "  " + padded(name, 28) + std::string(summary) + "\n";
}

bool is_required(const Json& schema, std::string_view field) {
  const Json* required = schema.find("required");
  return required && std::ranges::find(required->as_array(), Json(field)) != required->as_array().end();
}

std::string field_help(const Json& field, std::string_view shown, std::string_view after) {
  std::string text = line(shown, field.string_or("description") + std::string(after));
  if (const Json* choices = field.find("enum")) text += line("", base::to_text(*choices, base::JsonStyle::spaced));
  return text;
}

// The fields but those named, as flags.
std::string flags_help(const Json& schema, std::span<const std::string_view> but, const Json& fixed) {
  std::string text;
  for (const auto& [name, field] : schema.find("properties")->as_object()) {
    if (std::ranges::find(but, name) != but.end() || fixed.find(name)) continue;
    const std::string type = field.string_or("type", "JSON");
    text += field_help(field, "--" + name + (type == "boolean" ? "" : " <" + type + ">"),
                       is_required(schema, name) ? " (required)" : "");
  }
  return text;
}

std::string traits_help(const kernel::Tool& tool) {
  return "Risk " + std::string(base::enum_name(tool.traits.risk)) + ", undo " +
         std::string(base::enum_name(tool.traits.undo)) +
         (tool.traits.audience == kernel::Audience::people ? ", for people only" : "") + ".\n";
}

std::string tool_help(const kernel::Tool& tool) {
  const std::string flags = flags_help(tool.input_schema(), {}, JsonObject{});
  return std::string(tool.name) + ": " + std::string(tool.summary) + "\n\nUsage: lilux call " + std::string(tool.name) +
         (flags.empty() ? "\n\n" : " [flags]\n\n" + flags + "\n") + traits_help(tool);
}

std::string verb_help(const Verb& verb) {
  const kernel::Tool* tool = tools::find(verb.tool);
  const Json schema = tool ? tool->input_schema() : Json(JsonObject{{"properties", JsonObject{}}});
  const Json fixed = verb.fixed.empty() ? Json(JsonObject{}) : base::parse_json(verb.fixed).value_or(JsonObject{});
  std::string usage(verb.usage);
  std::string words;
  for (const std::string_view name : verb.positional) {
    const bool is_needed = is_required(schema, name);
    const std::string shown = (is_needed ? "<" : "[") + std::string(name) + (is_needed ? ">" : "]");
    if (verb.usage.empty()) usage.append(usage.empty() ? "" : " ").append(shown);
    words += field_help(*schema.find("properties")->find(name), name, "");
  }
  std::string flags;
  for (const Flag& flag : verb.flags)
    flags += line(std::string(flag.name) + (flag.value.empty() ? "" : " " + std::string(flag.value)), flag.summary);
  flags += flags_help(schema, verb.positional, fixed);
  std::string text = "lilux " + std::string(verb.name) + ": " + std::string(verb.summary) + "\n\nUsage: lilux " +
                     std::string(verb.name) + (usage.empty() ? "" : " " + usage) + (flags.empty() ? "" : " [flags]") +
                     "\n";
  if (!words.empty() || !flags.empty()) text += "\n" + words + flags;
  if (tool) text += "\nCalls " + std::string(tool->name) + ". " + traits_help(*tool);
  return text;
}

// The tools whose names begin so; of a group, those that are a verb too are told with the verbs.
std::string tools_help(std::string_view prefix) {
  std::string text;
  for (const kernel::Tool& tool : tools::table()) {
    std::string words(tool.name);
    std::ranges::replace(words, '.', ' ');
    if (tool.name.starts_with(prefix) && (prefix.empty() || !find_verb(words)))
      text += padded(tool.name, 22) + std::string(tool.summary) + "\n";
  }
  return text;
}

constexpr std::string_view kExitCodes =
    "0    ok\n1    a bug of Lilux\n2    usage: the arguments are wrong\n3    the token is missing or wrong\n4    not "
    "reachable, stopped, or out of room\n"
    "5    the tool failed: nothing there, a conflict, cancelled\n6    denied, or waiting for a person: lilux approve "
    "<call>\n7    what was checked or run is not as it should be: a script failed, a merge met conflicts\n8    budget "
    "or time used up\n130  interrupted\n";

}  // namespace

std::string near_word(std::string_view word) {
  return base::guess(word, first_words(), "`lilux help` lists the verbs", "lilux ");
}

std::string near_word(std::string_view first, std::string_view second) {
  const std::string name(first);
  return base::guess(second, second_words(first), "`lilux help " + name + "` lists what it has", "lilux " + name + " ");
}

std::string general_help() {
  std::string text =
      "Lilux stands between agents and this machine: every effect is checked, approved where it must be, recorded with "
      "its\nreason, and can be undone.\n\n"
      "  lilux call fs.write --path notes.txt --content hello    make a call\n  lilux logs                             "
      "                 see what was done\n"
      "  lilux undo <call>                                       take it back\n\nVerbs:\n";
  for (const Verb& verb : verbs()) text += "  " + padded(verb.name, 16) + std::string(verb.summary) + "\n";
  text += "\nEverywhere:\n";
  for (const Flag& flag : common_flags())
    text +=
        "  " + padded(std::string(flag.name) + " " + std::string(flag.value), 21) + std::string(flag.summary) + "\n";
  return text + "\nMore: `lilux help <tool or verb>`, `lilux help tools`, `lilux help exit-codes`.\n";
}

Result<std::string> help_about(std::string_view topic) {
  if (topic == "tools") return tools_help("");
  if (topic == "exit-codes") return std::string(kExitCodes);
  if (const Verb* verb = find_verb(topic)) return verb_help(*verb);
  std::string name(topic);
  std::ranges::replace(name, ' ', '.');  // "ledger verify" is the tool ledger.verify
  if (const kernel::Tool* tool = tools::find(name)) return tool_help(*tool);
  std::string text;  // "policy" is the first word of many
  for (const Verb& verb : verbs()) {
    if (verb.name.starts_with(name + " ")) text += padded(verb.name, 22) + std::string(verb.summary) + "\n";
  }
  text += tools_help(name + ".");
  if (!text.empty()) return text;
  std::vector<std::string_view> names{"tools", "exit-codes"};
  for (const Verb& verb : verbs()) names.push_back(verb.name);
  for (const kernel::Tool& tool : tools::table()) names.push_back(tool.name);
  return fail(ErrorCode::invalid_argument, "no help about '" + std::string(base::clipped(topic, 60)) + "'",
              base::guess(name, names, "lilux help", "lilux help "));
}

std::string service_unit(const std::string& program) {
  std::string quoted = "\"";
  for (const char c : program) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '%') quoted += '%';
    quoted += c;
  }
  quoted += '"';
  return "[Unit]\nDescription=Lilux, the kernel between agents and this machine\n\n[Service]\nExecStart=" + quoted +
         " up "
         "--foreground\nRestart=on-failure\nRestartSec=1\nTimeoutStopSec=10\nUMask=0077\n\n[Install]\nWantedBy=default."
         "target\n";
}

}  // namespace lilux::surface
