#include "surface/mcp_entry.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <span>

#include "base/nearest.h"
#include "item/component.h"
#include "item/kind.h"
#include "search/words.h"
#include "tools/search.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

// What of the parameters of a run is for us and no input of the item.
constexpr std::array<std::string_view, 3> kOwnParameters{"source", "mode", "dry_run"};
constexpr std::array<std::string_view, 6> kExecuteFields{"item_type",  "action",       "item_id",
                                                         "parameters", "project_path", "reason"};
constexpr std::size_t kFoundMax = 100;
constexpr std::size_t kAlikeMost = 3;  // tools that have no word of the query, and only one like it

bool is_among(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

struct Topic {
  std::string_view name;
  std::string_view content;
};
constexpr std::array<Topic, 8> kTopics{{
    {"overview",
     "Four calls reach everything here. `search` finds items by words, `load` shows one with its schema, `execute` "
     "runs "
     "it, `help` explains. Each call is judged by the policy of the person who owns this machine: it may be denied, "
     "with the rule that did it, or wait for that person, and then the same call made again gives the result. What "
     "changed files can be taken back: execute the tool undo.apply with {\"call\": id}."},
    {"search",
     "search {item_type, query, limit?, project_path?}: the best first, each with its arguments; those marked * are "
     "required. item_type tool covers everything that can be called: tools, components and scripts."},
    {"load", "load {item_type, item_id}: what the item does, its input and output schema, its risk."},
    {"execute",
     "execute {item_type: \"tool\", action: \"run\", item_id: \"fs.read\", parameters: {\"path\": \"README.md\"}, "
     "project_path?, reason?}: makes the call. The reason is recorded, and is the message of the commit when an item "
     "changes. Relative paths are relative to project_path, or to the session's own folder. The "
     "last part of a name (edit) does when only one tool has it. Of an item: create, update (or sign) and delete with "
     "parameters {\"content\": whole text, \"location\"?, \"category\"?}; {\"dry_run\": true} only checks. What the "
     "call "
     "did is taken back by its metadata.call."},
    {"directives",
     "Directives are tasks in steps. execute run gives the steps back for you to do (parameters are its inputs); with "
     "parameters {\"mode\": \"drive\"} the steps that are calls are done for you, and one that needs a mind waits for "
     "item.answer. Actions: run, create, update, delete; content is the whole file."},
    {"scripts",
     "Scripts in Python, shell or JavaScript. execute run starts one in the sandbox; parameters become --kebab-case "
     "flags. parameters {\"dry_run\": true} only checks."},
    {"knowledge",
     "Notes that stay: concepts, patterns, procedures, learnings, sources. search before you work something out, "
     "execute create when you have learned something: parameters {\"title\", \"content\", \"entry_type\"?, \"tags\"?, "
     "\"call\"?}, or content alone with the whole file. memory.write keeps small values."},
    {"tools", "Names are noun.verb: fs.read, process.spawn, task.list. `search` with an empty query lists them all."},
}};

Json text_field(std::string_view description) {
  return JsonObject{{"type", "string"}, {"description", description}};
}

Json choice_field(std::string_view description, const JsonArray& values) {
  return JsonObject{{"type", "string"}, {"description", description}, {"enum", values}};
}

Json entry_tool(std::string_view name, std::string_view description, JsonObject properties, JsonArray required,
                bool is_read_only) {
  const auto names = enum_names(item::Kind{});
  JsonArray types(names.begin(), names.end());
  if (name == "load" || name == "execute") properties.set("reason", text_field("Why; it is recorded"));
  if (name != "help") {
    properties.set("item_type", choice_field("Kind of item; tool covers everything that can be called", types));
    properties.set("project_path", text_field("Absolute path of the project's folder; the session's own when absent"));
  }
  return JsonObject{
      {"name", name},
      {"title", description},
      {"description", description},
      {"inputSchema",
       JsonObject{{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}}},
      {"annotations", JsonObject{{"readOnlyHint", is_read_only}}}};
}

// Its words in lower case, and their stems; those that say nothing of what it is about are left out where there are
// others.
struct Said {
  std::vector<std::string> words;
  std::vector<std::string> stems;
};
Said said_by(std::string_view text) {
  search::Words splitter;
  std::vector<search::Word> found = splitter.split(text);
  const auto is_content = [](const search::Word& word) { return search::is_content(word.term); };
  if (std::ranges::any_of(found, is_content)) std::erase_if(found, std::not_fn(is_content));
  Said said;
  for (search::Word& word : found) {
    std::string& written = said.words.emplace_back(text.substr(word.begin, word.end - word.begin));
    for (char& c : written) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    said.stems.push_back(std::move(word.term));
  }
  return said;
}

// "path*, offset, limit": the required ones are marked.
std::string parameters_of(const Json& schema) {
  std::string text;
  for (const auto& [name, field] : schema.find("properties")->as_object()) {
    text += text.empty() ? "" : ", ";
    text += name;
    text += is_required(schema, name) ? "*" : "";
  }
  return text;
}

bool holds(std::span<const std::string> words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

// How well a tool fits: its name counts most, then what it says of itself, then its arguments.
struct Fit {
  int score = 0;
  bool has_word = false;  // of those that are wanted, and not only one like it
};
Fit fit_of(const kernel::Tool& tool, const Said& wanted) {
  const Said name = said_by(tool.name);
  const Said summary = said_by(tool.summary);
  const Said fields = said_by(parameters_of(tool.input_schema()));
  Fit fit;
  for (const std::string& word : wanted.words) {
    const auto begins = [&](const std::string& other) {
      return std::min(word.size(), other.size()) > 2 && (other.starts_with(word) || word.starts_with(other));
    };
    const int exact =
        (holds(name.words, word) ? 8 : 0) + (holds(summary.words, word) ? 4 : 0) + (holds(fields.words, word) ? 1 : 0);
    const bool is_alike = std::ranges::any_of(name.words, begins) || std::ranges::any_of(summary.words, begins);
    fit.score += exact + (is_alike ? 2 : 0);
  }
  for (const std::string& stem : wanted.stems)
    fit.has_word = fit.has_word || holds(name.stems, stem) || holds(summary.stems, stem) || holds(fields.stems, stem);
  return fit;
}

Json search(const Offer& offer, const Json& arguments) {
  const Said said = said_by(arguments.string_or("query"));
  std::vector<std::pair<int, const kernel::Tool*>> found;
  bool has_word = false;
  for (const kernel::Tool* tool : offer.callable()) {
    const Fit fit = fit_of(*tool, said);
    if (fit.score > 0 || said.words.empty()) found.emplace_back(fit.score, tool);
    has_word = has_word || fit.has_word;
  }
  std::ranges::sort(found, [](const auto& left, const auto& right) {
    return left.first != right.first ? left.first > right.first : left.second->name < right.second->name;
  });
  if (!has_word && !said.words.empty() && found.size() > kAlikeMost) found.resize(kAlikeMost);
  const std::int64_t usual = said.words.empty() ? static_cast<std::int64_t>(kFoundMax) : 10;
  const auto limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(arguments.integer_or("limit", usual), 0, kFoundMax));
  JsonArray results;
  for (const auto& [score, tool] : found) {
    if (results.size() >= limit) break;
    results.emplace_back(JsonObject{{"name", tool->name},
                                    {"description", tool->summary},
                                    {"parameters", parameters_of(tool->input_schema())},
                                    {"score", score},
                                    {"source", "system"}});
  }
  return JsonObject{{"query", arguments.string_or("query")},
                    {"source", "local"},
                    {"results", std::move(results)},
                    {"limit", static_cast<std::int64_t>(limit)},
                    {"total", static_cast<std::int64_t>(found.size())},
                    {"has_words", has_word || said.words.empty()}};
}

Json load(const kernel::Tool& tool) {
  return JsonObject{{"name", tool.name},
                    {"description", tool.summary},
                    {"input_schema", tool.input_schema()},
                    {"output_schema", tool.output_schema()},
                    {"effect", base::enum_name(tool.traits.effect)},
                    {"risk", base::enum_name(tool.traits.risk)},
                    {"undo", base::enum_name(tool.traits.undo)},
                    {"source", "system"},
                    {"mode", "read_only"}};
}

// By its name, its name on the wire, or the last part of it where only one tool has that. One of the last sort may
// still be an item.
struct Named {
  const kernel::Tool* tool = nullptr;
  bool is_exact = false;
};
Result<Named> named(const Offer& offer, const std::string& id) {
  std::vector<const kernel::Tool*> fitting;
  for (const kernel::Tool* tool : offer.callable()) {
    if (tool->name == id || wire_name(tool->name) == id) return Named{.tool = tool, .is_exact = true};
    if (tool->name.substr(tool->name.find('.') + 1) == id) fitting.push_back(tool);
  }
  if (fitting.size() < 2) return Named{.tool = fitting.empty() ? nullptr : fitting.front()};
  std::string list;
  for (const kernel::Tool* tool : fitting) list += (list.empty() ? "" : ", ") + std::string(tool->name);
  return fail(ErrorCode::invalid_argument, "'" + id + "' fits several tools: " + list, "use one of these names");
}

base::Error no_tool(const Offer& offer, const std::string& id) {
  std::vector<std::string_view> names;
  for (const kernel::Tool* tool : offer.callable()) names.push_back(tool->name);
  return {.code = ErrorCode::not_found,
          .message = "there is no tool '" + id + "'",
          .hint = base::guess(id, names, "search {\"item_type\": \"tool\", \"query\": ...} finds what there is"),
          .rule = {}};
}

Result<Json> help(const std::string& topic) {
  const auto found = std::ranges::find_if(kTopics, [&](const Topic& known) {
    return known.name == (topic.empty() ? "overview" : topic) || known.name == topic + "s";
  });
  if (found != kTopics.end())
    return JsonObject{{"status", "help"}, {"topic", found->name}, {"content", found->content}};
  std::string names;
  for (const Topic& known : kTopics) names += (names.empty() ? "" : ", ") + std::string(known.name);
  return fail(ErrorCode::invalid_argument, "there is no help about '" + topic + "'", "topics: " + names);
}

Result<std::string> text_of(const Json& arguments, std::string_view name) {
  const Json* found = arguments.find(name);
  if (found && found->is_string() && !found->as_string().empty()) return found->as_string();
  return fail(ErrorCode::invalid_argument, "'" + std::string(name) + "' must be text",
              "help {\"topic\": \"overview\"} explains the four calls");
}

// Of a field that may be left out.
Result<void> check_text(const Json& arguments, std::string_view name) {
  const Json* found = arguments.find(name);
  if (!found || found->is_null() || found->is_string()) return {};
  return fail(ErrorCode::invalid_argument, "'" + std::string(name) + "' must be text", "or leave it out");
}

Result<void> check_run(const Json& arguments) {
  const std::string action = TRY(text_of(arguments, "action"));
  if (action == "run") return {};
  return fail(ErrorCode::invalid_argument, "a tool can only be run, not '" + action + "'", "action: \"run\"");
}

// A parameter beside `parameters` would count for nothing.
Result<void> check_fields(const Json& arguments) {
  for (const auto& [name, value] : arguments.as_object())
    if (!is_among(kExecuteFields, name))
      return fail(ErrorCode::invalid_argument, "there is no '" + name + "' beside 'parameters'",
                  "parameters: {\"" + name + "\": ...}");
  return {};
}

Result<JsonObject> parameters_in(const Json& arguments) {
  const Json* given = arguments.find("parameters");
  if (!given || given->is_null()) return JsonObject{};
  if (given->is_object()) return given->as_object();
  return fail(ErrorCode::invalid_argument, "'parameters' must be an object", "{\"path\": \"README.md\"}");
}

// A call of the tool of that name, which is always offered.
EntryCall call_of(const Offer& offer, std::string_view tool, JsonObject made, const Json& arguments) {
  const auto found = std::ranges::find(offer.callable(), tool, &kernel::Tool::name);
  return {.tool = *found,
          .arguments = std::move(made),
          .folder = arguments.string_or("project_path"),
          .reason = arguments.string_or("reason"),
          .is_item = true};
}

EntryCall with_status(EntryCall call, std::string_view status) {
  call.status = call.arguments.bool_or("dry_run") ? "validation_passed" : status;
  return call;
}

// What nothing would look at is refused: whoever gave it thinks that it counts.
base::Error no_parameter(const std::string& name, const std::string& action, const std::string& known) {
  const std::string hint = name == "version" ? "an item's version stands in its text" : action + " takes " + known;
  return {.code = ErrorCode::invalid_argument,
          .message = "there is no parameter '" + name + "' of '" + action + "'",
          .hint = hint,
          .rule = {}};
}

// "local" and "all" are wherever it is found; there is no registry yet.
Result<void> set_source(JsonObject& made, std::string_view field, const std::string& source) {
  if (source == "registry")
    return fail(ErrorCode::unavailable, "there is no registry here", "leave 'source' out: all volumes are looked at");
  if (!source.empty() && source != "local" && source != "all") made.set(field, source);
  return {};
}

Result<EntryCall> search_items(const Offer& offer, JsonArray kinds, const Json& arguments) {
  JsonObject made{{"query", arguments.string_or("query")}, {"kinds", std::move(kinds)}};
  TRY(set_source(made, "source", arguments.string_or("source")));
  if (const Json* source = made.find("source")) made.set("sources", JsonArray{*source});
  made.erase("source");
  if (arguments.find("limit")) made.set("limit", std::clamp<std::int64_t>(arguments.integer_or("limit"), 1, kFoundMax));
  return call_of(offer, "search.query", std::move(made), arguments);
}

Result<EntryCall> load_item(const Offer& offer, const std::string& type, const std::string& id, const Json& arguments) {
  JsonObject made{{"kind", type}, {"name", id}};
  TRY(set_source(made, "source", arguments.string_or("source")));
  if (const std::string version = arguments.string_or("version"); !version.empty()) made.set("version", version);
  const std::string destination = arguments.string_or("destination");
  if (destination.empty()) return call_of(offer, "item.load", std::move(made), arguments);
  made.set("destination", destination);
  return call_of(offer, "item.copy", std::move(made), arguments);
}

Result<EntryCall> run_item(const Offer& offer, JsonObject made, JsonObject parameters, const Json& arguments) {
  const Json given = parameters;
  TRY(set_source(made, "source", given.string_or("source")));
  for (const std::string_view name : {"mode", "dry_run"}) {
    if (const Json* value = given.find(name)) made.set(name, *value);
  }
  for (const std::string_view name : kOwnParameters) parameters.erase(name);
  made.set("inputs", std::move(parameters));
  return call_of(offer, "item.run", std::move(made), arguments);
}

// What changes an item: the tool that does it, and what its result is called.
struct Change {
  std::string_view action;
  std::string_view tool;
  std::string_view status;
};
constexpr std::array<Change, 4> kChanges{{{"create", "item.create", "created"},
                                          {"update", "item.update", "updated"},
                                          {"sign", "item.update", "updated"},
                                          {"delete", "item.delete", "deleted"}}};
constexpr std::string_view kActions = "run, create, update, sign (the same as update) or delete";

// Those of Kiwi that mean nothing here are taken and left: every change is one that can be taken back.
constexpr std::array<std::string_view, 2> kKiwiParameters{"confirm", "source"};

Result<void> take_parameters(const kernel::Tool& tool, const std::string& action, const JsonObject& given,
                             JsonObject& made) {
  const Json schema = tool.input_schema();
  std::string known;
  std::vector<std::string_view> names;
  for (const auto& [name, field] : schema.find("properties")->as_object()) {
    if (name == "kind" || name == "name") continue;
    names.push_back(name);
    known += (known.empty() ? "" : ", ") + name;
  }
  for (const auto& [name, value] : given) {
    if (is_among(names, name))
      made.set(name, value);
    else if (!is_among(kKiwiParameters, name))
      return std::unexpected(no_parameter(name, action, known));
  }
  return {};
}

Result<EntryCall> learned_note(const Offer& offer, const std::string& id, JsonObject parameters,
                               const Json& arguments) {
  if (const Json* entry_type = parameters.find("entry_type")) parameters.set("type", Json(*entry_type));
  parameters.erase("entry_type");
  JsonObject made{{"name", id}};
  const kernel::Tool* tool = *std::ranges::find(offer.callable(), "knowledge.create", &kernel::Tool::name);
  TRY(take_parameters(*tool, "create", parameters, made));
  return call_of(offer, "knowledge.create", std::move(made), arguments);
}

Result<EntryCall> execute_item(const Offer& offer, const std::string& type, const std::string& id,
                               const Json& arguments) {
  const std::string action = TRY(text_of(arguments, "action"));
  JsonObject parameters = TRY(parameters_in(arguments));
  JsonObject made{{"kind", type}, {"name", id}};
  if (action == "run") return run_item(offer, std::move(made), std::move(parameters), arguments);
  if (action == "publish")
    return fail(ErrorCode::unavailable, "there is no registry to publish to",
                "load with destination \"user\" copies an item to the user's volume");
  const auto change = std::ranges::find(kChanges, action, &Change::action);
  if (change == kChanges.end())
    return fail(ErrorCode::invalid_argument, "there is no action '" + action + "'", std::string(kActions));
  if (action == "create" && type == "knowledge" && parameters.find("title"))  // without the head of a whole file
    return learned_note(offer, id, std::move(parameters), arguments);
  TRY(set_source(made, "location", Json(parameters).string_or("source")));
  const kernel::Tool* tool = *std::ranges::find(offer.callable(), change->tool, &kernel::Tool::name);
  TRY(take_parameters(*tool, action, parameters, made));
  return with_status(call_of(offer, change->tool, std::move(made), arguments), change->status);
}

// What can be called: a tool of the kernel, a component, a script. "component:x" and "script:x" say which.
Result<EntryCall> enter_tool(const Offer& offer, std::string_view name, const std::string& id, const Json& arguments) {
  constexpr std::string_view kComponent = "component:";
  constexpr std::string_view kScript = "script:";
  for (const auto& [prefix, kind] : {std::pair(kComponent, "tool"), std::pair(kScript, "script")}) {
    if (!id.starts_with(prefix)) continue;
    JsonObject plain = arguments.as_object();
    plain.set("item_id", id.substr(prefix.size()));
    return enter_item(offer, name, kind, plain);
  }
  const std::string action = name == "load" ? std::string() : TRY(text_of(arguments, "action"));
  const JsonObject parameters = TRY(parameters_in(arguments));
  const Json* content = parameters.find("content");
  if (action == "create" && content && content->is_string())
    return enter_item(offer, name, item::is_component(content->as_string()) ? "tool" : "script", arguments);
  const Named found = TRY(named(offer, id));
  EntryCall made{.tool = found.tool,
                 .arguments = parameters,
                 .folder = arguments.string_or("project_path"),
                 .reason = arguments.string_or("reason")};
  if (!found.is_exact) made.unless = no_tool(offer, id);
  if (name == "load" && found.tool) made.answer = load(*found.tool);
  if (name == "load" && found.is_exact) made.tool = nullptr;
  if (name != "load" && found.is_exact) TRY(check_run(arguments));
  return made;
}

}  // namespace

