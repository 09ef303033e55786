#include "surface/shell_pipe.h"

#include <algorithm>
#include <set>

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

std::string_view type_of(const Json& value) {
  switch (value.type()) {
    case Json::Type::null: return "null";
    case Json::Type::boolean: return "boolean";
    case Json::Type::integer: return "integer";
    case Json::Type::real: return "number";
    case Json::Type::string: return "string";
    case Json::Type::array: return "array";
    case Json::Type::object: return "object";
  }
  std::unreachable();
}

std::string wanted_type(const Json& field) {
  return field.string_or("type");
}

bool fits(const Json& value, const Json& field) {
  const std::string wanted = wanted_type(field);
  if (const Json* choices = field.find("enum"))
    return std::ranges::find(choices->as_array(), value) != choices->as_array().end();
  return wanted.empty() ? !value.is_null() : wanted == type_of(value) || (wanted == "number" && value.is_number());
}

// The list that the output is about, when it has exactly one with anything in it.
const JsonArray* list_of(const Json& output, std::string& name) {
  const JsonArray* found = nullptr;
  for (const auto& [key, value] : output.as_object()) {
    if (!value.is_array()) continue;
    if (found) return nullptr;
    found = &value.as_array();
    name = key;
  }
  return found;
}

// The output as rows of fields: of its list, each entry with what stands beside the list; else the output itself.
std::vector<JsonObject> rows_of(const Json& output) {
  std::string name;
  const JsonArray* list = list_of(output, name);
  if (!list) return {output.as_object()};
  std::vector<JsonObject> rows;
  for (const Json& entry : *list) {
    JsonObject row = entry.is_object()
                         ? entry.as_object()
                         : JsonObject{{name.ends_with('s') ? name.substr(0, name.size() - 1) : name, entry}};
    rows.push_back(std::move(row));
  }
  return rows;
}

bool is_required(const Json& schema, const std::string& name) {
  const Json* required = schema.find("required");
  return required && std::ranges::find(required->as_array(), Json(name)) != required->as_array().end();
}

std::string listed(const JsonObject& fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text.append(text.empty() ? "" : ", ").append(name).append(" (").append(type_of(value)).append(")");
  return text.empty() ? "nothing" : text;
}

// What fills a field that the tool cannot do without and nothing has the name of; not what fills another already: a
// file's content is no path.
Result<Json> stand_in(const JsonObject& row, const std::set<std::string>& taken, const std::string& name,
                      const Json& field, const std::string& tool) {
  std::vector<const Json*> fitting;
  for (const auto& [key, value] : row) {
    if (!taken.contains(std::string(key)) && fits(value, field)) fitting.push_back(&value);
  }
  if (fitting.size() == 1) return *fitting.front();
  return fail(ErrorCode::invalid_argument,
              "'" + tool + "' needs '" + name + "' (" + wanted_type(field) + "), and " +
                  (fitting.empty() ? "nothing" : "more than one field") + " of what comes before fits: " + listed(row),
              "name it: " + tool + " " + name + "=...");
}

Result<Json> from_row(const JsonObject& row, const Json& schema, const Json& given, const std::string& tool) {
  Json made = given;
  std::set<std::string> taken;
  for (const auto& [name, field] : schema.find("properties")->as_object()) {
    if (given.find(name)) continue;
    const Json* same = row.find(name);
    if (!same || !fits(*same, field)) continue;
    made.as_object().set(name, *same);
    taken.insert(std::string(name));
  }
  for (const auto& [name, field] : schema.find("properties")->as_object()) {
    if (is_required(schema, name) && !made.find(name))
      made.as_object().set(name, TRY(stand_in(row, taken, name, field, tool)));
  }
  return made;
}

}  // namespace

Result<std::vector<Json>> fed(const Json& output, const Json& schema, const Json& given, const std::string& tool) {
  if (!output.is_object() || !schema.find("properties"))
    return fail(ErrorCode::invalid_argument, "'" + tool + "' cannot take what comes before", "call it by itself");
  if (Result<Json> whole = from_row(output.as_object(), schema, given, tool)) return std::vector{std::move(*whole)};
  const std::vector<JsonObject> rows = rows_of(output);
  if (rows.size() > kFedMax)
    return fail(ErrorCode::invalid_argument,
                std::to_string(rows.size()) + " entries would make as many calls of '" + tool + "'; " +
                    std::to_string(kFedMax) + " are the most",
                "narrow what comes before");
  std::vector<Json> made;
  for (const JsonObject& row : rows) made.push_back(TRY(from_row(row, schema, given, tool)));
  return made;
}

}  // namespace lilux::surface
