#include "tools/event_fields.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "base/nearest.h"
#include "item/interpolate.h"
#include "kernel/record.h"
#include "kernel/task.h"
#include "text/glob.h"
#include "tools/table.h"

namespace lilux::tools {

using base::Json;
using base::JsonObject;

namespace {

// What the kernel and those above it record; those of tasks are named by their states too.
constexpr std::array<std::string_view, 41> kEvents{"approval.answered",
                                                   "approval.collected",
                                                   "approval.expired",
                                                   "approval.renewed",
                                                   "call.asked",
                                                   "call.begin",
                                                   "call.error",
                                                   "call.ok",
                                                   "call.rerun",
                                                   "call.rolled_back",
                                                   "call.same",
                                                   "call.taken_back",
                                                   "call.unknown",
                                                   "directive.answered",
                                                   "directive.waits",
                                                   "events.missed",
                                                   "hook.dropped",
                                                   "kernel.emergency_stop",
                                                   "kernel.recovered",
                                                   "kernel.resume",
                                                   "kernel.start",
                                                   "kernel.state",
                                                   "kernel.stop",
                                                   "kernel.upkeep",
                                                   "ledger.checkpoint",
                                                   "ledger.retention",
                                                   "note",
                                                   "process.exit",
                                                   "rule.dropped",
                                                   "rule.stopped",
                                                   "rules.broken",
                                                   "rules.loaded",
                                                   "session.begin",
                                                   "session.end",
                                                   "task.done",
                                                   "task.failed",
                                                   "task.killed",
                                                   "task.processes",
                                                   "task.resumed",
                                                   "task.start",
                                                   "task.suspended"};

std::vector<std::string> event_names() {
  std::vector<std::string> names(kEvents.begin(), kEvents.end());
  for (const std::string_view state : enum_names(kernel::TaskState{})) names.push_back("task." + std::string(state));
  return names;
}

std::optional<std::string> unknown_event(const std::string& when) {
  const std::vector<std::string> names = event_names();
  if (std::ranges::any_of(names, [&](const std::string& name) { return text::name_matches(when, name); }))
    return std::nullopt;
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto near = base::nearest(when, views);
  return "it never fires: no event is named '" + when + "'; " +
         (near ? "did you mean '" + std::string(*near) + "'?" : "`lilux events` shows those that happen");
}

JsonObject fields_of(const Json& schema) {
  const Json* fields = schema.find("properties");
  return fields ? fields->as_object() : JsonObject{};
}

using More = std::initializer_list<std::pair<const char*, const char*>>;  // names and types
Json schema_with(JsonObject fields, More more) {
  for (const auto& [name, type] : more) fields.set(name, JsonObject{{"type", type}});
  return JsonObject{{"properties", std::move(fields)}};
}

// As kernel::to_json and the reactions show an event.
Json event_schema() {
  JsonObject fields = fields_of(base::schema_of<kernel::Body>());
  fields.erase("changes");
  return schema_with(std::move(fields), {{"sequence", "integer"}, {"time", "string"}, {"project", "string"}});
}

// Of long arguments an event has the digest and the size alone.
Json arguments_schema(const kernel::Tool& tool) {
  return schema_with(fields_of(tool.input_schema()), {{"digest", "string"}, {"size", "integer"}});
}

std::string fields_told(std::string_view name, std::string_view of, const JsonObject& fields) {
  std::vector<std::string_view> names;
  for (const auto& [field, schema] : fields) names.push_back(field);
  std::ranges::sort(names);
  std::string all;
  for (const std::string_view one : names) all.append(all.empty() ? "" : ", ").append(one);
  const auto near = base::nearest(name, names);
  return std::string(of) + " has no field '" + std::string(name) + "'; " +
         (near ? "did you mean '" + std::string(*near) + "'?" : "there are " + all);
}

// What stands at a path of names, as far as the schema tells what there is, or what of the path is not there.
struct Found {
  Json schema = JsonObject{};
  std::optional<std::string> wrong = {};
};
Found member_at(Json schema, std::string_view path, std::string of) {
  while (!path.empty()) {
    const Json* fields = schema.find("properties");
    if (!fields) return {};
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string_view name = path.substr(0, dot);
    const Json* field = fields->find(name);
    if (!field) return {.wrong = fields_told(name, of, fields->as_object())};
    of = "'" + std::string(name) + "'";
    path.remove_prefix(std::min(dot + 1, path.size()));
    schema = Json(*field);
  }
  return {.schema = std::move(schema)};
}

// Of a list one entry has to hold.
std::string type_of(const Json& schema) {
  const std::string type = schema.string_or("type");
  const Json* items = type == "array" ? schema.find("items") : nullptr;
  return items ? items->string_or("type") : type;
}

const kernel::Tool* only_tool(const brain::Rule& rule) {
  for (const brain::Condition& condition : rule.where)
    if (condition.field() == "tool" && condition.only_text()) return find(*condition.only_text());
  return nullptr;
}

Found field_of(const brain::Rule& rule, std::string_view field) {
  constexpr std::string_view kOfCall = "arguments.";
  const kernel::Tool* tool = field.starts_with(kOfCall) ? only_tool(rule) : nullptr;
  if (tool) return member_at(arguments_schema(*tool), field.substr(kOfCall.size()), std::string(tool->name));
  return member_at(event_schema(), field, "an event");
}

std::string listed(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& one : texts) all += (all.empty() ? "" : ", ") + one;
  return all;
}

std::optional<std::string> fault_of(const brain::Rule& rule, const brain::Condition& condition) {
  const bool is_negated = condition.holds(JsonObject{});
  const Found found = field_of(rule, condition.field());
  if (found.wrong) return (is_negated ? "a condition always holds: " : "it never fires: ") + *found.wrong;
  const std::string type = type_of(found.schema);
  const std::vector<std::string> misfits = type.empty() ? std::vector<std::string>{} : condition.misfits(type);
  if (misfits.empty()) return std::nullopt;
  const bool is_all = misfits.size() == condition.size();
  return std::string(is_all ? (is_negated ? "a condition always holds: " : "it never fires: ")
                            : "a value of a condition is never met: ") +
         "'" + condition.field() + "' is of type " + type + " and never " + listed(misfits);
}

}  // namespace

std::optional<std::string> fault_of(const brain::Rule& rule) {
  if (rule.when.empty()) return std::nullopt;
  if (std::optional<std::string> wrong = unknown_event(rule.when)) return wrong;
  for (const brain::Condition& condition : rule.where)
    if (std::optional<std::string> wrong = fault_of(rule, condition)) return wrong;
  for (const std::string& name : item::placeholders(rule.arguments))
    if (const Found found = field_of(rule, name); found.wrong) return "its call is never made: " + *found.wrong;
  return std::nullopt;
}

}  // namespace lilux::tools