JsonArray entry_tools() {
  const JsonArray sources{"local", "registry", "all"};
  JsonArray made;
  made.push_back(
      entry_tool("search",
                 "Find what can be used here by words, with its arguments; an empty query lists all: files, programs, "
                 "tasks, notes, undo, the record of what was done",
                 {{"query", text_field("What is looked for, in words")},
                  {"source", choice_field("Where to look; local when absent", sources)},
                  {"limit", JsonObject{{"type", "integer"}, {"description", "Most results; 10 when absent"}}}},
                 {"item_type", "query"}, true));
  made.push_back(
      entry_tool("load", "Show one item: what it does, its schema, its risk",
                 {{"item_id", text_field("Name of the item: fs.read")},
                  {"source", text_field("Volume: project, user, team:<id> or system; the nearest when absent")},
                  {"destination", choice_field("Where to copy it", {"project", "user"})},
                  {"version", text_field("As it was when it had that one")}},
                 {"item_type", "item_id"}, true));
  made.push_back(entry_tool(
      "execute",
      "Run or change an item. A tool: item_type tool, action run, item_id its name (fs.read), parameters its "
      "arguments, "
      "which search and load show",
      {{"action", choice_field("What to do with it", {"run", "publish", "delete", "create", "update", "sign"})},
       {"item_id", text_field("Name of the item: fs.read")},
       {"parameters",
        JsonObject{{"type", "object"}, {"description", "Its arguments"}, {"additionalProperties", true}}}},
      {"item_type", "action", "item_id"}, false));
  JsonArray topics;
  for (const Topic& topic : kTopics) topics.emplace_back(topic.name);
  made.push_back(entry_tool("help", "Explain the four calls",
                            {{"topic", choice_field("About what; overview when absent", topics)}}, {}, true));
  return made;
}

