#include "tools/event_fields.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "base/nearest.h"
#include "kernel/record.h"
#include "tools/table.h"

namespace lilux::tools {

using base::Json;
using base::JsonObject;

namespace {

JsonObject fields_of(const Json& schema) {
  const Json* fields = schema.find("properties");
  return fields ? fields->as_object() : JsonObject{};
}

Json schema_with(JsonObject fields, std::initializer_list<const char*> more) {
  for (const char* name : more) fields.set(name, JsonObject{});
  return JsonObject{{"properties", std::move(fields)}};
}

// As kernel::to_json and the reactions show an event.
Json event_schema() {
  JsonObject fields = fields_of(base::schema_of<kernel::Body>());
  fields.erase("changes");
  return schema_with(std::move(fields), {"sequence", "time", "project"});
}

// Of long arguments an event has the digest and the size alone.
Json arguments_schema(const kernel::Tool& tool) {
  return schema_with(fields_of(tool.input_schema()), {"digest", "size"});
}

std::string fields_told(std::string_view name, std::string_view of, const JsonObject& fields) {
  std::vector<std::string_view> names;
  for (const auto& [field, schema] : fields) names.push_back(field);
  std::ranges::sort(names);
  std::string all;
  for (const std::string_view one : names) all.append(all.empty() ? "" : ", ").append(one);
  const auto near = base::nearest(name, names);
  return std::string(of) + " has no field '" + std::string(name) + "'; " +
         (near ? "did you mean '" + std::string(*near) + "'? " : "") + "there are " + all;
}

// Member by member, as far as the schema tells what there is.
std::optional<std::string> unknown_member(Json schema, std::string_view path, std::string of) {
  while (!path.empty()) {
    const Json* fields = schema.find("properties");
    if (!fields) return std::nullopt;
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string_view name = path.substr(0, dot);
    const Json* field = fields->find(name);
    if (!field) return fields_told(name, of, fields->as_object());
    of = "'" + std::string(name) + "'";
    path.remove_prefix(std::min(dot + 1, path.size()));
    schema = Json(*field);
  }
  return std::nullopt;
}

const kernel::Tool* only_tool(const brain::Rule& rule) {
  for (const brain::Condition& condition : rule.where)
    if (condition.field() == "tool" && condition.only_text()) return find(*condition.only_text());
  return nullptr;
}

}  // namespace

std::optional<std::string> unknown_field(const brain::Rule& rule) {
  constexpr std::string_view kOfCall = "arguments.";
  for (const brain::Condition& condition : rule.where) {
    const std::string_view field = condition.field();
    const kernel::Tool* tool = field.starts_with(kOfCall) ? only_tool(rule) : nullptr;
    std::optional<std::string> wrong =
        tool ? unknown_member(arguments_schema(*tool), field.substr(kOfCall.size()), std::string(tool->name))
             : unknown_member(event_schema(), field, "an event");
    if (wrong) return (condition.holds(JsonObject{}) ? "a condition always holds: " : "it never fires: ") + *wrong;
  }
  return std::nullopt;
}

}  // namespace lilux::tools
