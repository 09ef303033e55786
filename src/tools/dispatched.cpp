#include "tools/dispatched.h"

#include <string>
#include <utility>

#include "base/json.h"
#include "base/result.h"
#include "brain/dispatch.h"
#include "tools/table.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using brain::Dispatched;

namespace {

struct Made {
  std::string_view tool;
  JsonObject arguments;
};

// What a call of the verb carries, as a bit for each modifier.
enum Modifier : unsigned { kSource = 1, kDestination = 2, kDryRun = 4, kInputs = 8, kVersion = 16 };
unsigned carried_by(std::string_view verb) {
  if (verb == "search") return kSource | kDestination;  // both say where
  if (verb == "delete") return kSource | kDryRun;
  if (verb == "load") return kSource | kDestination | kVersion;
  if (verb == "run") return kSource | kDryRun | kInputs | kVersion;
  if (verb == "create") return kDestination | kDryRun | kInputs;
  if (verb == "edit") return kSource | kDryRun | kInputs;
  return kDryRun | kInputs;  // sync, bootstrap, init and anneal are directives by that name
}

std::unexpected<base::Error> cannot_say(const Dispatched& said, const std::string& words, std::string_view tool) {
  return fail(ErrorCode::invalid_argument,
              "'" + words + "' cannot be said with '" + said.verb + "': " + std::string(tool) + " has nothing for it");
}

// The first modifier that the call cannot carry.
Result<void> check(const Dispatched& said, std::string_view tool) {
  const unsigned carried = carried_by(said.verb);
  if (!said.version.empty() && !(carried & kVersion)) return cannot_say(said, "version " + said.version, tool);
  if (!said.source.empty() && !(carried & kSource)) return cannot_say(said, "from " + said.source, tool);
  if (!said.destination.empty() && !(carried & kDestination)) return cannot_say(said, "to " + said.destination, tool);
  if (said.verb == "search" && !said.source.empty() && !said.destination.empty())
    return cannot_say(said, "to " + said.destination + "' beside 'from " + said.source, tool);
  if (said.is_dry_run && !(carried & kDryRun)) return cannot_say(said, "dry run", tool);
  if (!said.inputs.empty() && !(carried & kInputs)) return cannot_say(said, "with inputs", tool);
  return {};
}

// Inputs as the fields of a tool that they are named like.
Result<void> add_fields(JsonObject& arguments, const JsonObject& inputs, std::string_view tool) {
  const Json schema = find(tool)->input_schema();
  for (const auto& [name, value] : inputs) {
    if (arguments.find(name)) return fail(ErrorCode::invalid_argument, "'" + std::string(name) + "' is said twice");
    if (!schema.find("properties")->find(name))
      return fail(ErrorCode::invalid_argument, std::string(tool) + " has no field '" + std::string(name) + "'");
    arguments.set(name, value);
  }
  return {};
}

// Of the directives that verbs are: what it is about is their input 'name'.
Result<JsonObject> run_of_verb(const Dispatched& said) {
  const bool is_whole = said.verb == "bootstrap" || said.verb == "init";
  JsonObject arguments{{"kind", "directive"}, {"name", is_whole ? said.verb : said.verb + "_" + said.kind}};
  JsonObject inputs = said.inputs;
  if (!said.name.empty() && inputs.find("name"))
    return fail(ErrorCode::invalid_argument, "'name' is said twice: '" + said.name + "' and in the inputs");
  if (!said.name.empty()) inputs.set("name", said.name);
  if (!inputs.empty()) arguments.set("inputs", std::move(inputs));
  return arguments;
}

std::string_view tool_of(const Dispatched& said) {
  if (said.verb == "search") return "search.query";
  if (said.verb == "load") return said.destination.empty() ? "item.load" : "item.copy";
  if (said.verb == "create") return "item.create";
  if (said.verb == "edit") return "item.update";
  return said.verb == "delete" ? "item.delete" : "item.run";
}

Result<Made> call_of(const Dispatched& said) {
  const std::string_view tool = tool_of(said);
  TRY(check(said, tool));
  if (said.verb == "search") {
    JsonObject search{{"query", said.name}, {"kinds", JsonArray{said.kind}}};
    const std::string& place = said.source.empty() ? said.destination : said.source;
    if (!place.empty()) search.set("sources", JsonArray{place});
    return Made{tool, std::move(search)};
  }
  JsonObject item{{"kind", said.kind}, {"name", said.name}};
  if (said.verb == "create" || said.verb == "edit" || said.verb == "delete") {
    const std::string& place = said.verb == "create" ? said.destination : said.source;
    if (!place.empty()) item.set("location", place);
    if (said.is_dry_run) item.set("dry_run", true);
    TRY(add_fields(item, said.inputs, tool));
    return Made{tool, std::move(item)};
  }
  const bool is_plain = said.verb == "load" || said.verb == "run";
  if (!is_plain) item = TRY(run_of_verb(said));
  if (!said.source.empty()) item.set("source", said.source);
  if (!said.destination.empty()) item.set("destination", said.destination);
  if (is_plain && !said.inputs.empty()) item.set("inputs", said.inputs);
  if (said.is_dry_run) item.set("dry_run", true);
  if (!said.version.empty()) item.set("version", said.version);
  return Made{tool, std::move(item)};
}

}  // namespace

std::optional<brain::Proposal> by_table(std::string_view text) {
  const std::optional<Dispatched> said = brain::dispatch(text);
  if (!said) return std::nullopt;
  brain::Proposal made{.confidence = 1, .tool = std::string(tool_of(*said)), .why = "a command of AGENTS.md"};
  Result<Made> call = call_of(*said);
  if (!call)
    made.why = call.error().message;
  else if ((said->verb == "create" || said->verb == "edit") && !call->arguments.find("content"))
    made.missing = {"content"};  // a text is written, and not said
  else
    made.calls = {{.name = made.tool, .arguments = std::move(call->arguments), .confidence = 1}};
  return made;
}

}  // namespace lilux::tools
