#include "tools/things.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "tools/table.h"

namespace lilux::tools {

using base::Json;
using brain::Wanted;

namespace {

// The lists that tools give, and what their entries are.
struct List {
  std::string_view tool;
  std::string_view field;
  std::string_view member;  // of an entry; empty: the entry is it
  Wanted kind;
};
constexpr std::array<List, 12> kLists{{{"fs.search", "matches", "", Wanted::path},
                                       {"fs.grep", "matches", "path", Wanted::path},
                                       {"fs.list", "entries", "name", Wanted::path},
                                       {"search.query", "results", "name", Wanted::item},
                                       {"knowledge.search", "results", "name", Wanted::item},
                                       {"item.list", "items", "name", Wanted::item},
                                       {"ledger.query", "calls", "call", Wanted::call},
                                       {"undo.list", "calls", "call", Wanted::call},
                                       {"approval.list", "approvals", "call", Wanted::call},
                                       {"task.list", "tasks", "id", Wanted::task},
                                       {"process.list", "processes", "pid", Wanted::process},
                                       {"event.list_hooks", "hooks", "id", Wanted::any}}};
constexpr std::array<std::string_view, 4> kTexts{"content", "stdout", "text", "answer"};

const List* list_of(std::string_view tool) {
  const auto* found = std::ranges::find(kLists, tool, &List::tool);
  return found == kLists.end() ? nullptr : found;
}

std::string text_of(const Json* value) {
  if (!value) return {};
  if (value->is_string()) return value->as_string();
  return value->is_integer() ? base::to_text(*value) : std::string();
}

void add(std::vector<Thing>& things, Wanted kind, const Json* value, std::string item_kind = {}) {
  const bool is_number = kind == Wanted::process;
  if (std::string text = text_of(value); !text.empty() && (value->is_string() || is_number))
    things.push_back({.kind = kind, .value = std::move(text), .item_kind = std::move(item_kind)});
}

// The entry of a folder, as whoever listed it would name it.
std::string within(const MadeCall& call, const std::string& name) {
  const std::string folder = call.arguments.string_or("path");
  if (folder.empty() || folder == ".") return name;
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

}  // namespace

std::vector<Thing> named_by(const MadeCall& call) {
  std::vector<Thing> things;
  const auto argument = [&](std::string_view name) { return call.arguments.find(name); };
  if (call.tool.starts_with("fs.") && call.tool != "fs.disk_usage") {
    add(things, Wanted::path, argument("path"));
    if (call.tool != "fs.move") add(things, Wanted::path, argument("source"));  // it is there no more
    add(things, Wanted::path, argument("destination"));
  }
  if (call.tool.starts_with("item.")) add(things, Wanted::item, argument("name"), call.arguments.string_or("kind"));
  if (call.tool.starts_with("task.")) add(things, Wanted::task, argument("task"));
  if (call.tool == "ledger.why" || call.tool.starts_with("undo.")) add(things, Wanted::call, argument("call"));
  if (call.tool.starts_with("process.")) add(things, Wanted::process, argument("pid"));
  if (call.tool == "process.spawn") add(things, Wanted::process, call.output.find("pid"));
  if (call.tool == "task.spawn") add(things, Wanted::task, call.output.find("task"));
  for (const std::string_view name : kTexts) add(things, Wanted::text, call.output.find(name));
  return things;
}

// An undo is brought back by redo, and what people have decided stands until they name it.
bool is_work(std::string_view name) {
  const kernel::Tool* tool = find(name);
  return !name.starts_with("undo.") && !name.starts_with("brain.") &&
         !(tool && tool->traits.audience == kernel::Audience::people);
}

std::vector<Thing> listed_by(const MadeCall& call) {
  std::vector<Thing> things;
  const List* list = list_of(call.tool);
  const Json* entries = list ? call.output.find(list->field) : nullptr;
  if (!entries || !entries->is_array()) return things;
  for (const Json& entry : entries->as_array()) {
    if (call.tool == "undo.list" && !is_work(entry.string_or("tool"))) continue;
    const Json* value = list->member.empty() ? &entry : entry.find(list->member);
    if (call.tool == "fs.list" && value && value->is_string())
      things.push_back({.kind = Wanted::path, .value = within(call, value->as_string())});
    else
      add(things, list->kind, value, list->kind == Wanted::item ? entry.string_or("kind") : std::string());
  }
  return things;
}

std::optional<Wanted> kind_listed_by(std::string_view tool) {
  const List* list = list_of(tool);
  return list ? std::optional(list->kind) : std::nullopt;
}

bool shows_list(std::string_view name) {
  const kernel::Tool* tool = find(name);
  if (list_of(name) || !tool || tool->traits.effect != kernel::Effect::none) return list_of(name) != nullptr;
  const Json schema = tool->output_schema();
  const Json* fields = schema.find("properties");
  return fields && std::ranges::any_of(fields->as_object(),
                                       [](const auto& field) { return field.second.string_or("type") == "array"; });
}

bool gives_text(std::string_view name) {
  const kernel::Tool* tool = find(name);
  const Json schema = tool ? tool->output_schema() : Json(base::JsonObject{});
  const Json* fields = schema.find("properties");
  return fields && std::ranges::any_of(kTexts, [&](std::string_view field) { return fields->find(field); });
}

bool fits(const Thing& thing, const brain::Mention& mention) {
  if (mention.wanted == Wanted::any) return thing.kind != Wanted::text;
  return thing.kind == mention.wanted && (mention.item_kind.empty() || mention.item_kind == thing.item_kind);
}

}  // namespace lilux::tools