bool is_entry_tool(std::string_view name) {
  return name == "search" || name == "load" || name == "execute" || name == "help";
}

Result<EntryCall> enter(const Offer& offer, std::string_view name, const Json& arguments) {
  if (name == "help") return EntryCall{.answer = TRY(help(arguments.string_or("topic")))};
  if (name == "execute") TRY(check_fields(arguments));
  for (const std::string_view field : {"project_path", "reason"}) TRY(check_text(arguments, field));
  const std::string item_type = TRY(text_of(arguments, "item_type"));
  if (!base::enum_from_name<item::Kind>(item_type)) {
    const auto types = enum_names(item::Kind{});
    std::string known;
    for (const std::string_view type : types) known += (known.empty() ? "" : ", ") + std::string(type);
    return fail(ErrorCode::invalid_argument, "there is no item type '" + item_type + "'",
                base::guess(item_type, types, "there are " + known));
  }
  const bool is_tool = item_type == "tool";
  if (name == "search" && is_tool) {
    EntryCall made = TRY(search_items(offer, {"tool", "script"}, arguments));
    made.answer = search(offer, arguments);
    return made;
  }
  if (name == "search") return search_items(offer, {item_type}, arguments);
  const std::string id = TRY(text_of(arguments, "item_id"));
  return is_tool ? enter_tool(offer, name, id, arguments) : enter_item(offer, name, item_type, arguments);
}

