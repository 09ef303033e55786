#include "brain/schema_limits.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace lilux::brain {

using base::Json;
using base::JsonObject;

namespace {

constexpr std::size_t kStepsMax = 100'000;

// What JSON Schema has for single values; descriptions and names of types that it does not know are left out.
constexpr std::array<std::string_view, 11> kBounds{"minimum",   "maximum",     "multipleOf", "pattern",
                                                   "minLength", "maxLength",   "format",     "minItems",
                                                   "maxItems",  "uniqueItems", "const"};

// Keywords by which one argument depends on another.
constexpr std::array<std::string_view, 13> kBetween{"not",
                                                    "if",
                                                    "dependentRequired",
                                                    "dependentSchemas",
                                                    "dependencies",
                                                    "minProperties",
                                                    "maxProperties",
                                                    "oneOf",
                                                    "anyOf",
                                                    "allOf",
                                                    "propertyNames",
                                                    "patternProperties",
                                                    "contains"};

void add_bounds(const Json& schema, JsonObject& bounds) {
  for (const std::string_view name : kBounds) {
    if (const Json* bound = schema.find(name)) bounds.set(name, *bound);
  }
  // Before draft 6 what excludes a bound was a switch beside it.
  for (const auto& [exclusive, inclusive] :
       {std::pair("exclusiveMinimum", "minimum"), std::pair("exclusiveMaximum", "maximum")}) {
    const Json* bound = schema.find(exclusive);
    if (bound == nullptr) continue;
    const Json* limit = schema.find(inclusive);
    if (bound->is_number())
      bounds.set(exclusive, *bound);
    else if (*bound == Json(true) && limit != nullptr)
      bounds.set(exclusive, *limit);
  }
}

bool depends(const Json& schema, std::size_t depth) {
  if (!schema.is_object() || depth > 8) return false;
  for (const auto& [name, inner] : schema.as_object()) {
    if (std::ranges::find(kBetween, name) != kBetween.end()) return true;
    if (name == "items" && depends(inner, depth + 1)) return true;
    if (name != "properties" || !inner.is_object()) continue;
    for (const auto& [member, given] : inner.as_object()) {
      if (depends(given, depth + 1)) return true;
    }
  }
  return false;
}

}  // namespace

Limits::Limits(const Json& schema) {
  base::SchemaOptions options;
  options.asserts_formats = true;
  options.steps_max = kStepsMax;
  if (auto compiled = base::Schema::compile(schema, options))
    schema_ = std::make_shared<const base::Schema>(std::move(*compiled));
}

Limits Limits::of_value(const Json& schema) {
  JsonObject bounds;
  add_bounds(schema, bounds);
  if (const Json* items = schema.find("items"); items != nullptr && items->is_object()) {
    JsonObject inner;
    add_bounds(*items, inner);
    if (!inner.empty()) bounds.set("items", Json(std::move(inner)));
  }
  if (bounds.empty()) return {};
  Limits limits{Json(bounds)};
  if (limits.schema_ != nullptr) return limits;
  bounds.erase("pattern");
  return Limits(Json(std::move(bounds)));
}

Limits Limits::of_call(const Json& schema) {
  return depends(schema, 0) ? Limits(schema) : Limits();
}

}  // namespace lilux::brain