Result<EntryCall> enter_item(const Offer& offer, std::string_view name, const std::string& kind,
                             const Json& arguments) {
  const std::string id = TRY(text_of(arguments, "item_id"));
  return name == "load" ? load_item(offer, kind, id, arguments) : execute_item(offer, kind, id, arguments);
}

Json merged(const Json& tools, const Json& found, const Offer& offer) {
  const JsonArray& own = tools.find("results")->as_array();
  JsonArray items;
  for (const Json& hit : found.find("results")->as_array())
    if (std::ranges::find(offer.callable(), hit.string_or("name"), &kernel::Tool::name) == offer.callable().end() &&
        hit.string_or("source") != "tools")
      items.push_back(hit);
  const auto limit = static_cast<std::size_t>(tools.integer_or("limit"));
  // Items are few: they have at most the better half of the places, tools the rest.
  const std::size_t first = std::min(items.size(), std::max((limit + 1) / 2, limit - std::min(limit, own.size())));
  JsonArray results(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(first));
  for (const Json& tool : own)
    if (results.size() < limit) results.push_back(tool);
  Json made = tools;
  made.as_object().erase("limit");
  made.as_object().erase("has_words");
  const bool is_unknown = !tools.bool_or("has_words", true) && items.empty();
  if (is_unknown)
    made.as_object().set("note", std::string(tools::search_tools::kNoSuchWords) +
                                     (own.empty() ? "" : ": what is shown has words that begin alike"));
  made.as_object().set("results", std::move(results));
  made.as_object().set("total", tools.integer_or("total") + static_cast<std::int64_t>(items.size()));
  return made;
}

}  // namespace lilux::surface
